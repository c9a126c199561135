"""Build the models of a study and write them as data."""

import json

from cc_kernels.models.sources import source_of
from cc_kernels.study.study_models import write_models
from workflow import job


def work(settings, attributes):
    write_models(json.loads(settings["source"]), snakemake.output[0], attributes, settings["content"])


def model_source(settings):
    source = json.loads(settings["source"])
    kind = source_of(source)
    return kind.code(source[kind.key])


job.run(snakemake, work, "model.py", model_source)
