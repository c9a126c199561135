"""Clean Rashba electrons: conductivities that count Fermi contours and windings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from cc_kernels import respond, transport
from cc_kernels.units import KELVIN
from tests.analytic.systems import UNIT, CleanRashba, RashbaInAField

WARM = 600.0
"""kelvin (0.0517 eV). At T > 0 the answer is the T = 0 one weighted with -f', so levels where it changes matter as
exp(-distance/T): 4e-9 at 1 eV. A grid errs by exp(-2 pi kappa/step) with kappa = pi T/|v|: with speeds of at most
1.7 and a step of 6/256, exp(-26)."""


def in_units(system, mu, temperature, grid, variable="sigma_intrinsic"):
    """(i, l) in e/8 pi."""
    result = transport(system.model, operator="spin_z", grid=grid, mu=mu, temperature=temperature)
    assert abs(result.sigma_hall).max() < 1e-14 * UNIT  # s_n^z = 0 in every state of a clean Rashba model
    return result[variable].values[0, 0] / UNIT


def test_lattice_value_at_low_temperature():
    """-e/8 pi at mu = 1 eV, 100 K: kappa = pi T/|v| = 0.016, so 1024 points are off by about exp(-16) = 1e-7."""
    system = CleanRashba(lattice=True, alpha=0.5)
    sigma = in_units(system, 1.0, 100.0, 1024)
    assert sigma[0, 1] * UNIT == pytest.approx(system.sigma_intrinsic_xy([1, 1]), rel=1e-6)
    assert sigma[0, 1] == pytest.approx(-1, abs=1e-6)
    assert sigma[1, 0] == pytest.approx(-sigma[0, 1], abs=1e-12)  # fourfold rotation, exact on this grid
    assert np.abs(np.diag(sigma)).max() < 1e-12


CLEAN = {
    # name: system, mu (eV), T (K), grid, contours
    "lattice, both bands": (CleanRashba(lattice=True, alpha=0.5), 1.0, WARM, 256, [1, 1]),
    "lattice near the top": (CleanRashba(lattice=True, alpha=0.5), 7.0, WARM, 256, [-1, -1]),
    "continuum, both bands": (CleanRashba(lattice=False, alpha=0.7), 1.0, WARM, 256, [1, 1]),
    # outer edge electron-like, inner edge hole-like: 0.5 eV below the crossing is 19 temperatures of 300 K
    "continuum, annulus": (CleanRashba(lattice=False, alpha=1.4, k_max=4.0), -0.5, 300.0, 320, [1, -1]),
    # 0.3 eV above the crossing is 17 temperatures of 200 K; speeds near 0.8
    "k-cubic, spin 3/2": (
        CleanRashba(lattice=False, alpha=0.05, winding=3, spin=1.5, k_max=2.0), 0.3, 200.0, 256, [1, 1]
    ),
    "k-squared": (CleanRashba(lattice=False, alpha=0.2, winding=2, k_max=2.5), 1.0, WARM, 256, [1, 1]),
}  # fmt: skip
EXPECTED = {
    "lattice, both bands": -1,
    "lattice near the top": 1,
    "continuum, both bands": -1,
    "continuum, annulus": 0,
    "k-cubic, spin 3/2": -9,
    "k-squared": -2,
}


@pytest.mark.parametrize("name", CLEAN)
def test_intrinsic_conductivity_counts_contours_and_windings(name):
    system, mu, temperature, grid, contours = CLEAN[name]
    assert system.sigma_intrinsic_xy(contours) / UNIT == pytest.approx(EXPECTED[name], abs=1e-12)
    sigma = in_units(system, mu, temperature, grid)
    assert sigma[0, 1] == pytest.approx(EXPECTED[name], abs=1e-6)
    # kx <-> ky is a symmetry of the grid up to its edge, where occupations are below 1e-9
    assert sigma[1, 0] == pytest.approx(-sigma[0, 1], abs=1e-7)


def test_conventional_conductivity_in_the_continuum_is_universal():
    system = CleanRashba(lattice=False, alpha=0.7)
    value = in_units(system, 1.0, WARM, 256, "sigma_conventional")[0, 1]
    assert system.sigma_conventional_xy() == pytest.approx(UNIT)
    assert value == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("mu", [-0.5, 0.5])
def test_kubo_response_is_the_intrinsic_one_above_the_crossing_only(mu):
    """Conventional + torque is 1 - 2 = -1 with both bands occupied, and c - 3c below the crossing, not 0.

    At T > 0 each is the T = 0 value weighted with -f'. Speeds are at most 1.72: kappa = 0.047 at 300 K, and with a step
    of 8/480 the grid errs by exp(-17.8); the crossing, 0.5 eV away, weighs exp(-19).
    """
    system = CleanRashba(lattice=False, alpha=1.4, k_max=4.0)
    T = 300.0 * KELVIN

    def at_temperature(part: int) -> float:
        def weighted(energy: float) -> float:
            return system.kubo_xy(energy)[part] / (4 * T * np.cosh((energy - mu) / (2 * T)) ** 2)

        return quad(weighted, mu - 40 * T, mu + 40 * T, points=[mu], epsabs=1e-12)[0] / UNIT

    at = {"operator": "spin_z", "grid": 480, "mu": mu, "temperature": 300.0}
    result = respond(system.model, ["transport", "companions"], **at)
    names = ("sigma_conventional", "sigma_torque_kubo", "sigma_hall_projector", "sigma_intrinsic")
    conventional, torque, projector, intrinsic = (result[name].sel(i="x", l="y").item() / UNIT for name in names)
    assert conventional == pytest.approx(at_temperature(0), abs=1e-6)
    assert torque == pytest.approx(at_temperature(1), abs=1e-6)
    # where both bands are filled, no state is empty; where one is, s_n = 0
    assert projector == pytest.approx(0, abs=1e-10)
    assert intrinsic == pytest.approx(-1 if mu > 0 else 0, abs=1e-6)
    assert conventional + torque == pytest.approx(-1 if mu > 0 else -1.4, abs=3e-3)  # c = 0.7, but for T^2


@pytest.mark.parametrize("k_max", [3.0, 3.5, 4.0])
def test_moving_the_cut_off_changes_nothing(k_max):
    """The lower band lies 1.4 eV (27 temperatures) above mu at the nearest cut-off; the step stays the same."""
    sigma = in_units(CleanRashba(lattice=False, alpha=0.7, k_max=k_max), 1.0, WARM, int(k_max * 80))
    assert sigma[0, 1] == pytest.approx(-1, abs=1e-7)


@pytest.mark.parametrize("bz", [0.1, 0.2])
def test_a_field_makes_the_total_vanish(bz):
    """Dipole and Hall parts cancel; each tends to -+1 as the field goes to zero, unlike the crossing itself."""
    system = RashbaInAField(bz)
    result = transport(system.model, operator="spin_z", grid=256, mu=1.0, temperature=WARM)
    hall, dipole, total = (
        result[name].values[0, 0, 0, 1] / UNIT for name in ("sigma_hall", "sigma_dipole", "sigma_intrinsic")
    )
    expected = system.sigma_hall_xy(1.0, WARM * KELVIN) / UNIT
    # The curvature peak has width bz/alpha = 0.14 or more, and the step is 6/256: exp(-2 pi 0.14 256/6) = 5e-17.
    # f varies across the band bottom, 1 eV away: exp(-17) = 4e-8 of the cancellation is not there at T > 0.
    assert hall == pytest.approx(expected, abs=1e-7)
    assert dipole == pytest.approx(-expected, abs=1e-7)
    assert total == pytest.approx(0, abs=1e-7)
    # sigma_hall = 1 - sum over contours of bz^2/(2 lambda_F^2) at T = 0: the limit is 1, quadratically
    assert 1 - hall == pytest.approx(0, abs=2 * bz**2)
