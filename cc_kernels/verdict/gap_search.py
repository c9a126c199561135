"""Where neighbouring levels come closest: from the minima of their distance on a coarse grid, and what these can hide.

Away from its bottom a narrow gap is a cone as wide as the bands are smooth, however small the gap: a coarse grid sees
it where grids that only sum over their points step over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.geometry.groups import ROUNDING
from cc_kernels.grid import KGrid, points_per_chunk
from cc_kernels.models.base import BOSE
from cc_kernels.models.operators_at_k import OperatorsAtK
from cc_kernels.verdict.level_cones import inside, resolved, solved
from cc_kernels.verdict.level_minima import NARROW, Minima, distinct, joined, lowest_of, minimized, to_the_bottom

if TYPE_CHECKING:
    from cc_kernels.models import Model, Operator

LEAST = {1: 64, 2: 12, 3: 8}
MOST = {1: 1024, 2: 64, 3: 24}
"""Points per axis of the search, by dimension; between these, half as many as the grid that is summed over."""
_CHUNK = 4096
_STEEP = 2.0
"""A minimum on the grid above this many times the rise to its neighbours is no bottom of a cone that a finer grid could
still miss."""
_NO_SPREAD = 1e-2
"""Part of the operator's norm: differences of its values below that are as good as none."""
_FLAT = 1e-4
"""Ratio of squared slopes below which a cone is a line."""


@dataclass(frozen=True)
class Search:
    """What a search finds: minima, of each place one, and the lowest and the highest energy of all bands (eV)."""

    minima: Minima
    bottom: float
    top: float


def search_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Points per axis of the search that belongs to a grid of that shape."""
    least, most = LEAST[len(shape)], MOST[len(shape)]
    return tuple(1 if n == 1 else min(max(n // 2, least), most) for n in shape)


def search(
    model: Model, operator: Operator | np.ndarray, shape: Sequence[int], highest: float, tolerance: float
) -> Search:
    """Minima of the distance of neighbouring levels, the lower of them below `highest` (eV).

    Parameters
    ----------
    operator : of the model, or a constant (nb, nb) matrix.
    shape : points per axis of the search.
    tolerance : levels closer than this (eV) are one group.

    Returns
    -------
    Of every pair of neighbouring levels the minima that a grid of that shape does not resolve, and its lowest minimum;
    exact where they are cones, and for the narrowest gap.
    """
    at_k = OperatorsAtK(model, [operator])
    grid = KGrid.of(model, tuple(shape), closed=True)
    sides = [n + grid.closed for n in shape]
    energies = _energies(model, grid).reshape(*sides, -1)
    distance, rounding = np.diff(energies, axis=-1), ROUNDING * np.abs(energies).max()
    tolerance = max(tolerance, rounding)
    low = energies[..., :-1] <= highest
    if model.statistics == BOSE:  # particles and holes never cross, and a mode of little energy is no gap
        low[..., model.num_bands // 2 - 1] = False
    band, index = _candidates(distance, low, tolerance, periodic=not grid.closed)
    k, size = grid.points().reshape(*sides, -1), points_per_chunk(_CHUNK, model.num_bands)

    def followed(band: np.ndarray, k: np.ndarray) -> Minima:
        parts = [slice(start, start + size) for start in range(0, max(len(band), 1), size)]
        starts = [(band[part], k[part]) for part in parts]
        return joined(minimized(model, at_k, *start, grid.step, tolerance, rounding) for start in starts)

    starts = k[tuple(index.T)]
    minima = followed(band, starts)
    no_spread = _NO_SPREAD * at_k.norms[0]
    differs = np.ptp(np.linalg.eigvalsh(at_k.samples[0]), axis=-1).max() > no_spread
    if differs or model.statistics == BOSE:  # a multiple of 1 has different values in states of different squeezing
        blind = (minima.size <= tolerance) | (minima.spread <= no_spread)
        beside, places = _around(band[blind], index[blind], sides, periodic=not grid.closed)
        through, others = _through(model, band, starts, grid.step, highest)
        more = followed(np.append(beside, through), np.append(k[tuple(places.T)], others, axis=0))
        minima = joined([minima, more[more.size <= NARROW * resolved(more.cone, grid.step)]])
    minima = distinct(minima, grid, tolerance)
    if (gap := np.flatnonzero(minima.size > tolerance)).size:
        minima = to_the_bottom(model, at_k, minima, gap[0], tolerance)
    bottom = _lowest(model, 1, grid.points(), energies[..., 0])
    top = -_lowest(model, -1, grid.points(), -energies[..., -1])
    return Search(replace(minima, size=np.where(minima.size > rounding, minima.size, 0)), bottom, top)


def _lowest(model: Model, sign: int, k: np.ndarray, energies: np.ndarray) -> float:
    """The least energy of the lowest band (sign 1), or of the highest one turned over (sign -1)."""

    def energy(at: np.ndarray) -> tuple[float, np.ndarray]:
        levels, v, _ = solved(model, at[None])
        return sign * levels[0, band], sign * v[0, :, band, band].real

    band = 0 if sign > 0 else model.num_bands - 1
    return float(lowest_of(model, energy, k[np.argmin(energies)]).fun)


def _energies(model: Model, grid: KGrid) -> np.ndarray:
    """(points, bands)."""
    blocks = grid.chunks(points_per_chunk(_CHUNK, model.num_bands))
    return np.concatenate([model.levels(grid.points(*block)) for block in blocks])


def _candidates(
    distance: np.ndarray, low: np.ndarray, tolerance: float, periodic: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Lower level (M,) and grid index (M, dim) of the minima of the distance (..., pairs) worth following.

    Where the lower level is `low` (..., pairs); not on a plateau, where nothing rises; of those too wide to be missed
    only the lowest of each pair; and none of levels that are degenerate everywhere.
    """
    axes = tuple(range(distance.ndim - 1))
    lowest, highest = distance.copy(), distance.copy()
    for axis in axes:  # minimum and maximum over the 3^dim neighbours, axis by axis
        neighbours = [_shifted(x, axis, step, periodic) for x in (lowest, highest) for step in (-1, 1)]
        lowest = np.minimum(lowest, np.minimum(*neighbours[:2]))
        highest = np.maximum(highest, np.maximum(*neighbours[2:]))
    rise = highest - distance
    steep = (distance <= lowest) & (rise > 1e-9 * distance.max(initial=0)) & (distance <= _STEEP * rise)
    pairs = distance.shape[-1]
    if not pairs:  # one band
        return np.empty(0, int), np.empty((0, len(axes)), int)
    best = np.argmin(np.where(low, distance, np.inf).reshape(-1, pairs), axis=0)
    steep.reshape(-1, pairs)[best, np.arange(pairs)] = True
    steep &= distance.max(axes) > tolerance
    *index, band = np.nonzero(steep & low)
    return band, np.stack(index, -1)


