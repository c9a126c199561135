"""What every script of a rule does around its one call: log, threads, provenance, and a clear end after bad input."""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cc_kernels import files
from cc_kernels._source import facts, facts_of
from cc_kernels.errors import InputError, stated
from cc_kernels.provenance import dataset_attributes, edited_since_loaded, hash_of, source_digests, source_hash
from workflow.cluster import dask_client, dask_scheduler
from workflow.job_logs import BEGUN
from workflow.lock import RUN, Superseded, while_current

SCRIPTS = Path(__file__).parent / "scripts"
CONFIGURATION, CACHE = "CC_CONFIGURATION", "CC_CACHE"
"""Environment variables: the hash of the configuration, and the folder of shared sums."""
ARGUMENTS, FRONT_PAGE = "CC_CONFIGURATION_ARGUMENTS", "CC_FRONT_PAGE"
"""How the report's own Snakemake is told the configuration, which is checked, and its front page."""
_END_OF_PREAMBLE = b"######## snakemake preamble end #########\n"
log = logging.getLogger("cc_kernels")


def run(
    snakemake: Any,
    work: Callable[[dict[str, Any], Mapping[str, object]], Callable[[], None] | None],
    script: str,
    more_sources: Callable[[dict[str, Any]], str | Path] | None = None,
) -> None:
    """Call `work(settings, attributes)`, with the rule's settings and the provenance attributes of its outputs.

    What `work` returns is called at the end, when it is certain that the sources were the same all the time.
    `script` is the file name of the calling script; `more_sources(settings)` is a module or file that it also runs,
    found by name. Everything is logged to the rule's log file; what a user did wrong ends in one line, anything else in
    a traceback in the log.
    """
    _log_to(Path(str(snakemake.log)))
    settings = dict(snakemake.params.settings)
    sources = [SCRIPTS / script, *([more_sources(settings)] if more_sources else [])]
    if RUN in os.environ:  # not in somebody's own workflow, which has no such hooks
        results, token = json.loads(os.environ[RUN])
        files.publishing = partial(while_current, Path(results), token)
        log.info("%s %s", BEGUN, token)
    begin = time.perf_counter()
    try:
        digests = source_digests(*sources)
        if settings["sources"] not in (hash_of(digests), source_hash(sources[0])):  # the latter without `more_sources`
            given = stated("code that was edited after this job was planned")
            raise InputError("sources", given, "that of the plan; the next run plans with the present code")
        attributes = dataset_attributes(
            rule=snakemake.rule,
            parameters=settings,
            configuration_hash=os.environ.get(CONFIGURATION, ""),
            parents=[str(file) for file in snakemake.input],
            source_hash=settings["sources"],
            modules=digests,
        )
        at_the_end = work(settings, attributes)
        _refuse_edits(digests, sources)
        if at_the_end is not None:
            at_the_end()
    except (InputError, Superseded) as error:
        log.error("%s", error)
        sys.exit(f"{snakemake.rule}: {error}")
    except BaseException:
        log.error("%s", traceback.format_exc())
        raise
    log.info("peak memory %d MiB of %d MiB asked for", peak_memory() // 2**20, snakemake.resources.mem_mb)
    log.info("done in %.1f s", time.perf_counter() - begin)


def _refuse_edits(before: Mapping[str, str], sources: Sequence[str | Path]) -> None:
    """Somebody edited sources, or checked others out: which of them ran is unknown. Snakemake removes the outputs."""
    after = source_digests(*sources)
    edited = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    edited |= {*edited_since_loaded(*sources), *_edited_script(Path(sources[0]))}
    if edited:
        given = stated(f"{', '.join(sorted(edited))} edited while the job ran")
        raise InputError("sources", given, "the same code from the start of a job to its end; the next run repeats it")


def _edited_script(script: Path) -> list[str]:
    """The script's name, if what runs is another: Snakemake copies a script once for all the jobs of a run."""
    copy = Path(getattr(sys.modules["__main__"], "__file__", None) or os.devnull)
    _, _, executed = copy.read_bytes().partition(_END_OF_PREAMBLE)
    return [script.name] if executed and facts_of(executed).digest != facts(script).digest else []


def dask_threads(number: int) -> AbstractContextManager:
    """Evaluate dask graphs on `number` threads; the scheduler by its name would import all of `distributed` first."""
    import dask
    from dask.threaded import get

    return dask.config.set(scheduler=get, num_workers=number)


@contextmanager
def dask_workers(threads: int) -> Iterator[None]:
    """Evaluate dask graphs on the workers of the scheduler that CC_DASK_SCHEDULER names, or on threads.

    The order of sums belongs to the graph, whoever computes what; BLAS may round otherwise in another process. Workers
    import cc_kernels; models travel with the graph, those of a user's file with the code of that file.
    """
    address = dask_scheduler()
    if not address:
        with dask_threads(threads):
            yield
        return
    _send_user_models_by_value()
    with dask_client(address, 30) as client:
        log.info("%d dask workers of %s", len(client.scheduler_info(n_workers=-1)["workers"]), address)
        yield


def _send_user_models_by_value() -> None:
    import cloudpickle

    from cc_kernels.models.from_file import user_modules

    for module in user_modules():
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
    logging.captureWarnings(True)  # verdicts and attributes say what matters; they would only cover the run's own lines
    logging.getLogger("py.warnings").addHandler(handler)
