"""What every script of a rule does around its one call: log, threads, provenance, and a clear end after bad input."""

from __future__ import annotations

import logging
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cc_kernels.errors import InputError
from cc_kernels.provenance import dataset_attributes

log = logging.getLogger("cc_kernels")


def run(snakemake: Any, work: Callable[[dict[str, Any], Mapping[str, object]], None]) -> None:
    """Call `work(settings, attributes)`, with the rule's settings and the provenance attributes of its outputs.

    Everything is logged to the rule's log file; what a user did wrong ends in one line, anything else in a traceback
    in the log.
    """
    _log_to(Path(str(snakemake.log)))
    settings = dict(snakemake.params.settings)
    attributes = dataset_attributes(
        rule=snakemake.rule,
        parameters=settings,
        configuration_hash=snakemake.config.get("configuration_hash", ""),
        parents=[str(file) for file in snakemake.input],
        source_hash=settings["sources"],
    )
    begin = time.perf_counter()
    try:
        work(settings, attributes)
    except InputError as error:
        log.error("%s", error)
        sys.exit(f"{snakemake.rule}: {error}")
    except BaseException:
        log.error("%s", traceback.format_exc())
        raise
    log.info("peak memory %d MiB of %d MiB asked for", peak_memory() // 2**20, snakemake.resources.mem_mb)
    log.info("done in %.1f s", time.perf_counter() - begin)


def dask_threads(number: int) -> AbstractContextManager:
    """Evaluate dask graphs on `number` threads."""
    import dask

    return dask.config.set(scheduler="threads", num_workers=number)


def peak_memory() -> int:
    """Largest resident memory of this process so far, in bytes.

    Linux's VmHWM begins anew with a program; `ru_maxrss` takes over that of the process which started it.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return 1024 * int(next(line for line in file if line.startswith("VmHWM")).split()[1])
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.setLevel(logging.INFO)
    log.addHandler(handler)
