"""Additive sums over one shard of the new points of a grid level: from the shared cache, or computed."""

from functools import partial

from cc_kernels.io import write_dataset
from cc_kernels.study.shared_cache import SumsCache
from cc_kernels.study.study_models import read_models
from workflow import job
from workflow.settings import setting


def work(settings, attributes):
    study = read_models(snakemake.input.model)
    cache = SumsCache(setting(snakemake.config, "cache"), study, settings)
    found = cache.fetch()
    if found is not None:
        write_dataset(found[0], snakemake.output[0], {**attributes, **found[1]}, kind="sums")
        return None
    sums = computed(study, settings)
    write_dataset(sums, snakemake.output[0], attributes, kind="sums")
    return partial(cache.store, sums, attributes)


def computed(study, settings):
    from cc_kernels.progress import dask_progress
    from cc_kernels.study.shards import shard_sums

    arguments = {key: value for key, value in settings.items() if key != "sources"}
    text = f"{snakemake.wildcards.study}, {snakemake.wildcards.n} points per axis"
    with job.dask_workers(snakemake.threads), dask_progress(text, job.log, computations=len(study.models)):
        return shard_sums(study, **arguments)


job.run(snakemake, work, "kgrid.py")
