# The models of each study, as data.


rule model:
    output:
        f"{plan.results}/models/{{study}}.nc",
    params:
        settings=lambda wildcards: plan.model_parameters(wildcards.study),
    log:
        f"{plan.results}/logs/model/{{study}}.log",
    script:
        "../scripts/model.py"
