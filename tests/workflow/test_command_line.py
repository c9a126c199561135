"""The arguments of the command: what reaches Snakemake, and what must not change anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr
import yaml

from cc_kernels import io
from tests.workflow.configurations import GOOD
from tests.workflow.messages import check_message, refused
from workflow import run
from workflow.job import CACHE


@pytest.mark.parametrize("argument", ["-n", "-np", "-nq", "--dry-run", "--dag", "--summary", "-l", "--touch", "-D"])
def test_what_computes_nothing_changes_nothing(folder: Path, snapshot: Callable, argument: str) -> None:
    """No run is claimed."""
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    stale = folder / "results" / "good" / "models" / "one.nc"
    attributes = {"provenance_rule": "model", "provenance_parameters": "{}", "provenance_parents": "{}"}
    io.write_dataset(xr.Dataset({"a": 1.0}), stale, attributes, kind="models")
    before = snapshot(folder)
    with pytest.raises(AssertionError, match="Snakemake was started"):
        run.main(["figures", "--config", "good.yaml", argument])
    assert snapshot(folder) == before


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """The arguments with which Snakemake is called for `workflow.run figures`."""
    import snakemake.cli

    monkeypatch.chdir(tmp_path)

    def call(name: str, *arguments: str) -> list[str]:
        found: list[str] = []
        monkeypatch.setattr(snakemake.cli, "main", found.extend)
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(yaml.safe_dump(GOOD | {"name": "good"}))
        assert run.main(["figures", "--config", name, "--cores", "2", *arguments]) == 0
        return found

    return call


@pytest.mark.parametrize("name", ["config/my #1/x.yaml", "elsewhere/a: b/x.yaml", "2024", "a 'b' \"c\".yaml"])
def test_paths_reach_snakemake_as_they_are(called, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(CACHE, "")
    arguments = called(name, "--cache-folder", f"shared {name}")
    assert arguments[arguments.index("--configfile") + 1 :] == [name]
    assert os.environ[CACHE] == os.path.abspath(f"shared {name}")


def test_a_profile_of_this_machine_takes_the_cores(called, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snakemake refuses to run anything here without --cores, and on a cluster that would limit the cluster's."""
    monkeypatch.setattr("workflow.cluster.running_jobs", lambda name: [])
    for executor, flag in (("", "--cores"), ("executor: local\n", "--cores"), ("executor: slurm\n", "--local-cores")):
        (tmp_path / "config.yaml").write_text(f"{executor}latency-wait: 5\n")
        arguments = called("a.yaml", "--profile", str(tmp_path))
        assert arguments[arguments.index("2") - 1] == flag


def test_a_figure_that_is_not_configured(folder: Path, capsys) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    check_message(refused(capsys, "figure", "pretty", "--config", "good.yaml"), "NAME", "'pretty'", "rashba_null")
