"""The honeycomb lattice: a1 = (1, 0), a2 = (1/2, sqrt(3)/2), A at 0, B at (a1 + a2)/3."""

from __future__ import annotations

import numpy as np

from cc_kernels.models.symmetry import site_permutation

LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
POSITION_A = np.zeros(2)
POSITION_B = LATTICE.sum(axis=0) / 3
NEIGHBOUR_CELLS = ((0, 0), (-1, 0), (0, -1))  # of the three B around an A in cell 0
AROUND_CELLS = ((1, 0), (-1, 1), (0, -1))  # a1, a2 - a1, -a2: second neighbours, counter-clockwise


def neighbour_direction(R: tuple[int, int]) -> np.ndarray:
    """Return the unit vector from A in cell 0 to B in cell R."""
    bond = np.array(R) @ LATTICE + POSITION_B - POSITION_A
    return bond / np.linalg.norm(bond)


def exchange(name: str) -> np.ndarray:
    """Return what an operation of space about the centre of a hexagon, 2 (a1 + a2)/3, does with A and B, (2, 2)."""
    return site_permutation(name, np.array([POSITION_A, POSITION_B]), LATTICE, 2 * POSITION_B)
