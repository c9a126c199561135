"""Grids with one number of points per axis: a slab is the layer that it holds, and every axis has its own step."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.models import Model
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.units import KELVIN
from tests.identities.random_models import random_model
from tests.identities.symmetric_models import symmetric_model

ROUNDING = 5e-12
"""Of the scale: as in test_folding, an integrand at k and at its image differ by rounding of H over the square of a gap
of a thirtieth of H. Without images it is a tenth: sums of some hundred numbers in another order."""
MESH = cc.EnergyMesh.covering([-0.5, 0.5], 3000.0)


def slab(layer: cc.TightBinding, height: float, hopping: float = 0.0) -> cc.TightBinding:
    """A layer in a cell of that height (angstrom), with a hopping (eV) to the next one above."""
    lattice = np.zeros((3, 3))
    lattice[:2, :2], lattice[2, 2] = layer.lattice, height
    R, up = np.c_[layer.R, np.zeros(len(layer.R), int)], [[0, 0, 1], [0, 0, -1]]
    hoppings = np.concatenate([layer.hoppings, [hopping * np.eye(layer.num_bands)] * 2])
    positions = np.c_[layer.positions, np.zeros(layer.num_bands)]
    operators = {name: (one.matrix, one.unit) for name, one in layer.operators.items()}
    return cc.TightBinding(lattice, np.concatenate([R, up]), hoppings, positions, operators)


def cosines(*hoppings: float, lattice: object = None) -> cc.TightBinding:
    """-sum_a 2 t_a cos k.a_a, twice, so that s = sigma_z is an operator."""
    dim = len(hoppings)
    R = np.concatenate([np.eye(dim, dtype=int), -np.eye(dim, dtype=int)])
    t = -np.array([*hoppings, *hoppings])[:, None, None] * np.eye(2)
    lattice = np.eye(dim) if lattice is None else lattice
    return cc.TightBinding(lattice, R, t, np.zeros((2, dim)), {"s": (np.diag([0.5, -0.5]), "hbar")})


def resolution(
    model: Model, grid: object, mu: float = 0.0, temperature: float = 3000.0, symmetry: str = "off"
) -> float:
    """|v.step|/(pi k_B T) of a response, whatever it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = cc.transport(
            model, operator="s", grid=grid, mu=mu, temperature=temperature, variables=["sigma_hall"], symmetry=symmetry
        )
    return result.temperature_resolution.item()


@pytest.mark.parametrize("symmetry", ["auto", "off"])
@pytest.mark.parametrize("height", [0.3, 20.0])
def test_a_slab_is_its_layer(height: float, symmetry: str) -> None:
    """Densities per area are those per volume times the height, and no grid along the height is too coarse."""
    layer = cc.build_model("kane_mele")
    names = ["sigma_conventional", "sigma_intrinsic", "alpha_intrinsic", "torque_dipole_density", "net_current"]
    settings = {"operator": "spin_z", "mu": [0.0, 0.8], "temperature": [2000.0, 4000.0], "variables": names}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        two = cc.respond(layer, ["transport", "equilibrium"], grid=48, symmetry=symmetry, **settings)
        three = cc.respond(
            slab(layer, height), ["transport", "equilibrium"], grid=(48, 48, 1), symmetry=symmetry, **settings
        )
    for name in names:
        plane = {axis: ["x", "y"] for axis in ("i", "l") if axis in two[name].dims}
        assert float(two[f"{name}_scale"].min()) > 0
        difference = abs(three[name].sel(plane) * height - two[name])
        assert float((difference / two[f"{name}_scale"]).max()) < ROUNDING, name
    xr.testing.assert_allclose(three.temperature_resolution, two.temperature_resolution, rtol=ROUNDING)


SERIES = [  # a model, and the first grid of a series
    ("flat last", lambda: slab(cc.build_model("kane_mele"), 5.0), (4, 4, 1)),
    ("random", lambda: random_model(3, 3, 2), (4, 6, 1)),
    ("random, flat first", lambda: random_model(3, 3, 2), (1, 4, 4)),
    ("one line", lambda: random_model(4, 2, 3), (6, 1)),
    ("both double", lambda: random_model(4, 2, 3), (4, 8)),
    ("folded", lambda: symmetric_model("tetragonal", 2), (4, 4, 1)),
    ("folded, anisotropic", lambda: symmetric_model("square", 2), (4, 8)),
    ("hexagonal", lambda: symmetric_model("hexagonal", 2), (6, 6)),
    ("hexagonal, skew", lambda: symmetric_model("hexagonal", 2), (4, 8)),
    ("box", lambda: cc.build_model("rashba_continuum"), (4, 1)),
    ("box, anisotropic", lambda: cc.build_model("rashba_continuum"), (4, 8)),
]


