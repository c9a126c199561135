"""The kagome lattice: a1 = (1, 0), a2 = (1/2, sqrt(3)/2), sites at 0, a1/2 and a2/2."""

from __future__ import annotations

import numpy as np

LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
POSITIONS = np.array([[0, 0], LATTICE[0] / 2, LATTICE[1] / 2])
CENTRE = LATTICE.sum(axis=0) / 2
"""Of a hexagon."""
BONDS = ((0, 1, (0, 0)), (1, 2, (0, 0)), (2, 0, (0, 0)), (0, 1, (-1, 0)), (1, 2, (1, -1)), (2, 0, (0, 1)))
"""(i, j, R) from i in cell 0 to j in cell R, counter-clockwise around the two triangles."""
SECOND_BONDS = ((0, 1, (0, -1)), (1, 2, (1, 0)), (2, 0, (-1, 1)), (0, 1, (-1, 1)), (1, 2, (0, -1)), (2, 0, (1, 0)))
"""Second neighbours, across the hexagons."""
