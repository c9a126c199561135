# Band geometry over the zone: on the grid that a figure asks for, and (store_bands: true) on the finest grid.


rule map:
    input:
        model=f"{plan.results}/models/{{study}}.nc",
    output:
        f"{plan.results}/maps/{{study}}.nc",
    log:
        f"{plan.results}/logs/map/{{study}}.log",
    threads: lambda wildcards: plan.study(wildcards.study).threads
    resources:
        mem_mb=lambda wildcards: needs.map(wildcards.study).mem_mb,
        runtime=lambda wildcards: needs.map(wildcards.study).runtime,
    params:
        settings=lambda wildcards: plan.map_parameters(wildcards.study),
    script:
        "../scripts/bands.py"


rule bands:
    input:
        model=f"{plan.results}/models/{{study}}.nc",
        verdict=lambda wildcards: finished(wildcards.study)["verdict"],
    output:
        f"{plan.results}/bands/{{study}}.nc",
    log:
        f"{plan.results}/logs/bands/{{study}}.log",
    threads: lambda wildcards: plan.study(wildcards.study).threads
    resources:
        mem_mb=lambda wildcards: needs.bands(wildcards.study, finest(wildcards.study)).mem_mb,
        runtime=lambda wildcards: needs.bands(wildcards.study, finest(wildcards.study)).runtime,
    params:
        settings=lambda wildcards: plan.map_parameters(wildcards.study, finest(wildcards.study)),
    script:
        "../scripts/bands.py"
