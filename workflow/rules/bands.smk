# Band geometry over the zone: on the grid that a figure asks for, and (store_bands: true) on the finest grid.


rule map:
    input:
        model=plan.files.model("{study}"),
    output:
        plan.files.map("{study}"),
    log:
        plan.files.log("map", "{study}"),
    conda:
        "../envs/cc_kernels.yaml"
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
        model=plan.files.model("{study}"),
        verdict=lambda wildcards: plan.files.verdict(wildcards.study, finest(wildcards.study)),
    output:
        plan.files.bands("{study}"),
    log:
        plan.files.log("bands", "{study}"),
    conda:
        "../envs/cc_kernels.yaml"
    threads: lambda wildcards: plan.study(wildcards.study).threads
    resources:
        mem_mb=lambda wildcards: needs.bands(wildcards.study, finest(wildcards.study)).mem_mb,
        runtime=lambda wildcards: needs.bands(wildcards.study, finest(wildcards.study)).runtime,
    params:
        settings=lambda wildcards: plan.map_parameters(wildcards.study, finest(wildcards.study)),
    script:
        "../scripts/bands.py"
