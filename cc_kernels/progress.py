"""Progress of a long computation: a bar with the time left at a terminal, a few lines in a log elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from dask.callbacks import Callback
from tqdm import tqdm

EVERY_SECONDS = 5.0
EVERY_FRACTION = 0.1


@contextmanager
def progress(total: int, description: str, logger: logging.Logger | None = None) -> Iterator[Callable[..., None]]:
    """Show how much of `total` is done.

    Yields ``advance(steps=1)``. In a log, a line is written at the start and at the end, and in between when both some
    seconds and a tenth of the work have passed since the last.

    >>> with progress(3, "three steps") as advance:
    ...     for _ in range(3):
    ...         advance()
    """
    if sys.stderr.isatty():
        with tqdm(total=total, desc=description, dynamic_ncols=True, leave=False) as bar:
            yield bar.update
        return
    lines = _Lines(total, description, logger or logging.getLogger(__name__))
    yield lines.advance
    lines.end()


class _Lines:
    def __init__(self, total: int, description: str, logger: logging.Logger) -> None:
        self.total, self.description, self.logger = total, description, logger
        self.done, self.shown = 0, 0
        self.begin = self.last = time.monotonic()
        logger.info("%s: 0 of %d", description, total)

    def advance(self, steps: int = 1) -> None:
        self.done += steps
        now = time.monotonic()
        due = now - self.last >= EVERY_SECONDS and self.done - self.shown >= EVERY_FRACTION * self.total
        if not due or self.done >= self.total:
            return
        self.last, self.shown = now, self.done
        left = (now - self.begin) * (self.total - self.done) / self.done
        text = "%s: %d of %d (%.0f %%), about %.0f s left"
        self.logger.info(text, self.description, self.done, self.total, 100 * self.done / self.total, left)

    def end(self) -> None:
        seconds = time.monotonic() - self.begin
        self.logger.info("%s: %d of %d in %.1f s", self.description, self.done, self.total, seconds)


class dask_progress(Callback):
    """Show the progress of every dask computation inside the block, counted in tasks.

    >>> import dask.array as da
    >>> with dask_progress("sum"):
    ...     float(da.ones(4, chunks=2).sum().compute())
    4.0
    """

    def __init__(self, description: str, logger: logging.Logger | None = None, computations: int = 1) -> None:
        """`computations` of about the same size follow each other inside the block (a sweep) and share one bar."""
        super().__init__()
        self._description, self._logger, self._computations = description, logger, computations
        self._open, self._begun = ExitStack(), 0

    def _start_state(self, dsk: Any, state: Any) -> None:
        if self._begun == 0:
            total = sum(len(state[key]) for key in ("ready", "waiting", "running", "finished")) * self._computations
            self._advance = self._open.enter_context(progress(total, self._description, self._logger))
        self._begun += 1

    def _posttask(self, key: Any, result: Any, dsk: Any, state: Any, worker_id: Any) -> None:
        self._advance()

    def _finish(self, dsk: Any, state: Any, errored: bool) -> None:
        if errored or self._begun >= self._computations:
            self._open.close()
            self._begun = 0

    def __exit__(self, *args: object) -> None:
        self._open.close()
        super().__exit__(*args)
