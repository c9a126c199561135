"""The thermal coefficient of bosons: Kubo's formula, and where s is conserved fluxes through plaquettes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import spence

from cc_kernels import build_model, equilibrium, thermal
from cc_kernels.models import Model
from cc_kernels.units import KELVIN
from tests.identities.boson_models import MEV, bosons_of, honeycomb_ferromagnet, pair_square
from tests.identities.kubo_torque import torque_conductivity


def entropy_of_bosons(x: np.ndarray, T: float) -> np.ndarray:
    """(1 + n) ln(1 + n) - n ln n with n of |eps|: c_1(n)."""
    n = 1 / np.expm1(np.abs(x) / T)
    return (1 + n) * np.log1p(n) - n * np.log(n)


def entropy_of_fermions(x: np.ndarray, T: float) -> np.ndarray:
    f = 1 / (np.exp(np.abs(x) / T) + 1)
    return -f * np.log(f) - (1 - f) * np.log1p(-f)


def rashba_with_fermi_surface() -> Model:
    """Nambu fermions; the third band is below zero on 3.4% of the zone."""
    return build_model("spin_orbit_superconductor", mu=1.5, pairing=0.3, bx=0.6, bz=0.4)


KUBO = {
    # model, operator, grid, T (eV), step of q: the difference errs by (step x speed/gap)^6
    "random, 2 modes": (lambda: bosons_of(2, 2, "diagonal"), "s", 10, 0.3, 2e-2),
    "random, 3 modes": (lambda: bosons_of(2, 3, "anomalous"), "s", 10, 0.3, 2e-2),
    "random, 3D": (lambda: bosons_of(3, 2, "anomalous"), "s", 6, 0.3, 2e-2),
    "pair_square": (pair_square, "spin_z", 16, 10 * KELVIN, 2e-2),
    "Fermi surface, x": (rashba_with_fermi_surface, "spin_x", 32, 0.06, 4e-3),
    "Fermi surface, y": (rashba_with_fermi_surface, "spin_y", 32, 0.06, 4e-3),
}


@pytest.mark.parametrize("name", KUBO)
def test_symmetric_part_of_alpha_is_kubos(name, identity):
    """Conventional part + torque at q -> 0 with S in the place of f, halved: the symmetric part, on every grid.

    The antisymmetric part is another, and is not compared: a gradient of T has no curl, so that continuity fixes
    q_i q_l alpha_il alone. The rest depends on which magnetization is subtracted, a definition of the theory. It
    differs in the second order of what breaks the conservation of s: 0.151, not -0.011 k_B, for a Kitaev ferromagnet.
    """
    build, operator, grid, T, step = KUBO[name]
    model = build()
    entropy = entropy_of_bosons if model.statistics == "bose" else entropy_of_fermions
    result = thermal(model, operator=operator, grid=grid, temperature=T / KELVIN)
    alpha, conventional = (result[part].values[0, 0] for part in ("alpha_intrinsic", "alpha_conventional"))
    torque = torque_conductivity(model, model.operators[operator].matrix, grid, 0.0, T, entropy, step) / 2
    expected = conventional + torque
    size = np.abs(alpha + alpha.T).max() / 2
    assert np.abs(conventional + conventional.T - alpha - alpha.T).max() > 1e-2 * size, "the torque matters"
    error = np.abs(expected + expected.T - alpha - alpha.T).max() / 2
    # six digits; seven-point differences err by some (step x speed/gap)^6, with 2 eV angstrom and 0.2 eV by 4e-9 of
    # Nambu fermions, whose energy mesh errs by 5e-11 of the scale
    identity("symmetric kubo", model, error / size, 1e-6)


@pytest.mark.parametrize(
    ("kelvin", "flow", "alpha"),
    [(2, -2.444069e-6, (-2.19479e-6, 2.7695e-6)), (10, -3.830066e-6, (-6.39342e-4, 6.90629e-4))],
)
def test_one_magnon_that_is_not_conserved(kelvin, flow, alpha):
    """`pair_square` with numbers of an independent calculation: the current of equilibrium, and alpha_xx, alpha_yy."""
    at = {"operator": "spin_z", "grid": 64, "temperature": kelvin}
    conventional = equilibrium(pair_square(), **at, variables=["conventional_current"]).conventional_current
    assert conventional.sel(i="x").item() == pytest.approx(flow, rel=1e-6)
    result = thermal(pair_square(), **at).alpha_intrinsic.squeeze().values
    assert np.diag(result) == pytest.approx(alpha, rel=1e-5)
    assert np.abs(result - np.diag(np.diag(result))).max() < 1e-12 * np.abs(result).max()


# -- a conserved spin: the ferromagnet on the honeycomb lattice -------------------------------------------------------


def magnon_block(k: np.ndarray) -> np.ndarray:
    """A(k) (..., 2, 2) of `honeycomb_ferromagnet`, with the phases of positions, from its cosines and sines; meV."""
    S, D, K = 1.5, 0.1, 0.05
    to_b = np.array([[0, 1], [-np.sqrt(3) / 2, -1 / 2], [np.sqrt(3) / 2, -1 / 2]]) / np.sqrt(3)
    turns = np.array([[1, 0], [-1 / 2, np.sqrt(3) / 2], [-1 / 2, -np.sqrt(3) / 2]])
    f = -S * np.exp(1j * k @ to_b.T).sum(-1)
    h = 2 * D * S * np.sin(k @ turns.T).sum(-1)
    A = np.zeros((*k.shape[:-1], 2, 2), complex)
    A[..., 0, 0], A[..., 1, 1] = h, -h
    A[..., 0, 1], A[..., 1, 0] = f, f.conj()
    return A + (3 * S + 2 * K * S) * np.eye(2)


def fluxes(N: int) -> tuple[np.ndarray, np.ndarray]:
    """Energies (N, N, 2), eV, at the middles of N x N plaquettes of the zone, and Berry phases around them.

    Fukui, Hatsugai and Suzuki: minus the argument of the product of four overlaps. States of A(k), which is Hermitian.
    """
    reciprocal = 2 * np.pi * np.linalg.inv([[1, 0], [0.5, np.sqrt(0.75)]]).T

    def k(numbers: np.ndarray) -> np.ndarray:
        return np.stack(np.meshgrid(numbers / N, numbers / N, indexing="ij"), -1) @ reciprocal

    energies = np.linalg.eigvalsh(magnon_block(k(np.arange(N) + 0.5)))
    u = np.linalg.eigh(magnon_block(k(np.arange(N + 1))))[1]
    corners = [u[:-1, :-1], u[1:, :-1], u[1:, 1:], u[:-1, 1:]]
    overlaps = [np.einsum("xyan,xyan->xyn", corners[n].conj(), corners[(n + 1) % 4]) for n in range(4)]
    return energies * MEV, -np.angle(np.prod(overlaps, axis=0))


def c_2(x: np.ndarray) -> np.ndarray:
    """(1 + n) ln^2((1 + n)/n) - ln^2 n - 2 Li_2(-n), with Li_2(z) = spence(1 - z)."""
    n = 1 / np.expm1(x)
    return (1 + n) * np.log1p(1 / n) ** 2 - np.log(n) ** 2 - 2 * spence(1 + n)


@pytest.fixture(scope="module")
def plaquettes() -> list[tuple[np.ndarray, np.ndarray]]:
    return [fluxes(24 * 2**level) for level in range(4)]


@pytest.mark.parametrize("kelvin", [5.0, 20.0, 40.0])
def test_textbook_spin_nernst_and_thermal_hall_effects(kelvin, plaquettes, identity):
    """alpha_xy = sum c_1(n) Omega^yx s, s = -1, and kappa_xy/T = -sum c_2(n) Omega^xy, from fluxes: 8 digits."""
    model, T = honeycomb_ferromagnet(), kelvin * KELVIN
    result = thermal(model, operator="spin_z", grid=60, temperature=kelvin).squeeze()
    alpha, kappa = result.alpha_intrinsic.values, result.thermal_hall_over_T.item()
    for value, weight in (
        (alpha[0, 1], lambda E: entropy_of_bosons(E, T)),  # Omega^yx s = Omega^xy
        (kappa, lambda E: -c_2(E / T)),
    ):
        series = [(weight(E) * flux).sum() / (2 * np.pi) ** 2 for E, flux in plaquettes]
        for order in (2, 4, 6):  # fluxes with the weight in the middle err by even powers of 1/N
            series = [(2**order * b - a) / (2**order - 1) for a, b in pairwise(series)]
        identity("plaquettes", model, abs(value / series[0] - 1), 1e-8)
    assert alpha[1, 0] == pytest.approx(-alpha[0, 1], rel=1e-12)
    assert np.abs(np.diag(alpha)).max() < 1e-14
    assert np.abs(result.alpha_conventional.values - alpha).max() < 1e-12 * alpha[1, 0], "all of it is conventional"
    assert np.abs(result.alpha_dipole.values).max() < 1e-14
