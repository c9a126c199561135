"""Snakemake's own records of outputs, and what to do where they do not fit the files."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from workflow.plan import Plan
from workflow.status import Job, Status

_SLACK = 2.0
"""Seconds by which the clocks of two machines may differ."""


def record_of(name: str) -> dict[str, Any]:
    """Snakemake's record of an output; nothing where it has none."""
    encoded = base64.urlsafe_b64encode(name.encode()).decode()
    pieces = [encoded[start : start + 254] for start in range(0, len(encoded), 254)]
    folders = [f"@{piece}" for piece in pieces[:-1]]
    try:
        return json.loads((Path(".snakemake") / "metadata").joinpath(*folders, pieces[-1]).read_text())
    except (OSError, ValueError):
        return {}


def unnoticed(plan: Plan) -> list[str]:
    """Stale or damaged results that Snakemake would serve.

    Snakemake notices changes by its records only. These may be gone (a removed .snakemake), or be those of other files
    under the same names: results copied from elsewhere, or made by another checkout. The files themselves say what
    they were made from.
    """
    found = []
    for job in Status(plan).jobs:
        if job.state == "damaged" or (job.state == "stale" and any(_is_unnoticed(job, file) for file in job.files)):
            found += filter(os.path.lexists, job.files)
    return found


def _is_unnoticed(job: Job, file: str) -> bool:
    """Would Snakemake take this output of a stale job for an up-to-date one?"""
    record = record_of(file)
    if not record:  # then it goes by time: what only follows a stale file will be older than that one
        return bool(job.reasons)
    begin, end = record.get("starttime") or 0.0, record.get("endtime") or 0.0
    is_of_record = os.path.lexists(file) and begin - _SLACK <= os.stat(file).st_mtime <= end + _SLACK
    return not is_of_record or (bool(job.reasons) and repr(dict(job.parameters)) in record.get("params", []))
