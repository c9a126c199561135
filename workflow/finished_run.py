"""The jobs of a finished run: their state is that of `status`, their times those of Snakemake's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cc_kernels.errors import InputError, stated
from cc_kernels.provenance.ancestry import Ancestor, damage_of
from workflow.plan import Plan
from workflow.records import record_of
from workflow.status import Status


@dataclass(frozen=True)
class Job:
    """What one job read and wrote, with its parameters and times (ISO 8601).

    Attributes
    ----------
    outputs : file -> its attributes, none of one that is no dataset.
    start : None where Snakemake has no record, as of results that were moved here.
    """

    rule: str
    inputs: tuple[str, ...]
    outputs: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Any]
    start: str | None
    end: str


def finished_jobs(plan: Plan) -> list[Job]:
    """The jobs, in the order in which they ended.

    Raises
    ------
    InputError : a run that is not finished, or whose results are no longer those of its sources and configuration.
    """
    status = Status(plan)
    unfinished = [f"{job.files[0]} is {job.state}{_because(job.why)}" for job in status.jobs if job.state != "done"]
    if unfinished:
        raise _unfinished(plan, unfinished)
    damaged, jobs = [], []
    for job in status.jobs:
        outputs, parents, ends, start = {}, set(), [], None
        for file in job.files:
            attributes = status.read(file) or {}
            if file.endswith(".nc") and (damage := damage_of(Ancestor(file, Path(file), dict(attributes)))):
                damaged.append(f"{file} {damage}")
            record = record_of(file)
            outputs[file] = attributes
            parents |= {*(record.get("input") or status.parents(attributes))}
            ends.append(record.get("endtime") or Path(file).stat().st_mtime)
            start = record.get("starttime") or start
        inputs = tuple(sorted(parents))
        jobs.append(Job(job.rule, inputs, outputs, job.parameters, start and _time(start), _time(max(ends))))
    if damaged:
        raise _unfinished(plan, damaged)
    return sorted(jobs, key=lambda job: (job.end, *job.outputs))


def _because(why: list[str]) -> str:
    return f" ({why[0]})" if why else ""


def _unfinished(plan: Plan, items: list[str], most: int = 3) -> InputError:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    given = stated(f"not finished, or not up to date: {', '.join(items[:most])}{more}")
    return InputError(f"the run of {plan.path}", given, f"a finished run: make figures CONFIG={plan.path}")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
