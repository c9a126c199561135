"""What every script of a rule does around its one call: log, threads, provenance, and a clear end after bad input."""

from __future__ import annotations

import logging
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from cc_kernels import files
from cc_kernels.errors import InputError
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
    log.info("peak memory %.0f MiB", peak_memory() / 2**20)
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


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # a job of a killed run may still be writing into the old one
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.setLevel(logging.INFO)
    log.addHandler(handler)
