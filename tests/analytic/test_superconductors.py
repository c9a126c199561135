"""Superconductors: closed forms state by state, quantized responses, null results."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import Operator, TightBinding, band_geometry, build_model, equilibrium, superconductor, transport
from cc_kernels.units import KELVIN
from tests.analytic.systems import OneBandSuperconductor, RandomPairing

EPS = np.finfo(float).eps
D_ID = OneBandSuperconductor("d_id_square")
P_IP = OneBandSuperconductor("p_ip_square")

GRID = 256
"""The d + id gap is E >= 0.281 eV and the speed along the Fermi line at most 2.9 eV angstrom, so the integrands are
analytic for |Im k| < 0.1 or more: exp(-256 x 0.1) = 1e-11 at worst. Seen in M: 8e-6, 4e-10, 4e-14 (2e-13 at 1500 K) and
3e-18 at 64, 128, 192 and 256 points. The smallest grid below 1e-12 is near 190; 256 leaves room and is what Chern
numbers to 1e-10 take as well."""


@pytest.mark.parametrize("system", [D_ID, P_IP], ids=["d+id", "p+ip"])
def test_closed_forms_state_by_state(system):
    k = np.random.default_rng(3).uniform(-np.pi, np.pi, size=(60, 2))
    bands = band_geometry(system.model, operator="charge", kpoints=k).compute()
    pairs = {
        "energy": (bands.energy, system.energy(k)),
        "charge": (bands.operator_expectation, system.charge(k)),
        "charge dipole": (bands.s_dipole, system.charge_dipole(k)),
        "Berry curvature": (bands.berry_curvature[..., 0, 1], system.berry_curvature(k)),
    }
    for name, (value, expected) in pairs.items():
        # EPS |H|/gap = 10 EPS in a state, twice that over a gap in a derivative; 1e-12 of the largest is generous
        assert np.abs(value.values - expected).max() < 1e-12 * np.abs(expected).max(), name


@pytest.fixture(scope="module")
def d_id():
    return superconductor(D_ID.model, grid=GRID, temperature=[50.0, 100.0, 300.0, 1500.0])


def test_spin_and_thermal_hall_conductance_are_quantized(d_id):
    """2 at 100 K: quasiparticles are exp(-0.281 eV/T) = 7e-15, and x^2 exp(-x) = 1e-11 of the heat."""
    cold = d_id.sel(temperature=100.0)
    assert abs(cold.spin_hall_conductance.item()) == pytest.approx(2, abs=1e-8)
    assert abs(cold.thermal_hall_over_T.item()) == pytest.approx(2, abs=1e-8)
    assert abs(d_id.chern_number.item()) == pytest.approx(2, abs=1e-10)
    assert np.sign(cold.spin_hall_conductance.item()) == np.sign(d_id.chern_number.item())
    # at 1500 K (gap/T = 2.2) neither is quantized
    assert abs(d_id.spin_hall_conductance.values[-1]) < 1.9


@pytest.mark.parametrize("spin", [np.diag([3.0, 3.0]), np.array([[0, 1], [1, 0]]), None])
def test_only_a_conserved_spin_of_one_half_has_a_spin_hall_conductance(spin):
    """The formula -(1/4) int f Omega holds for s = 1/2 on every state; a name is not enough."""
    model = build_model("d_id_square")
    assert "spin_hall_conductance" in superconductor(model, grid=8, temperature=3000)
    operators = {"charge": model.operators["charge"]} | ({} if spin is None else {"spin": Operator(spin)})
    other = TightBinding(
        model.lattice, model.R, model.hoppings, model.positions, operators=operators, is_superconductor=True
    )
    result = superconductor(other, grid=8, temperature=3000)
    assert not [name for name in result.data_vars if name.startswith("spin_hall")]


def test_thermal_hall_conductance_has_the_sign_of_wiedemann_and_franz():
    """Without pairing, kappa_xy/T = (pi^2/3e^2) sigma_xy for each spin: J^Q_x = -kappa_xy d_y T as J_x = sigma_xy E_y.

    The band edges are 22 temperatures from mu: x^2 exp(-x) = 1e-7. 48 points resolve the gap to 1e-10.
    """
    sigma = transport(build_model("haldane"), operator="charge", grid=48, mu=0.0, temperature=300.0).sigma_hall.sel(
        i="x", l="y"
    )
    normal = superconductor(build_model("haldane_superconductor", mu=0.0, pairing=0.0), grid=48, temperature=300.0)
    assert sigma.item() == pytest.approx(1 / (2 * np.pi), abs=1e-6)
    # in units of pi^2 k_B^2/3h, and sigma_xy in those of e^2/h
    assert normal.thermal_hall_over_T.item() == pytest.approx(2 * 2 * np.pi * sigma.item(), abs=1e-6)


@pytest.mark.parametrize("temperature", [0.1, 0.05, 0.02])
def test_thermal_hall_conductance_follows_the_closed_form(temperature):
    """Against closed-form curvatures on another grid (half a step away) and a quadrature of y^2 (-df/dy); T in eV."""
    expected = D_ID.kappa(200, temperature)
    value = superconductor(D_ID.model, grid=GRID, temperature=temperature / KELVIN).thermal_hall_over_T.item()
    # 200 points resolve the gap to 1e-13, and the quadrature is good to 1e-11
    assert value == pytest.approx(expected, abs=1e-9)


def test_thermal_hall_conductance_approaches_its_quantum_exponentially():
    """E >= 0.281 eV: the deficit falls faster than exp(-0.28 (1/T' - 1/T))."""
    T = np.array([0.1, 0.05, 0.02])
    deficit = 2 - np.abs(superconductor(D_ID.model, grid=GRID, temperature=T / KELVIN).thermal_hall_over_T.values)
    assert (deficit > 0).all()
    # F has a prefactor x^2 + 2x + 2, which grows by at most (T/T')^2
    bound = np.exp(-0.281 * (1 / T[1:] - 1 / T[:-1])) * (T[:-1] / T[1:]) ** 2
    assert (deficit[1:] < bound * deficit[:-1]).all()
    assert deficit[2] < 1e-4 < deficit[1] < 0.1 < deficit[0]


@pytest.mark.parametrize("temperature", [50.0, 300.0, 1500.0])
def test_d_id_magnetization_vanishes_as_a_cancellation(d_id, temperature):
    at = d_id.sel(temperature=temperature)
    assert abs(at.magnetization_charge_dipole.item()) > 0.01  # eV: 0.0126
    assert abs(at.magnetization_berry.item()) > 0.01
    assert abs(at.magnetization_moment.item()) < 1e-12
    assert abs(at.magnetization.item()) < 1e-12


def test_spinless_p_ip():
    """Nambu doubling counts every quasiparticle twice: kappa is 1/2, and there is no spin. Gap: E >= 0.344 eV."""
    result = superconductor(P_IP.model, grid=128, temperature=[50.0, 100.0])
    assert np.abs(np.abs(result.thermal_hall_over_T.values) - 0.5).max() < 1e-8
    assert abs(result.chern_number.item()) == pytest.approx(1, abs=1e-8)
    assert "spin_hall_conductance" not in result
    assert abs(result.magnetization_berry).min() > 1e-3
    # 128 points resolve the gap to 1e-11 (Chern number) and the magnetization to 1e-13
    assert abs(result.magnetization).max() < 1e-12


PARTS = ("magnetization_moment", "magnetization_charge_dipole", "magnetization_berry", "magnetization")


@pytest.mark.parametrize("seed", range(4))
def test_random_pairing_in_an_even_band_has_no_magnetization(seed):
    result = superconductor(RandomPairing(seed).model, grid=96, temperature=[300.0, 3000.0, 20000.0])
    moment, dipole, _, total = (result[name].values for name in PARTS)
    scale = result.magnetization_scale.values
    assert (np.abs(dipole) > 1e-3 * scale).all()
    # rounding and the energy mesh, 1e-12 of the sum of absolute contributions
    assert (np.abs(moment) < 1e-12 * scale).all()
    assert (np.abs(total) < 1e-12 * scale).all()


@pytest.mark.parametrize("seed", range(4))
def test_an_odd_part_of_the_band_makes_a_magnetization_of_the_first_kind(seed):
    result = superconductor(RandomPairing(seed, odd=0.4).model, grid=96, temperature=[300.0, 3000.0, 20000.0])
    moment, dipole, berry, total = (result[name].values for name in PARTS)
    scale = result.magnetization_scale.values
    assert (np.abs(total) > 1e-4 * scale).all()
    assert (np.abs(dipole + berry) < 1e-12 * scale).all()
    assert (np.abs(total - moment) < 1e-12 * scale).all()


@pytest.mark.parametrize("temperature", [300.0, 2000.0])
def test_without_pairing_the_magnetization_is_twice_that_of_one_spin(temperature):
    """Electrons of one spin and holes of the other add up: 2 M of Haldane's normal state, at any temperature."""
    normal = equilibrium(build_model("haldane"), operator="charge", grid=64, mu=-0.5, temperature=temperature)
    paired = superconductor(build_model("haldane_superconductor", pairing=0.0), grid=64, temperature=temperature)
    # the same k-points, so the identity holds on the grid: sum over bands of m_n + (eps_n - mu) Omega_n = 0
    assert abs(normal.magnetization.item()) > 0.01
    assert paired.magnetization.item() == pytest.approx(2 * normal.magnetization.item(), rel=1e-8)


def test_weak_pairing_in_a_gap_changes_the_magnetization_quadratically():
    """mu = -0.5 lies in Haldane's gap and no electron level meets a hole level (eps_1 + eps_2 = 0 > 2 mu): an expansion
    in pairing^2/gap^2 exists, and halving the pairing divides the change by 4. The next order is (0.1/0.58)^2 = 3 %."""
    limit = (
        2
        * equilibrium(
            build_model("haldane"), operator="charge", grid=96, mu=-0.5, temperature=50.0
        ).magnetization.item()
    )
    changes = [
        superconductor(
            build_model("haldane_superconductor", pairing=pairing), grid=96, temperature=50.0
        ).magnetization.item()
        - limit
        for pairing in (0.05, 0.025)
    ]
    assert abs(changes[0]) > 1e-3 * abs(limit)
    assert changes[0] / changes[1] == pytest.approx(4, rel=0.03)


@pytest.mark.parametrize("name", ["haldane_superconductor", "honeycomb_d_id", "d_id_square"])
def test_thermoelectric_current_is_the_temperature_derivative_of_the_circuits(name):
    """Eq. (11) with s = e tau_z: the Hall part is int S rho Omega, and S = -dg/dT; the dipole part, antisymmetrized,
    is int (df/dT) d x v/2. So alpha_xy = d(M_dipole + M_Berry)/dT, which vanishes for one trivial band (Eq. 7)."""
    model, T, step = build_model(name), 900.0, 9.0
    temperatures = T + step * np.array([-2, -1, 0, 1, 2])
    result = superconductor(model, grid=192, temperature=temperatures)
    circuits = (result.magnetization_charge_dipole + result.magnetization_berry).values
    slope = (circuits[0] - 8 * circuits[1] + 8 * circuits[3] - circuits[4]) / (12 * step * KELVIN)
    alpha = result.alpha_intrinsic.isel(temperature=2).values
    scale = float(result.alpha_intrinsic_scale[2])
    # (step/T)^4/30 = 3e-10 of a fifth derivative, which (gap/T = 4)^5 enlarges by 1e3
    assert alpha[0, 1] == pytest.approx(slope, abs=1e-6 * scale)
    # 192 points resolve the cancellation of one band to 1e-10
    assert abs(alpha[0, 1]) < 1e-9 * scale if name == "d_id_square" else abs(alpha[0, 1]) > 1e-3 * scale
    assert abs(alpha + alpha.T).max() < 1e-12 * scale
