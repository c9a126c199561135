"""Bonds between sites of a lattice, as a user gives them, and the matrices between sites that they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated

Ends = tuple[int, int, tuple[int, ...]]


def checked_bonds(bonds: object, sites: int, dim: int, wanted: str) -> Iterator[tuple[str, Ends, Sequence]]:
    """Key, ends (i, j, R) and further values of every bond.

    wanted : what a bond is, in words that start with a tuple, such as "(i, j, R, J): ...".

    Errors: `InputError` for what is no list of such tuples, for ends that are not there, and for a second bond between
    two ends, from either of them.
    """
    if not isinstance(bonds, Sequence) or isinstance(bonds, str):
        raise InputError("bonds", bonds, f"a list of {wanted}")
    given: set[Ends] = set()
    for place, bond in enumerate(bonds):
        key = f"bonds[{place}]"
        if not isinstance(bond, Sequence) or isinstance(bond, str) or len(bond) != wanted.split(")")[0].count(",") + 1:
            raise InputError(key, bond, wanted)
        i, j = (
            checks.integer(f"{key}, {end}", site, f"a site from 0 to {sites - 1}", minimum=0, maximum=sites - 1)
            for end, site in zip("ij", bond[:2], strict=True)
        )
        R = tuple(checks.array(f"{key}, R", bond[2], np.int64, (dim,), "the cell of site j").tolist())
        if i == j and not any(R):
            raise InputError(key, stated(f"a bond from site {i} to itself"), "two sites, or one site in two cells")
        if (i, j, R) in given or (j, i, opposite(R)) in given:
            twice = stated(f"the bond from site {i} to site {j} in cell {R} a second time, or from its other end")
            raise InputError(key, twice, "each bond once, from one of its ends")
        given.add((i, j, R))
        yield key, (i, j, R), bond[3:]


class PairSum:
    """Real matrices (size, size) between sites in cell 0 and sites in cell R, such that X_ji(-R) = X_ij(R)^T."""

    def __init__(self, sites: int, dim: int, size: int) -> None:
        self._shape = (sites, sites, size, size)
        self._blocks = {(0,) * dim: np.zeros(self._shape)}

    def add(self, ends: Ends, matrix: np.ndarray) -> None:
        """Add X to X_ij(R), and X^T to X_ji(-R)."""
        i, j, R = ends
        self._block(R)[i, j] += matrix
        self._block(opposite(R))[j, i] += matrix.T

    def add_on(self, site: int, matrix: np.ndarray) -> None:
        """Add a symmetric X to X_ii(0)."""
        next(iter(self._blocks.values()))[site, site] += matrix

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Cells R (nR, dim), and X (nR, sites, sites, size, size)."""
        return np.array(list(self._blocks), dtype=np.int64), np.array(list(self._blocks.values()))

    def _block(self, R: tuple[int, ...]) -> np.ndarray:
        return self._blocks.setdefault(R, np.zeros(self._shape))


def opposite(R: tuple[int, ...]) -> tuple[int, ...]:
    """-R."""
    return tuple(-n for n in R)
