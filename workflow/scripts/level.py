"""Merge the sums of a stage, evaluate the responses on each of its grids, and judge the series so far."""

from cc_kernels.io import read_dataset, read_series, write_dataset
from cc_kernels.study.levels import level_responses, stage_sums
from cc_kernels.study.study_models import read_models
from cc_kernels.verdict import judge
from workflow import job


def work(settings, attributes):
    files = snakemake.input
    study = read_models(files.model)
    coarser = read_dataset(files.coarser, "sums") if files.get("coarser") else None
    series = read_series(files.earlier, "responses") if files.get("earlier") else []
    levels = stage_sums(coarser, [read_series(path, "sums") for path in files.shards])
    for sums in levels:
        series.append(responses(sums, study, settings, with_gaps=sums is levels[-1]))
    verdict = judge(series, settings["tolerance"])
    verdict.attrs["study"] = settings["study"]
    job.log.info("%s: %s", settings["study"], verdict.attrs["summary"])
    *coarser, response = series
    write_dataset(levels[-1], snakemake.output.sums, attributes, kind="sums")
    write_dataset(response, snakemake.output.response, attributes, kind="responses", coarser=coarser)
    write_dataset(verdict, snakemake.output.verdict, attributes, kind="verdict")


def responses(sums, study, settings, with_gaps):
    names = ("operator", "responses", "mu", "temperature", "has_spin", "variables")
    response = level_responses(sums, study.models, **{name: settings[name] for name in names}, with_gaps=with_gaps)
    if settings["disorder"] is not None:
        from cc_kernels.study.disorder_level import with_disorder

        response = with_disorder(response, study, study=settings["study"], **settings["disorder"])
    return response


job.run(snakemake, work, "level.py")
