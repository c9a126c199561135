"""Reciprocal-lattice images: the shortest k + G, and the G that leads there."""

from __future__ import annotations

from itertools import product

import numpy as np

TIE = 1e-9
"""Images whose lengths agree to this fraction of the longest reciprocal vector are equally short.

Far above rounding: which of several images a point on the zone boundary gets may not depend on its last bit.
"""


def shortest_images(k: np.ndarray, reciprocal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shortest k + G (..., dim), and G (..., dim) in units of the reciprocal vectors, whole numbers.

    k : (..., dim), 1/angstrom. reciprocal : (dim, dim), rows b_i; nearly as short as they can be chosen (else the
    image is one of the 3^dim around the cell that holds k, and there may be a shorter one).
    """
    fraction = k @ np.linalg.inv(reciprocal)
    nearest = -np.ceil(fraction - 0.5 - TIE)
    tie = TIE * np.linalg.norm(reciprocal, axis=1).max()
    G = nearest.copy()
    best = np.linalg.norm((fraction + G) @ reciprocal, axis=-1)
    for step in product((-1, 0, 1), repeat=k.shape[-1]):
        length = np.linalg.norm((fraction + nearest + step) @ reciprocal, axis=-1)
        closer = length < best - tie
        G[closer] = (nearest + step)[closer]
        best = np.where(closer, length, best)
    return (fraction + G) @ reciprocal, G
