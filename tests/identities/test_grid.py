"""Grids that double: the new points of a level and the old ones are the finer grid, each point once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cc_kernels import EnergyMesh, KDotP, KGrid, band_geometry, build_model, equilibrium
from cc_kernels.grid import face_weights
from cc_kernels.sums.merging import merge
from cc_kernels.sums.on_grid import sums_on_grid
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


def weighted(grid: KGrid) -> dict[tuple[float, ...], float]:
    k = grid.points()
    return dict(zip(map(tuple, k.tolist()), face_weights(k, 1.0), strict=True))


def box(dim: int) -> KDotP:
    """A band without any symmetry, filled at mu = 0 throughout the box."""
    return KDotP([*np.eye(dim, dtype=int), [0] * dim], [*[[[0.25 + i / 8]] for i in range(dim)], [[-20.0]]], k_max=1.0)


@settings(max_examples=30)
@given(dim=st.integers(1, 3), shards=st.integers(1, 5), data=st.data())
def test_a_closed_box_has_both_faces_with_half_the_weight(dim, shards, data):
    coarse = tuple(data.draw(st.lists(st.integers(1, 6), min_size=dim, max_size=dim)))
    model, fine = box(dim), tuple(2 * n for n in coarse)
    old, new, whole = (
        [KGrid.of(model, shape, only_new=only_new, closed=True).shard(n, shards) for n in range(shards)]
        for shape, only_new in ((coarse, False), (fine, True), (fine, False))
    )
    old, new, whole = ([weighted(part) for part in parts] for parts in (old, new, whole))
    joined = {point: weight for part in old + new for point, weight in part.items()}
    assert sum(map(len, old + new)) == len(joined) == np.prod(np.array(fine) + 1)
    assert joined == {point: weight for part in whole for point, weight in part.items()}
    assert sum(joined.values()) == np.prod(fine)
    assert abs(np.array([np.array(point) * weight for point, weight in joined.items()]).sum(0)).max() < 1e-12


def test_a_zone_and_a_shifted_box_are_not_closed():
    assert len(KGrid.of(MODELS[2], 4, closed=True)) == 16
    assert len(KGrid.of(build_model("massive_dirac"), 4, shift=0.5, closed=True)) == 16


def test_a_filled_box_has_no_current():
    """Every state k has its partner -k: with the lower faces alone, the current was 2 % of its scale."""
    model = build_model("massive_dirac")
    with pytest.warns(UserWarning, match="filled at the edge"):
        result = equilibrium(model, operator="charge", grid=48, mu=0.0, temperature=2000)
    assert abs(result.net_current).max() < 1e-15 * result.net_current_scale.max()


def test_shards_and_levels_of_a_closed_box_add_up():
    """The trapezoidal rule is exact for v and v eps of a linear band, all of which lies below the mesh."""
    model, mesh = box(2), EnergyMesh.covering(0.0, 300.0)
    parts = [KGrid.of(model, 4, closed=True), *(KGrid.of(model, 8, 0.0, True, True).shard(n, 3) for n in range(3))]
    total = merge(sums_on_grid(model, ["velocity"], np.eye(1), part, mesh) for part in parts)
    whole = sums_on_grid(model, ["velocity"], np.eye(1), 8, mesh)
    assert total.attrs["points"] == whole.attrs["points"] == 81
    for sums in (total, whole):
        np.testing.assert_allclose(sums.velocity_below.values, 64 * np.outer([1, -20], [0.25, 0.375]), rtol=1e-14)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_band_geometry_of_a_grid_unstacks_to_a_map(dim):
    """At (k1, k2, k3) of the map stand the quantities of k = sum_a k_a b_a."""
    model, shape = MODELS[dim], (3, 4, 5)[:dim]
    bands = band_geometry(model, operator="s", grid=shape, shift=0.25, chunks=7, quantities=["energy", "velocity"])
    axes = [f"k{a + 1}" for a in range(dim)]
    maps = bands.unstack("k").transpose(*axes, ...).compute()
    assert maps.energy.shape == (*shape, model.num_bands)
    reduced = np.stack(np.meshgrid(*(maps[axis] for axis in axes), indexing="ij"), -1)
    for a in range(dim):
        np.testing.assert_allclose(maps[axes[a]], (np.arange(shape[a]) + 0.25) / shape[a])
    np.testing.assert_allclose(maps.kpoint, reduced @ model.reciprocal, atol=1e-12)
    levels = model.levels((reduced @ model.reciprocal).reshape(-1, dim))
    np.testing.assert_allclose(maps.energy.values.reshape(levels.shape), levels, atol=1e-12)


@pytest.mark.parametrize("new", [False, True], ids=["all", "only new"])
def test_the_index_follows_the_points_of_a_box(new):
    """With both faces, from its corner, and in any part of it."""
    grid = KGrid.of(build_model("massive_dirac"), (4, 6), only_new=new, closed=True)
    for part in (grid, grid.shard(1, 3)):
        reduced = np.array(part.index().to_list())
        np.testing.assert_allclose(part.points(), grid.origin + reduced @ grid.span, atol=1e-12)


def test_explicit_points_have_no_index():
    assert "k" not in band_geometry(MODELS[2], operator="s", kpoints=np.zeros((2, 2))).coords
