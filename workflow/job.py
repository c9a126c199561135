"""What every script of a rule does around its one call: log, threads, provenance, and a clear end after bad input."""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cc_kernels import files
from cc_kernels.errors import InputError, phrase
from cc_kernels.provenance import dataset_attributes, source_digests, source_hash
from workflow.lock import Superseded, while_current

SCRIPTS = Path(__file__).parent / "scripts"
log = logging.getLogger("cc_kernels")


def run(
    snakemake: Any,
    work: Callable[[dict[str, Any], Mapping[str, object]], None],
    script: str,
    more_sources: Callable[[dict[str, Any]], str | Path] | None = None,
) -> None:
    """Call `work(settings, attributes)`, with the rule's settings and the provenance attributes of its outputs.

    `script` is the file name of the calling script; `more_sources(settings)` is a module or file that it also runs,
    found by name. Everything is logged to the rule's log file; what a user did wrong ends in one line, anything else in
    a traceback in the log.
    """
    _log_to(Path(str(snakemake.log)))
    settings = dict(snakemake.params.settings)
    if "run" in snakemake.config:  # not where somebody calls Snakemake directly
        files.publishing = partial(while_current, Path(snakemake.config["run_results"]), snakemake.config["run"])
    begin = time.perf_counter()
    try:
        sources = [SCRIPTS / script, *([more_sources(settings)] if more_sources else [])]
        attributes = dataset_attributes(
            rule=snakemake.rule,
            parameters=settings,
            configuration_hash=snakemake.config.get("configuration_hash", ""),
            parents=[str(file) for file in snakemake.input],
            source_hash=settings["sources"],
            modules=source_digests(*sources),
        )
        work(settings, attributes)
    except (InputError, Superseded) as error:
        log.error("%s", error)
        sys.exit(f"{snakemake.rule}: {error}")
    except BaseException:
        log.error("%s", traceback.format_exc())
        raise
    log.info("peak memory %d MiB of %d MiB asked for", peak_memory() // 2**20, snakemake.resources.mem_mb)
    log.info("done in %.1f s", time.perf_counter() - begin)


def sources_are(settings: Mapping[str, Any], script: str) -> bool:
    """Are the sources still those of the plan? Somebody may have edited them since, and what ran is then unknown."""
    same = source_hash(SCRIPTS / script) == settings["sources"]
    if not same:
        log.warning("the sources of %s were edited during the run: it will run again", script)
    return same


def dask_threads(number: int) -> AbstractContextManager:
    """Evaluate dask graphs on `number` threads."""
    import dask

    return dask.config.set(scheduler="threads", num_workers=number)


@contextmanager
def dask_workers(threads: int) -> Iterator[None]:
    """Evaluate dask graphs on the workers of the scheduler that CC_DASK_SCHEDULER names, or on threads.

    The order of sums belongs to the graph, whoever computes what; BLAS may round otherwise in another process. Workers
    import cc_kernels; models travel with the graph, those of a user's file with the code of that file.
    """
    address = os.environ.get("CC_DASK_SCHEDULER")
    if not address:
        with dask_threads(threads):
            yield
        return
    from distributed import Client

    _send_user_models_by_value()
    try:
        client = Client(address, timeout=30)
    except (OSError, ValueError) as error:
        allowed = "the address of a running dask scheduler, such as tcp://node17:8786"
        raise InputError("DASK_SCHEDULER", phrase(f"{address!r} ({error})"), allowed) from None
    with client:
        log.info("%d dask workers of %s", len(client.scheduler_info(n_workers=-1)["workers"]), address)
        yield


def _send_user_models_by_value() -> None:
    import cloudpickle

    for name, module in list(sys.modules.items()):
        if name.startswith("cc_kernels_user_model_"):
            cloudpickle.register_pickle_by_value(module)


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
    path.unlink(missing_ok=True)  # a job of a killed run may still be writing into the old one
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.setLevel(logging.INFO)
    log.addHandler(handler)
