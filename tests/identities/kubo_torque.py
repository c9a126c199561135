"""Two companions of the Hall part, written straight from their definitions: references for tests.

Both are slow and simple. `torque_conductivity` is the q -> 0 response of the torque to a field, for any Fermi
function; `projector_hall_conductivity` takes the occupied states of each k as one group.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cc_kernels import KGrid
from cc_kernels.models import Model
from tests.identities.eigensystems import BetweenPoints

Fermi = Callable[[np.ndarray, float], np.ndarray]
"""(eps - mu, T), both in eV -> occupations."""

STEP = 2e-2
"""Of q (1/angstrom). Seven-point differences err by STEP^6/140 x seventh derivative: 5e-13 (speed/gap)^7."""


def fermi(x: np.ndarray, T: float) -> np.ndarray:
    """Occupation at an energy counted from mu; T = 0 is a step."""
    return np.heaviside(-x, 0.5) if T == 0 else (1 - np.tanh(x / (2 * T))) / 2


def torque_conductivity(
    model: Model,
    s: np.ndarray,
    grid: int | tuple[int, ...],
    mu: float,
    T: float,
    fermi: Fermi = fermi,
    step: float = STEP,
    tolerance: float = 0.0,
) -> np.ndarray:
    """sigma^torque_il = Re dC_l(q)/dq_i at q = 0, shape (i, l), with e = 1.

    Parameters
    ----------
    s : (nb, nb) Hermitian, commutes with the position operator.
    grid : points per axis, shift 0.
    mu, T : eV; fermi(eps - mu, T) is the occupation, or the entropy for the response to a gradient of temperature.
    step : of the finite difference in q, 1/angstrom.
    tolerance : pairs of levels closer than this (eV) at q = 0 belong to one group and are left out, as n = m is.
    """
    k = KGrid.of(model, grid).points()
    measure = KGrid.of(model, grid).measure
    velocity = model.velocity(k)
    together = _together(model.levels(k), tolerance)

    def correlation(q: np.ndarray) -> np.ndarray:
        """C_l(q)."""
        pair = BetweenPoints(model, k, q)
        omega = pair.before[:, :, None] - pair.after[:, None, :]
        filled = fermi(pair.before - mu, T)[:, :, None] - fermi(pair.after - mu, T)[:, None, :]
        weight = np.where(together | (filled == 0), 0, filled / np.where(together | (omega == 0), 1, omega) ** 2)
        return np.einsum("knm,knm,klmn->l", weight, pair.torque(s), pair.back(velocity)) * measure / len(k)

    return np.array(
        [first_derivative(lambda x, axis=axis: correlation(x * axis), step).real for axis in np.eye(model.dim)]
    )


def projector_hall_conductivity(model: Model, s: np.ndarray, grid: int | tuple[int, ...], mu: float) -> np.ndarray:
    """int [dk] sum_ab Omega^li_ab s_ba over the states a, b below mu at each k, shape (i, l), with e = 1.

    Omega^li_ab = i sum_m (A^l_am A^i_mb - A^i_am A^l_mb) over the empty states m.
    """
    k = KGrid.of(model, grid).points()
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    total = np.zeros((model.dim, model.dim))
    for energies, u, v in zip(*np.linalg.eigh(hamiltonian), velocity, strict=True):
        occupied = int((energies < mu).sum())
        a, m = slice(None, occupied), slice(occupied, None)
        v_am = u[:, a].conj().T @ v @ u[:, m]
        A = -1j * v_am / (energies[a, None] - energies[m])  # A^i_am, and A^i_ma = (A^i_am)^*
        product = np.einsum("lam,ibm->liab", A, A.conj())
        curvature = 1j * (product - product.swapaxes(0, 1))
        total += np.einsum("liab,ba->il", curvature, u[:, a].conj().T @ s @ u[:, a]).real
    return total * KGrid.of(model, grid).measure / len(k)


def first_derivative(function: Callable[[float], np.ndarray], step: float) -> np.ndarray:
    """f'(0) from seven points: the error is step^6/140 times the seventh derivative."""
    one, two, three = (function(n * step) - function(-n * step) for n in (1, 2, 3))
    return (45 * one - 9 * two + three) / (60 * step)


def _together(energies: np.ndarray, tolerance: float) -> np.ndarray:
    """(N, nb, nb): do n and m belong to one group? Single linkage; with tolerance 0 only n = m does."""
    starts = np.cumsum(np.diff(energies, prepend=-np.inf) > tolerance, axis=1) if tolerance else None
    labels = np.broadcast_to(np.arange(energies.shape[1]), energies.shape) if starts is None else starts
    return labels[:, :, None] == labels[:, None, :]
