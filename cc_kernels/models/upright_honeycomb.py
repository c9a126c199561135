"""The honeycomb lattice with bonds along y, as in the models of bosons: A at 0, B at (0, 1/sqrt(3))."""

from __future__ import annotations

import numpy as np

from cc_kernels.models.symmetry import site_permutation

LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
POSITIONS = np.array([[0.0, 0.0], [0.0, 1 / np.sqrt(3)]])  # A, B
CENTRE = 2 * POSITIONS[1]
"""Of a hexagon."""
NEIGHBOUR_CELLS = ((0, 0), (0, -1), (1, -1))
"""Of the three B around an A in cell 0: along y, to the lower left, to the lower right."""
AROUND_CELLS = ((1, 0), (-1, 1), (0, -1))
"""a1, a2 - a1, -a2: second neighbours, counter-clockwise."""
OPPOSITE_CELLS = ((1, -2), (1, 0), (-1, 0))
"""Of the B across a hexagon, third neighbours of an A in cell 0."""


def bond_vector(R: tuple[int, int]) -> np.ndarray:
    """Return the vector from A in cell 0 to B in cell R."""
    return np.array(R) @ LATTICE + POSITIONS[1]


def exchange_of_sites(name: str) -> np.ndarray:
    """Return what an operation of space about the centre of a hexagon does with A and B, (2, 2)."""
    return site_permutation(name, POSITIONS, LATTICE, CENTRE)
