"""The front page of the report: the verdict on every study."""

from pathlib import Path

from cc_kernels.files import replacing
from cc_kernels.io import read_dataset
from workflow import job
from workflow.front_page import front_page


def work(settings, attributes):
    verdicts = [read_dataset(path, "verdict") for path in snakemake.input.verdicts]
    text = front_page(settings, verdicts, attributes)
    with replacing(Path(snakemake.output[0])) as temporary:
        temporary.write_text(text, encoding="utf-8")


job.run(snakemake, work, "front_page.py")
