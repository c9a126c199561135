"""Additive sums over one shard of the new points of a grid level."""

from cc_kernels.io import write_dataset
from cc_kernels.progress import dask_progress
from cc_kernels.stages.models import read_models
from cc_kernels.stages.sums import shard_sums
from workflow import job


def work(settings, attributes):
    arguments = {key: value for key, value in settings.items() if key != "sources"}
    study = read_models(snakemake.input.model)
    text = f"{snakemake.wildcards.study}, {snakemake.wildcards.n} points per axis"
    with job.dask_workers(snakemake.threads), dask_progress(text, job.log, computations=len(study.models)):
        sums = shard_sums(study, **arguments)
    write_dataset(sums, snakemake.output[0], attributes, kind="sums")


job.run(snakemake, work)
