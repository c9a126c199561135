# The models of each study, as data.


rule model:
    output:
        f"{plan.results}/models/{{study}}.nc",
    log:
        f"{plan.results}/logs/model/{{study}}.log",
    resources:
        mem_mb=lambda wildcards: needs.model(wildcards.study).mem_mb,
        runtime=lambda wildcards: needs.model(wildcards.study).runtime,
    params:
        settings=lambda wildcards: plan.model_parameters(wildcards.study),
    script:
        "../scripts/model.py"
