"""Bosons around a state that is a minimum: H_k has no negative eigenvalue, on a coarse grid with Gamma."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.solved import lowest_eigenvalues

if TYPE_CHECKING:
    from cc_kernels.models.tight_binding import TightBinding

POINTS = {1: 60, 2: 12, 3: 6}
"""Per axis, by dimension: multiples of 6, with the corners of square and hexagonal zones among the points."""
ROUNDING = 1e-9
"""Of the largest element of H: a Goldstone mode's eigenvalue 0 comes out as little, for moments are in equilibrium
to 1e-10 of the exchange, and frequencies are squares."""


def refuse_unstable(model: TightBinding, key: str, allowed: str) -> None:
    """Raise an `InputError` about `key` where H_k has an eigenvalue below zero; zero, of a Goldstone mode, may be.

    A grid that meets such a mode is refused later, when its states are asked for (`paraunitary_states`).
    """
    points = POINTS[model.dim]
    steps = np.indices((points,) * model.dim).reshape(model.dim, -1).T
    k = ((steps + points // 2 - 1) % points - points // 2 + 1) / points @ model.reciprocal
    hamiltonian = model.hamiltonian(k)
    lowest = lowest_eigenvalues(hamiltonian)
    worst = int(lowest.argmin())
    if lowest[worst] < -ROUNDING * np.abs(hamiltonian).max():
        place = ", ".join(f"{x + 0.0:.6g}" for x in k[worst])
        given = stated(f"H(k) with the lowest eigenvalue {lowest[worst]:.3g} eV at k = ({place}) 1/angstrom, unstable")
        raise InputError(key, given, allowed)
