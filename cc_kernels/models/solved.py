"""The solution of a model at a chunk of k-points, and the one place that calls an eigensolver for it."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np

ROTATED = 4
"""Bands up to which Jacobi's rotations are the fastest."""
COMPILED = 24
"""Bands up to which the compiled solvers take half the time of LAPACK or less, at equal accuracy; of two bands the sums
need no eigenvectors (`make bench BENCH_ARGS=eigensolvers`)."""
MANY = 64
"""Matrices for which it is worth to load a compiled solver."""


@dataclass(frozen=True)
class Solved:
    """Energies and states at k-points.

    Attributes
    ----------
    energies : (points, bands), eV, ascending.
    states : (points, bands, bands), columns |n>, the right eigenvectors.
    velocity : (points, dim, bands, bands) in eV angstrom, between the basis states, not the |n>.
    """

    energies: np.ndarray
    states: np.ndarray
    velocity: np.ndarray

    @property
    def left(self) -> np.ndarray:
        """(points, bands, bands), rows <n|: the left eigenvectors, with <m|n> = delta_mn."""
        return self.states.conj().swapaxes(-1, -2)


def hermitian_states(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (N, nb), ascending, and eigenvectors (N, nb, nb), columns, of Hermitian matrices."""
    if matrices.shape[-1] > COMPILED or len(matrices) < MANY:
        return np.linalg.eigh(matrices)
    from cc_kernels.models import jacobi, tridiagonal  # numba

    return compiled_states(jacobi if matrices.shape[-1] <= ROTATED else tridiagonal, matrices)


def compiled_states(solver: ModuleType, matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `hermitian_states`, by the module `jacobi` or `tridiagonal`."""
    values, vectors = np.empty(matrices.shape[:2]), np.empty(matrices.shape, complex)
    failed = solver.fill_eigenstates(np.ascontiguousarray(matrices, complex), values, vectors)
    if failed:  # not seen yet; NaN, which LAPACK reports
        values, vectors = np.linalg.eigh(matrices)
    return values, vectors


def hermitian_levels(matrices: np.ndarray) -> np.ndarray:
    """Eigenvalues (N, nb), ascending, of Hermitian matrices."""
    return np.linalg.eigvalsh(matrices)
