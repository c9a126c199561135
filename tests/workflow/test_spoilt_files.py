"""Files that are damaged, foreign or too old are named, with what to do; nothing on disk changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

import cc_kernels as cc
from cc_kernels import io
from cc_kernels.errors import InputError
from tests.workflow.configurations import GOOD
from tests.workflow.messages import check_message, refused, sums_of


def test_a_results_folder_that_cannot_be_written(folder: Path, capsys, snapshot: Callable) -> None:
    # A file in the folder's place: root may write to a folder without permissions.
    (folder / "results").write_text("")
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    before = snapshot(folder)
    check_message(refused(capsys, "figures", "--config", "good.yaml"), "results", "not a folder", "can be written")
    assert snapshot(folder) == before


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    path.unlink()
    xr.Dataset({"a": 1.0}).to_netcdf(path, engine="netcdf4")


SPOILT = [
    (truncated, "damaged or truncated"),
    (emptied, "an empty file"),
    (foreign, "a netCDF file of another program"),
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda row: row[0].__name__)
@pytest.mark.parametrize("where", ["sums/one/32.nc", "sums/two/32.shard0of1.nc", "verdicts/one/32.nc", "models/two.nc"])
def test_results_that_were_spoilt(folder: Path, capsys, snapshot: Callable, where: str, spoil: tuple) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    path = Path("results/good") / where
    io.write_dataset(xr.Dataset({"a": ("k", np.arange(100.0))}), path, kind="sums")
    spoil[0](path)
    before = snapshot(folder)
    message = refused(capsys, "figures", "--config", "good.yaml")
    check_message(message, str(path), spoil[1], "remove it, and it is computed again")
    assert snapshot(folder) == before


def test_results_of_an_older_version(folder: Path, capsys, snapshot: Callable, monkeypatch) -> None:
    """One message for all of them."""
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    with monkeypatch.context() as older:
        older.setattr(io, "FORMAT", 0)
        for name in ("one/32", "two/32.shard0of1", "two/32"):
            io.write_dataset(xr.Dataset({"a": 1.0}), Path("results/good/sums") / f"{name}.nc", kind="sums")
    before = snapshot(folder)
    message = refused(capsys, "figures", "--config", "good.yaml")
    key = "results/good/sums/one/32.nc and 2 more (results/good/sums/two/32.shard0of1.nc, results/good/sums/two/32.nc)"
    given = "a file of an older version of cc_kernels (format 0)"
    check_message(message, key, given, "remove them (or all of results/good), and they are computed again")
    assert snapshot(folder) == before


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda row: row[0].__name__)
def test_files_that_are_not_ours(tmp_path: Path, snapshot: Callable, spoil: tuple) -> None:
    model, dataset = tmp_path / "model.nc", tmp_path / "data.nc"
    cc.save_model(cc.build_model("rashba_square"), model)
    io.write_dataset(sums_of(cc.build_model("rashba_square")), dataset, kind="sums")
    spoil[0](model)
    spoil[0](dataset)
    before = snapshot(tmp_path)
    with pytest.raises(InputError, match=r"model.nc: got .*; allowed: .*written by"):
        cc.load_model(model)
    with pytest.raises(InputError, match=rf"data.nc: got (a )?{spoil[1]}.*; allowed: a netCDF file written by"):
        io.read_dataset(dataset, "sums")
    assert snapshot(tmp_path) == before
