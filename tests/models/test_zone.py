"""Shortest images for any basis of a lattice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cc_kernels.models.zone import reduction, shortest_images


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_no_image_is_shorter(dim, seed):
    """Against all images around; the basis is multiplied by random whole matrices of determinant 1."""
    rng = np.random.default_rng(seed)
    short = rng.normal(size=(dim, dim)) + 2 * np.eye(dim)
    skew = np.eye(dim)
    for i, j in rng.integers(dim, size=(4, 2)):
        skew[i] += skew[j] * rng.integers(-4, 5) * (i != j)
    k = 3 * rng.normal(size=(40, dim))
    shortest, G = shortest_images(k, skew @ short)
    assert abs(k + G @ skew @ short - shortest).max() < 1e-12
    assert (G == np.round(G)).all()
    around = np.array(list(product(range(-4, 5), repeat=dim))) @ reduction(short) @ short
    least = np.linalg.norm(shortest[:, None] + around, axis=-1).min(1)
    # an image counts as shorter if it is so by 1e-9 of a reciprocal vector
    assert (np.linalg.norm(shortest, axis=1) <= least + 1e-7).all()


def test_a_short_basis_stays_as_it_is():
    """Ties of a hexagonal lattice are not broken by rounding, however it is turned."""
    for angle in np.linspace(0, 2 * np.pi, 25):
        c, s = np.cos(angle), np.sin(angle)
        hexagonal = np.array([[1, 0], [-0.5, np.sqrt(0.75)]]) @ [[c, s], [-s, c]]
        assert (reduction(hexagonal) == np.eye(2)).all()
