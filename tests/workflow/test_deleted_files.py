"""Deleting: whatever is missing of a finished run, the same command makes it again."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.workflow.project import contents


@pytest.mark.slow
def test_a_file_of_every_kind_that_is_missing_is_planned(project, small, tmp_path: Path) -> None:
    """One after the other, of each kind the first; the file itself, or another output of its job, is in the plan."""
    kinds = {
        (path.parent.parent.name, ".shard" in path.name, path.suffix): path
        for path in map(small.results.joinpath, contents(small.results))
    }
    for path in kinds.values():
        kept = shutil.move(path, tmp_path / "kept")
        try:
            name = path.relative_to(small.results)
            planned = project.planned("small")
        finally:
            shutil.move(kept, path)
        jobs = {Path(job) for job in planned}
        first = {"responses": "sums", "verdicts": "sums"}.get(name.parts[0], name.parts[0])
        made = {
            "figures": Path("figures", f"{name.stem}.png"),
            "report.html": Path("front_page.rst"),
        }.get(name.parts[0], Path(first, *name.parts[1:]))
        assert made in jobs, f"{name}: {sorted(planned)}"
    assert project.planned("small") == set()


def remove(results: Path, chosen: list[str]) -> None:
    for name in chosen:
        path = results / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def whole_again(project, results: Path, expected: dict[str, object], chosen: list[str]) -> None:
    remove(results, chosen)
    run = project.figures("small")
    assert run.done.returncode == 0, f"{chosen}\n{run.done.stdout}{run.done.stderr}"
    assert contents(results) == expected, chosen


KINDS = ["models/mine.nc", "responses/mine/16.nc", "sums/mine/16.nc", "sums/lattice/32.shard0of1.nc"]


def test_files_of_every_stage_at_once(project, small) -> None:
    whole_again(project, small.results, contents(small.results), KINDS)


@pytest.mark.slow
def test_every_file_alone_every_folder_and_pairs(project, small) -> None:
    """`make test-slow`: a loop over all of them, each followed by the whole command."""
    expected, results = contents(small.results), small.results
    alone = [[name] for name in expected]
    folders = [[path.relative_to(results).as_posix()] for path in sorted(results.glob("*")) if path.is_dir()]
    drawn = random.Random(1)
    pairs = [drawn.sample([*expected], 2) for _ in range(30)]
    for chosen in [*alone, *folders, *pairs]:
        whole_again(project, results, expected, chosen)


DAMAGED = ("figures/rashba_null.png", "figures/rashba_null.pdf", "front_page.rst", "report.html")


def test_a_damaged_picture_or_text_is_made_again(project, small) -> None:
    """Cut to half, or one bit turned: the next run looks, whatever the file's time says."""
    for number, name in enumerate(DAMAGED):
        path = small.results / name
        whole, times = path.read_bytes(), path.stat()
        middle = len(whole) // 2
        turned = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        try:
            path.write_bytes(turned if number % 2 else whole[:middle])
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            planned = project.planned("small")
        finally:
            path.write_bytes(whole)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        first = "front_page.rst" if path.parent == small.results else "figures/rashba_null.png"
        assert first in planned, name
        assert not any(job.startswith("sums") for job in planned), name
    assert project.planned("small") == set()
