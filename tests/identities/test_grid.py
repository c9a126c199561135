"""Grids that double: the new points of a level and the old ones are the finer grid, each point once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cc_kernels import KGrid, build_model
from tests.identities.random_models import random_model

MODELS = {dim: random_model(41, dim, 2) for dim in (1, 2, 3)}


def indices(model, k: np.ndarray, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Whole numbers j with k = sum_a j_a/N_a b_a."""
    fraction = k @ np.linalg.inv(model.reciprocal) * shape
    whole = np.rint(fraction).astype(int)
    assert np.abs(fraction - whole).max() < 1e-9  # EPS times the number of points per axis
    return [tuple(row) for row in whole.tolist()]


@settings(max_examples=30)
@given(dim=st.integers(1, 3), data=st.data())
def test_new_points_are_disjoint_from_the_old_and_complete(dim, data):
    model = MODELS[dim]
    coarse = tuple(data.draw(st.lists(st.integers(1, 6), min_size=dim, max_size=dim)))
    fine = tuple(2 * n for n in coarse)
    old = indices(model, KGrid.of(model, coarse).points(), fine)
    new = indices(model, KGrid.of(model, fine, only_new=True).points(), fine)
    whole = indices(model, KGrid.of(model, fine).points(), fine)
    assert len(set(old) | set(new)) == len(old) + len(new) == len(whole)
    assert set(old) | set(new) == set(whole)


@settings(max_examples=30)
@given(dim=st.integers(1, 3), shards=st.integers(1, 9), size=st.integers(1, 50), only_new=st.booleans())
def test_shards_and_chunks_are_the_grid_in_order(dim, shards, size, only_new):
    grid = KGrid.of(MODELS[dim], (4, 6, 2)[:dim], only_new=only_new)
    parts = [grid.shard(n, shards) for n in range(shards)]
    chunks = [part.points(*chunk) for part in parts for chunk in part.chunks(size)]
    # a few EPS: BLAS may round the product with the lattice vectors differently for another number of rows
    assert np.abs(np.concatenate(chunks) - grid.points()).max() < 1e-14
    assert max(len(part) for part in parts) - min(len(part) for part in parts) <= 1


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_measure_is_the_inverse_volume_of_the_cell(dim):
    """The sum of [dk] over the zone is one state per cell and band."""
    model = MODELS[dim]
    assert KGrid.of(model, 3).measure == pytest.approx(1 / abs(np.linalg.det(model.lattice)), rel=1e-14)


def test_grid_of_a_continuum_model_is_a_box_with_the_origin_in_it():
    model = build_model("massive_dirac", k_max=2.0)
    k = KGrid.of(model, 4).points()
    assert sorted(set(k[:, 0])) == [-2, -1, 0, 1]
    assert [0, 0] in k.tolist()
    assert KGrid.of(model, 4).measure == pytest.approx((4 / (2 * np.pi)) ** 2, rel=1e-14)


def test_shift_is_in_grid_steps():
    model = MODELS[2]
    shifted, plain = KGrid.of(model, (4, 5), (0.5, 0.25)).points(), KGrid.of(model, (4, 5)).points()
    expected = 0.5 / 4 * model.reciprocal[0] + 0.25 / 5 * model.reciprocal[1]
    assert np.abs(shifted - plain - expected).max() < 1e-14
