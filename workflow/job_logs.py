"""What the logs of jobs say: which run began each, whether it ended, its time and peak memory, and how it failed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

STAGES = {"model": "model", "map": "map", "kgrid": "k-grids", "level": "levels", "bands": "bands"}
"""The stages of a study by their rule, with the headings of their columns."""
RULES = (*STAGES, "figure", "report")

BEGUN = "begun by"
"""Stands in a job's log before the token of its run; times would have to be those of one clock on all machines."""


@dataclass(frozen=True)
class Cost:
    """What the jobs of a rule took: seconds in all, of the longest, and peak memory in MiB."""

    rule: str
    jobs: int
    seconds: float
    longest: float
    memory: float


@dataclass(frozen=True)
class Log:
    """What the log of a job says: the token of the run that started it, whether it ended, and how."""

    run: str = ""
    ended: bool = False
    error: str = ""
    seconds: float | None = None
    memory: float = 0.0

    @classmethod
    def read(cls, path: Path) -> Log:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return cls()
        error = re.search(r" ERROR (.*)", text)
        message = "" if error is None else error[1]
        if message.startswith("Traceback"):
            message = f"{text.rstrip().splitlines()[-1]} (see {path})"
        run = re.search(rf" {BEGUN} (\S+)", text)
        done = re.search(r"peak memory (\d+) MiB.*\n.* done in ([\d.]+) s", text)
        seconds, memory = (None, 0.0) if done is None else (float(done[2]), float(done[1]))
        return cls(run[1] if run else "", bool(done or error), message, seconds, memory)


def costs(logs_folder: Path) -> list[Cost]:
    """Time and memory by rule, of the last time that each of its jobs ran."""
    table = []
    for rule in RULES:
        folder = logs_folder / rule
        files = sorted(folder.rglob("*.log")) or [folder.with_suffix(".log")]
        logs = [log for log in map(Log.read, files) if log.seconds is not None]
        if logs:
            seconds, memory = ([getattr(log, name) for log in logs] for name in ("seconds", "memory"))
            table.append(Cost(rule, len(logs), sum(seconds), max(seconds), max(memory)))
    return table
