"""What `inspect` says, on models of which it is known otherwise."""

from __future__ import annotations

import re

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.inspection.__main__ import main

CENTRED = [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]


def cubic(strain: float = 0.0, field: float = 0.0) -> cc.TightBinding:
    """An s band with spin on a face-centred lattice, one neighbour stronger by `strain`; a field of opposite sign on
    opposite hoppings, which turns time."""
    steps = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, -1, 0], [0, 1, -1], [1, 0, -1]]
    hops = [-1.0 - strain * (n == 0) + 1j * field * (n == 0) for n in range(6)]
    cells = [*steps, *(-np.array(steps)).tolist()]
    blocks = [hop * np.eye(2) for hop in (*hops, *np.conj(hops))]
    return cc.TightBinding(CENTRED, cells, blocks, name="cubic", operators={"spin_z": np.diag([0.5, -0.5])})


def test_the_point_group_of_a_crystal_and_how_far_it_is_kept() -> None:
    assert cc.inspect(cubic())["point group of the levels"].startswith("m-3m to rounding (48 operations)")
    strained = cc.inspect(cubic(strain=1e-3))["point group of the levels"]
    # A bond along a face diagonal, weaker by 2e-3 eV times a cosine, keeps mmm and breaks the others by up to 4e-3 eV.
    found = re.match(r"mmm to rounding \(8 operations\); m-3m \(48 operations\) within (\S+) eV", strained)
    assert found is not None, strained
    assert 5e-4 < float(found[1]) <= 4e-3
    assert "double" in cc.inspect(cubic())["doublets"]


def test_time_reversal_that_is_not_there() -> None:
    assert cc.inspect(cubic())["time reversal"] == "the levels at k and -k agree to rounding"
    found = cc.inspect(cubic(field=0.01))["time reversal"]  # E(k) - E(-k) = 4 x 0.01 sin
    assert 0.01 < float(found.split()[-2]) <= 0.04


def test_spin_and_its_order() -> None:
    found = cc.inspect(cc.build_model("kane_mele"))
    assert found["spin eigenvalues"].startswith("-0.5000 to 0.5000 hbar")
    assert found["s^2"].startswith("0.7500 to 0.7500")
    assert found["[s, r]"].endswith("Eq. (5) is exact")
    assert found["spin order"].endswith("looks interlaced")
    assert cc.inspect(cc.build_model("bismuth_selenide"))["spin order"].endswith("looks blocks")


def test_models_of_every_form_print(capsys: pytest.CaptureFixture) -> None:
    for name in ("rashba_continuum", "d_id_square", "twisted_tmd", "bismuth_selenide"):
        text = str(cc.inspect(cc.build_model(name)))
        assert max(map(len, text.splitlines()[1:])) <= 96
    with pytest.raises(InputError, match="model: got"):
        cc.inspect("haldane")


def test_the_command(tmp_path, capsys: pytest.CaptureFixture) -> None:
    assert main(["haldane", "--output", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"haldane_bands.png", "haldane_bands.pdf"}
    assert "point group of the levels" in capsys.readouterr().out
    assert main(["absent_tb.dat", "--output", str(tmp_path)]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert main(["absent_tb.dat", "--spin-order", "[[0, 1"]) == 2
    assert "spin_order: got '[[0, 1'" in capsys.readouterr().err
