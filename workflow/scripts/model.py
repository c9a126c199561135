"""Build the models of a study and write them as data."""

import json
from pathlib import Path

from cc_kernels.study.study_models import write_models
from workflow import job


def work(settings, attributes):
    write_models(json.loads(settings["source"]), snakemake.output[0], attributes, settings["content"])


def model_source(settings):
    source = json.loads(settings["source"])
    return Path(source["file"]) if "file" in source else f"cc_kernels.models.library.{source['name']}"


job.run(snakemake, work, "model.py", model_source)
