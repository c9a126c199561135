# Figures, and the front page of the report. The report itself is Snakemake's own (`--report`), made after the run.


def figure_studies(figure):
    return plan.configuration.figures[figure].studies


rule figure:
    input:
        responses=lambda wildcards: [
            file for study in figure_studies(wildcards.figure) for file in finished(study)["responses"]
        ],
        verdicts=lambda wildcards: [finished(study)["verdict"] for study in figure_studies(wildcards.figure)],
        maps=lambda wildcards: [
            plan.map_file(study)
            for study in figure_studies(wildcards.figure)
            if plan.figure_needs(wildcards.figure).maps
        ],
    output:
        png=report(
            f"{plan.results}/figures/{{figure}}.png",
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        pdf=f"{plan.results}/figures/{{figure}}.pdf",
        data=f"{plan.results}/figures/{{figure}}.nc",
    log:
        f"{plan.results}/logs/figure/{{figure}}.log",
    resources:
        mem_mb=lambda wildcards: needs.figure(wildcards.figure).mem_mb,
        runtime=lambda wildcards: needs.figure(wildcards.figure).runtime,
    params:
        settings=lambda wildcards: plan.figure_parameters(wildcards.figure),
    script:
        "../scripts/figure.py"


rule front_page:
    input:
        verdicts=lambda wildcards: [finished(study)["verdict"] for study in plan.configuration.studies],
    output:
        f"{plan.results}/front_page.rst",
    log:
        f"{plan.results}/logs/front_page.log",
    resources:
        mem_mb=needs.small().mem_mb,
        runtime=needs.small().runtime,
    params:
        settings=plan.front_page_parameters(),
    script:
        "../scripts/front_page.py"
