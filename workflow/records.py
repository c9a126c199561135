"""Snakemake's own records of outputs, and what to do where it has none."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from workflow.plan import Plan
from workflow.status import Status


def record_of(name: str) -> dict[str, Any]:
    """Snakemake's record of an output; nothing where it has none."""
    encoded = base64.b64encode(name.encode()).decode()
    pieces = [f"@{encoded[start : start + 255]}" if start else encoded[:255] for start in range(0, len(encoded), 255)]
    try:
        return json.loads((Path(".snakemake") / "metadata").joinpath(*pieces).read_text())
    except (OSError, ValueError):
        return {}


def drop_unrecorded_stale(plan: Plan) -> list[str]:
    """Remove results of other parameters or sources that Snakemake has no record of, and return their names.

    Snakemake notices changed parameters by its records only. Where these are gone (results copied from elsewhere, a
    removed .snakemake folder) it would serve what lies there; the files themselves say what they were made from.
    """
    dropped = []
    for job in Status(plan).jobs:
        if job.state == "stale" and job.reasons and not any(record_of(file) for file in job.files):
            for file in filter(os.path.lexists, job.files):
                Path(file).unlink()
                dropped.append(file)
    return dropped
