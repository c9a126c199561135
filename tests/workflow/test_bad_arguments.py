"""Bad arguments of the Python interface end in one `InputError`: key, what was given, what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.errors import InputError
from tests.workflow.messages import check_message, sums_of

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def rashba() -> cc.Model:
    return cc.build_model("rashba_square")


def dimer() -> cc.Model:
    """Two orbitals at different positions, and an operator that hops between them."""
    return cc.TightBinding([[1.0]], [[0]], [PAULI[0]], [[0.0], [0.5]], {"swap": PAULI[0]})


def transport(**changes: object) -> xr.Dataset:
    arguments = {"operator": "spin_z", "grid": 4, "mu": 0.5, "temperature": 3000.0}
    return cc.transport(rashba(), **(arguments | changes))


def function_model(h: Callable, **arguments: object) -> cc.Model:
    return cc.from_function(h, **({"dim": 1, "lattice": [[1.0]]} | arguments))


PYTHON = {
    "h not Hermitian": (lambda: function_model(lambda k: np.exp(1j * k)[:, :, None]), "h", "M^dagger", "a Hermitian"),
    "h in the continuum": (
        lambda: function_model(lambda k: 1j * k[:, :, None], lattice=None, k_max=1.0),
        "h",
        "M^dagger",
        "a Hermitian",
    ),
    "h not periodic": (lambda: function_model(lambda k: k[:, :, None]), "h", "reciprocal vector b1", "periodic"),
    "h with NaN": (lambda: function_model(lambda k: np.nan * k[:, :, None]), "h", "NaN", "finite numbers"),
    "h of another shape": (lambda: function_model(lambda k: k), "h", "shape", "(N, nb, nb)"),
    "hoppings not Hermitian": (
        lambda: cc.TightBinding([[1.0]], [[1], [-1]], [[[1.0]], [[2.0]]]),
        "hoppings",
        "differ by 1",
        "Hermitian",
    ),
    "hoppings of another shape": (
        lambda: cc.TightBinding([[1.0]], [[0]], [[1.0]]),
        "hoppings",
        "shape (1, 1)",
        "(nR, nb, nb)",
    ),
    "matrices not Hermitian": (lambda: cc.KDotP([[0]], [[[1j]]], 1.0), "matrices[0]", "M^dagger", "a Hermitian"),
    "operator not Hermitian": (lambda: transport(operator=[[0, 1], [0, 0]]), "operator", "M^dagger", "a Hermitian"),
    "operator of another shape": (lambda: transport(operator=np.eye(3)), "operator", "shape (3, 3)", "shape (2, 2)"),
    "operator with NaN": (lambda: transport(operator=np.nan * np.eye(2)), "operator", "NaN", "finite numbers"),
    "operator between positions": (
        lambda: cc.band_geometry(dimer(), "swap", grid=4),
        "swap",
        "mixes orbitals",
        "commutes with the position",
    ),
    "no operator": (lambda: transport(operator=None), "operator", "None", "one of spin_x, spin_y, spin_z"),
    "unknown operator": (lambda: transport(operator="spin"), "operator", "'spin'", "spin_x, spin_y, spin_z"),
    "unknown model": (lambda: cc.build_model("hofstadter"), "model name", "'hofstadter'", "rashba_square"),
    "unknown parameter": (lambda: cc.build_model("haldane", t3=1.0), "parameter", "'t3'", "t2"),
    "parameter NaN": (lambda: cc.build_model("haldane", t2=np.nan), "parameter t2", "nan", "a finite number"),
    "parameter too large": (
        lambda: cc.build_model("rashba_continuum", winding=3, k_max=2.0),
        "k_max",
        "2.0",
        "where the lower band turns over",
    ),
    "grid of zero": (lambda: transport(grid=0), "grid", "0", "positive integer"),
    "grid below zero": (lambda: transport(grid=(4, -4)), "grid", "(4, -4)", "positive integer"),
    "grid of a fraction": (lambda: transport(grid=4.5), "grid", "4.5", "positive integer"),
    "grid of three": (lambda: transport(grid=(4, 4, 4)), "grid", "(4, 4, 4)", "2 of them"),
    "no grid": (lambda: transport(grid=None), "grid", "None", "points per axis"),
    "shift NaN": (lambda: transport(shift=np.nan), "shift", "nan", "number"),
    "temperature zero": (lambda: transport(temperature=0), "temperature", "0", "positive"),
    "temperature below zero": (lambda: transport(temperature=[300, -1]), "temperature", "[300, -1]", "positive"),
    "temperature NaN": (lambda: transport(temperature=np.nan), "temperature", "nan", "positive"),
    "mu NaN": (lambda: transport(mu=[0, np.nan]), "mu", "[0, nan]", "finite"),
    "mu of a text": (lambda: transport(mu="gap"), "mu", "'gap'", "finite"),
    "mu of a table": (lambda: transport(mu=[[0.0]]), "mu", "[[0.0]]", "a list"),
    "no mu": (lambda: transport(mu=None), "mu", "None", "in eV"),
    "no temperature": (lambda: transport(temperature=[]), "temperature", "[]", "in kelvin"),
    "chunks of zero": (lambda: transport(chunks=0), "chunks", "0", "a positive integer"),
    "tolerance below zero": (
        lambda: transport(degeneracy_tolerance=-1.0),
        "degeneracy_tolerance",
        "-1.0",
        "zero or more",
    ),
    "band out of range": (lambda: cc.band_geometry(rashba(), "spin_z", grid=4, bands=[2]), "bands", "[2]", "0 to 1"),
    "no band": (lambda: cc.band_geometry(rashba(), "spin_z", grid=4, bands=[]), "bands", "[]", "0 to 1"),
    "unknown quantity": (
        lambda: cc.band_geometry(rashba(), "spin_z", grid=4, quantities=["curvature"]),
        "quantities",
        "'curvature'",
        "berry_curvature",
    ),
    "k points of one number": (
        lambda: cc.band_geometry(rashba(), "spin_z", kpoints=[0.0, 1.0]),
        "kpoints",
        "(2,)",
        "(N, 2)",
    ),
    "k points in 3D": (
        lambda: cc.band_geometry(rashba(), "spin_z", kpoints=np.zeros((4, 3))),
        "kpoints",
        "(4, 3)",
        "(N, 2)",
    ),
    "k points NaN": (lambda: cc.band_geometry(rashba(), "spin_z", kpoints=[[0, np.nan]]), "kpoints", "NaN", "finite"),
    "grid and k points": (
        lambda: cc.band_geometry(rashba(), "spin_z", grid=4, kpoints=[[0, 0]]),
        "grid",
        "4",
        "only one of them",
    ),
    "neither": (lambda: cc.band_geometry(rashba(), "spin_z"), "grid", "None", "either `grid` or `kpoints`"),
    "superconductor of a normal model": (
        lambda: cc.superconductor(rashba(), grid=4),
        "model",
        "normal",
        "a superconductor",
    ),
    "mu of a superconductor": (
        lambda: cc.equilibrium(cc.build_model("d_id_square"), grid=4, mu=0.3),
        "mu",
        "0.3",
        "a parameter of its model",
    ),
    "sums of k points": (
        lambda: cc.accumulate(
            cc.band_geometry(rashba(), "spin_z", kpoints=[[0, 0]]), ["velocity"], cc.EnergyMesh.covering(0, 300)
        ),
        "chunk",
        "explicit k-points",
        "grid=",
    ),
    "mu outside the sums": (lambda: cc.evaluate(sums_of(rashba()), 2.0, 3000), "mu", "2.0", "0.0 to 1.0 eV"),
    "T outside the sums": (
        lambda: cc.evaluate(sums_of(rashba()), 0.5, 300),
        "temperature",
        "300.0",
        "3000.0 to 3000.0 K",
    ),
    "the same points twice": (lambda: cc.merge([sums_of(rashba())] * 2), "sums", "twice", "disjoint"),
    "sums of two models": (
        lambda: cc.merge([sums_of(rashba()), sums_of(cc.build_model("rashba_square", alpha=0.1))]),
        "sums",
        "0.1",
        "0.5",
    ),
    "no sums": (lambda: cc.merge([]), "sums", "[]", "at least one"),
    "a model without a file": (lambda: cc.load_model("absent.nc"), "model file", "absent.nc", "a file that exists"),
    "a folder that is absent": (
        lambda: cc.save_model(rashba(), "absent/a.nc"),
        "path",
        "absent/a.nc",
        "a folder that exists",
    ),
}


@pytest.mark.parametrize("case", PYTHON)
def test_the_python_interface(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    call, key, given, allowed = PYTHON[case]
    with pytest.raises(InputError) as caught:
        call()
    check_message(str(caught.value), key, given, allowed)
    assert list(tmp_path.iterdir()) == []
