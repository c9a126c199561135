"""A real Slurm of one node: a run through it gives the same numbers as one on this machine, whatever is cut short.

Skipped without root, or where Slurm and munge are not installed (Debian: apt install slurm-wlm munge), or where the
machine has a Slurm of its own. CC_SLURM_CONFIG=quick takes config/quick.yaml instead of the small configuration
(`make test-slurm`).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cc_kernels import io
from tests.workflow.crash import wait_for
from tests.workflow.reruns import rerun_table, same_content
from workflow.cluster import run_name, running_jobs

SCRIPTS = Path(__file__).parent / "slurm"
COMMANDS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
IMPATIENT = ("--slurm-init-seconds-before-status-checks", "3", "--latency-wait", "10")
"""For a cluster without a network, where a job is a second of work."""
CONFIG = os.environ.get("CC_SLURM_CONFIG", "small")

SLOW = """\
studies:
  slow:
    model: {file: slow.py}
    operator: s
    responses: [transport]
    mu: [0.5]
    temperature: [3000]
    grid: {start: 16, largest: 16, tolerance: 0.5}
"""
SLOW_MODEL = """\
import time
from pathlib import Path

import numpy as np
import cc_kernels as cc

WAIT = Path(__file__).with_name("wait")
X, Y, Z = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def h(k):
    while len(k) > 100 and WAIT.exists():  # a grid, not a few points to look at
        time.sleep(0.1)
    x, y = k[:, 0, None, None], k[:, 1, None, None]
    return (x**2 + y**2) * np.eye(2) / 2 + 0.7 * (y * X - x * Y)


def build():
    return cc.from_function(h, dim=2, k_max=3.0, operators={"s": Z / 2})
