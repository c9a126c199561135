"""Band geometry on a grid, streamed to disk chunk by chunk."""

from cc_kernels.io import stream_dataset
from cc_kernels.progress import dask_progress
from cc_kernels.study.maps import zone_map
from cc_kernels.study.study_models import read_models
from workflow import job


def work(settings, attributes):
    arguments = {key: value for key, value in settings.items() if key != "sources"}
    bands = zone_map(read_models(snakemake.input.model).models[0], **arguments)
    with job.dask_threads(snakemake.threads), dask_progress(f"{snakemake.wildcards.study}, band geometry", job.log):
        stream_dataset(bands, snakemake.output[0], attributes, kind="bands")


job.run(snakemake, work, "bands.py")
