"""Dirac electrons state by state; quantized conductivities and the charge magnetization of Chern insulators."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import band_geometry, equilibrium, transport
from cc_kernels.units import KELVIN
from tests.analytic.systems import Haldane, KaneMele, MassiveDirac, fermi

EPS = np.finfo(float).eps


@pytest.mark.parametrize("system", [MassiveDirac(1.0, 0.5), MassiveDirac(0.7, -1.3)])
def test_massive_dirac_state_by_state(system):
    k = np.random.default_rng(1).uniform(-2, 2, size=(50, 2))
    charge, spin = (band_geometry(system.model, operator=name, kpoints=k).compute() for name in ("charge", "spin_z"))
    pairs = {
        "energy": (charge.energy, system.energy(k)),
        "Berry curvature": (charge.berry_curvature[..., 0, 1], system.berry_curvature(k)),
        "magnetic moment": (charge.magnetic_moment, system.magnetic_moment(k)),
        "spin": (spin.operator_expectation, system.mass / (2 * system.energy(k))),
        "spin dipole": (spin.s_dipole, system.spin_dipole(k)),
        "spin moment": (spin.magnetic_moment, system.spin_moment(k)),
        "no spin current": (spin.operator_current, np.zeros((50, 2, 2))),
        "no charge dipole": (charge.s_dipole, np.zeros((50, 2, 2))),
    }
    for name, (value, expected) in pairs.items():
        # two levels, gap >= 2|mass| >= 1 eV: some ten operations of relative error EPS |H|/gap, on values of order one
        assert np.abs(value.values - expected).max() < 100 * EPS, name


@pytest.mark.parametrize("lambda_v", [0.1, 0.0])
def test_kane_mele_is_quantized_in_the_gap(lambda_v):
    """Without lambda_v inversion and time reversal make every band double, and only group traces mean anything.

    Without Rashba coupling s_z is conserved: no dipole, and sigma = (1/2)(C_up - C_down)/2pi = 1/2pi. The smallest
    gap, 2 (3 sqrt(3) 0.06 - 0.1) = 0.42 eV, is 80 times 60 K; 112 points resolve gap/velocity = 0.4/0.87 to 1e-11.
    """
    system = KaneMele(lambda_v)
    result = transport(system.model, operator="spin_z", grid=112, mu=[-0.05, 0.0, 0.05], temperature=30.0)
    for name in ("sigma_hall", "sigma_intrinsic", "sigma_conventional"):
        sigma = result[name].values[:, 0]
        assert np.abs(sigma[:, 0, 1] - system.sigma_hall_xy).max() < 1e-8 * system.sigma_hall_xy, name
        assert np.abs(sigma[:, 1, 0] + system.sigma_hall_xy).max() < 1e-8 * system.sigma_hall_xy, name
    assert abs(result.sigma_dipole).max() < 1e-14


def test_kane_mele_bands_are_double_without_staggering():
    bands = band_geometry(KaneMele(0.0).model, operator="spin_z", grid=6).compute()
    assert np.ptp(bands.energy.values.reshape(-1, 2, 2), axis=-1).max() < 1e-14  # eV: rounding
    assert abs(bands.operator_expectation).max() < 1e-14  # the trace of s_z over a doublet


def textbook_magnetization(model, points: int, mu: float, temperature: float | None) -> float:
    """Charge orbital magnetization from derivatives of projectors, without a sum over states.

    In the gap at T = 0 (temperature None): -int Im <d_x u| (H + eps - 2 mu) |d_y u> over the lower band; in general
    sum over bands of int f m + g Omega with m = -Im <d_x u| H - eps |d_y u> and Omega = -2 Im <d_x u|d_y u>.
    """
    step = 2e-3
    k = np.stack(np.meshgrid(*[np.arange(points) / points] * 2, indexing="ij"), -1).reshape(-1, 2) @ model.reciprocal

    def projectors(q: np.ndarray) -> np.ndarray:
        states = np.linalg.eigh(model.hamiltonian(q))[1]
        return np.einsum("kan,kbn->knab", states, states.conj())

    def derivative(axis: np.ndarray) -> np.ndarray:
        near, far = (projectors(k + n * step * axis) - projectors(k - n * step * axis) for n in (1, 2))
        return (8 * near - far) / (12 * step)

    H, P = model.hamiltonian(k), projectors(k)
    energy = np.linalg.eigvalsh(H)
    d_x, d_y = derivative(np.array([1.0, 0])), derivative(np.array([0, 1.0]))
    # <d_x u|X|d_y u> = Tr P dP_x X dP_y, the part of |du> along |u> left out
    with_h = np.einsum("knab,knbc,kcd,knda->kn", P, d_x, H, d_y).imag
    alone = np.einsum("knab,knbc,knca->kn", P, d_x, d_y).imag
    measure = 1 / abs(np.linalg.det(model.lattice))
    if temperature is None:
        return float(-measure * (with_h + (energy - 2 * mu) * alone)[:, 0].mean())
    x = energy - mu
    g = -temperature * np.logaddexp(0, -x / temperature)
    integrand = -fermi(x, temperature) * (with_h - energy * alone) - 2 * g * alone
    return float(measure * integrand.sum(axis=1).mean())


@pytest.mark.parametrize("mu", [-0.3, 0.0, 0.25])
def test_haldane_magnetization_in_the_gap_is_the_textbooks(mu):
    """At 30 K occupations differ from 0 and 1 by exp(-0.27 eV/T) = 1e-46."""
    model = Haldane().model
    value = equilibrium(model, operator="charge", grid=60, mu=mu, temperature=30.0).magnetization.item()
    # the same grid on both sides, so only the finite differences err: (step v/gap)^4/30 = 3e-12, rounding EPS/step
    assert value == pytest.approx(textbook_magnetization(model, 60, mu, None), abs=1e-10)


@pytest.mark.parametrize("mu", [-1.5, 0.0, 2.0])
def test_haldane_magnetization_of_a_metal_is_the_textbooks(mu):
    model = Haldane().model
    result = equilibrium(model, operator="charge", grid=40, mu=mu, temperature=2000.0)
    # finite differences as above; the energy mesh 4e-12
    expected = textbook_magnetization(model, 40, mu, 2000.0 * KELVIN)
    assert result.magnetization.item() == pytest.approx(expected, abs=1e-10)


def test_streda_formula_in_the_gap_of_haldane():
    """dM/dmu = sigma_xy = 1/2pi: M is linear in mu within the gap, so two points give the derivative exactly."""
    system = Haldane()
    mu = np.array([-0.2, 0.1])
    assert np.abs(mu).max() < system.gap_edge - 0.3  # 58 temperatures of 60 K
    slope = np.diff(
        equilibrium(system.model, operator="charge", grid=96, mu=mu, temperature=60.0).magnetization.values[:, 0]
    )
    slope = slope.item() / np.diff(mu).item()
    sigma = transport(system.model, operator="charge", grid=96, mu=mu[0], temperature=60.0).sigma_hall.values[
        0, 0, 0, 1
    ]
    assert slope == pytest.approx(sigma, rel=1e-10)  # the energy mesh's 4e-12, on any grid
    # gap/velocity is 1.2/0.87 here: 96 points resolve the curvature to rounding
    assert sigma == pytest.approx(system.sigma_xy, rel=1e-10)
    assert system.sigma_xy == pytest.approx(-system.chern_number_of_lower_band / (2 * np.pi))


def test_charge_is_conserved_and_its_conductivities_agree():
    """For s = 1 there is neither dipole nor torque, and the conventional current is the conserved one."""
    result = transport(Haldane().model, operator="charge", grid=24, mu=[-2.0, 0.0], temperature=1000.0)
    assert abs(result.sigma_dipole).max() < 1e-15
    assert abs(result.sigma_conventional - result.sigma_intrinsic).max() < 1e-14
