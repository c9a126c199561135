"""The verdict against adaptive quadrature: narrow gaps, a Chern number that is no integer, mu in another unit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr
from scipy.linalg import block_diag

import cc_kernels as cc
from tests.analytic.adaptive_quadrature import integrals
from tests.analytic.narrow_gaps import (
    TILTED,
    Hamiltonian,
    X,
    Y,
    Z,
    beside_each_other,
    cone,
    crossing_with_narrow_gap,
    flat,
    gap_at_gamma,
    gap_beside_a_crossing,
    touching,
    uncoupled,
)
from tests.analytic.verdicts import MAKERS, outcomes

TOLERANCE = 1e-2
PLACE = np.array([4.0027, 1.6943])
"""Of a gap, away from points of the grids."""


@pytest.fixture(autouse=True)
def no_warnings_of_coarse_grids() -> Iterator[None]:
    """Coarse grids warn of themselves; here the verdict has the word."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


@pytest.mark.parametrize(("kind", "seed"), [("altermagnet", 0), ("altermagnet", 2), ("four bands", 3)])
def test_a_verdict_is_not_fooled_by_a_narrow_gap(kind: str, seed: int) -> None:
    found = list(outcomes(MAKERS[kind](np.random.default_rng(1000 + seed)), (32, 64, 128), TOLERANCE))
    assert not [one for one in found if one.is_fooled]
    by_name = {one.variable: one for one in found}
    # The numbers are wrong, and it is the gap that is in the way (on these grids the four bands change, too).
    for name in ("sigma_hall", "sigma_intrinsic"):
        assert by_name[name].error > 3
        assert "narrow gap not resolved" in by_name[name].obstacle
        assert kind == "four bands" or "last two changes" not in by_name[name].obstacle
    # What has no Omega_n s_n is not refused for it.
    for name in ("sigma_conventional", "sigma_dipole"):
        assert "narrow gap" not in by_name[name].obstacle


def test_changes_that_double_are_not_converged() -> None:
    """Of a narrow gap off all grids of the series: the changes are below the tolerance and grow as 2^level."""
    model = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    grids = (32, 64, 128, 256)
    verdict = cc.judge(
        [cc.transport(model, operator="spin_z", grid=n, mu=2.0, temperature=1500) for n in grids], TOLERANCE
    )
    hall = verdict.sel(variable="sigma_hall").isel(temperature=0)
    assert (hall.change.values[-2:] < TOLERANCE).all()
    assert hall.law.item() == "not falling"
    assert hall.obstacle.item() == "changes do not fall; narrow gap not resolved"
    assert not verdict.converged
    assert verdict.narrowest_gap.item() == pytest.approx(1.673e-5, rel=1e-3)
    text = verdict.attrs["summary"]
    assert text.startswith("NOT CONVERGED at 256 points per axis: sigma_hall at 1500 K, mu = 2 eV: last changes")
    assert "a gap of 1.67e-05 eV between bands 0 and 1 at k = (0.38447, -0.38440) is narrower than" in text
    assert "a degeneracy_tolerance far above 1.67e-05 eV" in text


def judged(
    model: cc.Model, grids: tuple[int, ...], mu: float, temperature: float, **options: float
) -> tuple[xr.Dataset, xr.Dataset]:
    """sigma_hall on the finest grid, and its row of the verdict."""
    levels = [cc.transport(model, operator="s", grid=n, mu=mu, temperature=temperature, **options) for n in grids]
    row = cc.judge(levels, TOLERANCE).sel(variable="sigma_hall").isel(temperature=0)
    return levels[-1].isel(mu=0, temperature=0), row


def test_a_crossing_does_not_hide_a_gap_beside_it() -> None:
    """0.13 angstrom^-1 from it, on grids of steps of 0.05 and more. `make test-gaps` has more of the kind."""
    case = crossing_with_narrow_gap(np.random.default_rng(1), 1.5e-6)
    result, row = judged(case.model, (32, 64, 128), case.mu, case.temperature)
    exact = integrals(case.model, case.operator, case.mu, case.temperature)["sigma_hall"].value
    assert abs(result.sigma_hall.transpose("i", "l").values - exact).max() > 100 * TOLERANCE * float(row.scale)
    assert result.narrowest_gap.item() == pytest.approx(1.5e-6, rel=1e-3)
    assert "narrow gap not resolved" in row.obstacle.item()
    assert not row.variable_converged


