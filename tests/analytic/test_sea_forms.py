"""The sea forms: equal to the others where bands stay apart, right where occupied levels nearly touch, and at an exact
crossing the limit of a gap that closes."""

from __future__ import annotations

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.units import KELVIN
from tests.analytic.adaptive_quadrature import integrals
from tests.analytic.narrow_gaps import four_bands_with_narrow_gap
from tests.identities.random_models import antisymmetric, gapped_model

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def antisymmetric_part(sigma: np.ndarray) -> np.ndarray:
    return (sigma - sigma.swapaxes(-1, -2)) / 2


@pytest.mark.parametrize(("dim", "bands", "grid"), [(2, 2, 40), (2, 5, 40), (3, 2, 20)])
def test_where_bands_stay_apart_both_forms_agree(dim: int, bands: int, grid: int) -> None:
    """They differ by integrals of derivatives, which a grid takes to be exp(-a N), here below what the energy mesh
    leaves: 4e-12 for each of the terms, whose gaps of 0.1 eV make them ten times their sum."""
    error = 1e-10
    model = gapped_model(3, dim, bands, 1, hopping=0.15 if dim == 2 else 0.03)
    at = {"operator": "s", "grid": grid, "mu": [-0.3, 0.0, 2.0], "temperature": 3000.0}
    result = cc.respond(model, ["transport", "equilibrium"], **at)
    sigma = antisymmetric_part(result.sigma_intrinsic.values)
    assert np.abs(sigma).max() > 1e-3 * float(result.sigma_intrinsic_scale.max())
    assert np.abs(result.sigma_intrinsic_sea.values - sigma).max() <= error * float(result.sigma_intrinsic_scale.max())
    difference = np.abs(result.magnetization_sea - result.magnetization).max()
    assert float(difference) <= error * float(result.magnetization_scale.max())


def test_a_narrow_gap_of_four_bands() -> None:
    """Occupied levels 1e-5 eV apart: on 128 points the Hall part misses more than a hundredth of its scale, and the sea
    form nothing that the grid of 96 points does not miss as well."""
    case = four_bands_with_narrow_gap(np.random.default_rng(7), size=1e-5)
    exact = integrals(case.model, case.operator, case.mu, case.temperature)
    at = {"operator": case.operator, "mu": case.mu, "temperature": case.temperature}
    result = cc.transport(case.model, grid=128, **at).squeeze()
    scale = float(result.sigma_intrinsic_scale)
    missed = np.abs(antisymmetric_part(result.sigma_intrinsic.values - exact["sigma_intrinsic"].value)).max()
    assert missed > 1e-2 * scale
    assert np.abs(result.sigma_intrinsic_sea.values - exact["sigma_sea"].value).max() < 1e-2 * missed
    assert np.abs(exact["sigma_sea"].value - antisymmetric_part(exact["sigma_intrinsic"].value)).max() < 1e-4 * scale


def circulation(model: cc.Model, crossing: np.ndarray, bands: tuple[int, int], radius: float) -> float:
    """Sum over the two bands of the line integral of d_n, counter-clockwise around a crossing."""
    angle = 2 * np.pi * np.arange(64) / 64
    along = np.stack([-np.sin(angle), np.cos(angle)], -1)
    k = crossing + radius * np.stack([np.cos(angle), np.sin(angle)], -1)
    d = cc.band_geometry(model, operator="spin_z", kpoints=k, quantities=["s_dipole"]).s_dipole.values[:, list(bands)]
    return float(np.einsum("xni,xi->", d, along)) * 2 * np.pi * radius / 64


@pytest.mark.parametrize("mu", [-0.3, 1.0, 4.0, 9.0])
def test_at_exact_crossings_the_forms_differ_by_the_circulation_of_the_dipole(mu: float) -> None:
    """-(1/8 pi^2) sum_c f(eps_c) sum_n (circulation of d_n): the four crossings of a Rashba lattice, where the grouped
    value is no limit of a closing gap."""
    model, T = cc.build_model("rashba_square"), 1500.0
    expected = 0.0
    for crossing in ([0, 0], [np.pi, 0], [0, np.pi], [np.pi, np.pi]):
        energy = model.levels(np.array([crossing]))[0].mean()
        f = 1 / (1 + np.exp((energy - mu) / (T * KELVIN)))
        # the circulation has an error of the order of radius^2
        one, two = (circulation(model, np.array(crossing), (0, 1), radius) for radius in (1e-3, 2e-3))
        expected -= f * (4 * one - two) / 3 / (8 * np.pi**2)
    result = cc.transport(model, operator="spin_z", grid=512, mu=mu, temperature=T).sel(i="x", l="y").squeeze()
    difference = float(result.sigma_intrinsic - result.sigma_intrinsic_sea)
    # d_n falls as 1/k: a grid's sum of v d converges as N^-2, 3e-4 of the scale at 512 points
    assert difference == pytest.approx(expected, abs=1e-3 * float(result.sigma_intrinsic_scale))
    assert float(result.sigma_intrinsic_sea) == pytest.approx(0, abs=1e-14)


def test_the_narrow_gap_of_the_altermagnet() -> None:
    """An operator without trace has s_1 + s_2 = 0: the antisymmetric part is zero on every grid, gap or not."""
    model = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    result = cc.transport(model, operator="spin_z", grid=64, mu=2.0, temperature=1500.0).squeeze()
    exact = integrals(model, model.operator("spin_z").matrix, 2.0, 1500.0)
    scale = float(result.sigma_intrinsic_scale)
    assert np.abs(antisymmetric_part(exact["sigma_intrinsic"].value)).max() < 1e-4 * scale
    assert np.abs(result.sigma_intrinsic_sea.values).max() < 1e-14 * scale
    assert np.abs(antisymmetric_part(result.sigma_intrinsic.values)).max() > 0.5 * scale


def test_magnetization_of_a_three_dimensional_model_is_a_vector() -> None:
    model = gapped_model(3, 3, 2, 1, hopping=0.05)
    at = {"operator": "s", "grid": 12, "mu": 0.0, "temperature": 3000.0}
    result = cc.equilibrium(model, variables=["magnetization_sea", "torque_quadrupole_density"], **at).squeeze()
    assert result.magnetization_sea.dims == ("i",)
    assert np.isfinite(antisymmetric(result.magnetization_sea.values, 3)).all()
