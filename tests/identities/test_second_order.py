"""Second order in gradients: definitions (with note [33] of the paper) against closed forms, and D + Q = -epsilon M."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import band_geometry, equilibrium
from cc_kernels.geometry.formulas import axial
from tests.identities.definitions import derivative_in_closed_form, derivative_of_dipole, errors_of_closed_forms
from tests.identities.random_models import (
    EPS,
    SIZES,
    antisymmetric,
    away_from_crossings,
    doubled,
    inversion_times_time_reversal,
    model_of_size,
    random_kpoints,
    random_model,
)

MODELS = [(1, 3), *SIZES]


def _points(model, group=1):
    return away_from_crossings(model, random_kpoints(5, model, 400), group)[:3]


@pytest.mark.parametrize(("dim", "bands"), MODELS)
def test_closed_forms_are_the_definitions(dim, bands, identity):
    """State by state. Denominators above 0.1 eV enter with the third power: 1e3 x EPS x 100 operations."""
    model = model_of_size(dim, bands)
    k = _points(model)
    assert len(k) == 3
    for name, error in errors_of_closed_forms(model, k).items():
        identity(name, model, error, 1e5 * EPS)


@pytest.mark.parametrize(("dim", "bands"), MODELS)
def test_derivative_of_the_dipole(dim, bands, identity):
    """Omega^lis + chi^il = d_l d^is + Omega^li s, with the derivative by finite differences."""
    model = model_of_size(dim, bands)
    k = _points(model)
    fast = band_geometry(model, operator="s", kpoints=k).compute()
    bracket = fast.s_berry_curvature.values + fast.torque_polarizability.values.swapaxes(2, 3)
    derivative, error = derivative_of_dipole(model, k)
    scale = max(1, abs(bracket).max())
    assert error < 1e-6 * scale, "the finite difference says too little"
    difference = abs(bracket - derivative - fast.berry_curvature_operator.values).max()
    identity("bracket", model, difference / scale, error / scale)


@pytest.mark.parametrize("build", [doubled, lambda model, seed: inversion_times_time_reversal(model)])
def test_derivative_of_the_dipole_of_doublets(build):
    """Group traces of exact doublets; only the dipole's derivative has a form of its own for groups."""
    model = build(random_model(11, 2, 4), 3)
    k = _points(model, group=2)
    fast = band_geometry(model, operator="s", kpoints=k).compute()
    expected, error = derivative_of_dipole(model, k)
    assert abs(expected).max() > 0.01
    assert error < 1e-6 * abs(expected).max()
    assert abs(derivative_in_closed_form(fast) - expected).max() < error


@pytest.mark.parametrize(("dim", "bands"), SIZES)
def test_conservation_on_every_grid(dim, bands, identity):
    """D^lis + Q^il,tau = -epsilon_ilk M_k: algebraic with the flow form, hence to rounding on the coarsest grids.

    The smallest gap on the grid enters squared: 100 EPS/gap^2 of the scale.
    """
    model = model_of_size(dim, bands)
    for points in (3, 5):
        levels = band_geometry(model, operator="s", grid=points, quantities=["energy"]).energy.values
        gap = min(1.0, np.diff(levels, axis=1).min())
        result = equilibrium(model, operator="s", grid=points, mu=0.4, temperature=3000)
        total = (result.current_dipole_density + result.torque_quadrupole_density).squeeze()
        M = result.magnetization.squeeze().values
        scale = float(result.torque_quadrupole_density_scale.max())
        assert abs(M).max() > 1e-6 * scale
        error = abs(total.transpose("i", "l").values + antisymmetric(M, dim)).max() / scale
        identity("conservation", model, error, 100 * EPS / gap**2)


@pytest.mark.parametrize(("dim", "bands", "start"), [(2, 2, 4), (2, 3, 4), (2, 4, 4), (2, 5, 4), (3, 2, 3), (3, 3, 3)])
def test_conservation_as_an_integral(dim, bands, start, identity):
    """With the explicit derivative in chi it is a statement about the integral: it converges with the grid.

    Levels a good part of 1 eV apart (weak hopping): a dipole varies over gap/speed, which the grid has to resolve.
    """
    model = model_of_size(dim, bands, hopping=0.1 if dim == 2 else 0.05)
    grids = [start * 2**level for level in range(4)]
    residuals = [_conservation_residual(model, points) for points in grids]
    assert residuals[1] > 1e-8, "the coarse grid is good already"
    # an error exp(-c N) is squared when N doubles; 1.4 leaves room for prefactors
    assert residuals[2] < residuals[1] ** 1.4
    series = [(f"N = {points}", residual) for points, residual in zip(grids, residuals, strict=True)]
    identity("conservation integral", model, residuals[3], max(1e-12, residuals[2] ** 1.4), series)


def _conservation_residual(model, points, mu=0.4, T=0.7):
    """max |D + Q + epsilon M| / scale, from direct sums over states; T in eV."""
    bands = band_geometry(model, operator="s", grid=points).compute()
    x = (bands.energy - mu) / T
    f, g = 1 / (np.exp(x) + 1), -T * np.log1p(np.exp(-x))
    D = (f * bands.current_dipole + g * bands.s_berry_curvature).sum(("k", "band")).transpose("i", "l").values
    Q = (f * bands.torque_quadrupole + g * bands.torque_polarizability).sum(("k", "band")).transpose("i", "l").values
    circuit = (g * bands.berry_curvature_operator).sum(("k", "band")).transpose("l", "i").values
    M = (f * bands.magnetic_moment).sum(("k", "band")).values + axial(circuit) / 2
    scale = float((abs(g * bands.torque_polarizability)).sum(("k", "band")).max())
    return abs(D + Q + antisymmetric(M, model.dim)).max() / scale
