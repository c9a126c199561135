"""Additive sums over one shard of the new points of a stage: from the shared cache, or computed."""

import os
from functools import partial

from cc_kernels.io import write_dataset
from cc_kernels.study.shared_cache import SumsCache
from cc_kernels.study.study_models import read_models
from workflow import job


def work(settings, attributes):
    study = read_models(snakemake.input.model)
    cache = SumsCache(os.environ.get(job.CACHE), study, settings)
    found = cache.fetch()
    if found is not None:
        write(found[0], {**attributes, **found[1]})
        return None
    levels = computed(study, settings)
    write(levels, attributes)
    return partial(cache.store, levels, attributes)


def write(levels, attributes):
    *coarser, finest = levels
    write_dataset(finest, snakemake.output[0], attributes, kind="sums", coarser=coarser)


def computed(study, settings):
    from cc_kernels.progress import dask_progress
    from cc_kernels.study.shards import shard_sums

    arguments = {key: value for key, value in settings.items() if key != "sources"}
    points = settings["points_per_axis"]
    text = f"{snakemake.wildcards.study}, {', '.join(map(str, points))} points per axis"
    with (
        job.dask_workers(snakemake.threads),
        dask_progress(text, job.log, computations=len(points) * len(study.models)),
    ):
        return shard_sums(study, **arguments)


job.run(snakemake, work, "kgrid.py")
