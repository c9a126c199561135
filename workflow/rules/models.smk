# The models of each study, as data.


rule model:
    output:
        plan.files.model("{study}"),
    log:
        plan.files.log("model", "{study}"),
    conda:
        "../envs/cc_kernels.yaml"
    resources:
        mem_mb=lambda wildcards: needs.model(wildcards.study).mem_mb,
        runtime=lambda wildcards: needs.model(wildcards.study).runtime,
    params:
        settings=lambda wildcards: plan.model_parameters(wildcards.study),
    script:
        "../scripts/model.py"
