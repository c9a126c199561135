"""What the tables of bad input share."""

from __future__ import annotations

import pytest
import xarray as xr

import cc_kernels as cc
from workflow import run


def check_message(message: str, key: str, given: str, allowed: str) -> None:
    """The three parts in one line, in this order."""
    lines = [line.strip() for line in message.splitlines() if "; allowed: " in line]
    assert len(lines) == 1, message
    named, rest = lines[0].split(": got ", 1)
    got, wanted = rest.split("; allowed: ", 1)
    assert named.removeprefix("bad.yaml: ").startswith(key), lines[0]
    assert given in got or given in named, lines[0]
    assert allowed in wanted, lines[0]


def sums_of(model: cc.Model) -> xr.Dataset:
    bands = cc.band_geometry(model, operator="spin_z", grid=4)
    return cc.accumulate(bands, ["operator_current"], cc.EnergyMesh.covering([0.0, 1.0], 3000.0))


def refused(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    """The message of a command that must fail."""
    status = run.main(list(arguments))
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err