@pytest.mark.parametrize("symmetry", ["auto", "off"])
@pytest.mark.parametrize(("build", "first"), [one[1:] for one in SERIES], ids=[one[0] for one in SERIES])
def test_levels_and_shards_add_up_to_the_whole_grid(build, first: tuple[int, ...], symmetry: str) -> None:
    """Sums over three levels, in three shards each, against the last grid at once, of all its points."""
    model = build()
    operator, names = next(iter(model.operators)), state_sums_of(["transport"], model.dim)
    shapes = [tuple(n if n == 1 else n << level for n in first) for level in range(3)]
    levels = [cc.KGrid.of(model, shape, only_new=level > 0, closed=True) for level, shape in enumerate(shapes)]
    parts = [level.shard(number, 3) for level in levels for number in range(3)]
    added = cc.merge(sums_on_grid(model, names, operator, part, MESH, symmetry=symmetry, chunks=7) for part in parts)
    whole = sums_on_grid(model, names, operator, cc.KGrid.of(model, shapes[-1], closed=True), MESH)
    assert added.attrs["points"] == whole.attrs["points"]
    assert added.attrs["grid"] == whole.attrs["grid"]
    for name in names:
        size = float(whole[f"{name}_absolute"].max()) or 1.0
        for part in (name, f"{name}_absolute", f"{name}_below"):
            assert float(abs(added[part] - whole[part]).max()) < ROUNDING * size, part
    np.testing.assert_allclose(added.fastest, whole.fastest, rtol=ROUNDING, atol=ROUNDING * float(whole.fastest.max()))
    assert float(added.longest_step) == float(whole.longest_step)
    if symmetry == "auto" and "folded" in next(one[0] for one in SERIES if one[1] is build):
        assert added.attrs["symmetry_points"] < whole.attrs["points"] / 2


@pytest.mark.parametrize("shape", [(64, 8), (8, 64), (8, 8)])
def test_the_coarsest_axis_decides(shape: tuple[int, int]) -> None:
    """dE/dk_a = 2 t_a sin k_a, at most 2 t_a, mid-band too: at k = (pi/2, pi/2), a point of all these grids."""
    t, temperature = (1.0, 0.25), 3000.0
    expected = max(2 * one * 2 * np.pi / n for one, n in zip(t, shape, strict=True)) / (np.pi * KELVIN * temperature)
    for lattice in (None, np.diag([1.0, 7.0]), [[1.0, 0.0], [0.5, 2.0]]):  # the cell's shape is not the bands'
        for symmetry in ("auto", "off"):
            found = resolution(cosines(*t, lattice=lattice), shape, temperature=temperature, symmetry=symmetry)
            assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("points", [1, 2])
def test_bands_along_an_axis_with_one_or_two_points_are_looked_at(points: int) -> None:
    """At k_z = 0 and pi their velocity is zero; between, |v.step| is at most 2 t_z 2 pi/n, of which a grid of 8 sees
    cos(pi/8) = 0.924 at least."""
    temperature, unit = 3000.0, 2 * 2 * np.pi / (np.pi * KELVIN * 3000.0)
    for t in (0.3, -1.0):
        found = resolution(cosines(1.0, 1.0, t), (64, 64, points), temperature=temperature)
        assert 0.92 * abs(t) / points <= found / unit <= abs(t) / points
    flat = resolution(cosines(1.0, 1.0, 0.0), (64, 64, points), temperature=temperature)
    assert flat == pytest.approx(unit / 64, rel=1e-12)
    assert resolution(cosines(1.0, 1.0, 0.3), (64, 64, points), mu=50.0) == 0  # no band is near


SLABS = [(n, n, 1) for n in (96, 192, 384)]


def test_a_layered_crystal_is_no_slab() -> None:
    """One point along z would be called converged, on grid after grid, with a number that is wrong by its own size."""
    model, names = slab(cc.build_model("kane_mele"), 5.0, hopping=0.3), ["sigma_hall"]
    settings = {"operator": "spin_z", "mu": 0.0, "temperature": 1000.0, "variables": names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        *levels, deep = [cc.transport(model, grid=grid, **settings) for grid in [*SLABS, (96, 96, 16)]]
    with pytest.warns(UserWarning, match=r"does not resolve the temperature .*; 96 x 96 x 1 points are for bands"):
        cc.transport(model, grid=SLABS[0], **settings)
    assert abs(levels[-1].sigma_hall - deep.sigma_hall).max() > 0.1 * deep.sigma_hall_scale.max()
    verdict = cc.judge(levels, 0.1)
    assert float(verdict.change.max()) < 0.1
    assert not verdict.converged
    assert "NOT CONVERGED at 384 x 384 x 1 points per axis" in verdict.attrs["summary"]


def test_grids_of_another_series_do_not_add() -> None:
    model = random_model(4, 2, 3)
    of = {"names": ["velocity"], "operator": next(iter(model.operators)), "mesh": MESH}
    for coarse, fine in (((4, 4), (4, 8)), ((4, 4), (8, 12)), ((4, 2), (8, 1))):
        parts = [sums_on_grid(model, grid=cc.KGrid.of(model, coarse), **of)]
        parts.append(sums_on_grid(model, grid=cc.KGrid.of(model, fine, only_new=True), **of))
        with pytest.raises(cc.InputError, match="grids of one series"):
            cc.merge(parts)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (5, 8)])
def test_no_new_points_where_nothing_doubles(shape: tuple[int, int]) -> None:
    with pytest.raises(cc.InputError, match="even numbers"):
        cc.KGrid.of(random_model(4, 2, 3), shape, only_new=True)
