"""Pauli matrices in the basis (up, down)."""

from __future__ import annotations

import numpy as np

IDENTITY = np.eye(2, dtype=complex)
SX = np.array([[0, 1], [1, 0]], dtype=complex)
SY = np.array([[0, -1j], [1j, 0]], dtype=complex)
SZ = np.array([[1, 0], [0, -1]], dtype=complex)
UP, DOWN = 0, 1
PAULI = np.array([SX, SY, SZ])
