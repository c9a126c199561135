"""The generalized Streda identity of insulators, and the references that it is stated with."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cc_kernels import KGrid, build_model, equilibrium, respond, transport
from cc_kernels.units import KELVIN
from tests.identities.kubo_torque import STEP, first_derivative, projector_hall_conductivity, torque_conductivity
from tests.identities.random_models import ByProjectors, antisymmetric, gapped_model, random_model, with_field

COLD = 30.0
"""kelvin: occupations at 0.1 eV from mu differ from 0 and 1 by exp(-39) = 1e-17."""

INSULATORS = {
    # model, operator, mu, grid
    "Kane-Mele with Rashba coupling": (lambda: build_model("kane_mele", lambda_so=0.15), "spin_z", 0.0, 72),
    "3 bands, 1 filled": (lambda: gapped_model(1, 2, 3, 1), "s", 0.0, 48),
    "4 bands, 2 filled": (lambda: gapped_model(2, 2, 4, 2, blocks=True), "s", 0.0, 48),
    "5 bands, 3 filled": (lambda: gapped_model(5, 2, 5, 3), "s", 0.0, 48),
    "3D, 3 bands, 2 filled": (lambda: gapped_model(3, 3, 3, 2, hopping=0.07), "s", 0.0, 20),
}


@pytest.mark.parametrize("name", INSULATORS)
def test_generalized_streda_identity(name, identity):
    """(sigma^conv + sigma^torque)_il = -epsilon_ilk dM_k/d lambda, M the charge magnetization of H + lambda s.

    So the sum is antisymmetric, and has no xx or yy part.
    """
    build, operator, mu, grid = INSULATORS[name]
    model = build()
    s = model.operators[operator].matrix
    torque = torque_conductivity(model, s, grid, mu, T=0.0)
    result = respond(model, ["transport", "companions"], operator=s, grid=grid, mu=mu, temperature=COLD)
    total = torque + result.sigma_conventional.values[0, 0]
    scale = float(result.sigma_conventional_scale.max())

    def magnetization(strength):
        perturbed = with_field(model, strength * s)
        return equilibrium(
            perturbed, operator=np.eye(model.num_bands), grid=grid, mu=mu, temperature=COLD
        ).magnetization.values[0, 0]

    slope = antisymmetric(first_derivative(magnetization, STEP / 2), model.dim)
    coarse = torque_conductivity(model, s, grid, mu, T=0.0, step=2 * STEP)
    slope_coarse = antisymmetric(first_derivative(magnetization, STEP), model.dim)
    # Sixth-order differences: the finer is off by 1/63 of the change; 1/20 leaves room for the next order. Rounding:
    # EPS |H|/gap of states over the step; the energy mesh's 4e-12 of |g| <= 5 eV over the other step. The grids
    # resolve gap/speed to that.
    error = (np.abs(torque - coarse).max() + np.abs(slope - slope_coarse).max()) / 20 + 4e-12 * 5 / STEP * scale
    assert error < 1e-5 * scale, "the finite differences say too little"
    assert np.abs(total).max() > 1e-3 * scale
    assert np.abs(torque).max() > 1e-3 * scale
    identity("streda", model, np.abs(total + slope).max() / scale, error / scale)
    assert np.abs(total + total.T).max() < error
    closed = result.sigma_torque_kubo.values[0, 0]
    identity("torque kubo", model, np.abs(closed - torque).max() / scale, error / scale)


@pytest.mark.parametrize(("seed", "dim", "bands", "grid"), [(3, 2, 2, 40), (4, 2, 4, 40), (8, 2, 5, 40), (5, 3, 3, 12)])
def test_torque_response_of_metals(seed, dim, bands, grid, identity):
    """Closed form and finite q on one grid and warm electrons, so that both contain the Fermi surface."""
    model, temperature, mu = random_model(seed, dim, bands), 4000.0, 0.1
    s = model.operators["s"].matrix
    result = respond(
        model, ["transport", "companions"], operator=s, grid=grid, mu=mu, temperature=temperature
    ).squeeze()
    # On one grid each k shifts q to both sides: the finite difference is that of the summand, integral or not.
    fine, coarse = (
        torque_conductivity(model, s, grid, mu, temperature * KELVIN, step=step) for step in (STEP / 8, STEP / 4)
    )
    scale = float(result.sigma_torque_kubo_scale)
    surface = float(np.abs(result.sigma_dipole).max())
    assert surface > 1e-3 * scale
    # sixth order (see above); the energy mesh 4e-11 of -f'; rounding EPS/gap^3 of a crossing over the step
    error = np.abs(fine - coarse).max() / 20 + 1e-9 * scale
    assert error < 1e-3 * scale, "the finite differences say too little"
    identity("torque kubo", model, np.abs(result.sigma_torque_kubo.values - fine).max() / scale, error / scale)


@pytest.mark.parametrize(
    ("seed", "dim", "bands", "filled"), [(1, 2, 3, 1), (9, 2, 4, 2), (5, 2, 5, 3), (3, 3, 3, 2), (4, 3, 4, 2)]
)
def test_projector_value_of_insulators(seed, dim, bands, filled, identity):
    model = gapped_model(seed, dim, bands, filled, hopping=0.15 if dim == 2 else 0.07)
    s = model.operators["s"].matrix
    result = respond(model, ["transport", "companions"], operator=s, grid=6, mu=0.0, temperature=COLD).squeeze()
    reference = projector_hall_conductivity(model, s, 6, 0.0)
    scale = float(result.sigma_hall_projector_scale)
    assert np.abs(reference).max() > 1e-4 * scale
    # the energy mesh: 4e-12, and room for states on its flank
    identity("hall projector", model, np.abs(result.sigma_hall_projector.values - reference).max() / scale, 1e-11)


def test_projector_value_of_a_metal_is_a_thermal_average():
    """sum_n f_n (S_n - S_n-1) = int deps (-f'(eps)) S(eps), S the trace over the states below eps."""
    model, grid, T = random_model(6, 2, 3), 4, 500.0
    s = model.operators["s"].matrix
    energies = np.unique(np.linalg.eigvalsh(model.hamiltonian(KGrid.of(model, grid).points())))
    mu = float(np.median(energies))
    # between two levels the trace is constant
    edges = np.concatenate([[energies[0] - 1], energies, [energies[-1] + 1]])
    traces = [projector_hall_conductivity(model, s, grid, (a + b) / 2) for a, b in pairwise(edges)]
    occupation = 1 / (np.exp((edges - mu) / (T * KELVIN)) + 1)
    occupation[0], occupation[-1] = 1, 0
    expected = sum((a - b) * trace for (a, b), trace in zip(pairwise(occupation), traces, strict=True))
    result = respond(model, ["transport", "companions"], operator=s, grid=grid, mu=mu, temperature=T).squeeze()
    scale = float(result.sigma_hall_projector_scale)
    assert np.abs(expected).max() > 1e-3 * scale
    assert np.abs(result.sigma_hall_projector.values - expected).max() < 1e-11 * scale


@pytest.mark.parametrize(("seed", "dim", "bands"), [(1, 2, 3), (6, 3, 3)])
def test_projector_value_is_the_hall_part_for_one_filled_band(seed, dim, bands):
    """Then the group of all filled states is that band."""
    model = gapped_model(seed, dim, bands, 1, hopping=0.15 if dim == 2 else 0.07)
    value = projector_hall_conductivity(model, model.operators["s"].matrix, 6, 0.0)
    result = transport(model, operator="s", grid=6, mu=0.0, temperature=COLD)
    scale = float(result.sigma_hall_scale.max())
    assert np.abs(value).max() > 1e-3 * scale
    # the energy mesh: 4e-12, and room for states on its flank
    assert np.abs(value - result.sigma_hall.values[0, 0]).max() < 1e-11 * scale


@pytest.mark.parametrize(("seed", "blocks"), [(2, True), (9, False)])
def test_projector_value_needs_the_projector_only(seed, blocks):
    """int i Tr P [d_l P, d_i P] s with P the projector on two filled bands: no dependence on bases or energies."""
    model, points = gapped_model(seed, 2, 4, 2, blocks=blocks), 6
    grid = KGrid.of(model, points)
    fine, coarse = (
        ByProjectors(model, grid.points(), 2, step).values["berry_curvature_operator"] for step in (1e-2, 2e-2)
    )
    fine, coarse = (2 * values[:, 0].mean(axis=0).T * grid.measure for values in (fine, coarse))
    value = projector_hall_conductivity(model, model.operators["s"].matrix, points, 0.0)
    # five-point differences: 1/15 of the change, with room; rounding 20 EPS |H|/gap over the step
    error = np.abs(fine - coarse).max() / 5 + 1e-13 / 1e-2
    assert error < 1e-4 * np.abs(value).max()
    assert np.abs(value - fine).max() < error
    hall = transport(model, operator="s", grid=points, mu=0.0, temperature=COLD).sigma_hall.values[0, 0]
    assert np.abs(value - hall).max() > 0.1 * np.abs(value).max(), "the Hall part depends on the bands one by one"


def test_torque_response_needs_a_torque():
    """s = 1, or any s that commutes with H: no torque at any temperature."""
    model = build_model("kane_mele", lambda_r=0.0)
    for s in (np.eye(4), model.operators["spin_z"].matrix):
        assert np.abs(torque_conductivity(model, s, 12, 0.3, T=0.2)).max() < 1e-13


def test_torque_response_of_a_metal_converges_with_the_grid_and_is_cold_at_low_temperature():
    """For a smooth f the integrand is analytic within |Im eps| < pi T: the error falls exponentially with the grid."""
    model = gapped_model(2, 2, 4, 2, blocks=True)
    s = model.operators["s"].matrix
    values = [torque_conductivity(model, s, grid, -1.0, T=0.2) for grid in (8, 16, 32, 64)]
    changes = [np.abs(a - b).max() for a, b in pairwise(values)]
    assert np.abs(values[-1]).max() > 1e-4
    # an error exp(-c N) is squared when N doubles; 1.4 leaves room for prefactors
    assert changes[0] > 1e-8
    assert changes[1] < changes[0] ** 1.4
    assert changes[2] < max(changes[1] ** 1.4, 1e-13 / STEP)
    # in the gap, 0.5 eV from mu: exp(-0.5/0.02) = 1e-11 of the occupation is missing
    cold = torque_conductivity(model, s, 48, 0.0, T=0.02)
    assert np.abs(cold - torque_conductivity(model, s, 48, 0.0, T=0.0)).max() < 1e-9
