"""Progress is a few log lines where nobody watches a terminal."""

import logging

import dask.array as da
import pytest

from cc_kernels import progress as module
from cc_kernels.progress import dask_progress, progress

LOGGER = logging.getLogger("test_progress")


def test_log_lines_are_few_and_say_how_long_it_takes(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    with caplog.at_level(logging.INFO), progress(100, "grid 64", LOGGER) as advance:
        for _ in range(100):
            advance()
    assert caplog.messages[0] == "grid 64: 0 of 100"
    assert caplog.messages[1] == "grid 64: 10 of 100 (10 %), about 90 s left"
    assert caplog.messages[-1] == "grid 64: 100 of 100 in 101.0 s"
    assert len(caplog.messages) == 11


def test_dask_tasks_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), dask_progress("sum", LOGGER):
        assert da.ones(8, chunks=2).sum().compute(scheduler="threads") == 8
    first, last = caplog.messages[0], caplog.messages[-1]
    total = first.removeprefix("sum: 0 of ")
    assert int(total) > 0
    assert last.startswith(f"sum: {total} of {total} in ")


def test_a_sweep_shares_one_bar(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), dask_progress("sweep", LOGGER, computations=3):
        for _ in range(3):
            da.ones(8, chunks=2).sum().compute(scheduler="threads")
    assert len(caplog.messages) == 2
    total = int(caplog.messages[0].removeprefix("sweep: 0 of "))
    assert total % 3 == 0
    assert caplog.messages[1].startswith(f"sweep: {total} of {total} in ")


def test_a_failing_computation_raises_its_own_error() -> None:
    def fail(block):
        raise ValueError("no more")

    with dask_progress("sum", LOGGER), pytest.raises(ValueError, match="no more"):
        da.ones(4, chunks=2).map_blocks(fail, dtype=float).compute(scheduler="threads")
