"""Folded grids: sums over irreducible points, symmetrized, are the sums over all points."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.geometry.quantities import COMPANIONS, PACKED
from cc_kernels.grid import KGrid
from cc_kernels.models import Model, build_model
from cc_kernels.models.lattice_operations import lattice_operations
from cc_kernels.responses.registry import RESPONSES, state_sums_of
from cc_kernels.sums.block import work_of
from cc_kernels.sums.evaluation import scale_of
from cc_kernels.sums.expressions import Expression
from cc_kernels.sums.folding import Folding, folding_of, index_map
from cc_kernels.sums.invariance import EXACT
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.sums.plan import plan_of
from cc_kernels.sums.products import PRODUCTS, expression
from cc_kernels.sums.rotated_columns import time_parity
from tests.identities.random_models import with_field
from tests.identities.symmetric_models import is_kept, random_on, symmetric_model, with_perturbation

ROUNDING = 5e-12
"""Of the scale: an integrand at k and at its image differ by rounding, 1e-15 of H, over gaps of a thirtieth of H, twice
for curvatures. (Of grids that meet no such gap it is a tenth.)"""
SPIN = ["spin_x", "spin_y", "spin_z"]
EVERYTHING = [*PRODUCTS, *(name for name in PACKED if name not in ("energy", "group_energy", "below_zero"))]
MESH = cc.EnergyMesh.covering([-0.5, 0.5], 3000.0)


def sums(model: Model, names: list[str], operator: object, grid: object, **keywords: object) -> xr.Dataset:
    return sums_on_grid(model, names, operator, grid, MESH, **keywords)


def largest_difference(one: xr.Dataset, other: xr.Dataset, names: list[str]) -> float:
    """Of X, of sums of |X| and of what is below the mesh, in units of the largest sum of |X|.

    Corrections of near pairs have no floor under their size: their unit is that of what they correct.
    """
    worst = 0.0
    for name in names:
        if name not in one:
            continue
        alike = [like for like in (name, name.replace("near_", "far_")) if like in one]
        size = max(float(one[f"{like}_absolute"].max()) for like in alike)
        for part in (name, f"{name}_absolute", f"{name}_below"):
            worst = max(worst, float(abs(one[part] - other[part]).max()) / (size or 1.0))
    return max(worst, float(abs(one["fastest"] - other["fastest"]).max() / one["fastest"].max()))


GROUPS = [  # operations of each with time reversal, as books have them
    ("chain", 4, "all", 4),
    ("oblique", 2, "all", 4),
    ("rectangular", 4, "all", 8),
    ("rhombic", 2, "all", 8),
    ("square", 2, "all", 16),
    ("square", 4, "magnetic", 8),
    ("hexagonal", 2, "all", 24),
    ("hexagonal", 4, "space", 12),
    ("hexagonal", 4, "magnetic", 12),
    ("tetragonal", 2, "all", 32),
    ("fcc", 4, "all", 96),
    ("fcc", 2, "space", 48),
    ("trigonal", 4, "magnetic", 12),
]


@pytest.mark.parametrize(("lattice", "bands", "keep", "order"), GROUPS)
def test_sums_over_irreducible_points_are_the_sums_over_all(lattice: str, bands: int, keep: str, order: int) -> None:
    """Of every state sum there is, for three operators that rotate into each other, to the last component."""
    model = symmetric_model(lattice, bands, keep=keep)
    grid = {1: 24, 2: 12, 3: 6}[model.dim]
    every = sums(model, EVERYTHING, SPIN, grid)
    folded = sums(model, EVERYTHING, SPIN, grid, symmetry="auto")
    assert len(json.loads(folded.attrs["symmetry_operations"])) == order
    assert folded.attrs["symmetry_points"] < folded.attrs["points"] == grid**model.dim
    assert folded.attrs["symmetry_deviation"] < EXACT
    assert largest_difference(every, folded, EVERYTHING) < ROUNDING


@pytest.mark.parametrize("implementation", ["formulas", "bands", "two bands"])
@pytest.mark.parametrize("lattice", ["square", "hexagonal"])
def test_every_implementation_adds_the_sizes_of_images(lattice: str, implementation: str) -> None:
    model, names = symmetric_model(lattice, 2), [name for name in EVERYTHING if name not in COMPANIONS]
    every, folded = (
        sums(model, names, ["spin_z", "spin_x", "spin_y"], 8, symmetry=symmetry, implementation=implementation)
        for symmetry in ("off", "auto")
    )
    assert folded.attrs["symmetry_points"] < 25
    assert largest_difference(every, folded, names) < ROUNDING


def test_an_operator_alone_keeps_what_leaves_it_as_it_is() -> None:
    """spin_x alone: half turns and mirrors of the square; spin_z: all eight; without a spin: all eight."""
    model = symmetric_model("square", 2)
    for operator, order in (("spin_x", 8), ("spin_z", 16), (["spin_x", "spin_y"], 16), (["spin_x", "spin_z"], 8)):
        folded = sums(model, EVERYTHING, operator, 8, symmetry="auto")
        assert len(json.loads(folded.attrs["symmetry_operations"])) == order, operator
        assert largest_difference(sums(model, EVERYTHING, operator, 8), folded, EVERYTHING) < ROUNDING


NAMED = [  # point group of all operations, how many with those that reverse time, and whether time reversal is one
    ("rashba_square", {}, "spin_z", "4mm", 16, 1),
    ("rashba_square", {"bz": 0.2}, "spin_z", "4mm", 8, 0),
    ("rashba_square", {"bx": 0.2}, "spin_z", "2mm", 4, 0),
    ("kane_mele", {}, SPIN, "3m", 12, 1),
    ("kane_mele", {"lambda_v": 0.0}, "spin_z", "6mm", 24, 1),
    ("haldane", {}, "charge", "3m", 6, 0),
    ("haldane", {"delta": 0.0}, "charge", "6mm", 12, 0),
    ("rashba_continuum", {}, "spin_z", "4mm", 16, 1),
    ("d_id_square", {}, "charge", "4mm", 8, 0),
]


@pytest.mark.parametrize(("name", "parameters", "operator", "symbol", "order", "has_reversal"), NAMED)
def test_named_models(
    name: str, parameters: dict, operator: object, symbol: str, order: int, has_reversal: int
) -> None:
    model = build_model(name, **parameters)
    every, folded = (sums(model, EVERYTHING, operator, 12, symmetry=one) for one in ("off", "auto"))
    assert (folded.attrs["symmetry"], folded.attrs["symmetry_time_reversal"]) == (symbol, has_reversal)
    assert len(json.loads(folded.attrs["symmetry_operations"])) == order
    assert largest_difference(every, folded, EVERYTHING) < ROUNDING
    assert "symmetry" not in every.attrs


@pytest.mark.parametrize("call", ["equilibrium", "transport", "companions"])
def test_responses_agree_and_what_vanishes_is_zero(call: str) -> None:
    """All variables; forbidden components are exact zeros, and scales do not shrink."""
    model = symmetric_model("hexagonal", 4)
    every, folded = (
        getattr(cc, call)(model, operator=SPIN, grid=24, mu=[1.0, 2.0], temperature=3000, symmetry=one)
        for one in ("off", "auto")
    )
    assert folded.attrs["symmetry"] == "6mm"
    for name in (name for name in every.data_vars if f"{name}_scale" in every):
        difference = abs(every[name] - folded[name]) / scale_of(every, name)
        assert float(difference.max()) < ROUNDING
        assert np.allclose(folded[f"{name}_scale"], every[f"{name}_scale"], rtol=1e-9, atol=0)
    if call == "transport":
        assert not folded.sigma_intrinsic.sel(operator="spin_z", i="x", l="x").any()


@pytest.mark.parametrize(("name", "lattice"), [("sites", "fcc"), ("sites", "hexagonal"), ("box", "")])
def test_levels_and_shards_add_up(name: str, lattice: str) -> None:
    """Of a doubled grid the new points fold among themselves; shards are parts of its irreducible points."""
    model = symmetric_model(lattice, 2) if name == "sites" else build_model("rashba_continuum")
    operator = SPIN if name == "sites" else "spin_z"
    names, n = state_sums_of(["transport"], model.dim), 4 if model.dim == 3 else 8
    grids = [KGrid.of(model, n, closed=True), KGrid.of(model, 2 * n, only_new=True, closed=True)]
    parts = [grid.shard(number, 3) for grid in grids for number in range(3)]
    folded = cc.merge(sums(model, names, operator, part, symmetry="auto", chunks=5) for part in parts)
    whole = sums(model, names, operator, KGrid.of(model, 2 * n, closed=True), symmetry="auto")
    assert folded.attrs["points"] == whole.attrs["points"]
    assert folded.attrs["symmetry_points"] == whole.attrs["symmetry_points"] < folded.attrs["points"] / 3
    every = sums(model, names, operator, KGrid.of(model, 2 * n, closed=True))
    assert largest_difference(every, folded, names) < ROUNDING
    with pytest.raises(cc.InputError, match="symmetry"):
        cc.merge([sums(model, names, operator, grids[0]), sums(model, names, operator, grids[1], symmetry="auto")])


@pytest.mark.parametrize("symmetry", ["auto", {"point_group": "3m"}])
def test_sums_without_an_operator_fold_whatever_operators_there_are(symmetry: object) -> None:
    model = build_model("kane_mele")
    every, *folded = (
        sums(model, ["berry_curvature"], operator, 12, symmetry=one)
        for operator, one in (("spin_z", "off"), ("spin_z", symmetry), (SPIN, symmetry))
    )
    for one in folded:
        assert one.attrs["symmetry"] == "3m"
        assert largest_difference(every, one, ["berry_curvature"]) < ROUNDING


def test_bytes_do_not_depend_on_who_computes() -> None:
    """The same chunks give the same bytes, by threads or not, and other chunks the same numbers."""
    import dask

    model, names = symmetric_model("square", 2), state_sums_of(["transport"], 2)
    with dask.config.set(scheduler="synchronous"):
        alone = sums(model, names, "spin_z", 600, symmetry="auto", chunks=3000)
    with dask.config.set(scheduler="threads", num_workers=3):
        shared = sums(model, names, "spin_z", 600, symmetry="auto", chunks=3000)
    assert alone.identical(shared)
    assert largest_difference(sums(model, names, "spin_z", 600, symmetry="auto"), alone, names) < ROUNDING


@pytest.mark.parametrize("lattice", ["square", "hexagonal", "fcc"])
@pytest.mark.parametrize("size", [1e-6, 1e-8])
def test_a_small_perturbation_is_not_folded_away(lattice: str, size: float) -> None:
    """Random hoppings of a millionth of those of the model: nothing but the identity is left."""
    model = with_perturbation(symmetric_model(lattice, 4), lattice, size)
    result = sums(model, state_sums_of(["transport"], model.dim), SPIN, 4, symmetry="auto")
    assert json.loads(result.attrs["symmetry_operations"]) == [",".join("xyz"[: model.dim])]
    assert result.attrs["symmetry_points"] == result.attrs["points"]


@pytest.mark.parametrize("far", [0.0, 1e5])
def test_a_far_level_does_not_loosen_the_check(far: float) -> None:
    """Two of six levels at 1e5 eV, as a hard wall has them, are no measure for a perturbation of the others."""
    exact = symmetric_model("square", 6)
    wall = np.diag([0, 0, 0, 0, far, far])
    for size, order in ((0.0, 16), (1e-6, 1)):
        model = with_field(with_perturbation(exact, "square", size), wall)
        result = sums(model, state_sums_of(["transport"], 2), SPIN, 4, symmetry="auto")
        assert len(json.loads(result.attrs["symmetry_operations"])) == order


def test_what_breaks_time_reversal_alone_leaves_the_rest() -> None:
    """A field along z of 1e-6 eV: what rotates about z stays, and what reverses it goes with time reversal."""
    result = sums(build_model("rashba_square", bz=1e-6), ["s_dipole", "berry_curvature"], "spin_z", 8, symmetry="auto")
    assert (result.attrs["symmetry_time_reversal"], result.attrs["symmetry"]) == (0, "4mm")
    operations = json.loads(result.attrs["symmetry_operations"])
    assert {one for one in operations if not one.endswith("'")} == {"x,y", "-x,-y", "y,-x", "-y,x"}


def test_what_is_asserted_is_used_and_measured() -> None:
    """A model that is broken by 1e-4 eV: folded by assertion; values are means over images, and the dataset says by
    how much the model breaks it. Without time reversal no level is double, so that results are as exact as the model.
    """
    lattice, claim = "square", {"point_group": "4"}
    exact = symmetric_model(lattice, 2, keep="magnetic")
    apart, deviation = {}, {}
    for size in (0.0, 1e-5, 1e-4):
        model = with_perturbation(exact, lattice, size)
        every, folded = (
            cc.transport(model, operator=SPIN, grid=24, mu=[-0.1, 0.3], temperature=3000, symmetry=one)
            for one in ("off", claim)
        )
        assert folded.attrs["symmetry_points"] == (24**2 - 4) / 4 + 2 + 1  # two fixed points and a pair
        apart[size] = max(
            float((abs(every[n] - folded[n]) / scale_of(every, n)).max()) for n in RESPONSES["transport"](2)
        )
        deviation[size] = folded.attrs["symmetry_deviation"], folded.attrs["symmetry_deviation_of_levels"]
    assert max(apart[0.0], *deviation[0.0]) < ROUNDING
    for size in (1e-5, 1e-4):
        assert size / 10 < apart[size] < 100 * size
        assert size / 10 < min(deviation[size])
        assert max(deviation[size]) < 100 * size
    assert 9 < apart[1e-4] / apart[1e-5] < 11


CONTRADICTIONS = [
    ("haldane", {}, "charge", {"time_reversal": True}, "symmetry.time_reversal.*no time reversal"),
    ("rashba_square", {"bz": 0.3}, "spin_z", {"point_group": "4mm", "time_reversal": True}, "time_reversal"),
    ("massive_dirac", {}, "charge", {"time_reversal": True}, "time_reversal"),  # E(-k) = E(k): curvatures tell
    ("haldane", {}, "charge", {"point_group": "6mm"}, "symmetry.point_group.*not among its symmetries"),
    ("haldane", {}, "charge", {"point_group": "4mm"}, "one that the lattice has: 1, m, 2, 3, 2mm, 6, 3m, 6mm"),
    ("rashba_square", {"bx": 0.3}, "spin_z", {"point_group": "4"}, "symmetry.point_group"),
    ("rashba_square", {}, "spin_z", {"point_group": "4mm", "inversion": True}, "symmetry"),
    ("rashba_square", {}, "spin_z", {"point_group": ["4mm"]}, "symmetry.point_group"),
    ("rashba_square", {}, "spin_z", {"time_reversal": "yes"}, "symmetry.time_reversal"),
    ("rashba_square", {}, "spin_z", "on", 'symmetry: got .on.; allowed: "auto", "off"'),
    ("rashba_square", {}, "spin_z", None, "symmetry"),
]


@pytest.mark.parametrize(("name", "parameters", "operator", "claim", "message"), CONTRADICTIONS)
def test_claims_that_are_wrong_are_refused(
    name: str, parameters: dict, operator: str, claim: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, and before any grid is summed."""
    monkeypatch.setattr("cc_kernels.sums.on_grid._total", lambda *_: pytest.fail("a grid was summed"))
    with pytest.raises(cc.InputError, match=message):
        cc.transport(build_model(name, **parameters), operator=operator, grid=64, mu=0.0, symmetry=claim)


