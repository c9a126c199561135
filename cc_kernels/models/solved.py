"""The solution of a model at a chunk of k-points, and the one place that calls an eigensolver for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COMPILED = 64
"""Bands up to which the compiled solver takes a third of LAPACK's time or less, at equal accuracy
(`make bench BENCH_ARGS=eigensolvers`); of more there are too few matrices in the cache for it to take together."""
MANY = 16
"""Matrices for which it is worth to load the compiled solver, which takes eight at a time."""


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
    return compiled_states(matrices)


def compiled_states(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `hermitian_states`, by the module `tridiagonal`."""
    from cc_kernels.models.tridiagonal import fill_eigenstates  # numba

    values, vectors = np.empty(matrices.shape[:2]), np.empty(matrices.shape, complex)
    if fill_eigenstates(np.ascontiguousarray(matrices, complex), values, vectors):
        values, vectors = np.linalg.eigh(matrices)  # not seen yet; NaN, which LAPACK reports
    return values, vectors


def hermitian_levels(matrices: np.ndarray) -> np.ndarray:
    """Eigenvalues (N, nb), ascending, of Hermitian matrices."""
    return np.linalg.eigvalsh(matrices)
