"""The tensor of a bond between two spins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LEVI_CIVITA = np.cross(np.eye(3)[:, None], np.eye(3)[None, :])
"""(3, 3, 3), epsilon_abc."""


def exchange(heisenberg: float = 0.0, *, dzyaloshinskii_moriya: ArrayLike = (0.0, 0.0, 0.0)) -> np.ndarray:
    """Return the tensor J (3, 3), eV, with S_i.J.S_j = J S_i.S_j + D.(S_i x S_j), for a bond of `spin_waves`.

    Parameters
    ----------
    heisenberg : J in eV; above 0 for antiparallel spins.
    dzyaloshinskii_moriya : D, 3 numbers in eV, of the bond in its direction from i to j.

    What else is symmetric (a Kitaev term, an easy axis) is added to the result as a matrix.

    Errors: `InputError` for what is no number, or no vector.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> cc.exchange(1.0, dzyaloshinskii_moriya=[0, 0, 0.25])
    array([[ 1.  ,  0.25,  0.  ],
           [-0.25,  1.  ,  0.  ],
           [ 0.  ,  0.  ,  1.  ]])
    """
    J = checks.number("heisenberg", heisenberg, "a finite energy in eV")
    D = checks.array("dzyaloshinskii_moriya", dzyaloshinskii_moriya, np.float64, (3,), "a vector in eV")
    return J * np.eye(3) + np.einsum("c,cab->ab", D, LEVI_CIVITA) + 0.0