"""
"""A job that computes for as long as a file `wait` lies beside its model: what interrupts it need not hurry."""


@pytest.fixture(scope="module")
def slurm() -> Iterator[Path]:
    """A running Slurm; its folder."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("starting Slurm daemons takes root on Linux")
    if missing := [name for name in COMMANDS if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]:
        pytest.skip(f"Slurm and munge are not installed here: no {', '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # not pytest's own: munge wants a socket that all may reach
    folder.chmod(0o755)
    before = slurm_settings()
    # A test run that is told to end (as `timeout` does) ends the daemons first.
    ended = signal.signal(signal.SIGTERM, signal.default_int_handler)
    cpus = os.environ.get("CC_SLURM_CPUS", "")
    try:
        # Files, not pipes: the daemons inherit them.
        with open(folder / "start.txt", "w") as output:
            done = subprocess.run([SCRIPTS / "start.sh", folder, *cpus.split()], stdout=output, stderr=output)
        said = (folder / "start.txt").read_text()
        if "not touching it" in said:
            pytest.skip(said.strip())
        assert done.returncode == 0, said
        yield folder
    finally:
        subprocess.run([SCRIPTS / "stop.sh", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, ended)
    assert slurm_settings() == before


def slurm_settings() -> list[tuple[str, str | None]] | None:
    """What lies in /etc/slurm."""
    folder = Path("/etc/slurm")
    if not folder.exists():
        return None
    return sorted((path.name, os.readlink(path) if path.is_symlink() else None) for path in folder.iterdir())


def contents(results: Path) -> dict[str, str]:
    """The checksum of the scientific content of every file below a folder of results."""
    return {
        str(path.relative_to(results)): io.read_attributes(path)["cc_content"]
        for path in sorted(results.rglob("*.nc"))
        if path.parent.name != "models"
    }


def on_slurm(name: str) -> list[str]:
    command = ["-m", "workflow.run", "figures", "--config", f"config/{name}.yaml", "--profile", "slurm"]
    return [*command, "--cores", "2", *IMPATIENT]


@pytest.mark.slow
def test_a_run_on_slurm_gives_the_same_content(project, request, slurm) -> None:
    local = request.getfixturevalue(CONFIG)
    text = (project.folder / "config" / f"{CONFIG}.yaml").read_text()
    (project.folder / "config" / "cluster.yaml").write_text(text)
    results = project.folder / "results" / "cluster"
    begin = time.monotonic()
    done = project.python(*on_slurm("cluster"))
    print(f"{CONFIG} on Slurm: {time.monotonic() - begin:.0f} s")
    assert done.returncode == 0, done.stdout + done.stderr
    submitted = re.findall(r"submitted with SLURM jobid (\d+)", done.stderr)
    kgrids = re.findall(r"done\s+kgrid ", done.stderr)
    maps = re.findall(r"done\s+map ", done.stderr)
    assert len(submitted) == len(kgrids) + len(maps) > 2, "only grids and maps are submitted"
    assert contents(results) == contents(local.results)
    assert {path.name for path in results.glob("figures/*")} == {path.name for path in local.results.glob("figures/*")}
    assert (results / "report.html").exists()
    assert "Nothing to be done" in project.python(*on_slurm("cluster")).stderr


@pytest.mark.slow
def test_the_same_jobs_run_again_as_without_a_cluster(slurm, tmp_path_factory) -> None:
    """The table of `make rerun-table`: an edited script, a new model, a fresh copy with shared k-grids."""
    here = list(rerun_table(tmp_path_factory.mktemp("here")))
    there = list(rerun_table(tmp_path_factory.mktemp("there"), "slurm", IMPATIENT))
    for one, other in zip(here, there, strict=True):
        assert other.jobs == one.jobs, one.change
        assert other.taken == one.taken, one.change
        assert other.content == one.content, one.change
        assert other.submitted == other.jobs["kgrid"]
        assert same_content([*here, other])
    assert here[-1].taken == here[-1].jobs["kgrid"] > 0, "the copy computes no k-grid"


@pytest.fixture(scope="module")
def uninterrupted(project) -> dict[str, str]:
    """Contents of the slow study, run here."""
    (project.folder / "config" / "slow.yaml").write_text(SLOW)
    (project.folder / "config" / "slow.py").write_text(SLOW_MODEL)
    run = project.figures("slow")
    assert run.done.returncode == 0, run.done.stderr
    return contents(run.results)


@pytest.fixture
def started(project, slurm, uninterrupted) -> Iterator[Callable[[str], tuple[subprocess.Popen, str]]]:
    """Start the slow study on Slurm, and wait until its job computes: the driver, and the identifier of the job."""
    drivers, wait = [], project.folder / "config" / "wait"

    def start(name: str) -> tuple[subprocess.Popen, str]:
        (project.folder / "config" / f"{name}.yaml").write_text(SLOW)
        wait.touch()
        with open(slurm / f"{name}.txt", "w") as output:
            command = [sys.executable, *on_slurm(name)]
            driver = subprocess.Popen(
                command, cwd=project.folder, env=project.environment, stdout=output, stderr=output
            )
        drivers.append(driver)
        results = project.folder / "results" / name
        log = results / "logs" / "kgrid" / "slow" / "16.shard0of1.log"
        deadline = time.monotonic() + 600
        while not (log.exists() and "points per axis: 0 of" in log.read_text()):
            assert driver.poll() is None, (slurm / f"{name}.txt").read_text()
            assert time.monotonic() < deadline, (slurm / f"{name}.txt").read_text()
            time.sleep(0.2)
        (job,) = running_jobs(run_name(project.folder.resolve() / "results" / name))
        return driver, job

    yield start
    wait.unlink(missing_ok=True)
    for driver in drivers:
        if driver.poll() is None:
            driver.kill()
            driver.wait()


@pytest.mark.slow
def test_after_a_cancelled_job_the_same_command_goes_on(project, slurm, started, uninterrupted) -> None:
    driver, job = started("cancelled")
    results = project.folder / "results" / "cancelled"
    subprocess.run(["scancel", job], check=True)
    assert driver.wait(timeout=600) == 1
    said = (slurm / "cancelled.txt").read_text()
    assert "The run stopped; the same command goes on from here." in said
    assert "Traceback" not in said
    assert not list(results.glob("sums/slow/*")), "nothing half-finished under its name"
    (project.folder / "config" / "wait").unlink()
    done = project.python(*on_slurm("cancelled"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(results) == uninterrupted


@pytest.mark.slow
def test_a_killed_run_leaves_jobs_that_the_next_one_names(project, slurm, started, uninterrupted) -> None:
    driver, job = started("killed")
    results = project.folder / "results" / "killed"
    driver.kill()
    driver.wait()
    refused = project.python(*on_slurm("killed"))
    assert refused.returncode == 2
    assert "PROFILE: got 1 Slurm jobs of an earlier run into the same results" in refused.stderr
    advice = refused.stderr.strip().rpartition("with: ")[-1]
    assert advice == f"scancel {job}"
    subprocess.run(shlex.split(advice), check=True)
    wait_for(lambda: not running_jobs(run_name(results)))
    (project.folder / "config" / "wait").unlink()
    assert project.run("unlock", "--config", "config/killed.yaml").returncode == 0
    done = project.python(*on_slurm("killed"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(results) == uninterrupted


def test_a_cluster_that_does_not_answer_is_said_before_anything_starts(project) -> None:
    """Without a Slurm, or with commands for it that are not there."""
    (project.folder / "config" / "nowhere.yaml").write_text(SLOW)
    (project.folder / "config" / "slow.py").write_text(SLOW_MODEL)
    environment = {**project.environment, "PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(
        [sys.executable, *on_slurm("nowhere")], cwd=project.folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert re.fullmatch(r"PROFILE: got slurm, without the commands [^\n]*; allowed: [^\n]*\n", done.stderr)
    assert not (project.folder / "results" / "nowhere").exists()


def test_an_unknown_profile_is_named(project) -> None:
    done = project.run("figures", "--config", "config/small.yaml", "--profile", "slrum")
    assert done.returncode == 2
    assert done.stderr == "PROFILE: got 'slrum'; allowed: one of default, slurm, or a folder with a config.yaml\n"
