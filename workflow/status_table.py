"""The tables of `make status`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TextIO

from workflow.job_logs import STAGES, costs
from workflow.lock import Run
from workflow.plan import Plan
from workflow.status import ORDER, Job, Status


def print_status(plan: Plan, out: TextIO) -> None:
    """The tables of `make status`."""
    status = Status(plan)
    print(f"{plan.path} in {plan.results}: {_activity(status.run)}\n", file=out)
    stages = [rule for rule in STAGES if any(job.rule == rule for job in status.jobs)]
    rows = [["study", *(STAGES[rule] for rule in stages), "verdict"]]
    for study in plan.configuration.studies:
        jobs = [job for job in status.jobs if job.subject == study and job.rule in STAGES]
        cells = [_counts([job for job in jobs if job.rule == rule]) for rule in stages]
        rows.append([study, *cells, _verdict(status, study)])
    print_table(rows, out)
    drawn = [job for job in status.jobs if job.rule in ("figure", "report")]
    print_table([["figure", "state"], *([job.subject or "(report)", job.state] for job in drawn)], out)
    _print_reasons(status, out)
    if table := costs(plan.results / "logs"):
        rows = [["rule", "jobs", "time", "longest", "peak memory"]]
        rows += [
            [of.rule, of.jobs, f"{of.seconds:.1f} s", f"{of.longest:.1f} s", f"{of.memory:.0f} MiB"] for of in table
        ]
        print_table(rows, out)
    open_jobs = [job for job in status.jobs if job.state not in ("done", "running")]
    if not open_jobs:
        print("Nothing is missing or stale.", file=out)
    elif status.run is None or not status.run.is_alive:
        print(f"make figures CONFIG={plan.path} computes what is missing and stale.", file=out)


def _activity(run: Run | None) -> str:
    if run is None:
        return "no run is going on"
    if run.is_alive:
        return f"a run is going on ({run})"
    return f"no run is going on; the last one was killed ({run})"


def _counts(jobs: Sequence[Job]) -> str:
    counts = Counter(job.state for job in jobs)
    if len(jobs) == 1:
        return jobs[0].state if not jobs[0].label else f"1 {jobs[0].state}"
    return ", ".join(f"{counts[state]} {state}" for state in ORDER if counts[state]) or "-"


def _verdict(status: Status, study: str) -> str:
    job = status.verdicts[study]
    attributes = status.read(job.files[0])
    if not isinstance(attributes, Mapping):
        return f"not yet (up to {status.plan.study(study).grid.names[-1]} points per axis)"
    text = str(attributes["summary"]).split(":")[0]
    return text if job.state == "done" else f"{text} ({job.state})"


def _print_reasons(status: Status, out: TextIO) -> None:
    grouped: dict[tuple, list[str]] = {}
    for job in status.jobs:
        if job.state in ("stale", "failed", "damaged") or (job.state == "missing" and job.reasons):
            before = [other for other in job.follows if other.rule != job.rule] or job.follows
            names = (
                f"{other.subject if other.subject != job.subject else ''} {STAGES[other.rule]}" for other in before
            )
            follows = ", ".join(dict.fromkeys(name.strip() for name in names))
            reasons = tuple(job.reasons) or (f"follows {follows}",)
            grouped.setdefault((job.subject, job.rule, job.state, reasons), []).append(job.label)
    rows = [["what", "", "state", "why"]]
    for (subject, rule, state, reasons), labels in grouped.items():
        what = " ".join([STAGES.get(rule, rule.replace("_", " ")), *labels]).rstrip()
        rows += [[subject, what, state, reasons[0]], *(["", "", "", reason] for reason in reasons[1:])]
    if grouped:
        print_table(rows, out)


def print_table(rows: Sequence[Sequence[object]], out: TextIO) -> None:
    """Columns as wide as they have to be; the first row is the head."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    texts.insert(1, ["-" * width for width in widths])
    for row in texts:
        print("  ".join(map(str.ljust, row, widths)).rstrip(), file=out)
    print(file=out)
