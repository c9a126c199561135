"""Superconductors with two trivial normal bands: only pairing between the bands leaves a magnetization."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import build_model, superconductor
from cc_kernels.models import TightBinding
from cc_kernels.models.nambu import nambu
from tests.analytic.systems import BetweenBands, graphene, graphene_pairing

Terms = dict[tuple[int, ...], np.ndarray]


def product(first: Terms, second: Terms) -> Terms:
    """Of two Bloch matrices, each sum_R exp(i k.(R + tau_j - tau_i)) M_R."""
    result: Terms = {}
    for (x, y), a in first.items():
        for (u, v), b in second.items():
            result[x + u, y + v] = result.get((x + u, y + v), 0) + a @ b
    return result


def hoppings() -> Terms:
    """h of graphene without its sign, sum over the bonds."""
    model = graphene()
    return {tuple(R): -block for R, block in zip(model.R.tolist(), model.hoppings, strict=True) if block.any()}


def split(pairing: Terms, sign: int) -> Terms:
    """|gamma|^2 times the pairing within the bands (sign +1) or between them (-1): (h^2 Delta + sign h Delta h)/2.

    h^2 = |gamma|^2 for the hoppings h of graphene (t = 1), so h/|gamma| = +-1 on the bands; the factor makes the
    hoppings few and the projection smooth at the Dirac points.
    """
    h = hoppings()
    within, across = product(product(h, h), pairing), product(product(h, pairing), h)
    return {R: (within[R] + sign * across[R]) / 2 for R in within}


def scaled(pairing: Terms, factor: float) -> Terms:
    return {R: factor * block for R, block in pairing.items()}


def with_pairing(pairing: Terms) -> TightBinding:
    return nambu(graphene(), pairing, mu=-0.8, operators={"charge": np.diag([1.0, 1.0, -1.0, -1.0])})


def parts(model: TightBinding, grid: int, temperature: float) -> np.ndarray:
    """Rotation of the current, travelling dipole, global circuit, in units of the sum of absolute contributions."""
    result = superconductor(model, grid=grid, temperature=temperature)
    names = ("magnetization_moment", "magnetization_charge_dipole", "magnetization_berry")
    return np.array([result[name].item() for name in names]) / result.magnetization_scale.item()


D_ID = graphene_pairing(neighbours=1)  # that of honeycomb_d_id
D_ID_ON_SUBLATTICE = graphene_pairing(neighbours=2)
WITHIN_BANDS = {
    "the same on both sublattices": scaled(D_ID_ON_SUBLATTICE, 0.3),
    "between the sublattices": scaled(product(D_ID_ON_SUBLATTICE, hoppings()), 0.2),
    "that of honeycomb_d_id, projected": scaled(split(D_ID, +1), 0.3),
}


@pytest.mark.parametrize("name", WITHIN_BANDS)
@pytest.mark.parametrize("temperature", [300.0, 4000.0])
def test_pairing_within_trivial_bands_has_no_magnetization(name: str, temperature: float) -> None:
    """Two bands, sublattice phases, Chern number 2: none of these makes M finite as long as Delta commutes with h.

    The total vanishes up to the grid, 4e-5, 1e-10 and 1e-14 at 64, 128 and 192 points at worst.
    """
    moment, dipole, berry = parts(with_pairing(WITHIN_BANDS[name]), 192, temperature)
    assert abs(dipole) > 0.1
    assert abs(moment) < 1e-14
    assert abs(dipole + berry) < 1e-12


BETWEEN_BANDS = {
    "opposite on the sublattices": BetweenBands(0.3).model,
    "that of honeycomb_d_id, projected": with_pairing(scaled(split(D_ID, -1), 0.1)),
}


@pytest.mark.parametrize("name", BETWEEN_BANDS)
def test_pairing_between_bands_has_a_magnetization_of_the_first_kind(name: str) -> None:
    """As with an odd part of h in one band, the rotation of the current is all; 4000 K keeps the grid small."""
    moment, dipole, berry = parts(BETWEEN_BANDS[name], 48, 4000.0)
    assert abs(moment) > 0.1
    assert abs(dipole) > 0.1
    assert abs(dipole + berry) < 1e-12


@pytest.mark.parametrize("temperature", [300.0, 4000.0])
def test_magnetization_of_pairing_between_bands(temperature: float) -> None:
    """The closed form, on the same points (64 is no multiple of 3, so no Dirac point is among them)."""
    system = BetweenBands(0.3)
    result = superconductor(system.model, grid=64, temperature=temperature)
    # the energy mesh of the windows and rounding: 1e-12 of the sum of absolute contributions, 6 times the answer
    assert result.magnetization_moment.item() == pytest.approx(system.magnetization(64, temperature), rel=1e-10)
    assert abs(result.magnetization_moment.item()) > 0.05


def test_honeycomb_d_id_pairs_within_and_between() -> None:
    """Both terms are there; the magnetization follows the chirality, and vanishes for real and for s-wave pairing."""
    normal, charge = graphene(), {"charge": np.diag([1.0, 1.0, -1.0, -1.0])}
    pairing = scaled(D_ID, 0.4)
    choices = {
        "d + id": pairing,
        "d - id": {R: block.conj() for R, block in pairing.items()},
        "d": {R: block.real for R, block in pairing.items()},
        "s": {R: np.abs(block) for R, block in pairing.items()},
    }
    M = {
        name: superconductor(
            nambu(normal, delta, -0.8, operators=charge), grid=64, temperature=4000.0
        ).magnetization.item()
        for name, delta in choices.items()
    }
    named = superconductor(build_model("honeycomb_d_id"), grid=64, temperature=4000.0).magnetization.item()
    assert M["d + id"] == pytest.approx(named, rel=1e-12)
    assert named == pytest.approx(0.0544, abs=1e-4)
    assert M["d - id"] == pytest.approx(-named, rel=1e-12)
    assert abs(M["d"]) < 1e-14
    assert abs(M["s"]) < 1e-14
