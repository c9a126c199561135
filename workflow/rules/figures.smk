# Figures, and the report on them: its front page with the verdicts, and Snakemake's own report around it.


rule figure:
    input:
        responses=lambda wildcards: last_files(plan.files.response, plan.figure_studies(wildcards.figure)),
        verdicts=lambda wildcards: last_files(plan.files.verdict, plan.figure_studies(wildcards.figure)),
        maps=lambda wildcards: [plan.files.map(study) for study in plan.studies_with_maps(wildcards.figure)],
    output:
        png=report(
            plan.files.figure("{figure}")[0],
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        pdf=plan.files.figure("{figure}")[1],
        data=plan.files.figure("{figure}")[2],
    log:
        plan.files.log("figure", "{figure}"),
    conda:
        "../envs/cc_kernels.yaml"
    resources:
        mem_mb=lambda wildcards: needs.figure(wildcards.figure).mem_mb,
        runtime=lambda wildcards: needs.figure(wildcards.figure).runtime,
    params:
        settings=lambda wildcards: plan.figure_parameters(wildcards.figure),
        caption=lambda wildcards: plan.caption(wildcards.figure),
    script:
        "../scripts/figure.py"


rule report:
    input:
        verdicts=lambda wildcards: last_files(plan.files.verdict, plan.configuration.studies),
        figures=[plan.files.figure(figure) for figure in plan.configuration.figures],
    output:
        page=plan.files.front_page,
        report=plan.files.report,
    log:
        plan.files.log("report"),
    conda:
        "../envs/cc_kernels.yaml"
    resources:
        mem_mb=needs.small().mem_mb,
        runtime=needs.small().runtime,
    params:
        settings=plan.report_parameters(),
    script:
        "../scripts/report.py"
