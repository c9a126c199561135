"""The quadrature that other tests take as their reference: against closed forms, uniform grids, and itself."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import build_model, equilibrium, transport
from cc_kernels.units import KELVIN
from tests.analytic.adaptive_quadrature import Integral, integrals, levels
from tests.analytic.narrow_gaps import (
    NarrowGapModel,
    altermagnet_with_narrow_gap,
    four_bands_with_narrow_gap,
    narrow_gaps,
    two_levels,
)
from tests.analytic.systems import UNIT, RashbaInAField
from tests.identities.random_models import random_model

MAKERS = [altermagnet_with_narrow_gap, four_bands_with_narrow_gap]


@pytest.mark.parametrize(("seed", "bands"), [(1, 2), (2, 4)])
def test_random_models_without_narrow_gaps(seed, bands):
    """Uniform grids converge exponentially there: 96 and 120 points agree to 1e-12. The responses' mesh of energies
    leaves 4e-12; the sum of differences, 1e-9, bounds the lower order of the quadrature."""
    model = random_model(seed, 2, bands, hopping=0.1)
    mu, temperature = 0.4, 3000.0
    exact = integrals(model, model.operators["s"].matrix, mu, temperature, tolerance=1e-9)
    grids = [
        response(model, operator="s", grid=120, mu=mu, temperature=temperature).squeeze()
        for response in (transport, equilibrium)
    ]
    compared = {name: grid[name].values for grid in grids for name in exact if name in grid}
    assert len(compared) == len(exact) - 1  # all but sigma_sea
    for name, value in compared.items():
        assert abs(exact[name].value - value).max() < 1e-9 * exact[name].scale, name


@pytest.mark.parametrize("bz", [1e-2, 1e-6])
def test_rashba_electrons_in_a_small_field(bz):
    """Gap 2 bz: the Hall part from its closed form, the dipole part minus that. At the sides of the box the lower band
    lies 4.6 eV above mu, 53 T."""
    model = RashbaInAField(bz=bz, k_max=4.0).model
    mu, temperature = 0.6, 1000.0
    result = integrals(model, model.operator("spin_z").matrix, mu, temperature)
    expected = RashbaInAField(bz=bz).sigma_hall_xy(mu, temperature * KELVIN)
    for name, factor in (("sigma_hall", 1), ("sigma_dipole", -1), ("sigma_intrinsic", 0)):
        # sums of differences up to 1e-7 of the scale, UNIT and twice that
        assert abs(result[name].value[0, 1] - factor * expected) < 2e-7 * UNIT, name


def test_chern_insulator_with_a_narrow_gap():
    """Haldane's model 1e-4 eV from its transition: gap 2e-4 eV, 58 T on either side of mu."""
    model = build_model("haldane", delta=3 * np.sqrt(3) * 0.15 - 1e-4)
    result = integrals(model, np.eye(2), 0.0, 0.02)
    assert result["sigma_hall"].value[0, 1] == pytest.approx(1 / (2 * np.pi), abs=result["sigma_hall"].error)
    assert result["sigma_hall"].error < 1e-8


@pytest.fixture(scope="module")
def altermagnet():
    """A gap far from every grid, between two occupied levels, and its integrals."""
    model = build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    (gap,) = narrow_gaps(model, below=2.0)
    case = NarrowGapModel(model, model.operator("spin_z").matrix, gap, mu=2.0)
    return case, integrals(model, case.operator, case.mu, case.temperature)


def test_altermagnet(altermagnet):
    """Known from another graded quadrature, around this gap alone, to the digits that are written here."""
    case, result = altermagnet
    assert case.gap.size == pytest.approx(1.67e-5, abs=5e-8)
    assert case.gap.k == pytest.approx([0.38447, -0.38440], abs=5e-6)
    assert result["sigma_hall"].value[0, 1] == pytest.approx(0.02838, abs=5e-6)
    assert result["sigma_intrinsic"].value[0, 1] == pytest.approx(-3e-7, abs=5e-8)


def test_what_a_grid_misses(altermagnet):
    """h/|h| covers a hemisphere around the normal n of the plane of dh/dk. With s = s_0 + S.sigma and Omega_n s_n =
    +-(1/2) h.(dh x dh)/|h|^3 (s_0 -+ S.h/|h|) its integral is pi n.S, whatever the gap: sigma_hall xy has a part
    n.S/4 pi within some gap/velocity, which a grid misses. The rest falls off like 1/|k - k_gap|, and one cell of a
    grid of 64^2, with 1/64 of the radius of the zone, may err by that much."""
    case, result = altermagnet
    _, _, V = two_levels(case.model, case.gap.k[None], case.gap.lower)
    normal = np.cross(*V[0].T)
    s = levels(case.model, case.gap.k[None], case.operator)[2][0]
    S = np.array([s[0, 1].real, s[0, 1].imag, (s[1, 1] - s[0, 0]).real / 2])
    missed = normal @ S / np.linalg.norm(normal) / (4 * np.pi)
    grid = transport(
        case.model, operator="spin_z", grid=64, mu=case.mu, temperature=case.temperature
    ).sigma_hall.squeeze()
    assert result["sigma_hall"].value[0, 1] - grid.values[0, 1] == pytest.approx(missed, rel=1 / 64)


def check_identities(result: dict[str, Integral]) -> None:
    """The antisymmetric part of sigma_intrinsic is a sum over the Fermi sea without 1/gap^2, and Eq. (5) holds: both
    integrate by parts over the zone, and fail where a feature of the integrand is missed."""
    sigma, sea = result["sigma_intrinsic"], result["sigma_sea"]
    assert abs((sigma.value - sigma.value.T) / 2 - sea.value).max() < sigma.error + sea.error < 1e-6 * sigma.scale
    current, torque = result["conventional_current"], result["torque_dipole_density"]
    assert abs(current.value + torque.value).max() < current.error + torque.error


def test_identities_of_the_altermagnet(altermagnet):
    check_identities(altermagnet[1])


@pytest.mark.parametrize("make", MAKERS)
def test_models_with_a_narrow_gap(make):
    """The gap is what was asked for, a search from everywhere finds it, and the integrals obey their identities."""
    size = 1e-7
    case = make(np.random.default_rng(1), size=size)
    assert case.gap.size == pytest.approx(size, rel=1e-5)
    found = min(narrow_gaps(case.model, case.mu), key=lambda gap: gap.size)
    # energies are known to 1e-15 eV
    assert (found.size, found.lower) == (pytest.approx(case.gap.size, rel=1e-5, abs=1e-14), case.gap.lower)
    apart = (found.k - case.gap.k) @ np.linalg.inv(case.model.reciprocal)
    # at a minimum to 1e-6 of gap/velocity, or what rounding leaves
    assert abs(apart - np.round(apart)).max() < 1e-6 * size + 1e-12
    check_identities(integrals(case.model, case.operator, case.mu, case.temperature))


@pytest.mark.parametrize("make", MAKERS)
def test_the_error_bounds_the_change_on_other_cells(make, monkeypatch):
    """Cells of a 13th of the zone have none of their points in common with those of a 16th. A seed makes the same model
    twice, of a size in the range."""
    results = []
    for first in (16, 13):
        monkeypatch.setattr("tests.analytic.adaptive_quadrature.FIRST_CELLS", first)
        case = make(np.random.default_rng(3))
        assert 2e-6 < case.gap.size < 1e-2
        results.append(integrals(case.model, case.operator, case.mu, case.temperature))
    for name, one in results[0].items():
        other = results[1][name]
        assert abs(one.value - other.value).max() <= one.error + other.error, name
