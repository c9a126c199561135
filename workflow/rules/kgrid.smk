# Additive sums over a shard of the points that a stage adds to the one before: the first three grids, or one more.


rule kgrid:
    input:
        model=plan.files.model("{study}"),
    output:
        plan.files.shard("{study}", "{n}", "{shard}", "{shards}"),
    log:
        plan.files.log("kgrid", "{study}", "{n}.shard{shard}of{shards}"),
    conda:
        "../envs/cc_kernels.yaml"
    threads: lambda wildcards: plan.study(wildcards.study).threads
    resources:
        mem_mb=lambda wildcards: needs.kgrid(wildcards.study, int(wildcards.n)).mem_mb,
        runtime=lambda wildcards: needs.kgrid(wildcards.study, int(wildcards.n)).runtime,
    params:
        settings=lambda wildcards: plan.kgrid_parameters(wildcards.study, int(wildcards.n), int(wildcards.shard)),
    script:
        "../scripts/kgrid.py"
