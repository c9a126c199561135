"""A copy of the project, and complete runs in it, made once for all tests that look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflow.project import Project, Run
from workflow import run


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    copy = Project(tmp_path_factory.mktemp("project"))
    yield copy
    copy.close()


@pytest.fixture(scope="session")
def quick(project: Project) -> Run:
    """config/quick.yaml from nothing."""
    return project.figures("quick")


@pytest.fixture(scope="session")
def small(project: Project) -> Run:
    """The two studies above."""
    run = project.figures("small")
    assert run.done.returncode == 0, run.done.stdout + run.done.stderr
    return run


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, tuple[int, bytes]]]:
    """Names, times and content of all files below a folder, apart from Python's own caches."""

    def take(folder: Path) -> dict[str, tuple[int, bytes]]:
        files = (path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts)
        return {
            str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in files
        }

    return take


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, in which Snakemake must not be started."""
    monkeypatch.chdir(tmp_path)

    def started(*arguments: object) -> int:
        raise AssertionError("Snakemake was started")

    monkeypatch.setattr(run, "_snakemake", started)
    return tmp_path
