"""By which wave vectors q + G a smooth potential scatters on a lattice: G until its square has fallen off."""

from __future__ import annotations

from itertools import product

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.scattering.potentials import Potential, ScreenedCoulomb

COUPLED = 1e-12
"""States whose mutual scattering is below this fraction of the largest are not connected."""
_LEFT_OUT = 1e-16
"""Of the sum over images, at every q, or of `COUPLED` times the largest where the sum is below that."""
_MOST = 1000
"""Images within the largest radius: a Gaussian of range 0.07 lattice constants, a setback of 0.15 of them."""
_STEPS = 20_000
"""Of the mesh on which V(q) is looked at, out to twice that radius."""


def images(potential: Potential, reciprocal: np.ndarray) -> np.ndarray:
    """Reciprocal vectors G (nG, 2), 1/angstrom, such that sum_G V(q + G)^2 is whole for q within the cell around 0.

    reciprocal : (2, 2), rows as short as possible.

    The sum beyond a radius Q is int_Q^inf V^2 2 pi q dq / (area of the cell), and every image within Q is needed: G
    within Q and the farthest corner of the cell. What V does beyond twice the largest radius, nobody looks at.

    Raises
    ------
    InputError : V^2 has no sum over images, or one of more than `_MOST` of them.
    """
    if isinstance(potential, ScreenedCoulomb) and potential.setback == 0:
        allowed = "a positive distance on a lattice (angstrom): 1/(q + kappa)^2 has no sum over q + G"
        raise InputError("setback", potential.setback, allowed)
    area = abs(np.linalg.det(reciprocal))
    corner = np.linalg.norm(reciprocal[0] + [[1], [-1]] * reciprocal[1], axis=1).max() / 2
    largest = np.sqrt(_MOST * area / np.pi)
    step = 2 * largest / _STEPS
    q = step * (np.arange(_STEPS) + 0.5)
    squared = potential(q) ** 2.0
    beyond = np.cumsum((squared * q)[::-1])[::-1] * 2 * np.pi * step / area
    least = max(squared[q <= corner].min(), COUPLED * squared.max())
    fallen = np.flatnonzero(beyond <= _LEFT_OUT * least)
    if not fallen.size or q[fallen[0]] > largest:
        given = stated(f"V(q) that has not fallen off at q = {largest:.3g}/angstrom, after {_MOST} images q + G")
        allowed = (
            "on a lattice, a V(q) whose square has a sum over images: gaussian of a longer range, screened_coulomb of "
            "a larger setback; or delta, scatterers on the sites"
        )
        raise InputError("potential", given, allowed)
    return _within(q[fallen[0]] + corner, reciprocal)


def _within(radius: float, reciprocal: np.ndarray) -> np.ndarray:
    """All vectors of the lattice with rows `reciprocal` (2, 2) up to that length (n, 2)."""
    most = np.floor(radius * np.linalg.norm(np.linalg.inv(reciprocal), axis=0)).astype(int)
    whole = np.array(list(product(*(range(-n, n + 1) for n in most))))
    vectors = whole @ reciprocal
    return vectors[np.linalg.norm(vectors, axis=1) <= radius]
