"""Bad arguments of the Python interface end in one `InputError`: key, what was given, what is allowed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.sums.variables import Term, Variable
from tests.workflow.messages import check_message, sums_of

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def rashba() -> cc.Model:
    return cc.build_model("rashba_square")


def dimer() -> cc.Model:
    """Two orbitals at different positions, and an operator that hops between them."""
    return cc.TightBinding([[1.0]], [[0]], [PAULI[0]], [[0.0], [0.5]], {"swap": PAULI[0]})


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the grid step does not resolve")
        yield


def level(points: int, **parameters: float) -> xr.Dataset:
    """A response on one grid."""
    model = cc.build_model("rashba_square", **parameters)
    return cc.transport(model, operator="spin_z", grid=points, mu=0.5, temperature=6000.0, variables=["sigma_hall"])


def transport(**changes: object) -> xr.Dataset:
    arguments = {"operator": "spin_z", "grid": 4, "mu": 0.5, "temperature": 3000.0}
    return cc.transport(rashba(), **(arguments | changes))


def function_model(h: Callable, **arguments: object) -> cc.Model:
    return cc.from_function(h, **({"dim": 1, "lattice": [[1.0]]} | arguments))


def bands(**changes: object) -> xr.Dataset:
    return cc.band_geometry(rashba(), operator="spin_z", **({"grid": 4} | changes))


def accumulate(chunk: xr.Dataset, **changes: object) -> xr.Dataset:
    arguments = {"quantities": ["velocity"], "mesh": cc.EnergyMesh.covering(0.0, 3000.0)}
    return cc.accumulate(chunk, **(arguments | changes))


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
        lambda: cc.band_geometry(dimer(), operator="swap", grid=4),
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
    "band out of range": (
        lambda: cc.band_geometry(rashba(), operator="spin_z", grid=4, bands=[2]),
        "bands",
        "[2]",
        "0 to 1",
    ),
    "no band": (lambda: cc.band_geometry(rashba(), operator="spin_z", grid=4, bands=[]), "bands", "[]", "0 to 1"),
    "unknown quantity": (
        lambda: cc.band_geometry(rashba(), operator="spin_z", grid=4, quantities=["curvature"]),
        "quantities",
        "'curvature'",
        "berry_curvature",
    ),
    "k points of one number": (
        lambda: cc.band_geometry(rashba(), operator="spin_z", kpoints=[0.0, 1.0]),
        "kpoints",
        "(2,)",
        "(N, 2)",
    ),
    "k points in 3D": (
        lambda: cc.band_geometry(rashba(), operator="spin_z", kpoints=np.zeros((4, 3))),
        "kpoints",
        "(4, 3)",
        "(N, 2)",
    ),
    "k points NaN": (
        lambda: cc.band_geometry(rashba(), operator="spin_z", kpoints=[[0, np.nan]]),
        "kpoints",
        "NaN",
        "finite",
    ),
    "grid and k points": (
        lambda: cc.band_geometry(rashba(), operator="spin_z", grid=4, kpoints=[[0, 0]]),
        "grid",
        "4",
        "only one of them",
    ),
    "neither": (lambda: cc.band_geometry(rashba(), operator="spin_z"), "grid", "None", "either `grid` or `kpoints`"),
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
            cc.band_geometry(rashba(), operator="spin_z", kpoints=[[0, 0]]),
            ["velocity"],
            cc.EnergyMesh.covering(0, 300),
        ),
        "chunk",
        "explicit k-points",
        "grid=",
    ),
    "mu outside the sums": (
        lambda: cc.evaluate(sums_of(rashba()), mu=2.0, temperature=3000),
        "mu",
        "2.0",
        "0.0 to 1.0 eV",
    ),
    "T outside the sums": (
        lambda: cc.evaluate(sums_of(rashba()), mu=0.5, temperature=300),
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
    "no file name": (lambda: cc.load_model(None), "model file", "None", "a file name"),
    "no file name to save": (lambda: cc.save_model(rashba(), None), "path", "None", "a file name"),
    "no file name to read": (lambda: cc.read_dataset(None), "path", "None", "a file name"),
    "dim of text": (lambda: function_model(lambda k: k, dim="1"), "dim", "'1'", "1, 2 or 3"),
    "bands of a text": (lambda: cc.band_geometry("haldane", grid=4), "model", "'haldane'", "build_model"),
    "grid of no model": (lambda: cc.KGrid.of(None, 4), "model", "None", "build_model"),
    "equilibrium of nothing": (lambda: cc.equilibrium(None, grid=4, mu=0), "model", "None", "build_model"),
    "transport of a text": (lambda: cc.transport("haldane", grid=4, mu=0), "model", "'haldane'", "build_model"),
    "transport of a class": (lambda: cc.transport(cc.TightBinding, grid=4, mu=0), "model", "class", "build_model"),
    "superconductor of nothing": (lambda: cc.superconductor(None, grid=4), "model", "None", "build_model"),
    "transport of a superconductor": (
        lambda: cc.transport(cc.build_model("d_id_square"), grid=4),
        "model",
        "d_id_square, a superconductor",
        "`thermal` has alpha_intrinsic",
    ),
    "grid of another model": (
        lambda: cc.transport(cc.build_model("haldane"), operator="charge", grid=cc.KGrid.of(rashba(), 48), mu=0),
        "grid",
        "a KGrid of another model",
        "KGrid.of(haldane, ...)",
    ),
    "grid of another dimension": (
        lambda: cc.band_geometry(dimer(), operator=np.eye(2), grid=cc.KGrid.of(rashba(), 4)),
        "grid",
        "a KGrid of another model",
        "points per axis",
    ),
    "shift beside a grid": (
        lambda: transport(grid=cc.KGrid.of(rashba(), 4), shift=0.5),
        "shift",
        "0.5",
        "nothing beside a KGrid",
    ),
    "shard of text": (lambda: cc.KGrid.of(rashba(), 4).shard("a", 2), "shard", "'a'", "an integer from 0 to 1"),
    "shard of a fraction": (lambda: cc.KGrid.of(rashba(), 4).shard(0.5, 2), "shard", "0.5", "an integer from 0 to 1"),
    "no shards": (lambda: cc.KGrid.of(rashba(), 4).shard(0, 0), "shards", "0", "a positive integer"),
    "near of text": (lambda: bands(near_pairs="a"), "near_pairs", "'a'", "a finite energy in eV"),
    "near NaN": (lambda: bands(near_pairs=np.nan), "near_pairs", "nan", "a finite energy in eV"),
    "near below zero": (lambda: bands(near_pairs=-1), "near_pairs", "-1", "zero or more"),
    "one quantity": (lambda: bands(quantities=5), "quantities", "5", "a list of names"),
    "a quantity without a list": (lambda: bands(quantities="velocity"), "quantities", "'velocity'", "a list of names"),
    "complex tolerance": (
        lambda: transport(degeneracy_tolerance=1e-6j),
        "degeneracy_tolerance",
        "1e-06j",
        "a finite energy in eV",
    ),
    "complex k points": (lambda: bands(grid=None, kpoints=[[0j, 1j]]), "kpoints", "complex128", "(N, 2)"),
    "complex mu": (lambda: transport(mu=np.array([0j])), "mu", "0.+0.j", "finite"),
    "mu of a text that is a number": (lambda: transport(mu="0.5"), "mu", "'0.5'", "finite"),
    "mu of a truth": (lambda: transport(mu=True), "mu", "True", "finite"),
    "temperature of a text that is a number": (
        lambda: transport(temperature="300"),
        "temperature",
        "'300'",
        "positive",
    ),
    "mesh of too many nodes": (
        lambda: transport(mu=[-1, 1], temperature=1e-3),
        "temperature",
        "0.001 K for mu from -1 to 1 eV",
        "4,000,000 nodes",
    ),
    "mesh of too much mu": (lambda: transport(mu=[-1e6, 1e6]), "temperature", "from -1e+06 to 1e+06 eV", "nodes"),
    "temperature next to zero": (lambda: transport(temperature=1e-320), "temperature", "1e-320", "from 1e-06 to 1e+07"),
    "sums of nothing": (lambda: accumulate(bands(), quantities=[]), "quantities", "[]", "at least one"),
    "sums without a mesh": (lambda: accumulate(bands(), mesh=None), "mesh", "None", "EnergyMesh.covering"),
    "sums of no bands": (lambda: accumulate(xr.Dataset()), "chunk", "a Dataset", "`band_geometry(grid=...)`"),
    "sums of a band twice": (lambda: accumulate(bands(bands=[1, 1])), "chunk", "a selection of bands", "each once"),
    "sums of a point 16 times": (
        lambda: accumulate(bands().isel(k=[3] * 16)),
        "chunk",
        "a selection of k-points",
        "all points",
    ),
    "sums of some points": (
        lambda: accumulate(bands().isel(k=[0, 1])),
        "chunk",
        "a selection of k-points",
        "all points",
    ),
    "values of no sums": (
        lambda: cc.evaluate(xr.Dataset(), mu=0, temperature=300),
        "sums",
        "a Dataset",
        "`accumulate` or `merge`",
    ),
    "merging numbers": (lambda: cc.merge([1]), "sums", "a int", "`accumulate` or `merge`"),
    "merging a number": (lambda: cc.merge(1), "sums", "1", "a list of datasets"),
    # beyond what a machine could do
    "a grid that never ends": (lambda: transport(grid=10**9), "grid", "1000000000", "from 1 to 16,777,216"),
    "a grid beyond whole numbers": (lambda: transport(grid=10**30), "grid", "1000", "from 1 to 16,777,216"),
    "a grid of too many digits": (lambda: transport(grid=10**5000), "grid", "<int>", "from 1 to 16,777,216"),
    "too many points": (lambda: transport(grid=10**6), "grid", "1000000", "at most 68,719,476,736 points in all"),
    "too many chunks": (lambda: transport(grid=10**5, chunks=1), "chunks", "10,000,000,000 chunks", "larger ones"),
    "too many lazy chunks": (lambda: bands(grid=10**5), "chunks", "305,176 chunks", "at most 32,768 chunks"),
    "a chunk of all": (lambda: transport(chunks=10**9), "chunks", "1000000000", "from 1 to 4,194,304"),
    "a shift of many steps": (lambda: transport(shift=1e30), "shift", "1e+30", "from -1 to 1"),
    "too many shards": (lambda: cc.KGrid.of(rashba(), 4).shard(0, 10**6), "shards", "1000000", "from 1 to 1,000"),
    "all levels one group": (
        lambda: transport(degeneracy_tolerance=1e30),
        "degeneracy_tolerance",
        "1e+30",
        "zero or more, at most 1",
    ),
    "temperature of a star": (lambda: transport(temperature=1e30), "temperature", "1e+30", "from 1e-06 to 1e+07"),
    "mu of no electron": (lambda: transport(mu=1e30), "mu", "1e+30", "from -1e+06 to 1e+06"),
    "too many values": (
        lambda: transport(mu=np.linspace(0, 1, 10_000), temperature=np.linspace(100, 200, 1000)),
        "mu",
        "10,000 values, and 1,000 of temperature",
        "at most 1,000,000 pairs",
    ),
    "a parameter beyond rounding": (
        lambda: cc.build_model("haldane", t2=1e30),
        "parameter t2 of the model haldane",
        "1e+30",
        "at most 1e+12",
    ),
    "hoppings beyond rounding": (
        lambda: cc.TightBinding([[1.0]], [[0]], [[[1e200]]]),
        "hoppings",
        "holds 1e+200",
        "at most 1e+12",
    ),
    "too fine a search": (
        lambda: cc.disorder(cc.build_model("massive_dirac"), mu=1.0, operator="spin_z", grid=10**6, hall_grid=None),
        "grid",
        "1000000",
        "from 8 to 2,048",
    ),
    # masks
    "masked mu": (lambda: transport(mu=np.ma.array([0.5, 1], mask=[0, 1])), "mu", "masked elements", "a list of"),
    "masked temperature": (lambda: transport(temperature=[300, np.ma.masked]), "temperature", "masked", "in kelvin"),
    "a masked operator": (
        lambda: transport(operator=np.ma.array(PAULI[2], mask=np.eye(2))),
        "operator",
        "masked elements",
        "a Hermitian matrix",
    ),
    "masked k points": (
        lambda: bands(grid=None, kpoints=[np.ma.array([0.1, 0.2], mask=[0, 1])]),
        "kpoints",
        "masked elements",
        "Cartesian k",
    ),
    "a velocity that is none": (
        lambda: function_model(
            lambda k: (k**2)[:, :, None], lattice=None, k_max=1.0, velocity=lambda k: 0 * k[..., None, None]
        ),
        "velocity",
        "differs from dh/dk by",
        "the derivative of h",
    ),
    # results of another kind
    "values of responses": (
        lambda: cc.evaluate(level(8), mu=0.5, temperature=3000),
        "sums",
        "without fastest",
        "`accumulate` or `merge`",
    ),
    "merging responses": (lambda: cc.merge([level(8)]), "sums", "without fastest", "`accumulate` or `merge`"),
    "a verdict on sums": (lambda: cc.judge([sums_of(rashba())], 0.1), "levels", "without variables", "responses on"),
    "a verdict on a text": (lambda: cc.judge("levels", 0.1), "levels", "a str", "responses on"),
    "a verdict without a tolerance": (lambda: cc.judge([level(8)], 0), "tolerance", "0", "from 1e-15 to 1"),
    "a verdict on two models": (
        lambda: cc.judge([level(8), level(16, alpha=0.1)], 0.1),
        "levels",
        "responses of different models",
        "one model",
    ),
    "a variable of no window": (
        lambda: cc.evaluate(
            sums_of(rashba()), {"a": Variable((Term("step", "velocity"),), ("i",))}, mu=0.5, temperature=3000
        ),
        "what: window of a",
        "'step'",
        "occupation",
    ),
    "no name of a file": (lambda: cc.save_model(rashba(), ""), "path", "''", "a file name"),
    "a name with a NUL": (lambda: cc.save_model(rashba(), "a\0b.nc"), "path", "'a\\x00b.nc'", "a file name"),
    "a name that is too long": (lambda: cc.save_model(rashba(), "a" * 250), "a" * 250, "File name too long", "written"),
    "a device": (lambda: cc.save_model(rashba(), "/dev/null"), "/dev/null", "a device", "a file that can be written"),
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