def test_an_asserted_group_has_the_direction_that_the_model_has() -> None:
    """3m on a hexagonal lattice has its mirrors through corners or through edges; the model says which."""
    model, names = build_model("kane_mele"), state_sums_of(["transport"], 2)
    auto = sums(model, names, "spin_z", 12, symmetry="auto")
    claimed = sums(model, names, "spin_z", 12, symmetry={"point_group": "3m", "time_reversal": True})
    one, other = (set(json.loads(result.attrs["symmetry_operations"])) for result in (auto, claimed))
    assert one == other


def test_a_component_of_the_spin_is_checked_with_the_others() -> None:
    """The cubic group turns spin_z into spin_x: of it, 4/mmm with the axis z is left for spin_z alone."""
    model = symmetric_model("fcc", 4)
    claim = {"point_group": "m-3m", "time_reversal": True}
    alone = sums(model, ["velocity_dipole"], "spin_z", 4, symmetry=claim)
    assert alone.attrs["symmetry"] == "4/mmm"
    assert sums(model, ["velocity_dipole"], SPIN, 4, symmetry=claim).attrs["symmetry"] == "m-3m"


GRIDS = [
    ("square", (8, 8), 0.0, False),
    ("square", (8, 6), 0.0, False),  # no quarter turns
    ("square", (8, 16), 0.0, False),
    ("square", (6, 6), 0.5, False),
    ("square", (6, 6), (0.5, 0.0), False),
    ("square", (6, 6), 0.3, False),  # nothing but the identity, and half a turn with time reversal
    ("square", (12, 12), 0.0, True),
    ("hexagonal", (9, 9), 0.0, False),
    ("hexagonal", (12, 6), 0.0, False),
    ("hexagonal", (9, 9), 0.5, False),
    ("hexagonal", (12, 12), 0.0, True),
    ("rhombic", (7, 7), 0.0, False),
    ("rectangular", (6, 10), 0.5, False),
    ("chain", (10,), 0.0, False),
    ("chain", (12,), 0.0, True),
    ("chain", (7,), 0.25, False),
    ("tetragonal", (4, 4, 6), 0.0, False),
    ("fcc", (5, 5, 5), 0.0, False),
    ("fcc", (4, 4, 4), 0.0, True),
    ("fcc", (4, 4, 2), 0.0, False),
]


