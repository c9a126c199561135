"""The search for narrow gaps: what it finds is the minimum, and its cone, spread and weight are those of the levels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import minimize

import cc_kernels as cc
from cc_kernels.units import KELVIN
from cc_kernels.verdict.gap_search import search, search_shape
from cc_kernels.verdict.level_cones import resolved
from cc_kernels.verdict.level_minima import Minima
from cc_kernels.verdict.narrowest_gap import WEIGHT, crossings, gaps
from tests.identities.random_models import random_model

EPS = np.finfo(float).eps
EVERYTHING = 1e3  # eV, above all levels
TOLERANCE = 1e-9  # eV
NARROW = 0.2  # eV, below the change of the distance over a step of the coarsest grids here
S = np.array([[1, 0.3], [0.3, -0.5]])


def searched(model: cc.Model, n: int = 24) -> Minima:
    return search(model, model.operators["s"].matrix, (n,) * model.dim, EVERYTHING, TOLERANCE).minima


def unresolved(result: xr.Dataset) -> np.ndarray:
    """Sizes of the gaps that the grid of a response steps over, the smallest first."""
    table = gaps(result)
    return table.gap_size.values[(table.gap_size < table.gap_step).values]


def distance(model: cc.Model, k: np.ndarray, band: int) -> float:
    levels = np.linalg.eigvalsh(model.hamiltonian(np.atleast_2d(k))[0])
    return float(levels[band + 1] - levels[band])


def tilted_cone(gap: float, place: np.ndarray, shape: int = 1) -> cc.TightBinding:
    """Two levels with (gap/2) d0 + W (k - place) beside their mean, up to third order; `shape` copies of each level."""
    W = np.array([[0.7, 0.2], [-0.1, 0.5], [0.3, -0.4]])  # eV angstrom; columns are d h/dk
    d0 = np.cross(W[:, 0], W[:, 1])
    d0 /= np.linalg.norm(d0)
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    R, matrices = [(0, 0)], [gap / 2 * np.einsum("x,xab->ab", d0, pauli)]
    for axis, cell in enumerate([(1, 0), (0, 1)]):  # sin(k - place) = Im exp(i k - i place)
        field = np.einsum("x,xab->ab", W[:, axis], pauli)
        phase = np.exp(-1j * place[axis])
        # the mean has a slope of its own, and 1 - cos lifts the copies of the cone at k + pi
        even = np.array([1, 1, 1]) @ np.moveaxis(pauli, 0, 1) * 0.4 + 0.3 * np.eye(2)
        matrices[0] = matrices[0] + even
        hop = (field / 2j - even / 2) * phase
        R += [cell, tuple(-n for n in cell)]
        matrices += [hop, hop.conj().T]
    doubled = np.array([np.kron(matrix, np.eye(shape)) for matrix in matrices])
    return cc.TightBinding(np.eye(2), R, doubled, np.zeros((2 * shape, 2)), {"s": np.kron(S, np.eye(shape))})


@pytest.mark.parametrize("gap", [1e-7, 1e-5, 1e-3, 1e-1])
@pytest.mark.parametrize("n", [9, 16, 64])
def test_a_cone_is_found_from_any_grid(gap: float, n: int) -> None:
    place = np.array([0.4321, -1.2345])
    minima = searched(tilted_cone(gap, place), n)
    first = minima[minima.size < 1.5 * gap]
    assert len(first) == 1
    # the terms of second order move the minimum by their ratio to those of first order, (gap/velocity)^2 of the gap
    np.testing.assert_allclose(first.size, gap, rtol=10 * gap**2, atol=20 * EPS)
    np.testing.assert_allclose(first.k[0], place, atol=10 * gap)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("dim", "bands"), [(1, 3), (2, 2), (2, 4), (3, 3)])
def test_minima_are_minima(dim: int, bands: int, seed: int) -> None:
    """A minimizer without derivatives finds nothing lower nearby; and none of its own narrow minima is missing."""
    model = random_model(100 + seed, dim, bands)
    n = 12 if dim == 3 else 24
    minima = searched(model, n)
    step = resolved(minima.cone, model.reciprocal / n)
    narrowest = minima.size[minima.size > TOLERANCE].min()
    for row in np.flatnonzero((minima.size < step / 10) | (minima.size == narrowest)):  # of others none is exact
        size, band = minima.size[row], minima.band[row]
        beside = minimize(lambda at, n=band: distance(model, at, n), minima.k[row], method="Nelder-Mead")
        # At a crossing the search ends at the tolerance. In three dimensions a gap widens slowly along its line, where
        # steps are small, and a minimizer of smooth functions ends at 1e-5 or so.
        allowed = 1e-6 if dim < 3 else 1e-4 if size == narrowest else 1e-2
        assert beside.fun > size * (1 - allowed) - TOLERANCE, "there is something lower beside"
    rng = np.random.default_rng(seed)
    for band in range(bands - 1):
        lowest = min(
            minimize(lambda at, n=band: distance(model, at, n), start, method="Nelder-Mead").fun
            for start in rng.uniform(-np.pi, np.pi, (12, dim))
        )
        if lowest < NARROW:  # of wide ones only that below the lowest point of the grid is looked for
            # above a tenth of a step it ends where a step brings 1e-3
            assert minima.size[minima.band == band].min() <= lowest * 1.02 + TOLERANCE, "a lower one was missed"


@pytest.mark.parametrize("copies", [1, 2])
def test_the_cone_is_the_curvature_of_the_squared_distance(copies: int) -> None:
    """distance^2 = size^2 + q C q up to O(q^4) for h linear in q: second differences, also of doublets."""
    gap, place, step = 1e-2, np.array([0.3, 0.5]), 1e-3
    model = tilted_cone(gap, place, copies)
    minima = searched(model)
    band = copies - 1  # the upper level of the lower doublet
    (row,) = np.flatnonzero((minima.band == band) & (minima.size < 1.5 * gap))
    k = minima.k[row]
    C = np.empty((2, 2))
    for i, l in np.ndindex(2, 2):
        e = step * np.eye(2)
        square = [distance(model, k + a * e[i] + b * e[l], band) ** 2 for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
        C[i, l] = (square[0] - square[1] - square[2] + square[3]) / (8 * step**2)
    # q^2 terms of h itself: C changes by |h| x its second derivative, 1e-2 of C here, and by step^2
    np.testing.assert_allclose(minima.cone[row], C, rtol=3e-2, atol=3e-2 * np.abs(C).max())


def test_the_spread_is_that_of_the_operator_within_both_levels() -> None:
    for copies in (1, 2):
        minima = searched(tilted_cone(1e-4, np.array([0.3, 0.5]), copies))
        np.testing.assert_allclose(minima.spread[minima.band == copies - 1], np.ptp(np.linalg.eigvalsh(S)), rtol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_the_weight_of_a_gap(seed: int) -> None:
    """int Omega_1 (s_1 - s_2) over a cone, by quadrature in polar coordinates: the difference of s at the minimum over
    8 pi, and never more than the weight, spread/4 pi."""
    rng = np.random.default_rng(seed)
    W, s = rng.normal(size=(3, 2)), rng.normal(size=3)  # h = d0 + W q, s.sigma
    d0 = np.cross(W[:, 0], W[:, 1])
    d0 *= 1e-3 / np.linalg.norm(d0)
    phi = 2 * np.pi * (np.arange(400) + 0.5) / 400
    x, weight = np.polynomial.legendre.leggauss(200)
    t, weight = (x + 1) / 2, weight / 2
    r = 1e-3 * t / (1 - t)
    q = r[:, None, None] * np.stack([np.cos(phi), np.sin(phi)], -1)
    h = d0 + q @ W.T
    length = np.linalg.norm(h, axis=-1)
    # Omega^xy of the lower level is +n.(d_x n x d_y n)/2 = h.(W_x x W_y)/(2 |h|^3)
    curvature = h @ np.cross(W[:, 0], W[:, 1]) / (2 * length**3)
    difference = -2 * (h @ s) / length
    ring = (curvature * difference).mean(1) * 2 * np.pi * r
    total = (ring * 1e-3 / (1 - t) ** 2 * weight).sum() / (2 * np.pi) ** 2
    at_minimum = 2 * abs(d0 @ s) / np.linalg.norm(d0)
    # where W is far from a rotation, 400 angles and 200 radii leave 1e-9
    assert abs(total) == pytest.approx(at_minimum / (8 * np.pi), abs=1e-8)
    assert abs(total) <= 2 * np.linalg.norm(s) / (4 * np.pi)


def test_bands_that_run_side_by_side_have_no_narrow_gap() -> None:
    """Without spin-orbit coupling a Zeeman field splits the bands everywhere alike: nothing for a grid to miss."""
    model = cc.build_model("rashba_square", alpha=0.0, bz=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = cc.transport(model, operator="spin_z", grid=96, mu=2.0, temperature=3000)
    assert result.narrowest_gap.item() == pytest.approx(2e-4, rel=1e-9)
    assert not unresolved(result).size
    assert not result[WEIGHT].values.any()


def test_exact_crossings_are_no_narrow_gaps() -> None:
    result = cc.transport(cc.build_model("rashba_square"), operator="spin_z", grid=128, mu=4.0, temperature=3000)
    assert not unresolved(result).size
    places = np.sort(np.round(np.abs(crossings(result).gap_k.values) / np.pi, 9), axis=0)
    np.testing.assert_array_equal(places, [[0, 0], [0, 0], [1, 1], [1, 1]])
    assert np.isnan(result.narrowest_gap)


def test_only_what_is_occupied_counts() -> None:
    """Two cones, 7.4 eV apart: the upper one is out of reach until mu + 20 T comes to it."""
    model = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    low, high = (
        cc.transport(model, operator="spin_z", grid=32, mu=mu, temperature=T) for mu, T in ((2.0, 600), (6.5, 1500))
    )
    assert low.sizes["gap"] == 1
    assert high.sizes["gap"] == 2
    np.testing.assert_allclose(np.sort(high.gap_energy), [0.29195, 7.70803], atol=1e-4)
    weight = high[WEIGHT].sel(variable="sigma_hall").item()
    upper = 1 / (1 + np.exp((7.70803 - 6.5) / (1500 * KELVIN)))  # its occupation
    assert weight == pytest.approx((1 + upper) / (4 * np.pi), rel=1e-3)


def test_a_conserved_charge_has_no_narrow_gap() -> None:
    """s = 1 in both levels: Omega_1 + Omega_2 = 0 however narrow the gap."""
    model = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    result = cc.transport(model, operator="charge", grid=32, mu=2.0, temperature=1500)
    assert float(result[WEIGHT].max()) < 10 * EPS


def test_the_search_is_half_the_grid_within_bounds() -> None:
    assert search_shape((16, 512)) == (12, 64)
    assert search_shape((100, 1)) == (50, 1)
    assert search_shape((8, 24, 200)) == (8, 12, 24)


def test_what_a_response_says_of_gaps_survives_a_sweep_of_unequal_numbers() -> None:
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.study.levels import level_responses
    from cc_kernels.study.shards import shard_sums
    from cc_kernels.study.study_models import StudyModels
    from cc_kernels.sums.mesh import EnergyMesh

    by = np.array([0.15003, 0.5])
    models = [cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=value) for value in by]
    mesh = EnergyMesh.covering([6.5], [1500.0]).to_json()
    names = state_sums_of(["transport"], 2)
    (sums,) = shard_sums(StudyModels(models, "by", by), names, "spin_z", [32], [0.0], None, 0, 1, mesh, None, 4096)
    swept = level_responses(sums, models, "spin_z", ["transport"], [6.5], [1500.0], False)
    assert isinstance(swept, xr.Dataset)
    assert swept.narrowest_gap.dims == ("by",)
    for index, model in enumerate(models):
        one = cc.transport(model, operator="spin_z", grid=32, mu=6.5, temperature=1500)
        np.testing.assert_allclose(swept.narrowest_gap[index], one.narrowest_gap, rtol=1e-12)
        np.testing.assert_allclose(swept[WEIGHT].isel(by=index), one[WEIGHT], rtol=1e-12)
    assert unresolved(swept)[0] == swept.narrowest_gap.values.min()


def test_rounding_beside_a_crossing_is_no_change_that_rises() -> None:
    """An in-plane field moves the Rashba crossing off the grid, where Omega_n = 0 but for rounding, which grows."""
    model = cc.build_model("rashba_square", alpha=0.5, bx=0.2, by=0.1)
    levels = [cc.equilibrium(model, operator="spin_y", grid=n, mu=3.0, temperature=1500) for n in (128, 256, 512)]
    verdict = cc.judge(levels, 1e-8)
    rounding = levels[-1].crossing_rounding.sel(variable="magnetization").max() / levels[-1].magnetization_scale.max()
    assert verdict.converged
    assert float(verdict.change.sel(variable="magnetization")[-1].max()) < float(rounding)
    assert float(rounding) < 1e-9, "no more than rounding is excused"
