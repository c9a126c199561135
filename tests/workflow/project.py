"""A copy of the project as it is tracked, and runs in it by the documented commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cc_kernels import io
from tests.workflow.configurations import SMALL

ROOT = Path(__file__).resolve().parents[2]

MINE = """\
from cc_kernels.models import build_model


def build(*, strength: float = 1.0):
    return build_model("rashba_square", alpha=strength, bx=0.2)
"""

DOUBLED = "\n\n_PIECES = 2 * _PIECES\n"
"""At the end of the module of the splines (sums/splines.py): every sum over the energy mesh is twice as large."""

FORK_SERVER = """\
import json, os, sys
import snakemake.cli, xarray, matplotlib.figure
import docutils.core, nbformat, netCDF4, numba, scipy.interpolate, scipy.special, smart_open, yte  # later imports

for line in sys.stdin:
    request = json.loads(line)
    child = os.fork()
    if not child:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        snakemake.cli.main(request["arguments"])
        os._exit(99)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Snakemake takes seconds to import and a tenth of one to plan: each dry run is a fork of a process that has it."""


@dataclass(frozen=True)
class Run:
    """A finished run: its folder of results, and what it printed."""

    results: Path
    done: subprocess.CompletedProcess

    @property
    def jobs(self) -> list[str]:
        """The rules of the jobs that were executed."""
        return re.findall(r"^[\d:]{8}  done   (\w+) ", self.done.stderr, re.MULTILINE)


class Project:
    """The tracked files of the project in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in tracked_files():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        (folder / "config" / "small.yaml").write_text(SMALL)
        (folder / "config" / "mine.py").write_text(MINE)
        self._server: subprocess.Popen | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.folder)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """`python -m workflow.run` as a user calls it."""
        return self.python("-m", "workflow.run", *arguments)

    def python(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        """Python in the project, with further environment variables."""
        environment = self.environment | variables
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True
        )

    def figures(self, name: str, *further: str) -> Run:
        """A complete run of config/<name>.yaml."""
        done = self.run("figures", "--config", f"config/{name}.yaml", "--cores", "2", *further)
        return Run(self.folder / "results" / name, done)

    def planned(self, config: str, *targets: str) -> set[str]:
        """The jobs that a dry run would execute, each as its first output below results/<config>."""
        if self._server is None:
            command = [sys.executable, "-c", FORK_SERVER]
            self._server = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        output = self.folder / "dry-run.txt"
        arguments = [*targets, "--cores", "2", "--dry-run", "--quiet", "host"]
        arguments += ["--configfile", f"config/{config}.yaml"]
        print(json.dumps({"output": str(output), "arguments": arguments}), file=self._server.stdin, flush=True)
        status = self._server.stdout.readline().strip()
        text = output.read_text()
        assert status == "0", text
        jobs = re.findall(r"^    output: (\S+?),?(?: .*)?$", text, re.MULTILINE)
        assert bool(jobs) != ("Nothing to be done" in text), text
        return {job.removeprefix(f"results/{config}/") for job in jobs}

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file's text."""
        path = self.folder / name
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new))

    @contextmanager
    def edited(self, name: str, old: str, new: str) -> Iterator[None]:
        """One file with a piece of its text replaced."""
        text = (self.folder / name).read_text()
        self.edit(name, old, new)
        try:
            yield
        finally:
            (self.folder / name).write_text(text)

    def changed(self, name: str) -> AbstractContextManager[None]:
        """One source file of other code, whatever stands in it; its numbers stay."""
        return self.appended(name, "\n\nCHANGED = True\n")

    @contextmanager
    def appended(self, name: str, more: str) -> Iterator[None]:
        """One file with something at its end."""
        text = (self.folder / name).read_text()
        (self.folder / name).write_text(text + more)
        try:
            yield
        finally:
            (self.folder / name).write_text(text)

    def close(self) -> None:
        if self._server is not None:
            self._server.stdin.close()
            self._server.wait()


def contents(results: Path) -> dict[str, str | None]:
    """Of every dataset of a run the checksum of its content, of every other file its name; no logs, and no crate."""
    files = (path for path in sorted(results.rglob("*")) if path.is_file() and path.suffix not in (".log", ".json"))
    return {
        path.relative_to(results).as_posix(): io.read_attributes(path)["cc_content"] if path.suffix == ".nc" else None
        for path in files
        if "code" not in path.parts
    }


def tracked_files() -> list[str]:
    """What git tracks or would track; without git, all files outside hidden folders and results."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return [str(name) for name in names if not any(part[0] == "." or part == "results" for part in name.parts[:-1])]
