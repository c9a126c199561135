"""Exact static perturbation theory at wave vector q: what a slow field does to the current of s and to the torque.

Nothing of the semiclassical theory is in it. For both statistics; eta of bosons as in `eigensystems`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cc_kernels import KGrid
from cc_kernels.models import Model
from tests.identities.eigensystems import BetweenPoints, metric
from tests.identities.kubo_torque import first_derivative

STEP = 5e-2
"""Of q, 1/angstrom."""


def static_response(
    model: Model,
    s: np.ndarray,
    grid: int,
    perturbation: Callable[[BetweenPoints], np.ndarray],
    difference: Callable[[np.ndarray, np.ndarray], np.ndarray],
    direction: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """d/dq at q = 0, q along `direction`, of J^is over i and of the torque, (dim + 1,), and bounds of its error.

    perturbation : its matrix elements <m, k+q/2| V |n, k-q/2> for a field of unit strength at q.
    difference : (x, y) -> (f(x) - f(y))/(x - y) of the occupation.
    """
    mesh = KGrid.of(model, grid)
    k = mesh.points()
    velocity, eta = model.velocity(k), metric(model)
    current = (velocity @ eta @ s + s @ eta @ velocity) / 2

    def response(q: np.ndarray) -> np.ndarray:
        pair = BetweenPoints(model, k, q)
        weight = difference(pair.before[:, :, None], pair.after[:, None, :])
        operators = np.concatenate([pair.forth(current), pair.torque(s)[:, None]], axis=1)
        each = np.einsum("knm,kinm,kmn->i", weight, operators, perturbation(pair), optimize=True)
        return each * mesh.measure / len(k) / model.particle_hole_copies

    at = {n: response(n * STEP * direction) for n in (-6, -4, -3, -2, -1, 1, 2, 3, 4, 6)}
    fine, coarse = (first_derivative(lambda n, r=r: at[r * n], 1) / (r * STEP) for r in (1, 2))
    # a sixth-order difference: the finer error is 1/63 of the change; states and levels known to some 10 EPS, over
    # the step and the smallest gap
    return fine, np.abs(fine - coarse) / 20 + 1e-13 / STEP


def fermi_difference(x: np.ndarray, y: np.ndarray, mu: float, T: float) -> np.ndarray:
    """From tanh a - tanh b = sinh(a - b)/(cosh a cosh b): no cancellation at equal levels."""
    a, b = (x - mu) / (2 * T), (y - mu) / (2 * T)
    return -_sinh_ratio(a - b) / (4 * T * np.cosh(a) * np.cosh(b))


def bose_difference(x: np.ndarray, y: np.ndarray, T: float) -> np.ndarray:
    """From coth a - coth b = -sinh(a - b)/(sinh a sinh b), likewise, on both sides of zero."""
    a, b = x / (2 * T), y / (2 * T)
    return -_sinh_ratio(a - b) / (4 * T * np.sinh(a) * np.sinh(b))


def _sinh_ratio(x: np.ndarray) -> np.ndarray:
    """sinh(x)/x."""
    return np.where(x == 0, 1, np.sinh(x) / np.where(x == 0, 1, x))