def _around(band: np.ndarray, index: np.ndarray, sides: Sequence[int], periodic: bool) -> tuple[np.ndarray, np.ndarray]:
    """Lower levels and grid indices around those of minima, each once.

    A cell has one lowest point: a crossing, or a gap across which the operator does not change, would hide a gap beside
    it. (Other gaps hide one, too, but stand in the way of a verdict themselves.)
    """
    around = np.array([offset for offset in np.ndindex(*[3] * len(sides)) if any(x != 1 for x in offset)]) - 1
    places = (index[:, None] + around).reshape(-1, len(sides))
    places = places % sides if periodic else np.clip(places, 0, np.array(sides) - 1)
    new = np.unique(np.column_stack([np.repeat(band, len(around)), places]), axis=0)
    return new[:, 0], new[:, 1:]


def _through(
    model: Model, band: np.ndarray, k: np.ndarray, step: np.ndarray, highest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Lower levels and places where two levels come close that are no neighbours at k: others cross them on the way.

    By the cone of the two at k. Levels that do not mix (of two spins, or layers) can cross in a ring around a gap, and
    from outside it no two neighbours come closer as it is approached.
    """
    energies, v, _ = solved(model, k)
    diagonal, inverse, rows = np.einsum("xinn->xin", v).real, np.linalg.inv(step), np.arange(len(band))
    found = []
    for below, above in ((-1, 1), (0, 2), (-2, 1), (-1, 2), (0, 3)):
        n, m = band + below, band + above
        usable = (n >= 0) & (m < model.num_bands)
        if model.statistics == BOSE:
            usable &= (n < model.num_bands // 2) == (m < model.num_bands // 2)
        row, n, m = rows[usable], n[usable], m[usable]
        between = v[row, :, n, m]
        slope, size = diagonal[row, :, m] - diagonal[row, :, n], energies[row, m] - energies[row, n]
        cone = 4 * np.einsum("xi,xl->xil", between, between.conj()).real + slope[:, :, None] * slope[:, None, :]
        squares = np.linalg.eigvalsh(cone)[:, -2:]
        whole = (squares[:, 0] > _FLAT * squares[:, -1]) & (energies[row, n] <= highest)
        row, n, m, slope, size, cone = (x[whole] for x in (row, n, m, slope, size, cone))
        if not row.size:
            continue
        q = -np.einsum("xil,xl->xi", np.linalg.pinv(cone, rcond=_FLAT, hermitian=True), size[:, None] * slope)
        left = np.sqrt((size**2 + size * np.einsum("xi,xi->x", slope, q)).clip(0))
        near = (abs(q @ inverse).max(1) <= 1.5) & (left <= NARROW * resolved(cone, step))
        place = inside(model, k[row] + q)
        for offset in range(above - below):
            found.append((n[near] + offset, place[near]))
    if not found:
        return band[:0], k[:0]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _shifted(x: np.ndarray, axis: int, step: int, periodic: bool) -> np.ndarray:
    """The neighbour's value; beyond the edge of a box, one's own."""
    if periodic:
        return np.roll(x, step, axis)
    index = np.clip(np.arange(x.shape[axis]) - step, 0, x.shape[axis] - 1)
    return np.take(x, index, axis)
