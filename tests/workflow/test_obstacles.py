"""What stands in the way of a verdict, and what it tells of levels, boxes and chemical potentials, of made-up data."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels.verdict import judge
from tests.workflow.series import series


def test_the_verdict_tells_of_nearly_degenerate_levels() -> None:
    levels = series([1.0, 1.0, 1.0, 1.0])
    assert "geometric weight" not in judge(levels, 1e-3).attrs["summary"]
    for level in levels:
        level["near_degeneracy_share"] = (("mu", "temperature"), np.array([[0.0], [0.12]]))
        level.attrs["degeneracy_tolerance"] = 1e-6
    verdict = judge(levels, 1e-3)
    assert verdict.converged
    text = "12 % of the geometric weight of the grid points in pairs of levels less than 1e-05 eV apart (see near_degen"
    assert f"; {text}" in verdict.attrs["summary"]


@pytest.mark.parametrize(
    ("bottom", "text"),
    [
        (-4.0, "; bands filled at the edge of the box: results depend on k_max = 5 (see docs/conventions.md)"),
        (0.1, "; states occupied by heat (0.02) at the edge of the box: results depend on k_max = 5 (see docs/con"),
        (2.0, ""),
    ],
)
def test_the_verdict_tells_of_a_cut_fermi_sea(bottom: float, text: str) -> None:
    levels = [level.assign_coords(mu=[-1.0, 0.0], temperature=[300.0]) for level in series([1.0, 1.0, 1.0, 1.0])]
    for level in levels:
        level.attrs |= {"edge_bottom": bottom, "k_max": 5.0}
    verdict = judge(levels, 1e-3)
    assert verdict.converged
    assert text in verdict.attrs["summary"]
    assert bool(text) == ("the box" in verdict.attrs["summary"])


def gap_table(size: float, weight: float, bottom: float = -1.0, top: float = 1.0) -> dict:
    """What a response says of one gap whose cone changes by 0.01 eV per grid step."""
    dims = ("variable", "mu", "temperature")
    return {
        "gap_size": ("gap", [size]),
        "gap_band": ("gap", [0.0]),
        "gap_energy": ("gap", [-0.5]),
        "gap_step": ("gap", [0.01]),
        "gap_spread": ("gap", [1.0]),
        "gap_k": (("gap", "i"), [[0.25, -0.5]]),
        "gap_weight": (dims, np.full((1, 2, 1), weight)),
        "gap_largest": (dims, np.full((1, 2, 1), 0 if weight else -1)),
        "crossing_rounding": (dims, np.zeros((1, 2, 1))),
        "band_bottom": ((), bottom),
        "band_top": ((), top),
        "variable": ["x"],
    }


@pytest.mark.parametrize(
    ("size", "weight", "refused"), [(1e-4, 0.2, True), (1e-4, 5e-4, False), (1e-7, 0.0, False), (0.5, 0.0, False)]
)
def test_a_gap_that_could_hold_more_than_the_tolerance(size: float, weight: float, refused: bool) -> None:
    levels = [
        level.assign(gap_table(size, weight)).assign_coords(mu=[0.0, 0.5], temperature=[300.0])
        for level in series([1.0] * 4)
    ]
    for level in levels:
        level.attrs["degeneracy_tolerance"] = 1e-6
    verdict = judge(levels, 1e-3)
    assert bool(verdict.converged) != refused
    text = verdict.attrs["summary"]
    named = "a gap of 0.0001 eV between bands 0 and 1 at k = (0.25000, -0.50000) is narrower than the 0.01 eV"
    assert (named in text) == refused
    if refused:
        assert verdict.obstacle.values[0, 0] == "narrow gap not resolved"
        # 0.01 eV per step against 1e-4 eV: 2^7 times the density
        assert verdict.points_needed.item() == 64 * 128
        assert text.endswith("at least 8192 points per axis are needed")


@pytest.mark.parametrize(
    ("mu", "text", "is_converged"),
    [
        (
            [-5.0, 0.0],
            "last changes 0.0e+00, 0.0e+00 <= 1.0e-03; mu = -5 eV lies below all bands, -1 to 1 eV",
            1,
        ),
        ([2.0, 3.0], "NOT CONVERGED at 64 points per axis: 2 mu from 2 to 3 eV lie above all bands, -1 to 1 eV", 0),
        ([200.0, 300.0], "2 mu from 200 to 300 eV lie above all bands, -1 to 1 eV; did you mean meV?", 0),
        ([-0.5, 0.5], "converged at 64 points per axis: last changes 0.0e+00, 0.0e+00 <= 1.0e-03", 1),
    ],
)
def test_chemical_potentials_outside_the_bands(mu: list[float], text: str, is_converged: int) -> None:
    levels = [level.assign(gap_table(0.5, 0.0)).assign_coords(mu=mu) for level in series([1.0] * 4)]
    for level in levels:
        level.attrs["degeneracy_tolerance"] = 1e-6
    verdict = judge(levels, 1e-3)
    assert verdict.converged == is_converged
    assert text in verdict.attrs["summary"]
    assert verdict.attrs["summary"].startswith("converged at") == bool(is_converged)


@pytest.mark.parametrize(("scales", "refused"), [([64, 16, 4, 1], True), ([4, 2, 2, 1], False), ([1, 1, 9, 1], False)])
def test_a_scale_that_a_gap_on_the_grid_makes(scales: list[float], refused: bool) -> None:
    """1/gap^2 of a point of all grids, a quarter on each: against that scale every change is small."""
    levels = [
        level.assign(x_scale=level.x_scale * scale) for level, scale in zip(series([1.0] * 4), scales, strict=True)
    ]
    verdict = judge(levels, 1e-3)
    assert (verdict.obstacle.values[0, 0] == "scale not settled") == refused
    assert ("x: the scale, the sum of absolute contributions, has not settled" in verdict.attrs["summary"]) == refused
    assert bool(verdict.converged) != refused


def test_a_scale_that_is_large_by_accident() -> None:
    """Of the last two scales the smaller one: a point of one grid alone has come close to where levels meet."""
    levels = series([1.0, 1.0, 1.0, 1.01])
    levels[-1] = levels[-1].assign(x_scale=100 * levels[-1].x_scale)
    verdict = judge(levels, 5e-3)
    assert not verdict.converged
    assert verdict.scale.item() == 1.0
    assert verdict.change.values[-1].item() == pytest.approx(0.01)


def test_a_chern_number_beyond_its_tolerance_of_an_integer() -> None:
    for off, is_converged in ((0.0, True), (5e-4, True), (0.3, False)):
        levels = [level.rename(x="chern_number", x_scale="chern_number_scale") for level in series([1.0 + off] * 4)]
        for level in levels:
            for name in ("chern_number", "chern_number_scale"):
                level[name] = level[name].isel(mu=0, temperature=0, drop=True)
        verdict = judge(levels, 1e-3)
        assert bool(verdict.converged) == is_converged
    assert (
        "the Chern number 1.3000 is 0.3 off an integer: the grid does not resolve the gap" in verdict.attrs["summary"]
    )
