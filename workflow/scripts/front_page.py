"""The front page of the report: the verdict on every study."""

from pathlib import Path

from cc_kernels.io import read_dataset
from workflow import job
from workflow.front_page import front_page


def work(settings, attributes):
    verdicts = [read_dataset(path, "verdict") for path in snakemake.input.verdicts]
    text = front_page(settings["name"], verdicts, attributes)
    target = Path(snakemake.output[0])
    partial = target.with_name(f".{target.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)


job.run(snakemake, work)
