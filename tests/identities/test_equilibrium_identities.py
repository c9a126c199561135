"""Identities of the equilibrium integrals: the net current, Eq. (5), and the magnetization in a gap, Eq. (12)."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import TightBinding, build_model, equilibrium, transport
from tests.identities.random_models import (
    SIZES,
    antisymmetric,
    doubled,
    gapped_model,
    hermitian,
    inversion_times_time_reversal,
    model_of_size,
    random_model,
)

HOT = 8000.0
"""kelvin (0.69 eV): f is analytic for |Im eps| < pi T = 2.2 eV, hence the integrand for |Im k| < 2.2 eV/|v|, and with
speeds of 1 to 3 eV angstrom a uniform grid of N points is off by exp(-N x 0.7 to 2.2)."""

SLOW_HOPS = 0.1
"""eV: with 26 neighbours in three dimensions, speeds stay below 3 eV angstrom."""

MODELS = {
    "one dimension": (lambda: random_model(1, 1, 3, blocks=True), (6, 12, 48)),
    "doublets": (lambda: doubled(random_model(6, 2, 2), 7), (8, 16, 48)),
    "Kramers doublets": (lambda: inversion_times_time_reversal(random_model(8, 2, 4)), (8, 16, 48)),
}
MODELS |= {
    f"{dim} dimensions, {bands} bands": (
        lambda dim=dim, bands=bands: model_of_size(dim, bands, hopping=0.3 if dim == 2 else SLOW_HOPS),
        (8, 16, 48) if dim == 2 else (6, 12, 28),
    )
    for dim, bands in SIZES
}


@pytest.mark.parametrize("name", MODELS)
def test_net_current_vanishes_exponentially_with_the_grid(name, identity):
    """Eq. (5): int f J + D_tau = 0."""
    build, grids = MODELS[name]
    model = build()
    residuals = [_net_current(model, points) for points in grids]
    assert residuals[0] > 1e-11, "the coarse grid is good already: the test does not see the convergence"
    # a residual exp(-c N) is squared when N doubles; the power 1.4 leaves room for prefactors
    assert residuals[1] < residuals[0] ** 1.4
    # the floor: rounding of some 1e3 to 1e5 terms, and the energy mesh's 4e-12 times what does not average out of it
    series = [(f"N = {points}", residual) for points, residual in zip(grids, residuals, strict=True)]
    identity("net current", model, residuals[-1], 1e-12, series)


def _net_current(model: TightBinding, points: int) -> float:
    """The largest component over the scale, for three chemical potentials."""
    result = equilibrium(model, operator="s", grid=points, mu=[-1.0, 0.3, 2.0], temperature=HOT)
    return float((abs(result.net_current).max("i") / result.net_current_scale).max())


def test_both_parts_of_the_net_current_are_there():
    """Eq. (5) is a cancellation, not a sum of zeros."""
    result = equilibrium(random_model(2, 2, 4), operator="s", grid=16, mu=0.3, temperature=HOT)
    for part in (result.conventional_current, result.torque_dipole_density):
        assert abs(part).max() > 0.01 * result.net_current_scale.max()


@pytest.mark.parametrize(
    ("splitting", "bound"),
    [
        # within the tolerance of 1e-6 eV: a group has one energy, an error of first order in the splitting
        (1e-7, 1e-7),
        # apart: g_n - g_m is known to EPS |g| = 2e-16 and divided by the splitting, with |v s| up to 10 in front
        (3e-6, 2e-15 / 3e-6),
        (1e-4, 2e-15 / 1e-4),
    ],
)
def test_nearly_degenerate_levels_do_no_harm_to_the_net_current(splitting, bound):
    """Theory 5.2: the pair sums of the torque dipole density stay finite, though each term grows as 1/splitting."""
    exact = doubled(random_model(6, 2, 2), 7)
    hoppings = exact.hoppings.copy()
    hoppings[len(hoppings) // 2] += splitting * hermitian(np.random.default_rng(1), 4)
    model = TightBinding(exact.lattice, exact.R, hoppings, exact.positions, exact.operators)
    result, degenerate = (equilibrium(m, operator="s", grid=48, mu=0.3, temperature=HOT) for m in (model, exact))
    assert abs(result.net_current).max() < bound
    # and the parts differ from those of exact doublets by the perturbation, not by its inverse
    for part in ("conventional_current", "torque_dipole_density"):
        assert abs(result[part] - degenerate[part]).max() < splitting


@pytest.mark.parametrize(("dim", "bands"), SIZES)
def test_hall_part_is_the_derivative_of_the_magnetization_in_a_gap(dim, bands, identity):
    """Eq. (12): sigma_il = epsilon_ilk dM_k/dmu. In a gap M is linear in mu: two points give the derivative."""
    mu, T = np.array([-0.15, 0.15]), 30.0  # the band edges, 0.5 eV from 0, are 135 temperatures away
    for filled in {1, bands - 1}:
        model = gapped_model(dim + bands, dim, bands, filled, blocks=bands % 2 == 1, hopping=0.15 if dim == 2 else 0.07)
        magnetization = equilibrium(model, operator="s", grid=8, mu=mu, temperature=T).magnetization.values[:, 0]
        result = transport(model, operator="s", grid=8, mu=mu, temperature=T)
        sigma, scale = result.sigma_hall.values[:, 0], float(result.sigma_hall_scale.max())
        assert np.abs(sigma[0] - sigma[1]).max() < 1e-11 * scale, "both chemical potentials are in the gap"
        assert np.abs(sigma).max() > 1e-4 * scale
        slope = antisymmetric(np.diff(magnetization, axis=0)[0] / np.diff(mu)[0], dim)
        # the energy mesh errs by 4e-12 of |g| <= 4 eV times the curvature, over 0.3 eV; sigma_hall by as much
        identity("magnetization", model, np.abs(slope - sigma[0]).max() / scale, 4e-12 * (4 / 0.3 + 1))


def test_spin_hall_conductivity_of_kane_mele_is_the_derivative_of_the_spin_magnetization(identity):
    """Eq. (12) for a spin that Rashba coupling does not conserve, in a gap from -0.21 to 0.13 eV."""
    model = build_model("kane_mele", lambda_r=0.05, lambda_v=0.1)
    mu = np.array([-0.02, 0.03])  # 39 temperatures of 30 K away from the edges
    magnetization = equilibrium(model, operator="spin_z", grid=96, mu=mu, temperature=30.0).magnetization.values[:, 0]
    sigma = (
        transport(model, operator="spin_z", grid=96, mu=mu, temperature=30.0).sigma_hall.sel(i="x", l="y").values[:, 0]
    )
    assert sigma[0] == pytest.approx(sigma[1], rel=1e-10), "both chemical potentials are in the gap"
    slope = np.diff(magnetization).item() / np.diff(mu).item()
    # the energy mesh's 4e-12 of |g| <= 3 eV, over 0.05 eV
    identity("magnetization", model, abs(slope / sigma[0] - 1), 4e-12 * (3 / 0.05 + 1))
    assert abs(sigma[0] * 2 * np.pi - 1) > 1e-3, "Rashba coupling takes the value off the quantized one"
