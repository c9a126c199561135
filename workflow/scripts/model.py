"""Build the models of a study and write them as data."""

import json

from cc_kernels.stages.models import write_models
from workflow import job


def work(settings, attributes):
    write_models(json.loads(settings["source"]), snakemake.output[0], attributes)


job.run(snakemake, work)