@pytest.mark.parametrize(("lattice", "shape", "shift", "only_new"), GRIDS)
def test_irreducible_points_stand_for_all(lattice: str, shape: tuple, shift: object, only_new: bool) -> None:
    """One point of each orbit, and as many as it has: the orbits followed here one by one, in Cartesian k."""
    model = symmetric_model(lattice, 2)
    grid = KGrid.of(model, shape, shift, only_new)
    folding = folding_of(work_of(model, [np.eye(2)], plan_of(["velocity"], model.dim), MESH, None), grid, "auto")
    assert_orbits(folding, model, grid)


def assert_orbits(folding: Folding, model: Model, grid: KGrid) -> None:
    scale = np.linalg.inv(grid.span) * grid.shape

    def place(k: np.ndarray) -> tuple[int, ...]:
        index = (k - grid.origin) @ scale - grid.shift
        assert np.allclose(index, np.rint(index), atol=1e-6)
        index = np.rint(index).astype(int)
        return tuple((index % grid.shape if grid.is_periodic else index).tolist())

    every = {place(k): k for k in grid.points()}
    rotations = [(-1 if one.operation.reverses_time else 1) * one.operation.rotation for one in folding.operations]
    orbits = {index: frozenset(place(R @ k) for R in rotations) for index, k in every.items()}
    assert set().union(*orbits.values()) == set(every)
    parts = [part for n in range(3) for part in folding.points(*(len(grid) * (n + m) // 3 for m in (0, 1)))]
    k, weights = (np.concatenate(each) for each in zip(*parts, strict=True))
    found = Counter(orbits[place(one)] for one in k)
    assert found == Counter(set(orbits.values()))
    assert weights.tolist() == [len(orbits[place(one)]) for one in k]
    assert weights.sum() == len(grid)
    exact = {place(one): one for one in grid.points()}
    assert all((exact[place(one)] == one).all() for one in k)  # the same k, to the last bit


@pytest.mark.parametrize(("shape", "shift", "closed"), [((8, 8), 0.0, True), ((8, 6), 0.0, True), ((6, 6), 0.5, False)])
def test_a_box_folds_about_its_middle(shape: tuple, shift: float, closed: bool) -> None:
    model = build_model("rashba_continuum")
    grid = KGrid.of(model, shape, shift, closed=closed)
    folding = folding_of(work_of(model, [np.eye(2)], plan_of(["velocity"], 2), MESH, None), grid, "auto")
    assert folding.order == (8 if shape[0] != shape[1] else 16)
    assert_orbits(folding, model, grid)


def test_an_open_box_has_no_mirrors() -> None:
    """It has its lower faces only: their images are no points of it."""
    model = build_model("rashba_continuum")
    grid = KGrid.of(model, 8)
    kept = [one for one in lattice_operations(model) if index_map(grid, one) is not None]
    assert kept
    assert not any((one.on_k < 0).any() for one in kept)


def test_shards_have_their_share() -> None:
    """Of the irreducible points of a large grid: each of eight within a third of the mean."""
    model = symmetric_model("fcc", 2)
    grid = KGrid.of(model, 64)
    folding = folding_of(work_of(model, [np.eye(2)], plan_of(["velocity"], 3), MESH, None), grid, "auto")
    assert folding.order == 96
    shares = []
    for number in range(8):
        shard = grid.shard(number, 8)
        shares.append(sum(len(k) for k, _ in folding.points(shard.start, shard.stop)))
    assert 64**3 / sum(shares) > 40
    assert max(abs(share / np.mean(shares) - 1) for share in shares) < 1 / 3


def test_a_skewed_basis_folds_like_the_shortest_one() -> None:
    """Basis vectors a and b + 3a: images turn more than once around the grid."""
    plain = symmetric_model("square", 2)
    change = np.array([[1, 0], [3, 1]])
    R = np.rint(np.asarray(plain.R) @ np.linalg.inv(change)).astype(int)
    skewed = cc.TightBinding(change @ plain.lattice, R, plain.hoppings, plain.positions, plain.operators)
    names = ["velocity_dipole", "s_dipole", "quantum_metric"]
    grid = KGrid.of(skewed, 12)
    folded = sums(skewed, names, SPIN, grid, symmetry="auto")
    assert len(json.loads(folded.attrs["symmetry_operations"])) == 16
    assert largest_difference(sums(skewed, names, SPIN, grid), folded, names) < ROUNDING
    assert_orbits(folding_of(work_of(skewed, [np.eye(2)], plan_of(names, 2), MESH, None), grid, "auto"), skewed, grid)


def test_all_terms_of_a_sum_have_one_parity() -> None:
    """Under time reversal: a sum of even and odd terms would have none."""
    for name in EVERYTHING:
        terms = [Expression((term,)) for term in expression(name).terms]
        assert len({time_parity(term) for term in terms}) == 1, name


@pytest.mark.parametrize(("lattice", "keep"), list(product(["square", "trigonal"], ["all", "space", "magnetic"])))
def test_no_operation_is_found_that_the_model_was_not_given(lattice: str, keep: str) -> None:
    model = symmetric_model(lattice, 4, keep=keep)
    plan = plan_of(state_sums_of(["transport"], model.dim), model.dim)
    work = work_of(model, [model.operators[name].matrix for name in SPIN], plan, MESH, None)
    found = {one.operation.key for one in folding_of(work, KGrid.of(model, 4), "auto").operations}
    assert found == {one.key for one in lattice_operations(model) if is_kept(one, keep)}
    alone = folding_of(
        work_of(random_on(lattice, 4, 3), work.operators.operators, plan, MESH, None), KGrid.of(model, 4), "auto"
    )
    assert alone.order == 1
