"""Pauli matrices in the basis (up, down), and the components of others along them."""

from __future__ import annotations

import numpy as np

IDENTITY = np.eye(2, dtype=complex)
SX = np.array([[0, 1], [1, 0]], dtype=complex)
SY = np.array([[0, -1j], [1j, 0]], dtype=complex)
SZ = np.array([[1, 0], [0, -1]], dtype=complex)
UP, DOWN = 0, 1
PAULI = np.array([SX, SY, SZ])


def pauli_components(matrices: np.ndarray) -> np.ndarray:
    """(..., 2, 2) Hermitian -> (..., 4): the coefficients of 1, sigma_x, sigma_y, sigma_z."""
    up, down, mixed = matrices[..., 0, 0].real, matrices[..., 1, 1].real, matrices[..., 1, 0]
    return np.stack([(up + down) / 2, mixed.real, mixed.imag, (up - down) / 2], axis=-1)


def pauli_table(hamiltonian: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """(4 + 4 dim, nF) real: what turns real functions phi_a(k) into `pauli_levels`, of the tables of `combine`."""
    parts = np.concatenate([hamiltonian[:, None], velocity], axis=1)
    return np.ascontiguousarray(pauli_components(parts).reshape(len(parts), -1).T)
