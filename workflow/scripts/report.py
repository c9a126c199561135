"""The report: its front page with the verdict on every study, and Snakemake's own report of all figures around it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from cc_kernels.errors import InputError, stated
from cc_kernels.files import replacing
from cc_kernels.io import read_dataset
from cc_kernels.provenance.page import with_head
from cc_kernels.provenance.stamps import BESIDE, file_checksum
from workflow import job
from workflow.front_page import costs_table, front_page
from workflow.job_logs import costs

ROOT = Path(job.__file__).resolve().parents[1]


def work(settings, attributes):
    page, report = Path(snakemake.output.page), Path(snakemake.output.report)
    text = front_page(settings, [read_dataset(path, "verdict") for path in snakemake.input.verdicts], attributes)
    with replacing(report) as temporary:
        write_report(f"{text}\n{costs_table(costs(page.parent / 'logs'))}\n", temporary)
    beside = json.dumps({report.name: file_checksum(report)})
    with replacing(page) as temporary:
        temporary.write_text(with_head(text, {**attributes, BESIDE: beside}), encoding="utf-8")


def write_report(text, report):
    """Snakemake collects the figures, what they were made from, and the rules between, in a process of its own."""
    page, made = (report.with_name(f"{report.name}.{ending}") for ending in ("rst", "html"))  # it asks for endings
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "1", "--nolock"]
    command += ["--report", str(made), *json.loads(os.environ[job.ARGUMENTS]), "--", *snakemake.input.figures]
    environment = {**os.environ, job.FRONT_PAGE: str(page)}
    try:
        page.write_text(text, encoding="utf-8")
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            given = stated(f"a report that Snakemake could not make: {(done.stdout + done.stderr)[-2000:]}")
            raise InputError("report", given, "the figures of a whole run")
        made.replace(report)
    finally:
        page.unlink(missing_ok=True)
        made.unlink(missing_ok=True)


job.run(snakemake, work, "report.py")
