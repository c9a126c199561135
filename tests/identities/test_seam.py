"""The implementations of `block_sums` are equal: formulas on arrays, compiled pair sums, two bands in closed form."""

from __future__ import annotations

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.geometry.quantities import COMPANIONS, PACKED
from cc_kernels.models import Model
from cc_kernels.models.base import BOSE
from cc_kernels.sums.block import Sums, block_sums
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.sums.plan import plan_of
from cc_kernels.sums.products import PRODUCTS
from tests.identities.random_models import (
    COUPLING,
    LOWEST,
    doubled,
    hermitian,
    inversion_times_time_reversal,
    random_bosons,
    random_model,
    with_field,
    with_hoppings,
)

ROUNDING = 1e-12
"""Of the scale of a column: both sides know v, s and J to 10 EPS of the largest, and add some hundred products."""
EPS = np.finfo(float).eps
EVERYTHING = [*PRODUCTS, *(name for name in PACKED if name not in ("energy", "group_energy", "below_zero"))]
WITHOUT_COMPANIONS = [name for name in EVERYTHING if name not in COMPANIONS]
POINTS = 60


def points(model: Model, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if model.reciprocal is None:
        return rng.uniform(-1, 1, (POINTS, model.dim)) * model.k_max
    return rng.uniform(size=(POINTS, model.dim)) @ model.reciprocal


def sums_by(model: Model, operators: list[np.ndarray], names: list[str], implementation: str | None, k=None) -> Sums:
    k = points(model) if k is None else k
    weights = np.random.default_rng(1).uniform(0.5, 1, len(k))
    plan = plan_of(names, model.dim)
    return block_sums(model, operators, k, weights, plan, mesh_of(model, k), implementation=implementation)


def mesh_of(model: Model, k: np.ndarray) -> cc.EnergyMesh:
    """Some states lie below it, some above, but of bosons, whose mesh holds all."""
    if model.statistics == BOSE:
        return cc.EnergyMesh.of(model, 0.0, 300.0)
    return cc.EnergyMesh.covering(np.quantile(model.levels(k), [0.2, 0.8]), 3000.0)


def scales(sums: Sums, model: Model, operators: int, names: list[str], near: float) -> np.ndarray:
    """The largest sum of |X| of all columns of one dimension: some are differences of others, and as large by chance.

    Corrections of near pairs, omega^2/12 of what they correct, have the scale near^2 of that.
    """
    plan = plan_of(names, model.dim)
    columns = [*plan.shared, *plan.own * operators]
    own = np.maximum(sums.absolute.max(0), np.abs(sums.below).max(0))[: len(columns)]

    def largest(energy: int, length: int) -> float:
        return max(
            (x for x, c in zip(own, columns, strict=True) if (c.energy, c.length) == (energy, length)), default=0
        )

    return np.array(
        [
            largest(c.energy, c.length) if c.energy <= c.length else near**2 * largest(c.energy - 2, c.length)
            for c in columns
        ]
    )


def assert_equal(one: Sums, other: Sums, scale: np.ndarray, rounding: float = ROUNDING) -> None:
    for name in ("nodes", "absolute", "below"):
        difference = np.abs(getattr(one, name) - getattr(other, name)).max(0)[: len(scale)]
        assert (difference <= rounding * scale).all(), (name, np.nanmax(difference / scale))
    # where all states of a bin are at rest, rounding is all of it
    assert np.abs(one.fastest - other.fastest).max() <= rounding * other.fastest.max()


KINDS = {
    "one site": lambda dim, bands: random_model(bands, dim, bands),
    "two sites": lambda dim, bands: random_model(bands, dim, bands, blocks=True),
    "doublets": lambda dim, bands: doubled(random_model(bands, dim, bands), bands),
    "Kramers": lambda dim, bands: inversion_times_time_reversal(random_model(bands, dim, 4)),
}


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bands", [1, 2, 3, 4, 7])
def test_random_models(dim: int, kind: str, bands: int) -> None:
    """Two operators at once; products of matrices take two rows and columns at a time, and 3 and 7 bands are odd."""
    model = KINDS[kind](dim, bands)
    s = model.operators["s"].matrix
    operators = [s, np.eye(model.num_bands) / 2 + s @ s / 3]
    near = mesh_of(model, points(model)).near
    for names in (WITHOUT_COMPANIONS, EVERYTHING):
        expected = sums_by(model, operators, names, "formulas")
        scale = scales(expected, model, 2, names, near)
        assert_equal(sums_by(model, operators, names, "bands"), expected, scale)
        if model.num_bands == 2 and names is WITHOUT_COMPANIONS:
            assert_equal(sums_by(model, operators, names, "two bands"), expected, scale)


@pytest.mark.parametrize("name", list(cc.list_models()))
def test_library(name: str) -> None:
    """At random points, and where levels cross: at k = 0 and on the axes. Vectors err by EPS |H|/gap."""
    model = cc.build_model(name)
    k = np.concatenate([points(model), np.zeros((1, model.dim)), 0.3 * np.eye(model.dim)])
    levels = model.levels(k)
    gaps = np.diff(levels, axis=1)
    gap = gaps[gaps > model.degeneracy_tolerance].min()
    rounding = ROUNDING + 10 * EPS * np.abs(levels).max() / gap
    for operator in model.operators.values():
        expected = sums_by(model, [operator.matrix], WITHOUT_COMPANIONS, "formulas", k)
        scale = scales(expected, model, 1, WITHOUT_COMPANIONS, mesh_of(model, k).near)
        assert_equal(sums_by(model, [operator.matrix], WITHOUT_COMPANIONS, None, k), expected, scale, rounding)


def test_near_and_far_pairs() -> None:
    """Levels a quarter of the near pairs' limit apart, at every k."""
    model = random_model(5, 2, 2)
    hoppings = 1e-6 * model.hoppings
    model = cc.TightBinding(model.lattice, model.R, hoppings, model.positions, model.operators, degeneracy_tolerance=0)
    operators, k = [hermitian(np.random.default_rng(0), 2)], points(model)
    mesh = cc.EnergyMesh.covering([-1e-5, 1e-5], 300.0)
    plan = plan_of(WITHOUT_COMPANIONS, 2)
    assert np.ptp(model.levels(k), axis=1).max() < mesh.near
    expected, *others = (
        block_sums(model, operators, k, np.ones(len(k)), plan, mesh, implementation=name)
        for name in ("formulas", "bands", "two bands")
    )
    assert np.abs(expected.nodes).max() > 0
    for other in others:
        # the corrections are wanted to rounding, too
        scale = np.maximum(expected.absolute.max(0), np.abs(expected.below).max(0))
        assert_equal(other, expected, scale)


BOSONS = {
    "normal operator": lambda dim, modes: random_bosons(modes, modes, dim),
    "anomalous operator": lambda dim, modes: random_bosons(10 + modes, modes, dim, anomalous_operator=True),
    "conserved operator": lambda dim, modes: random_bosons(20 + modes, modes, dim, conserved=True),
    "doublets": lambda dim, modes: doubled(random_bosons(30 + modes, modes, dim, anomalous_operator=True), modes),
}


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("kind", BOSONS)
@pytest.mark.parametrize("modes", [1, 2, 3])
def test_random_bosons(dim: int, kind: str, modes: int) -> None:
    """Two operators at once; two rows and columns at a time, of three modes, belong to levels of either sign."""
    model = BOSONS[kind](dim, modes)
    number = np.diag(np.arange(model.num_bands) % (model.num_bands // 2) + 0.5)
    operators, k = [model.operators["s"].matrix, number], points(model)
    levels = model.levels(k)
    assert (np.abs(levels[:, model.num_bands // 2 :]) > LOWEST - COUPLING).all()
    expected = sums_by(model, operators, WITHOUT_COMPANIONS, "formulas")
    assert np.abs(expected.nodes).max() > 0
    scale = scales(expected, model, 2, WITHOUT_COMPANIONS, largest_near(model))
    assert_equal(sums_by(model, operators, WITHOUT_COMPANIONS, "bands"), expected, scale)
    assert_equal(sums_by(model, operators, WITHOUT_COMPANIONS, None), expected, scale)


def largest_near(model: Model) -> float:
    """Distance of near pairs of bosons at the largest energy, eV."""
    mesh = cc.EnergyMesh.of_bosons(model.largest_energy)
    return mesh.near + mesh.relative_near * model.largest_energy


def test_near_pairs_of_bosons_follow_the_energy() -> None:
    """Doublets closer than the limit at the lowest energy, and then farther than the limit at the highest.

    A field d splits them by d <n|n>, 1 to 2 d. All orbitals are at one place, so that both sides find the same states.
    """
    model = doubled(random_bosons(1, 2, 2), 2)
    operators, near_columns = [model.operators["s"].matrix], list(plan_of(["near_torque"], 2).own)
    relative_near = mesh_of(model, points(model)).relative_near
    for splitting, are_near in ((relative_near * (LOWEST - COUPLING) / 3, True), (relative_near * 3, False)):
        split = with_field(model, splitting / 2 * np.diag([1, -1] * 4))
        split.degeneracy_tolerance = 0.0
        expected, compiled = (sums_by(split, operators, WITHOUT_COMPANIONS, name) for name in ("formulas", "bands"))
        assert_equal(compiled, expected, scales(expected, split, 1, WITHOUT_COMPANIONS, largest_near(split)))
        near = sums_by(split, operators, ["near_torque"], "bands").nodes[:, : len(near_columns)]
        assert (np.abs(near).max(0) > 0).all() == are_near


def test_levels_of_opposite_norm_are_never_one_group() -> None:
    """A tolerance of 1 eV, far above all levels here, makes one group of all particles, and one of all holes."""
    model, names = random_bosons(2, 3, 2), ["velocity", "s_dipole", "berry_curvature_operator"]
    model = with_hoppings(model, 0.1 * model.hoppings)
    k = points(model)
    plan, weights, mesh = plan_of(names, 2), np.ones(len(k)), mesh_of(model, k)
    arguments = model, [model.operators["s"].matrix], k, weights, plan, mesh
    expected, compiled = (
        block_sums(*arguments, degeneracy_tolerance=1.0, implementation=name) for name in ("formulas", "bands")
    )
    assert_equal(compiled, expected, scales(expected, model, 1, names, largest_near(model)))
    assert np.abs(expected.nodes[: mesh.half]).max() > 0
    bands = cc.band_geometry(model, operator="s", kpoints=k, degeneracy_tolerance=1.0, quantities=["group_energy"])
    of_group = bands.group_energy.values
    assert (of_group[:, :3] == of_group[:, :1]).all()
    assert (of_group[:, 3:] == of_group[:, 3:4]).all()
    assert (of_group[:, 0] < 0).all()
    assert (of_group[:, 3] > 0).all()


@pytest.mark.parametrize("kind", BOSONS)
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_torque_response_of_bosons(dim: int, kind: str) -> None:
    """Of the companions bosons have the Kubo response of the torque, but no set of occupied levels."""
    model, names = BOSONS[kind](dim, 2), ["torque_kubo_sea"]
    operators = [model.operators["s"].matrix]
    expected, compiled = (sums_by(model, operators, names, name) for name in ("formulas", "bands"))
    assert_equal(compiled, expected, scales(expected, model, 1, names, largest_near(model)))
    assert np.abs(expected.nodes).max() > 0  # of a conserved operator it is rounding, which both have alike
    with pytest.raises(InputError, match="model: got unnamed, a model of bosons; allowed: electrons"):
        sums_by(model, operators, list(COMPANIONS), None)


def test_only_the_wanted_columns_are_filled() -> None:
    whole, few = plan_of(WITHOUT_COMPANIONS, 2), plan_of(["velocity_dipole"], 2)
    assert len(few.own) == 4
    assert not few.shared
    assert not any([few.needs_current, few.needs_mixed, few.needs_divided])
    assert len(whole.own) > 40
    # antisymmetric: one component up to sign, and zero; symmetric: three
    assert len(plan_of(["berry_curvature_operator"], 2).own) == 2
    assert len(plan_of(["velocity_velocity_operator"], 2).own) == 3


def test_several_operators_are_those_alone() -> None:
    model = cc.build_model("kane_mele")
    names, mesh = ["s_berry_curvature", "berry_curvature", "sea_curvature"], cc.EnergyMesh.covering([-1, 1], 1000.0)
    together = sums_on_grid(model, names, ["spin_x", "spin_z"], 12, mesh)
    assert together["s_berry_curvature"].dims == ("node", "operator", "l", "i")
    assert together["berry_curvature"].dims == ("node", "l", "i")
    for operator in ("spin_x", "spin_z"):
        alone = sums_on_grid(model, names, operator, 12, mesh)
        for name in names:
            one = together[name].sel(operator=operator) if "operator" in together[name].dims else together[name]
            scale = float(alone[f"{name}_absolute"].max())
            assert np.abs(one.values - alone[name].values).max() <= 1e-14 * scale


def test_an_implementation_can_be_forced_and_is_checked() -> None:
    model = random_model(1, 2, 3)
    with pytest.raises(InputError, match=r"implementation: got 'two bands'; allowed: one of formulas, bands"):
        sums_by(model, [np.eye(3)], ["velocity"], "two bands")
