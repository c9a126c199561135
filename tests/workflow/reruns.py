"""What runs again after which change: whole runs of a tiny configuration, one change after the other.

    python -m tests.workflow.reruns [--profile slurm]

Prints a table; `make rerun-table` calls this (PROFILE=slurm: through Slurm). No change alters a number, so whatever
runs again has to give the same content; the last row is a copy of the project in another folder, with nothing in it,
that shares the k-grids of the first. (tests/workflow/test_reruns.py plans many more changes, without running them.)
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cc_kernels import io
from tests.workflow.project import Project

RULES = ("model", "kgrid", "level", "figure", "report")

NEW_STUDY = """\
  new:
    model: {name: kane_mele}
    operator: spin_z
    responses: [transport]
    mu: [0.5]
    temperature: [3000]
    grid: {start: 8, largest: 32, tolerance: 0.9}
"""


def touch(project: Project) -> None:
    """New times for all files, in a random order."""
    files = [path for path in project.folder.rglob("*") if path.is_file() and ".snakemake" not in path.parts]
    random.Random(1).shuffle(files)
    for second, path in enumerate(files):
        os.utime(path, (1.7e9 + second, 1.7e9 + second))  # not the future, which Snakemake refuses


def add_model(project: Project) -> None:
    library = project.folder / "cc_kernels" / "models" / "library"
    (library / "a_new_one.py").write_text((library / "kane_mele.py").read_text())


def editing(name: str, old: str, new: str) -> Callable[[Project], None]:
    return lambda project: project.edit(name, old, new)


def appending(name: str, text: str) -> Callable[[Project], None]:
    """Other code, the same numbers, whatever stands in the file."""

    def append(project: Project) -> None:
        path = project.folder / name
        path.write_text(f"{path.read_text()}\n\n{text}\n")

    return append


CODE = "CHANGED = True"
CHANGES: dict[str, Callable[[Project], None]] = {
    "from nothing": lambda project: None,
    "nothing": lambda project: None,
    "the times of all files": touch,
    "a comment in a kernel": appending("cc_kernels/sums/two_bands.py", "# A comment."),
    "a new model in the library": add_model,
    "a study of the new model": editing(
        "config/small.yaml", "figures:\n", NEW_STUDY.replace("kane_mele", "a_new_one") + "\nfigures:\n"
    ),
    "a larger grid allowed": editing("config/small.yaml", "start: 4, largest: 32", "start: 4, largest: 64"),
    "more temperatures": editing("config/small.yaml", "[3000, 6000]", "[3000, 4500, 6000]"),
    "the words of an error": appending("cc_kernels/errors.py", CODE),
    "the code of a figure": appending("cc_kernels/plotting/figures/rashba_null.py", CODE),
    "the script of the level rule": appending("workflow/scripts/level.py", CODE),
    "the code of a response": appending("cc_kernels/responses/transport.py", CODE),
    "the code of a kernel": appending("cc_kernels/sums/two_bands.py", CODE),
}
ELSEWHERE = "a fresh copy, shared k-grids"


@dataclass(frozen=True)
class Row:
    """What one change cost: how many jobs of each rule ran, how many on the cluster, how many grids were taken."""

    change: str
    seconds: float
    jobs: Counter[str]
    submitted: int
    taken: int
    content: dict[str, str]


def rerun_table(folder: Path, profile: str = "", settings: tuple[str, ...] = ()) -> Iterator[Row]:
    """The rows of the table, each as soon as its run is over."""
    shared = folder / "shared"
    shared.mkdir(parents=True)
    further = ("--cache-folder", str(shared), *(("--profile", profile) if profile else ()), *settings)
    project = Project(folder / "project")
    for change, apply in CHANGES.items():
        apply(project)
        yield _run(project, change, further)
    copy = Project(folder / "elsewhere")
    for name in ("config/small.yaml", "cc_kernels/sums/two_bands.py"):
        (copy.folder / name).write_text((project.folder / name).read_text())
    add_model(copy)
    yield _run(copy, ELSEWHERE, further)


def _run(project: Project, change: str, further: tuple[str, ...]) -> Row:
    begin = time.perf_counter()
    before = {log: log.stat().st_mtime_ns for log in project.folder.glob("results/small/logs/kgrid/*/*.log")}
    run = project.figures("small", *further)
    seconds = time.perf_counter() - begin
    if run.done.returncode:
        raise RuntimeError(f"{change}:\n{run.done.stdout}{run.done.stderr}")
    logs = [log for log in run.results.glob("logs/kgrid/*/*.log") if log.stat().st_mtime_ns != before.get(log)]
    taken = sum("taken from the cache" in log.read_text() for log in logs)
    submitted = len(re.findall(r"submitted with SLURM jobid", run.done.stderr))
    return Row(change, seconds, Counter(run.jobs), submitted, taken, content(run.results))


def content(results: Path) -> dict[str, str]:
    """The checksum of every file of sums, which no change of the table alters."""
    files = sorted(results.glob("sums/*/*.nc"))
    return {str(path.relative_to(results)): io.read_attributes(path)["cc_content"] for path in files}


def same_content(rows: list[Row]) -> bool:
    """Does the last row have the content of the ones before, wherever both have a file?"""
    return all(rows[-1].content.get(name, value) == value for row in rows for name, value in row.content.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="", help="a profile of Snakemake, such as slurm")
    options, settings = parser.parse_known_args()
    rows: list[Row] = []
    where = "submitted  " if options.profile else ""
    print(f"{'after a change of':30s}  " + "  ".join(RULES) + f"  {where}from cache  content  seconds")
    with tempfile.TemporaryDirectory(prefix="cc_reruns_") as folder:
        for row in rerun_table(Path(folder), options.profile, tuple(settings)):
            rows.append(row)
            numbers = "  ".join(f"{row.jobs[rule]:{len(rule)}d}" for rule in RULES)
            submitted = f"{row.submitted:9d}  " if options.profile else ""
            equal = "equal" if same_content(rows) else "DIFFERS"
            print(
                f"{row.change:30s}  {numbers}  {submitted}{row.taken:10d}  {equal:>7s}  {row.seconds:7.0f}", flush=True
            )
    return 0 if all(same_content(rows[: n + 1]) for n in range(len(rows))) else 1


if __name__ == "__main__":
    sys.exit(main())