def test_a_nodal_line_excuses_no_changes_that_do_not_fall() -> None:
    """Without alpha the levels of the altermagnet cross along the diagonals, 30 eV below a narrow gap."""
    line = cc.build_model("altermagnet_rashba", alpha=0.0, J=0.3, bx=0.0, by=0.0)
    model = beside_each_other(line, gap_beside_a_crossing(0.0627955, 5.70278), 30.0)
    _, row = judged(model, (32, 64, 128), 31.0, 6000.0)
    assert row.law.item() == "not falling"
    assert "changes do not fall" in row.obstacle.item()


def test_a_gap_on_the_grid_does_not_hide_another() -> None:
    """4 pi/gap^2 of the point at k = 0 is the scale, which makes all else small."""
    other = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    model = beside_each_other(gap_at_gamma(1e-4), other, 30.0)
    result, row = judged(model, (32, 64, 128), 33.0, 3000.0)
    exact = integrals(gap_at_gamma(1e-4), TILTED, 33.0, 3000.0)["sigma_hall"].value
    exact = exact + integrals(other, other.operator("spin_z").matrix, 3.0, 3000.0)["sigma_hall"].value
    error = abs(result.sigma_hall.transpose("i", "l").values - exact).max()
    assert error > 0.01
    assert error < TOLERANCE * float(result.sigma_hall_scale)
    assert "scale not settled" in row.obstacle.item()


