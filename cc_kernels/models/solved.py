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
    signs : (bands,) eta_n = <n|eta|n> of bosons, -1 for the lower half of the bands and +1 for the upper one, and eta
        minus that among the basis states; None where all are 1.
    """

    energies: np.ndarray
    states: np.ndarray
    velocity: np.ndarray
    signs: np.ndarray | None = None

    @property
    def bra(self) -> np.ndarray:
        """(points, bands, bands), rows eta_m <m|: the matrix element of O, a derivative of H or an operator, is
        O_mn = eta_m <m|O|n>, `bra @ O @ states`."""
        conjugate = self.states.conj().swapaxes(-1, -2)
        return conjugate if self.signs is None else self.signs[:, None] * conjugate

    @property
    def left(self) -> np.ndarray:
        """(points, bands, bands), rows: the left eigenvectors (of eta H, for bosons), whose products with the right
        ones are delta_mn."""
        return self.bra if self.signs is None else -self.bra * self.signs


def hermitian_states(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (N, nb), ascending, and eigenvectors (N, nb, nb), columns, of Hermitian matrices."""
    found = compiled_states(matrices) if suit_compiled(matrices) else None
    return np.linalg.eigh(matrices) if found is None else found


def suit_compiled(matrices: np.ndarray) -> bool:
    """Are these many enough, and small enough, for the compiled solver to be worth it?"""
    return matrices.shape[-1] <= COMPILED and len(matrices) >= MANY


def compiled_states(matrices: np.ndarray, are_bosons: bool = False) -> tuple[np.ndarray, np.ndarray] | None:
    """As `hermitian_states`, or of bosons as `paraunitary.paraunitary_states`, by the module `tridiagonal`.

    None where it fails: of what is NaN, which LAPACK reports, or of bosons whose H is not positive definite.
    """
    from cc_kernels.models.tridiagonal import fill_eigenstates  # numba

    values, vectors = np.empty(matrices.shape[:2]), np.empty(matrices.shape, complex)
    if fill_eigenstates(np.ascontiguousarray(matrices, complex), are_bosons, values, vectors):
        return None
    return values, vectors


def hermitian_levels(matrices: np.ndarray) -> np.ndarray:
    """Eigenvalues (N, nb), ascending, of Hermitian matrices."""
    return np.linalg.eigvalsh(matrices)


def lowest_eigenvalues(matrices: np.ndarray) -> np.ndarray:
    """The lowest eigenvalue (N,) of Hermitian matrices."""
    return hermitian_levels(matrices)[:, 0]


def factors(matrices: np.ndarray) -> np.ndarray:
    """K (N, nb, nb) with matrices = K K^dagger, of positive semidefinite ones, from their eigenvectors.

    Rounding below zero counts as zero, so that a mode of no energy has one of the order of rounding.
    """
    values, vectors = np.linalg.eigh(matrices)
    return vectors * np.sqrt(values.clip(0))[:, None, :]
