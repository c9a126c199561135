# Additive sums over a shard of the points that a grid level adds to the one before.


rule kgrid:
    input:
        model=f"{plan.results}/models/{{study}}.nc",
    output:
        f"{plan.results}/sums/{{study}}/{{n}}.shard{{shard}}of{{shards}}.nc",
    log:
        f"{plan.results}/logs/kgrid/{{study}}/{{n}}.shard{{shard}}of{{shards}}.log",
    threads: lambda wildcards: plan.study(wildcards.study).threads
    resources:
        mem_mb=lambda wildcards: needs.kgrid(wildcards.study, int(wildcards.n)).mem_mb,
        runtime=lambda wildcards: needs.kgrid(wildcards.study, int(wildcards.n)).runtime,
    params:
        settings=lambda wildcards: plan.kgrid_parameters(wildcards.study, int(wildcards.n), int(wildcards.shard)),
    script:
        "../scripts/kgrid.py"
