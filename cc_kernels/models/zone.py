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

    k : (..., dim), 1/angstrom. reciprocal : (dim, dim), rows b_i, any basis of the reciprocal lattice.
    """
    whole = reduction(reciprocal)
    basis = whole @ reciprocal
    fraction = k @ np.linalg.inv(basis)
    nearest = -np.ceil(fraction - 0.5 - TIE)
    tie = TIE * np.linalg.norm(basis, axis=1).max()
    G = nearest.copy()
    best = np.linalg.norm((fraction + G) @ basis, axis=-1)
    for step in product((-1, 0, 1), repeat=k.shape[-1]):
        length = np.linalg.norm((fraction + nearest + step) @ basis, axis=-1)
        closer = length < best - tie
        G[closer] = (nearest + step)[closer]
        best = np.where(closer, length, best)
    return (fraction + G) @ basis, G @ whole


def reduction(vectors: np.ndarray) -> np.ndarray:
    """Whole numbers (dim, dim) that turn a basis (rows) of a lattice into one of vectors as short as possible.

    Each vector is shortened by multiples of the others until none becomes shorter (in two dimensions, Gauss): then the
    shortest image of a point is one of the 3^dim around the cell that holds it. A basis that is short stays as it is.
    """
    dim = len(vectors)
    whole = np.eye(dim)
    shortened = True
    while shortened:
        shortened = False
        for i in range(dim):
            others = np.delete(whole, i, axis=0)
            multiples = np.rint(whole[i] @ vectors @ np.linalg.pinv(others @ vectors))
            for step in product((-1, 0, 1), repeat=dim - 1):
                shorter = whole[i] - (multiples + step) @ others
                if np.linalg.norm(shorter @ vectors) < (1 - TIE) * np.linalg.norm(whole[i] @ vectors):
                    whole[i], shortened = shorter, True
    return whole
