"""Merge the sums of a grid level, evaluate the responses, and judge the series so far."""

from cc_kernels.io import read_dataset, write_dataset
from cc_kernels.study.levels import level_responses, merged_sums
from cc_kernels.study.study_models import read_models
from cc_kernels.verdict import judge
from workflow import job


def work(settings, attributes):
    files = snakemake.input
    sums = merged_sums([read_dataset(path, "sums") for path in [*files.coarser, *files.shards]])
    study = read_models(files.model)
    response = level_responses(
        sums,
        study.models,
        settings["operator"],
        settings["responses"],
        settings["mu"],
        settings["temperature"],
        settings["has_spin"],
        settings["variables"],
    )
    if settings["disorder"] is not None:
        from cc_kernels.study.disorder_level import with_disorder

        response = with_disorder(response, study, study=settings["study"], **settings["disorder"])
    levels = [*(read_dataset(path, "responses") for path in files.earlier), response]
    verdict = judge(levels, settings["tolerance"])
    verdict.attrs["study"] = settings["study"]
    job.log.info("%s: %s", settings["study"], verdict.attrs["summary"])
    write_dataset(sums, snakemake.output.sums, attributes, kind="sums")
    write_dataset(response, snakemake.output.response, attributes, kind="responses")
    write_dataset(verdict, snakemake.output.verdict, attributes, kind="verdict")


job.run(snakemake, work, "level.py")
