"""DASK_SCHEDULER: k-grids on the workers of a dask.distributed cluster, the same sums in the same order."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_kernels import io

ROOT = Path(__file__).resolve().parents[2]

CONTINUUM = """\
import numpy as np
import cc_kernels as cc

X, Y, Z = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def h(k):
    x, y = k[:, 0, None, None], k[:, 1, None, None]
    return (x**2 + y**2) * np.eye(2) / 2 + 0.7 * (y * X - x * Y)


def build():
    return cc.from_function(h, dim=2, k_max=3.0, operators={"s": Z / 2})
"""

STUDIES = """\
studies:
  lattice:
    model: {name: rashba_square}
    operator: spin_z
    responses: [transport]
    mu: [0.5]
    temperature: [3000]
    grid: {start: 24, largest: 24, tolerance: 0.5}
    chunk: 100
  function:
    model: {file: continuum.py}
    operator: s
    responses: [equilibrium]
    mu: [0.5]
    temperature: [3000]
    grid: {start: 24, largest: 24, tolerance: 0.5}
    chunk: 100
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and two workers, each a process that is started as on a cluster."""
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    host = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    commands = [
        ["dask_scheduler", "--port", "0", *host],
        *[["dask_worker", "--nthreads", "1", "--no-nanny", *host]] * 2,
    ]
    processes = []
    try:
        for name, *arguments in commands:
            with open(folder / f"{len(processes)}.txt", "w") as output:
                command = [sys.executable, "-m", f"distributed.cli.{name}", *arguments]
                processes.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output))
        deadline = time.monotonic() + 600
        while not file.exists():
            assert time.monotonic() < deadline, (folder / "0.txt").read_text()
            time.sleep(0.1)
        from distributed import Client

        with Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=600)
            address = client.scheduler.address
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


@pytest.mark.slow
def test_k_grids_on_dask_workers_give_the_same_sums(project, scheduler) -> None:
    (project.folder / "config" / "continuum.py").write_text(CONTINUUM)
    results = {}
    targets = {study: f"sums/{study}/24.shard0of1.nc" for study in ("lattice", "function")}
    for name, address in (("here", ""), ("there", scheduler)):
        (project.folder / "config" / f"{name}.yaml").write_text(STUDIES)
        results[name] = Path("results") / name
        command = ["-m", "snakemake", "--cores", "2", *(str(results[name] / file) for file in targets.values())]
        done = subprocess.run(
            [sys.executable, *command, "--configfile", f"config/{name}.yaml"],
            cwd=project.folder,
            env={**project.environment, "CC_DASK_SCHEDULER": address},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    for study, file in targets.items():
        here, there = (io.read_dataset(project.folder / results[name] / file, "sums") for name in ("here", "there"))
        assert here.attrs["pieces"] == there.attrs["pieces"]
        for name in here.data_vars:
            # each of a node's states is known to EPS of its scale; matrix products round by how arrays lie in memory
            scale = float(here.get(f"{name}_absolute", abs(here[name])).max())
            worst = float(abs(here[name] - there[name]).max())
            print(f"{study} {name}: {worst:.1e} of {scale:.1e}")
            assert worst <= 1e-13 * scale, name
        log = (project.folder / results["there"] / "logs" / "kgrid" / study / "24.shard0of1.log").read_text()
        assert f"2 dask workers of {scheduler}" in log


def test_a_scheduler_that_does_not_answer_is_said_before_anything_starts(project) -> None:
    (project.folder / "config" / "alone.yaml").write_text(STUDIES)
    (project.folder / "config" / "continuum.py").write_text(CONTINUUM)
    with socket.create_server(("127.0.0.1", 0)) as taken:  # a port that was free, and is nobody's afterwards
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    done = subprocess.run(
        [sys.executable, "-m", "workflow.run", "figures", "--config", "config/alone.yaml", "--cores", "1"],
        cwd=project.folder,
        env={**project.environment, "DASK_SCHEDULER": address},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"DASK_SCHEDULER: got '{address}'")
    assert "Traceback" not in done.stderr
    assert not (project.folder / "results" / "alone").exists()
