# The models of each study, as data.


rule model:
    output:
        f"{plan.results}/models/{{study}}.nc",
    log:
        f"{plan.results}/logs/model/{{study}}.log",
    params:
        settings=lambda wildcards: plan.model_parameters(wildcards.study),
    script:
        "../scripts/model.py"
