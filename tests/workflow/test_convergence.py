"""The verdict is not fooled by an accident between two grids, by a null, or by a grid blind to the temperature."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.verdict import ROUNDING, judge
from cc_kernels.verdict.resolution import temperature_resolution
from tests.workflow.series import series


def converged(values: Sequence[float], tolerance: float = 1e-3, **options: object) -> bool:
    return bool(judge(series(values, **options), tolerance).converged)


def test_two_small_changes_in_a_row() -> None:
    assert converged([1.1, 1.0, 1.0005, 1.0006])
    assert not converged([1.1, 1.05, 1.0, 1.0005])


def test_changes_that_rise_out_of_rounding_do_not_fall() -> None:
    """The finest grid is the first to see a feature: a change far below the tolerance that was none before."""
    verdict = judge(series([1.0, 1.0, 1.0, 1.0 + 1e-5]), 1e-3)
    assert verdict.law.item() == "not falling"
    assert verdict.obstacle.item() == "changes do not fall"
    assert not verdict.converged
    assert converged([1.0, 1.0, 1.0, 1.0 + ROUNDING], tolerance=1e-3)


def test_not_falling_is_not_converged_however_small() -> None:
    doubling = [1.0, 1.0 + 1e-6, 1.0 + 3e-6, 1.0 + 7e-6]
    assert not converged(doubling)
    text = judge(series(doubling), 1e-3).attrs["summary"]
    assert text.endswith("x at mu = 0 eV: last changes 2.0e-06, 4.0e-06, which do not fall (tolerance 1.0e-03)")


@pytest.mark.parametrize(
    ("errors", "tolerance", "needed"),
    [
        # N^-2: changes of 3 N^-2; the change to 128, 1.8e-4, is the first below 2e-4, that to 256 the second
        ([8.0**-2 / 4**level for level in range(4)], 2e-4, 256),
        # exp(-N/16): the changes to 32, 64 and 128 are 0.23, 0.12, 0.018, that to 256 3e-4, and to 512 1e-7
        ([float(np.exp(-n / 16)) for n in (16, 32, 64, 128)], 1e-3, 512),
    ],
)
def test_the_grid_that_the_law_predicts(errors: list[float], tolerance: float, needed: int) -> None:
    points = [8 << level for level in range(4)] if errors[0] == 8.0**-2 else [16, 32, 64, 128]
    verdict = judge(series([1 + error for error in errors], points=points), tolerance)
    assert not verdict.converged
    assert verdict.points_needed.item() == needed
    assert f"about {needed} points per axis are needed" in verdict.attrs["summary"]


def test_one_verdict_for_each_variable_and_temperature() -> None:
    """y changes at 300 K and mu = 0.5 only; the sentence says so."""
    levels = []
    for level, n in enumerate((8, 16, 32, 64)):
        y = np.ones((3, 2))
        y[1, 1] += [0.4, 0.3, 0.1, 0.05][level]
        data = {"x": (("mu", "temperature"), np.ones((3, 2))), "y": (("mu", "temperature"), y)}
        data |= {f"{name}_scale": (("mu", "temperature"), np.ones((3, 2))) for name in "xy"}
        data["temperature_resolution"] = (("mu", "temperature"), np.zeros((3, 2)))
        coords = {"mu": [0.0, 0.5, 1.0], "temperature": [100.0, 300.0]}
        levels.append(xr.Dataset(data, coords, {"grid": json.dumps([n, n])}))
    verdict = judge(levels, 1e-2)
    np.testing.assert_array_equal(verdict.variable_converged, [[1, 1], [1, 0]])
    assert verdict.worst_mu.sel(variable="y", temperature=300).item() == 0.5
    text = verdict.attrs["summary"]
    assert text.startswith(
        "NOT CONVERGED at 64 points per axis: y at 300 K, mu = 0.5 eV: last changes 2.0e-01, 5.0e-02"
    )
    assert "100 K" not in text


def test_an_accident_between_two_coarse_grids() -> None:
    # Both coarse grids step over the same feature: a rule that looks at one change would stop at the second grid.
    fooled = [0.0, 0.0, 0.7, 0.9]
    for length in range(1, len(fooled) + 1):
        assert not converged(fooled[:length])
    # Nor does an accident later count, until it is confirmed.
    assert not converged([0.0, 0.5, 0.5])
    assert converged([0.0, 0.5, 0.5, 0.5])


def test_a_change_that_grows_again() -> None:
    assert not converged([1.0, 1.0005, 1.0006, 1.2])
    assert not converged([1.0, 1.0005, 1.2, 1.2001])


@pytest.mark.parametrize("length", [1, 2])
def test_two_grids_are_never_enough(length: int) -> None:
    verdict = judge(series([1.0] * length), 0.5)
    assert not verdict.converged
    assert f"{length} grid(s) evaluated, a verdict needs three" in verdict.attrs["summary"]


def test_the_tolerance_is_relative_to_the_scale() -> None:
    # Changes of 1e-6 of something that is zero, between absolute contributions of 1e-5, 1e-3 and 1.
    null = [1e-6, -1e-6, 0.0, 1e-6]
    assert not converged(null, scale=1e-5)
    assert converged(null, scale=1e-2)
    verdict = judge(series(null, scale=2.0), 1e-3)
    assert verdict.scale.item() == 2.0  # the largest over mu
    np.testing.assert_allclose(verdict.change.values[1:, 0, 0], [1e-6, 5e-7, 5e-7], rtol=1e-12)
    assert verdict.error_estimate.item() == verdict.change.values[-1, 0, 0]


def test_nothing_contributes() -> None:
    verdict = judge(series([0.0] * 3, scale=0.0), 1e-3)
    assert verdict.converged
    assert verdict.law.item() == "rounding"
    assert not converged([0.0, 0.0, 1e-2], scale=0.0), "a scale of zero divides nothing"


def test_the_worst_variable_decides() -> None:
    levels = series([1.0, 1.0, 1.0])
    for level, other in zip(levels, (0.0, 0.3, 0.4), strict=True):
        level["y"], level["y_scale"] = level.x * other, level.x_scale
    verdict = judge(levels, 1e-3)
    assert not verdict.converged
    np.testing.assert_allclose(verdict.sel(variable="y").change.values[1:, 0], [0.3, 0.1], rtol=1e-12)


def test_the_worst_temperature_and_mu_decide() -> None:
    levels = series([1.0, 1.0, 1.0])
    levels[2].x[1, 0] += 0.5
    assert not judge(levels, 0.4).converged
    levels = series([1.0, 1.0, 1.0])
    levels[2].temperature_resolution[1, 0] = 1.1
    assert not judge(levels, 0.4).converged


def test_a_grid_that_does_not_resolve_the_temperature() -> None:
    assert converged([1.0] * 4, resolution=1.0)
    verdict = judge(series([1.0] * 4, resolution=1.01), 1e-3)
    assert not verdict.converged
    assert verdict.attrs["summary"].startswith("NOT CONVERGED at 64 points per axis: the grid step does not resolve")


def test_not_a_number_is_not_converged() -> None:
    assert not converged([1.0, 1.0, np.nan, np.nan])
    assert not converged([np.nan] * 4)
    assert not converged([1.0] * 4, resolution=np.nan)
    levels = series([1.0] * 4)
    for level in levels:
        level.x[0, 0] = np.nan  # at one mu only
    assert not judge(levels, 1e-3).converged


@pytest.mark.parametrize("points", [[8, 8, 16], [16, 8, 32], [32, 16, 8]])
def test_grids_that_do_not_grow_are_refused(points: list[int]) -> None:
    with pytest.raises(InputError, match=r"levels: got \[.*\]; allowed: grids of increasing density"):
        judge(series([1.0] * 3, points=points), 1e-3)


def test_no_grids_are_refused() -> None:
    with pytest.raises(InputError, match=r"levels: got \[\]; allowed: the responses on at least one grid"):
        judge([], 1e-3)


@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_a_power_law_is_recognized(power: float) -> None:
    # x_N = N^-p changes by (2^p - 1) N^-p upon doubling to N, an exact power of N.
    verdict = judge(series([float(8 << level) ** -power for level in range(6)]), 1e-9)
    assert verdict.law.item() == "power"
    assert float(verdict.rate.item()) == pytest.approx(power, rel=1e-9)


@pytest.mark.parametrize(("rate", "finest"), [(0.1, 256), (0.25, 128), (0.5, 64)])
def test_an_exponential_is_recognized(rate: float, finest: int) -> None:
    # x_N = exp(-r N): the change from N is exp(-r N) (1 - exp(-r N)), so r e-folds per point. The second factor moves
    # the logarithms by at most d = -log(1 - exp(-r N)) at the coarsest of the last four grids; and the slope of a
    # least-squares line, sum_N (N - <N>) y_N / sum_N (N - <N>)^2, by at most d sum_N |N - <N>| / sum_N (N - <N>)^2.
    points = [8 << level for level in range(6) if 8 << level <= finest]
    verdict = judge(series([np.exp(-rate * n) for n in points], points=points), 1e-9)
    coarse = np.array([n for n in points[:-1] if np.exp(-rate * n) > 10 * ROUNDING][-4:])
    away = coarse - np.mean(coarse)
    slack = -np.log1p(-np.exp(-rate * coarse[0])) * abs(away).sum() / (away**2).sum()
    assert verdict.law.item() == "exponential"
    assert float(verdict.rate.item()) == pytest.approx(rate, abs=slack)


def test_errors_and_extrapolated_values_point_by_point() -> None:
    """Three mu, each with a law of its own: N^-2, exp(-N/10), and a step that says nothing."""
    points, exact = [16 << level for level in range(5)], np.array([1.0, 2.0, 3.0])
    levels = []
    for level, n in enumerate(points):
        x = exact + np.array([5.0 / n**2, np.exp(-n / 10), [0.3, 0.1, 0.25, 0.05, 0.2][level]])
        data = {"x": (("mu", "temperature"), x[:, None]), "x_scale": (("mu", "temperature"), np.full((3, 1), 4.0))}
        data["temperature_resolution"] = (("mu", "temperature"), np.zeros((3, 1)))
        levels.append(xr.Dataset(data, {"mu": [0.0, 1.0, 2.0]}, {"grid": json.dumps([n, n])}))
    verdict = judge(levels, 1e-3)
    laws = verdict.x_law.attrs["flag_meanings"].split()
    assert [laws[code] for code in verdict.x_law.values[:, 0]] == ["power", "exponential", "not_falling"]
    np.testing.assert_allclose(verdict.x_rate.values[:2, 0], [2, 0.1], rtol=2e-2)
    # A pure power law: Richardson leaves rounding, and the error estimate is the error.
    assert verdict.x_extrapolated.values[0, 0] == pytest.approx(1, abs=1e-13)
    assert verdict.x_error.values[0, 0] == pytest.approx(5.0 / 256**2, rel=1e-9)
    # exp(-25.6) = 8e-12 on the finest grid: the value stands as it is, and the estimate has the right order.
    assert verdict.x_extrapolated.values[1, 0] == levels[-1].x.values[1, 0]
    assert 0.2 < verdict.x_error.values[1, 0] / np.exp(-25.6) < 5
    assert np.isnan(verdict.x_extrapolated.values[2, 0])
    assert verdict.x_error.values[2, 0] == pytest.approx(0.15)


def test_rounding_is_recognized() -> None:
    noise = [1.0, 1.0 + ROUNDING / 2, 1.0, 1.0 - ROUNDING / 2]
    verdict = judge(series(noise), 1e-12)
    assert verdict.law.item() == "rounding"
    assert np.isnan(verdict.rate.item())
    assert verdict.converged


def test_two_changes_make_no_law_of_decay() -> None:
    assert judge(series([1.0]), 1e-3).law.item() == "unknown (one grid)"
    assert judge(series([1.0, 0.5]), 1e-3).law.item() == "unknown (too few grids)"


# -- the real thing ----------------------------------------------------------------------------------------------


def rashba(mu: float, temperature: float, grids: Sequence[int]) -> list[xr.Dataset]:
    """The Rashba lattice on doubling grids."""
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.study.levels import level_responses
    from cc_kernels.sums.on_grid import sums_on_grid

    model, mesh = cc.build_model("rashba_square", alpha=0.5), cc.EnergyMesh.covering(mu, temperature)
    names = state_sums_of(["transport"], 2)
    levels = []
    for n in grids:
        sums = sums_on_grid(model, names, "spin_z", n, mesh)
        levels.append(level_responses(sums, [model], "spin_z", ["transport"], [mu], [temperature], False))
    return levels


def test_coarse_grids_that_agree_by_accident() -> None:
    """At 10 K and just below the top of the bands, the grids of 4, 8 and 16 see a full band and miss all its holes.

    They agree twice in a row, so that the changes alone would have passed; the grid of 32 finds the Fermi line.
    """
    names = ["sigma_intrinsic", "sigma_intrinsic_scale", "temperature_resolution"]
    levels = [level[names] for level in rashba(mu=8.06, temperature=10.0, grids=(4, 8, 16, 32))]
    fooled, later = judge(levels[:3], 1e-3), judge(levels, 1e-3)
    assert (fooled.change.values[1:] < 1e-3).all()
    assert not fooled.converged
    assert float(fooled.resolution[-1].max()) > 1
    assert "does not resolve the temperature" in fooled.attrs["summary"]
    assert float(later.change[-1].max()) > 0.1
    assert not later.converged


def test_the_error_of_a_resolved_fermi_surface_is_bounded() -> None:
    """At 6000 K the grids suffice. The bands touch in a point, so the error falls as N^-2: the error of the last grid
    is a third of its last change, and the distance to a grid of four times the density less than that change."""
    *levels, fine = rashba(mu=1.0, temperature=6000.0, grids=(8, 16, 32, 64, 256))
    verdict = judge(levels, 2e-2)
    assert verdict.converged
    for name in verdict["variable"].values:
        row = verdict.sel(variable=name).isel(temperature=0)
        if row.law.item() != "rounding":
            assert float(abs(fine[name] - levels[-1][name]).max()) < float(row.error_estimate * row.scale)
            assert row.law.item() == "power"
            assert float(row.rate) == pytest.approx(2, abs=0.3)  # the first grid is not yet in the asymptotic range
    assert verdict.sel(variable="sigma_hall").law.item() == "rounding"


def test_the_resolution_is_velocity_times_step_over_temperature() -> None:
    # Without spin-orbit coupling v_x = 2t sin kx, at most 2t, which this grid has mid-band; of both axes the larger.
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.sums.on_grid import sums_on_grid
    from cc_kernels.units import KELVIN

    model, temperature, n = cc.build_model("rashba_square", alpha=0.0), 3000.0, 32
    sums = sums_on_grid(model, state_sums_of(["transport"], 2), "spin_z", n, cc.EnergyMesh.covering(4.0, temperature))
    expected = 2 * (2 * np.pi / n) / (np.pi * KELVIN * temperature)
    np.testing.assert_allclose(temperature_resolution(sums, 4.0, temperature).item(), expected, rtol=1e-12)
