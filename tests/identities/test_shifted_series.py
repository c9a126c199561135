"""Grids with a shift that double: each is part of the next, whose shift is twice its own modulo 1."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cc_kernels as cc
from cc_kernels.grid import KGrid
from cc_kernels.models import Model, build_model
from cc_kernels.sums.block import work_of
from cc_kernels.sums.folding import folding_of
from cc_kernels.sums.plan import plan_of
from tests.identities.random_models import random_model
from tests.identities.symmetric_models import symmetric_model
from tests.identities.test_folding import MESH, ROUNDING, assert_orbits, largest_difference, sums

MODELS = {dim: random_model(41, dim, 2) for dim in (1, 2, 3)}
HEXAGONAL = ("2/3", "1/3")
"""The k of a corner of the zone, in steps of the grid: as that of the zone, its little group has the threefold axis."""


def series(model: Model, first: tuple[int, ...], shift: tuple[object, ...], levels: int = 3) -> list[KGrid]:
    """The first grid, and of those that follow the new points; 2^n s modulo 1 in exact fractions."""
    shapes = [tuple(n if n == 1 else n << level for n in first) for level in range(levels)]
    times = [[m // n for n, m in zip(first, shape, strict=True)] for shape in shapes]
    shifts = [[float(Fraction(str(s)) * t % 1) for s, t in zip(shift, each, strict=True)] for each in times]
    new = [
        KGrid.of(model, *of, only_new=True, coarse_shift=before)
        for *of, before in zip(shapes[1:], shifts[1:], shifts[:-1], strict=True)
    ]
    return [KGrid.of(model, first, shifts[0]), *new]


def whole(grid: KGrid, model: Model) -> KGrid:
    """All points of the grid of a level."""
    return KGrid.of(model, grid.shape, grid.shift)


@settings(max_examples=25)
@given(dim=st.integers(1, 3), data=st.data())
def test_the_points_of_all_levels_are_those_of_the_finest_grid(dim: int, data: st.DataObject) -> None:
    """Each once; the same k up to rounding, in the same zone: n + shift, divided by N, by 2N or by 4N."""
    model = MODELS[dim]
    first = tuple(data.draw(st.lists(st.integers(1, 4), min_size=dim, max_size=dim).filter(lambda one: max(one) > 1)))
    shift = tuple(
        data.draw(st.lists(st.fractions(0, 1, max_denominator=12).filter(lambda s: s < 1), min_size=dim, max_size=dim))
    )
    grids = series(model, first, shift)
    fine = whole(grids[-1], model)
    k = np.concatenate([grid.points() for grid in grids])
    place = (k @ np.linalg.inv(model.reciprocal)) * fine.shape - fine.shift
    index = np.rint(place).astype(int)
    assert np.abs(place - index).max() < 1e-11  # some EPS, times 16 points per axis
    flat = np.ravel_multi_index(tuple(index.T), fine.shape)  # refuses an index outside
    assert np.array_equal(np.sort(flat), np.arange(len(fine)))
    assert np.abs(k - fine.points()[flat]).max() < 1e-14 * np.abs(model.reciprocal).sum()  # some EPS


@pytest.mark.parametrize("shift", [-1.0, -2 / 3, -0.5, -0.25, 0.999, 1.0])
def test_any_shift_that_is_allowed_has_a_next_one(shift: float) -> None:
    """Points at the edge of the zone are those of the next zone, too: k agrees up to whole reciprocal vectors."""
    model = MODELS[1]
    coarse, fine = KGrid.of(model, 4, shift), KGrid.of(model, 8, 2 * shift % 1)
    new = KGrid.of(model, 8, 2 * shift % 1, only_new=True, coarse_shift=shift)
    fractions = [(grid.points() @ np.linalg.inv(model.reciprocal))[:, 0] for grid in (coarse, new, fine)]
    both, every = (np.exp(2j * np.pi * one) for one in (np.concatenate(fractions[:2]), fractions[2]))
    assert np.abs(both[:, None] - every).min(1).max() < 1e-14  # some EPS
    assert np.abs(both[:, None] - every).min(0).max() < 1e-14


@pytest.mark.parametrize("part", [(0, 1), (1, 3)])
def test_shards_are_told_by_their_attributes_and_index(part: tuple[int, int]) -> None:
    model = MODELS[3]
    for grid in series(model, (2, 4, 1), ("1/2", "1/3", "0.3")):
        shard = grid.shard(*part)
        again = KGrid.from_attributes(json.loads(json.dumps(shard.attributes)))
        assert again.attributes == shard.attributes
        assert np.array_equal(again.points(), shard.points())
        reduced = np.array(shard.index().to_list())
        assert np.abs(shard.points() - reduced @ model.reciprocal).max() < 1e-13  # some EPS times |b|
    assert cc.band_geometry(model, operator="s", grid=shard, quantities=["energy"]).sizes["k"] == len(shard)


@pytest.mark.parametrize("start", [3, 6, 9, 12])
def test_hexagonal_grids_miss_gamma_and_the_corners(start: int) -> None:
    """A third of a step along both axes is the nearest that any of their points comes; shift 0 hits all three."""
    model = symmetric_model("hexagonal", 2)
    special = np.array([[0, 0], [1 / 3, 2 / 3], [2 / 3, 1 / 3]])

    def nearest(grid: KGrid) -> float:
        away = (grid.points() @ np.linalg.inv(model.reciprocal))[:, None] - special
        return float((abs(away - np.rint(away)) * start).max(-1).min())

    for level, grid in enumerate(series(model, (start, start), HEXAGONAL, levels=4)):
        assert nearest(whole(grid, model)) == pytest.approx(1 / 3 / 2**level, rel=1e-9)
    assert nearest(KGrid.of(model, start)) < 1e-12


SERIES = [  # a model, an operator, its first grid and shift; operations of the first grid and the last one's new points
    ("hexagonal", lambda: symmetric_model("hexagonal", 2), "spin_z", (6, 6), HEXAGONAL, 12, 12),  # 3m, and 6mm with T
    ("hexagonal, half a step", lambda: symmetric_model("hexagonal", 2), "spin_z", (4, 4), ("1/2", "1/2"), 8, 24),
    ("haldane", lambda: build_model("haldane"), "charge", (6, 6), HEXAGONAL, 6, 6),
    ("square, half a step", lambda: symmetric_model("square", 2), "spin_z", (4, 4), ("1/2", "1/2"), 16, 16),
    ("square, a quarter", lambda: symmetric_model("square", 2), "spin_z", (4, 4), ("1/4", "1/4"), 4, 16),
    ("square, two sides", lambda: symmetric_model("square", 2), "spin_z", (4, 8), ("1/2", "0"), 8, 8),
    ("slab", lambda: symmetric_model("tetragonal", 2), "spin_z", (4, 4, 1), ("1/2", "1/2", "1/2"), 32, 32),
    ("chain", lambda: symmetric_model("chain", 2), "spin_z", (6,), ("1/3",), 2, 2),
    ("random", lambda: random_model(3, 3, 2), "s", (4, 6, 1), ("0.3", "1/7", "0.1"), 1, 1),
]


@pytest.mark.parametrize("symmetry", ["auto", "off"])
@pytest.mark.parametrize(
    ("build", "operator", "first", "shift", "least", "most"),
    [one[1:] for one in SERIES],
    ids=[one[0] for one in SERIES],
)
def test_levels_and_shards_add_up_to_the_finest_grid(build, operator, first, shift, least, most, symmetry) -> None:
    """Sums over three levels, in two shards each, against the last grid at once; `ROUNDING` is a tenth without images:
    k itself, and with it H, differs by EPS there."""
    model, names = build(), ["velocity_dipole", "berry_curvature", "s_berry_curvature", "velocity"]
    grids = series(model, first, shift)
    parts = [
        sums(model, names, operator, grid.shard(n, 2), symmetry=symmetry, chunks=7) for grid in grids for n in (0, 1)
    ]
    added = cc.merge([cc.merge(parts[:3]), *parts[3:]])
    every = sums(model, names, operator, whole(grids[-1], model))
    for key in ("points", "grid", "shift"):
        assert added.attrs[key] == every.attrs[key]
    assert largest_difference(every, added, names) < (ROUNDING if symmetry == "auto" else ROUNDING / 10)
    if symmetry == "auto":
        orders = [len(json.loads(one.attrs["symmetry_operations"])) for one in (parts[0], parts[-1], added)]
        assert orders == [least, most, least]
        if least > 4:
            assert added.attrs["symmetry_points"] < added.attrs["points"] / 2


@pytest.mark.parametrize(
    ("build", "first", "shift"), [(one[1], one[3], one[4]) for one in SERIES], ids=[one[0] for one in SERIES]
)
def test_new_points_fold_among_themselves(build, first: tuple, shift: tuple) -> None:
    """One point of each orbit, and as many as it has, of the orbits followed one by one in Cartesian k."""
    model = build()
    work = work_of(model, [np.eye(model.num_bands)], plan_of(["velocity"], model.dim), MESH, None)
    for grid in series(model, first, shift):
        assert_orbits(folding_of(work, grid, "auto"), model, grid)


def test_what_is_complete_can_be_evaluated_and_nothing_else() -> None:
    model, at = build_model("haldane"), {"mu": 0.0, "temperature": 3000.0}
    grids = series(model, (6, 6), HEXAGONAL)
    parts = [sums(model, ["berry_curvature"], "charge", grid) for grid in grids]
    for level, grid in enumerate(grids):
        added = cc.evaluate(cc.merge(parts[: level + 1]), **at)
        every = cc.evaluate(sums(model, ["berry_curvature"], "charge", grid.shape, shift=grid.shift), **at)
        difference = abs(added.berry_curvature - every.berry_curvature).max()
        assert difference < 1e-13 * every.berry_curvature_scale.item()  # sums in another order, k to EPS
    for few in (
        [parts[0], parts[2]],
        parts[1:],
        [parts[0], sums(model, ["berry_curvature"], "charge", grids[1].shard(0, 2))],
    ):
        with pytest.raises(cc.InputError, match="all shards and levels of the grid, merged"):
            cc.evaluate(cc.merge(few), **at)


def test_levels_with_other_shifts_do_not_add() -> None:
    model = build_model("haldane")

    def part(points: int, *arguments: object, **more: object):
        return sums(model, ["velocity"], "charge", KGrid.of(model, points, *arguments, **more))

    third, half, none = part(4, 1 / 3), part(4, 0.5), part(4)
    after_third, after_half = (
        part(8, shift, only_new=True, coarse_shift=before) for shift, before in ((2 / 3, 1 / 3), (0.0, 0.5))
    )
    after_none, after_other_third = part(8, only_new=True), part(8, 2 / 3, only_new=True, coarse_shift=5 / 6)
    for right in ([third, after_third], [after_half, half], [none, after_none]):
        assert cc.merge(right).attrs["points"] == 64
    for coarse, fine in (
        (third, after_half), (third, after_none), (half, after_third), (half, after_none), (none, after_half),
        (none, after_third), (third, after_other_third),
    ):  # fmt: skip
        for parts in ([coarse, fine], [fine, coarse]):
            with pytest.raises(
                cc.InputError, match=r"sums: shift: got .*; allowed: shifts that double modulo 1 .*, here to \("
            ):
                cc.merge(parts)
    for one, other in ((third, half), (after_half, after_none), (after_third, after_other_third)):
        with pytest.raises(cc.InputError, match=r"sums: shift: got .*; allowed: the same shift in all"):
            cc.merge([one, other])
    later = part(16, 1 / 3, only_new=True, coarse_shift=2 / 3)  # one level is left out, and the shift follows
    assert cc.merge([third, later]).attrs["points"] == 16 + 192
    with pytest.raises(cc.InputError, match=r"sums: shift"):
        cc.merge([half, later])


def test_folded_levels_have_the_symmetries_of_the_level_with_the_fewest() -> None:
    """Of groups of which neither has the other, and beside a grid that is not folded, there is none."""
    model = symmetric_model("hexagonal", 2)
    coarse, fine = series(model, (6, 6), HEXAGONAL, levels=2)
    choices = {"auto": "auto", "off": "off"} | {group: {"point_group": group} for group in ("3", "m")}
    by = {
        name: [sums(model, ["velocity"], "spin_z", grid, symmetry=choice) for grid in (coarse, fine)]
        for name, choice in choices.items()
    }
    for first, second, symbol in (("auto", "auto", "6mm"), ("auto", "3", "3"), ("m", "auto", "m")):
        assert cc.merge([by[first][0], by[second][1]]).attrs["symmetry"] == symbol
    for first, second in (("3", "m"), ("auto", "off"), ("off", "3")):
        with pytest.raises(cc.InputError, match="sums: symmetry"):
            cc.merge([by[first][0], by[second][1]])


REFUSED = {
    "another shift": (
        lambda: KGrid.of(MODELS[1], 8, 0.3, True, coarse_shift=0.2),
        r"shift: got \(0.3,\); .* \(0.2,\), .*: \(0.4,\);",
    ),
    "no shift before": (
        lambda: KGrid.of(MODELS[1], 8, 0.5, True),
        r"shift: got \(0.5,\); .* for new points: \(0.0,\);",
    ),
    "decimals of thirds": (
        lambda: KGrid.of(MODELS[1], 8, 0.6667, True, coarse_shift=0.3333),
        r"shift: got \(0.6667,\)",
    ),
    "a flat axis": (
        lambda: KGrid.of(MODELS[2], (8, 1), 0.0, True, coarse_shift=0.5),
        r"for new points: \(0.0, 0.5\); the same on flat axes",
    ),
    "all points": (lambda: KGrid.of(MODELS[1], 8, 0.5, coarse_shift=0.25), "coarse_shift: .* nothing without only_new"),
    "too far": (lambda: KGrid.of(MODELS[1], 8, 0.5, True, coarse_shift=2.25), "coarse_shift: got 2.25; .*from -1 to 1"),
    "a box": (
        lambda: KGrid.of(build_model("massive_dirac"), 8, 0.0, True, coarse_shift=0.5),
        "coarse_shift: .* 0 for the new points of a box",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_new_points_of_no_series_are_refused(case: str) -> None:
    call, message = REFUSED[case]
    with pytest.raises(cc.InputError, match=message):
        call()


def test_a_verdict_on_results_whose_shifts_follow() -> None:
    """Exponentially fast, to the Chern number of the lower band, -1, times the measure."""
    model = build_model("haldane")
    levels = [
        cc.transport(
            model, operator="charge", grid=24 << n, shift=[[2 / 3, 1 / 3], [1 / 3, 2 / 3]][n % 2], mu=0.0,
            temperature=300.0, variables=["sigma_hall"],
        )
        for n in range(3)
    ]  # fmt: skip
    verdict = cc.judge(levels, tolerance=1e-6)
    assert bool(verdict.converged), verdict.attrs["summary"]
    assert json.loads(levels[-1].attrs["shift"]) == [2 / 3, 1 / 3]
    value = levels[-1].sigma_hall.sel(l="x", i="y").item()
    assert abs(value + 1 / (2 * np.pi)) < 1e-6 * levels[-1].sigma_hall_scale.item()
    with pytest.raises(cc.InputError, match="grids of increasing density"):
        cc.judge(levels[::-1], tolerance=1e-6)
