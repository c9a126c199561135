"""What a run prints: one line when a job starts, one when it is done, and everything that is wrong, in full.

A log handler for Snakemake (its plugin interface; the file in .snakemake/log keeps all that Snakemake says).
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping

from snakemake.logging import DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

CHATTER = (
    "Using workflow specific profile",
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Using shell",
    "Provided cores",
    "Provided resources",
    "Rules claiming more threads",
    "Select jobs to execute",
    "Execute ",
    "DAG of jobs will be updated",
    "Updating checkpoint dependencies",
    "Complete log(s)",
    "Conda environments: ignored",
    "Elapsed time",
)


NOTHING = "Nothing to be done"
said: set[str] = set()
"""Whether Snakemake has said so: then no hook of a run has been called."""


class LogHandler(LogHandlerBase):
    """Lines such as `10:14:42  done   kgrid lattice 16, part 1 of 4  2.1 s  (4 of 17)`."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self._jobs: dict[int, tuple[str, float]] = {}
        self._finished: list[int] = []
        self._all = DefaultFormatter(self.common_settings.quiet, self.common_settings.show_failed_logs)

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, or nothing."""
        for line in self._lines(record):
            print(line, file=sys.stderr, flush=True)

    def _lines(self, record: logging.LogRecord) -> list[str]:
        event = getattr(record, "event", None)
        if record.levelno > logging.INFO or event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            return [text] if (text := self._all.format(record)) else []
        if event == LogEvent.JOB_INFO:
            name = _name(record.rule_name, record.wildcards or {})
            self._jobs[record.jobid] = (name, record.created)
            return [] if record.rule_name == "all" else [f"{_clock(record)}  start  {name}"]
        if event == LogEvent.JOB_FINISHED:
            self._finished.append(record.job_id)
            return []
        if event == LogEvent.PROGRESS:
            done, self._finished = [self._jobs.get(job, ("", 0.0)) for job in self._finished], []
            return [
                f"{_clock(record)}  done   {name}  {record.created - begin:.1f} s  ({record.done} of {record.total})"
                for name, begin in done
            ]
        text = record.getMessage()
        said.update({NOTHING} if text.startswith(NOTHING) else ())
        is_wanted = event is None and record.levelno == logging.INFO and text and not text.startswith(CHATTER)
        return [text] if is_wanted else []


def snakemake_arguments() -> list[str]:
    """What Snakemake is called with to use this handler."""
    LoggerPluginRegistry().register_plugin("lines", sys.modules[__name__])
    return ["--logger", "lines"]


def _name(rule: str, wildcards: Mapping[str, object]) -> str:
    """What a job is about: study and points per axis, its part of a grid that is split, or the figure."""
    values = {key: str(value) for key, value in wildcards.items()}
    shard, shards = values.pop("shard", "0"), values.pop("shards", "1")
    part = f", part {int(shard) + 1} of {shards}" if shards != "1" else ""
    return " ".join([rule, *values.values()]) + part


def _clock(record: logging.LogRecord) -> str:
    return time.strftime("%H:%M:%S", time.localtime(record.created))
