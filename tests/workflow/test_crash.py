"""Runs that are killed, come twice, or leave jobs behind: the end is always that of an undisturbed run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest
import xarray as xr
import yaml

from cc_kernels import files, io
from cc_kernels.errors import InputError
from tests.workflow.configurations import LATTICE
from tests.workflow.crash import Runs, content, descendants, wait_for
from workflow import lock
from workflow import run as workflow_run

HELD = """\
import sys, time
from pathlib import Path
from cc_kernels.models import build_model


def build(*, strength: float = 1.0):
    here = Path(__file__).parent
    if ".snakemake" in sys.argv[0] and (here / "hold").exists():  # in a job
        (here / "held").touch()
        while not (here / "release").exists():
            time.sleep(0.05)
    return build_model("rashba_square", alpha=strength)
"""


@pytest.mark.slow
def test_kills_at_random_moments(project, small) -> None:
    """Four kills of one run, each followed by the same command; the study is one of the undisturbed run `small`."""
    (project.folder / "config" / "crash.yaml").write_text(LATTICE)
    results = project.folder / "results" / "crash"
    runs = Runs(project.folder, "config/crash.yaml", results, root=project.folder)
    delay = random.Random(3)
    for victim, finished in (("snakemake", 1), ("job", 3), ("snakemake", 6), ("job", 9)):
        kill = runs.kill_after(delay.uniform(0, 1), victim, finished)
        if kill is not None and victim == "snakemake":
            assert (results / lock.NAME).exists(), "what a killed run leaves"
    runs.finish()
    expected = {name: value for name, value in content(small.results).items() if "lattice" in name or "rashba" in name}
    found = content(results)
    assert {name: value for name, value in found.items() if name != "front_page.rst"} == expected
    hidden = [path for path in results.rglob(".*") if path.is_file()]
    assert not hidden, "an orphan may still be at work, but this run has finished all files"


@pytest.mark.slow
def test_a_late_job_of_a_killed_run_publishes_nothing(project, tmp_path: Path) -> None:
    """A job is held; its Snakemake is killed, and the next run, of other parameters, is over before the job goes on."""
    (tmp_path / "held.py").write_text(HELD)
    configuration = yaml.safe_load(LATTICE)
    configuration["studies"]["lattice"]["model"] = {"file": "held.py", "strength": 0.4}
    config = tmp_path / "study.yaml"
    config.write_text(yaml.safe_dump(configuration))
    target = Path("results/study/models/lattice.nc")
    command = [sys.executable, "-m", "workflow.run", "figures", "--config", str(config), "--cores", "1", str(target)]
    start = {"cwd": tmp_path, "env": project.environment, "text": True}
    (tmp_path / "hold").touch()
    first = subprocess.Popen(command, **start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for((tmp_path / "held").exists)
    orphans = list(descendants(first.pid))
    first.send_signal(signal.SIGKILL)
    first.wait()
    old_log = (tmp_path / "results/study/logs/model/lattice.log").open()

    (tmp_path / "hold").unlink()
    configuration["studies"]["lattice"]["model"]["strength"] = 0.6
    config.write_text(yaml.safe_dump(configuration))
    second = subprocess.run(command, **start, capture_output=True)
    assert second.returncode == 0, second.stderr
    newer = (tmp_path / target).read_bytes()
    assert '"strength": 0.6' in io.read_attributes(tmp_path / target)["source"]

    (tmp_path / "release").touch()
    wait_for(lambda: not any(is_running(pid) for pid in orphans))
    assert (tmp_path / target).read_bytes() == newer
    assert "this late result is dropped" in old_log.read()
    assert not list((tmp_path / "results").rglob(".*"))
    old_log.close()


def is_running(pid: int) -> bool:
    """Not one that has ended and waits for a parent to ask for its status."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_file_gets_its_name_only_in_the_run_that_it_belongs_to(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "results" / "a.nc"
    with lock.claimed(path.parent, "one.yaml") as run:
        monkeypatch.setattr(files, "publishing", partial(lock.while_current, path.parent, run.token))
        io.write_dataset(xr.Dataset({"a": 1.0}), path, kind="sums")
    before = path.read_bytes()
    with pytest.raises(lock.Superseded, match="has ended"):
        io.write_dataset(xr.Dataset({"a": 2.0}), path, kind="sums")
    with lock.claimed(path.parent, "two.yaml"), pytest.raises(lock.Superseded, match="another run has begun: two"):
        io.write_dataset(xr.Dataset({"a": 2.0}), path, kind="sums")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["a.nc"]


@pytest.mark.parametrize("name", ["same", "other"])
def test_a_second_run_says_so_and_does_nothing(tmp_path: Path, capsys, monkeypatch, snapshot, name: str) -> None:
    """Also for another configuration, started in another folder, whose results go to the same place."""
    results = tmp_path / "results" / "same"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = tmp_path / f"{name}.yaml"
    config.write_text(f"name: same\nresults: {tmp_path / 'results'}\n{LATTICE}")
    with lock.claimed(results, "same.yaml"):
        before = snapshot(tmp_path)
        assert workflow_run.main(["figures", "--config", str(config), "--cores", "1"]) == 2
        assert workflow_run.main(["figure", "rashba_null", "--config", str(config), "--cores", "1"]) == 2
        assert workflow_run.main(["unlock", "--config", str(config)]) == 2
        assert snapshot(tmp_path) == before
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    given = f"a folder in which another run is going on (same.yaml, process {os.getpid()} on "
    for line in lines:
        assert line.startswith(f"{results}: got {given}")
        assert line.endswith("allowed: one run at a time in it: wait for its end")


def test_another_users_run_is_named(tmp_path: Path, monkeypatch) -> None:
    """Whose `.run` cannot be opened; root may open everything, so the error is raised by hand."""
    with lock.claimed(tmp_path, "one.yaml"):
        left = (tmp_path / lock.NAME).read_text()
    (tmp_path / lock.NAME).write_text(left)
    opened = os.open

    def denied(path: object, flags: int, *more: int) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(InputError, match=r"another run is going on \(one.yaml"), lock.claimed(tmp_path, "two.yaml"):
        pass
    with pytest.raises(InputError, match=r"another run is going on \(one.yaml"):
        lock.release(tmp_path)


def test_what_a_killed_run_leaves_is_removed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    results = Path("results/one")
    with lock.claimed(results, "one.yaml"):
        left = json.loads((results / lock.NAME).read_text())
    (results / lock.NAME).write_text(json.dumps(left))
    (results / ".a.nc.0123.part").touch()
    with lock.claimed(results, "one.yaml"):
        assert not (results / ".a.nc.0123.part").exists()


def test_a_run_on_another_machine(tmp_path: Path, monkeypatch) -> None:
    """Locks may not reach over a network's file system: its user decides."""
    with lock.claimed(tmp_path, "one.yaml"):
        left = json.loads((tmp_path / lock.NAME).read_text())
    (tmp_path / lock.NAME).write_text(json.dumps({**left, "host": "elsewhere"}))
    with (
        pytest.raises(InputError, match=r"if it is gone from elsewhere, `make unlock CONFIG=one.yaml`"),
        lock.claimed(tmp_path, "one.yaml"),
    ):
        pass
    lock.release(tmp_path)
    with lock.claimed(tmp_path, "one.yaml"):
        pass
