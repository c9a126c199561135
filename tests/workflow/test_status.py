"""`make status`: what is done, running, missing and stale, and why, in words."""

from __future__ import annotations

import io as text_io
import json
import os
import shutil
from pathlib import Path

import pytest

from workflow import lock
from workflow.job_logs import costs
from workflow.plan import Plan
from workflow.status import Status, differences, stale_because, stale_files
from workflow.status_table import print_status


@pytest.fixture
def plan(project, small, tmp_path: Path, monkeypatch):
    """A function that reads the small configuration with an edit, over a copy of its results."""
    shutil.copytree(small.results, tmp_path / "results" / "small")
    shutil.copytree(project.folder / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)

    def read(old: str = "", new: str = "") -> Plan:
        path = Path("config/small.yaml")
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return Plan.of_files([path])

    return read


def shown(plan: Plan) -> str:
    out = text_io.StringIO()
    print_status(plan, out)
    return out.getvalue()


def states(plan: Plan) -> dict[tuple[str, str], str]:
    return {(job.rule, f"{job.subject} {job.label}".strip()): job.state for job in Status(plan).jobs}


def test_all_done(plan) -> None:
    text = shown(plan())
    assert "no run is going on" in text
    assert "Nothing is missing or stale." in text
    assert set(states(plan()).values()) == {"done"}
    assert stale_because(plan()) == {}


LOOK = """\
import json, sys
STARTS = ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system")
started = []
sys.addaudithook(lambda event, arguments: started.append(event) if event in STARTS else None)
from workflow.run import main
status = main(["status", "--config", sys.argv[1]])
print(json.dumps([status, started, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("quick", {"snakemake", "matplotlib", "numba", "distributed", "xarray", "scipy", "dask", "pandas"}),
        ("small", {"snakemake", "matplotlib", "numba", "distributed"}),  # it builds the user's model, for its numbers
    ],
)
def test_the_command_imports_little_starts_nothing_and_writes_nothing(project, small, snapshot, name, foreign) -> None:
    """Which is what makes it fast: Snakemake, and what computes or draws, take seconds to import."""
    before = snapshot(project.folder / "results")
    done = project.python("-c", LOOK, f"config/{name}.yaml")
    assert done.returncode == 0, done.stderr
    *printed, looked = done.stdout.splitlines()
    assert ("Nothing is missing or stale." in printed) or name != "small"
    assert snapshot(project.folder / "results") == before
    status, started, modules = json.loads(looked)
    assert (status, started) == (0, [])
    assert not foreign & set(modules)


def test_time_and_memory_of_every_rule(plan) -> None:
    table = {cost.rule: cost for cost in costs(plan().results / "logs")}
    assert list(table) == ["model", "kgrid", "level", "figure", "report"]
    assert table["kgrid"].jobs == 3
    for cost in table.values():
        assert 0 <= cost.longest <= cost.seconds  # recorded: the longest of some jobs is no more than their sum
        assert 30 < cost.memory < 2000, "Python with numpy, in MiB"


def test_a_changed_tolerance(plan) -> None:
    changed = plan("largest: 32, tolerance: 0.5", "largest: 32, tolerance: 0.01")
    text = shown(changed)
    assert "tolerance changed 0.5 -> 0.01" in text
    state = states(changed)
    assert state["level", "lattice 32"] == state["figure", "rashba_null"] == state["report", ""] == "stale"
    assert state["kgrid", "lattice 32"] == state["level", "mine 16"] == "done"
    assert state["figure", "equilibrium_cancellation"] == "done"
    assert stale_because(changed) == {"lattice": "tolerance changed 0.5 -> 0.01"}


def test_a_larger_grid_that_is_not_computed(plan) -> None:
    now = plan("start: 4, largest: 32", "start: 4, largest: 64")
    assert states(now)["figure", "equilibrium_cancellation"] == "stale"
    assert states(now)["figure", "rashba_null"] == "done"
    assert "mine at 64 points per axis is not computed" in shown(now)


def test_a_changed_model_and_mesh(plan) -> None:
    assert "alpha changed 0.5 -> 0.6" in shown(plan("alpha: 0.5", "alpha: 0.6"))
    assert "energy mesh: temperature lowest changed 3000 -> 2000" in shown(plan("[3000, 6000]", "[2000, 6000]"))


def test_a_changed_source() -> None:
    assert differences({"sources": "a"}, {"sources": "b"}, "kgrid") == ["source of kgrid changed"]


def test_a_changed_input(plan) -> None:
    # The model of the other study, in place of the lattice's own: its parameters and its content are others.
    shutil.copy("results/small/models/mine.nc", "results/small/models/lattice.nc")
    text = shown(plan())
    assert "input newer: results/small/models/lattice.nc" in text


def test_missing_running_failed_and_damaged(plan) -> None:
    results = Path("results/small")
    (results / "sums" / "mine" / "16.shard0of1.nc").unlink()
    (results / "figures" / "rashba_null.nc").unlink()
    (results / "figures" / "rashba_null.png").unlink()
    (results / "figures" / "rashba_null.pdf").unlink()
    (results / "verdicts" / "lattice" / "32.nc").write_bytes(b"")
    (results / "logs" / "figure" / "rashba_null.log").write_text("2026-01-01 ERROR no room on the disk\n")
    with lock.claimed(results, "config/small.yaml") as run:
        log = results / "logs" / "kgrid" / "mine" / "16.shard0of1.log"
        log.write_text("2026-01-01 INFO begun by run-of-before\n")
        assert states(plan())["kgrid", "mine 16"] == "missing", "left by a killed run"
        log.write_text(f"2026-01-01 INFO begun by {run.token}\n")
        os.utime(log, (1e9, 1e9))  # the clock of another machine
        state = states(plan())
        text = shown(plan())
    assert "a run is going on (config/small.yaml, process" in text
    assert state["kgrid", "mine 16"] == "running"
    assert "1 running, 1 done" in text
    assert state["level", "lattice 32"] == "damaged"
    assert state["figure", "rashba_null"] == "failed"
    assert "no room on the disk" in text
    (results / "models" / "mine.nc").unlink()
    assert states(plan())["model", "mine"] == "missing"


def test_the_convergence_table_says_stale(project, small) -> None:
    with project.edited("config/small.yaml", "largest: 32, tolerance: 0.5", "largest: 32, tolerance: 0.01"):
        done = project.run("convergence", "--config", "config/small.yaml")
    assert "STALE: tolerance changed 0.5 -> 0.01; `make figures CONFIG=config/small.yaml` computes" in done.stdout


def test_stale_results_and_what_follows_are_made_again(plan) -> None:
    """Those of one study, and the front page, which names the parameters of every study."""
    assert not stale_files(plan())
    found = list(stale_files(plan("name: rashba_square, alpha: 0.5", "name: rashba_square, alpha: 0.6")))
    assert {"results/small/models/lattice.nc", "results/small/figures/rashba_null.png"} <= {*found}
    assert found[-2:] == ["results/small/front_page.rst", "results/small/report.html"]
    assert not any("mine" in file for file in found)
    widened = {*stale_files(plan("mu: [0.5, 1.0]", "mu: [0.5, 3.0]"))} - {*found}
    assert "results/small/sums/mine/16.shard0of1.nc" in widened
    assert all("mine" in file or "equilibrium_cancellation" in file for file in widened)