HIDDEN = {
    # the slopes of both levels are equal where they touch, on every grid
    "touching": (touching(1e-5), TILTED),
    # two cones that do not mix cross each other in a ring around both gaps
    "split doublet": (uncoupled(cone(PLACE, 1e-5), cone(PLACE, 1e-5, energy=1e-3)), block_diag(TILTED, TILTED)),
    "flat levels": (uncoupled(cone(PLACE, 3e-6), flat(0.03)), block_diag(TILTED, TILTED)),
    # across the larger of two gaps the operator is the same
    "beside": (uncoupled(cone(PLACE, 1e-3), cone(np.add(PLACE, (0.1, 0.03)), 1e-4)), block_diag(np.eye(2), TILTED)),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_gap_that_something_hides(name: str) -> None:
    h, s = HIDDEN[name]
    model = cc.from_function(h, dim=2, lattice=np.eye(2), operators={"s": s})
    _, row = judged(model, (32, 64, 128), 1.5, 2000.0)
    assert not row.variable_converged
    assert "narrow gap not resolved" in row.obstacle.item()


@pytest.mark.parametrize(("h", "circles"), [(cone(PLACE, 1e-5), 1), (touching(1e-5), 2)])
def test_what_the_grid_lacks_of_a_hidden_gap(h: Hamiltonian, circles: int) -> None:
    """f n.S/4 pi of a full cone with n.S = 1, and twice that where h circles the axis twice, as the levels touch."""
    model = cc.from_function(h, dim=2, lattice=np.eye(2), operators={"s": TILTED})
    result, _ = judged(model, (32, 64, 128), 1.5, 2000.0)
    exact = integrals(model, TILTED, 1.5, 2000.0)["sigma_hall"].value
    missed = abs(exact - result.sigma_hall.transpose("i", "l").values).max()
    # a grid sees the cone of its own step, size/step = 1e-4 of it and more where a point is near
    assert missed == pytest.approx(circles / (4 * np.pi), rel=0.05)


def test_a_line_of_gaps() -> None:
    """Levels that cross along kx = 1.7948 are lifted by 1e-6 eV, and their pseudospin turns along the line."""

    def h(k: np.ndarray) -> np.ndarray:
        x, y = (k - (1.7948, 0)).T[..., None, None]
        lifted = 5e-7 * (1 - 0.01 * np.cos(y)) + 0.5 * (1 - np.cos(x)) ** 2
        return np.sin(x) * (np.cos(y) * X + np.sin(y) * Y) + lifted * Z + np.cos(y) * np.eye(2)

    model = cc.from_function(h, dim=2, lattice=np.eye(2), operators={"s": X})
    levels = [
        cc.transport(model, operator="s", grid=n, mu=-0.3, temperature=1500.0, degeneracy_tolerance=0)
        for n in (32, 64, 128)
    ]
    verdict = cc.judge(levels, TOLERANCE).isel(temperature=0)
    for name in ("sigma_conventional", "sigma_hall", "sigma_dipole"):
        assert "narrow gap not resolved" in verdict.obstacle.sel(variable=name).item()


def test_a_gap_just_below_the_tolerance() -> None:
    """Where the distance exceeds the tolerance, size/tolerance of what a cone holds is left, off the grid."""
    model = cc.from_function(cone(PLACE, 8e-7), dim=2, lattice=np.eye(2), operators={"s": Z})
    _, row = judged(model, (32, 64, 128), 1.5, 2000.0)
    assert "narrow gap not resolved" in row.obstacle.item()
    _, row = judged(model, (32, 64, 128), 1.5, 2000.0, degeneracy_tolerance=1e-3)
    assert "narrow gap not resolved" not in row.obstacle.item()


def test_a_larger_tolerance_makes_the_levels_a_crossing() -> None:
    model = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    result = cc.transport(model, operator="spin_z", grid=64, mu=2.0, temperature=1500, degeneracy_tolerance=1e-4)
    assert np.isnan(result.narrowest_gap)
    # what lies outside the ring in which the levels are one group: its part of spread/4 pi
    left = result.gap_weight.sel(variable="sigma_hall").item() * 4 * np.pi
    assert left == pytest.approx(1.673e-5 / 1e-4, rel=1e-3)


def test_mu_in_another_unit_is_not_converged() -> None:
    model = cc.build_model("rashba_square", alpha=0.5)
    levels = [cc.transport(model, operator="spin_z", grid=n, mu=[500, 3000], temperature=3000) for n in (16, 32, 64)]
    verdict = cc.judge(levels, 1e-3)
    assert not verdict.converged
    # 2t(2 - (4 + alpha^2/2)^(1/2)) = -0.06202 at (k, k), and the same from the top
    text = "2 mu from 500 to 3000 eV lie above all bands, -0.06202 to 8.062 eV; did you mean meV?"
    assert text in verdict.attrs["summary"]
    with pytest.warns(UserWarning, match="did you mean meV"):
        cc.transport(model, operator="spin_z", grid=16, mu=500, temperature=3000)


def test_a_scan_that_leaves_the_bands_says_so_and_converges() -> None:
    model = cc.build_model("rashba_square", alpha=0.5)
    levels = [cc.transport(model, operator="spin_z", grid=n, mu=[-2, 1], temperature=6000) for n in (32, 64, 128)]
    verdict = cc.judge(levels, 0.1)
    assert verdict.converged
    assert verdict.attrs["summary"].endswith("; mu = -2 eV lies below all bands, -0.06202 to 8.062 eV")


def test_a_chern_number_that_is_no_integer() -> None:
    """Next to the transition at mu = 4 the gap of the d + id superconductor is 1e-3 eV."""
    model = cc.build_model("d_id_square", mu=3.9995)
    levels = [cc.superconductor(model, grid=n, temperature=[6000]) for n in (16, 32, 64)]
    verdict = cc.judge(levels, 1e-2)
    assert "no integer" in verdict.obstacle.sel(variable="chern_number").values[0]
    assert f"the Chern number {levels[-1].chern_number.item():.4f} is" in verdict.attrs["summary"]
    assert "off an integer: the grid does not resolve the gap" in verdict.attrs["summary"]


def test_a_verdict_for_each_temperature() -> None:
    """At 100 K the grid resolves nothing, at 6000 K all; the sentence says which is which."""
    model = cc.build_model("rashba_square", alpha=0.5)
    levels = [
        cc.transport(model, operator="spin_z", grid=n, mu=[0.5, 1.0], temperature=[100, 6000]) for n in (32, 64, 128)
    ]
    verdict = cc.judge(levels, 5e-2)
    assert not verdict.converged
    assert verdict.variable_converged.sel(temperature=6000).values.all()
    cold = verdict.sel(temperature=100)
    assert not cold.variable_converged.values.any()
    assert set(cold.worst_mu.values) <= {0.5, 1.0}
    text = verdict.attrs["summary"]
    assert "does not resolve the temperature" in text
    assert text.count("at 100 K") >= 1
    assert "6000" not in text
