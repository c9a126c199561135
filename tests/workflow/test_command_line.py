"""The arguments of the command: what reaches Snakemake, and what must not change anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import xarray as xr
import yaml

from cc_kernels import io
from tests.workflow.configurations import GOOD
from tests.workflow.messages import check_message, refused
from workflow import run
from workflow.settings import setting


@pytest.mark.parametrize("argument", ["-n", "-np", "-nq", "--dry-run", "--dag", "--summary", "-l", "--touch", "-D"])
def test_what_computes_nothing_changes_nothing(folder: Path, snapshot: Callable, argument: str) -> None:
    """A stale result stays, and no run is claimed."""
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    stale = folder / "results" / "good" / "models" / "one.nc"
    attributes = {"provenance_rule": "model", "provenance_parameters": "{}", "provenance_parents": "{}"}
    io.write_dataset(xr.Dataset({"a": 1.0}), stale, attributes, kind="models")
    before = snapshot(folder)
    with pytest.raises(AssertionError, match="Snakemake was started"):
        run.main(["figures", "--config", "good.yaml", argument])
    assert snapshot(folder) == before
    with pytest.raises(AssertionError, match="Snakemake was started"):
        run.main(["figures", "--config", "good.yaml", "-k", "--printshellcmds"])
    assert not stale.exists()


@pytest.mark.parametrize("name", ["config/my #1/x.yaml", "elsewhere/a: b/x.yaml", "2024", "a 'b' \"c\".yaml"])
def test_paths_reach_snakemake_as_they_are(name: str) -> None:
    from snakemake.cli import parse_config

    options = SimpleNamespace(config=name, profile="", cores="2", cache_folder=f"/tmp/{name}")
    arguments = run._command(options, [], front_page=Path(name))
    config = parse_config(arguments[arguments.index("--config") + 1 :])
    assert setting(config, "configuration") == name
    assert setting(config, "front_page") == str(Path(name))
    assert setting(config, "cache") == str(Path(f"/tmp/{name}"))
    assert setting(config, "run_results") == ""


def test_a_profile_of_this_machine_takes_the_cores(tmp_path: Path) -> None:
    """Snakemake refuses to run anything here without --cores, and on a cluster that would limit the cluster's."""
    for executor, flag in (("", "--cores"), ("executor: local\n", "--cores"), ("executor: slurm\n", "--local-cores")):
        (tmp_path / "config.yaml").write_text(f"{executor}latency-wait: 5\n")
        options = SimpleNamespace(config="a", profile=str(tmp_path), cores="2", cache_folder=None)
        arguments = run._command(options, [])
        assert arguments[arguments.index("2") - 1] == flag


def test_a_figure_that_is_not_configured(folder: Path, capsys) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    check_message(refused(capsys, "figure", "pretty", "--config", "good.yaml"), "NAME", "'pretty'", "rashba_null")
