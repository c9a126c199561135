"""Springs between sites: the force constants of a harmonic lattice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import checked_lattice
from cc_kernels.models.bonds import PairSum, checked_bonds
from cc_kernels.models.tight_binding import dimension_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Spring = tuple[int, int, Sequence[int], float, float]

_CONSTANT = "a finite number in eV/angstrom^2"
_SPRING = "(i, j, R, K_L, K_T): sites, the cell of j, and the constants along and across the bond in eV/angstrom^2"


def springs(
    lattice: ArrayLike,
    positions: ArrayLike,
    bonds: Sequence[Spring],
    *,
    components: int | None = None,
    pin: ArrayLike = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return cells and force constants of (1/2) sum (u_i - u_j).K.(u_i - u_j) + (1/2) sum pin_i u_i^2, for `phonons`.

    K = K_L n n + K_T (1 - n n), n the unit vector of the bond.

    Parameters
    ----------
    lattice : (dim, dim), rows are the primitive vectors, angstrom.
    positions : (N, dim) Cartesian, angstrom.
    bonds : [(i, j, R, K_L, K_T), ...], from site i in cell 0 to site j in cell R (dim whole numbers), each bond once;
        K_L and K_T in eV/angstrom^2.
    components : of the displacements, from dim to 3; those beyond dim are across every bond. Default dim.
    pin : (N,), or one number for all sites, eV/angstrom^2: ties each site to its place.

    Returns
    -------
    R : (nR, dim) whole numbers. force_constants : (nR, N, N, components, components), eV/angstrom^2.

    Errors: `InputError` for wrong shapes, for a bond given twice or from both ends, and for one of no length.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> R, constants = cc.springs([[1.0]], [[0.0]], [(0, 0, (1,), 0.25, 0.0)])
    >>> R.ravel().tolist(), constants.ravel().tolist()
    ([0, 1, -1], [0.5, -0.25, -0.25])
    """
    dim = dimension_of(lattice)
    lattice = checked_lattice(lattice, dim)
    positions = checks.array("positions", positions, np.float64, (None, dim), "Cartesian positions of the sites")
    size = checks.integer("components", dim if components is None else components, minimum=dim, maximum=3)
    number = len(positions)
    pins = checks.numbers("pin", pin, "one number in eV/angstrom^2, or one for each site")
    if len(pins) not in (1, number):
        raise InputError("pin", pin, "one number in eV/angstrom^2, or one for each site")
    total = PairSum(number, dim, size)
    for site, value in enumerate(np.broadcast_to(pins, number)):
        total.add_on(site, value * np.eye(size))
    for key, ends, (longitudinal, transverse) in checked_bonds(bonds, number, dim, _SPRING):
        i, j, R = ends
        n = np.pad(np.array(R) @ lattice + positions[j] - positions[i], (0, size - dim))
        if not n.any():
            raise InputError(key, stated("a bond of no length"), "sites at different places")
        along = np.outer(n, n) / (n @ n)
        K_L = checks.number(f"{key}, K_L", longitudinal, _CONSTANT)
        K_T = checks.number(f"{key}, K_T", transverse, _CONSTANT)
        K = K_L * along + K_T * (np.eye(size) - along)
        total.add(ends, -K)
        total.add_on(i, K)
        total.add_on(j, K)
    return total.arrays()
