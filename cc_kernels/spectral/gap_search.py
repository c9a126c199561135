"""Where neighbouring levels come closest: the minima of their distance, from a coarse grid, minimized with velocities.

Away from its bottom a narrow gap is a cone as wide as the bands are smooth, however small the gap: a coarse grid sees
it where grids that only sum over their points step over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.geometry.groups import ROUNDING, group_starts
from cc_kernels.grid import KGrid, points_per_chunk

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

    from cc_kernels.models import Model

LEAST = {1: 64, 2: 12, 3: 8}
MOST = {1: 1024, 2: 64, 3: 24}
"""Points per axis of the search, by dimension; between these, half as many as the grid that is summed over."""
_CHUNK = 4096
_STEPS = 24
_STEEP = 2.0
"""A minimum on the grid above this many times the rise to its neighbours is no bottom of a cone that a finer grid could
still miss."""
_NARROW = 0.1
"""Part of what a step of the search resolves below which a gap is followed to its bottom."""
_NEAR, _NEAR_WIDE = 1e-3, 1e-1
"""Steps end that bring less than these parts of a distance: of wider gaps, and of those that the search resolves."""
_AT_REST, _DAMPED = 1e-7, 1e-2
"""A step that expects to bring less than that part of a distance ends at a minimum, unless it was damped."""
_SAME_PLACE = 1e-3
"""Grid steps of the search between what are two minima."""
_NO_SPREAD = 1e-2
_FLAT = 1e-4
"""Ratio of squared slopes below which a cone is a line."""
_SAME_SIZE = 1.05
"""Distances up to this ratio are equal."""


@dataclass(frozen=True)
class Minima:
    """Minima of the distance between levels `band` and `band` + 1, M of them.

    Attributes
    ----------
    size : (M,) distance, eV.
    band : (M,) the lower level, from 0.
    energy : (M,) its energy, eV.
    k : (M, dim) place, 1/angstrom.
    cone : (M, dim, dim) C, (eV angstrom)^2: a small q away the distance is sqrt(size^2 + q C q).
    spread : (M,) difference of the largest and the smallest value of the operator within the levels.
    """

    size: np.ndarray
    band: np.ndarray
    energy: np.ndarray
    k: np.ndarray
    cone: np.ndarray
    spread: np.ndarray

    def __len__(self) -> int:
        return len(self.size)

    def __getitem__(self, rows: np.ndarray | slice) -> Minima:
        return Minima(*(getattr(self, field.name)[rows] for field in fields(self)))


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


def search(model: Model, operator: np.ndarray, shape: Sequence[int], highest: float, tolerance: float) -> Search:
    """Minima of the distance of neighbouring levels, the lower of them below `highest` (eV).

    Parameters
    ----------
    operator : (nb, nb).
    shape : points per axis of the search.
    tolerance : levels closer than this (eV) are one group.

    Returns
    -------
    Of every pair of neighbouring levels the minima that a grid of that shape does not resolve, and its lowest minimum;
    exact where they are cones, and for the narrowest gap.
    """
    grid = KGrid.of(model, tuple(shape), closed=True)
    sides = [n + grid.closed for n in shape]
    energies = _energies(model, grid).reshape(*sides, -1)
    distance, rounding = np.diff(energies, axis=-1), ROUNDING * np.abs(energies).max()
    tolerance = max(tolerance, rounding)
    band, index = _candidates(distance, energies[..., :-1] <= highest, tolerance, periodic=not grid.closed)
    k, size = grid.points().reshape(*sides, -1), points_per_chunk(_CHUNK, model.num_bands)

    def minimized(band: np.ndarray, k: np.ndarray) -> Minima:
        parts = [slice(start, start + size) for start in range(0, max(len(band), 1), size)]
        starts = [(band[part], k[part]) for part in parts]
        return joined(_minimized(model, operator, *start, grid.step, tolerance, rounding) for start in starts)

    starts = k[tuple(index.T)]
    minima = minimized(band, starts)
    if np.ptp(np.linalg.eigvalsh(operator)) > tolerance_of_spread(operator):
        blind = (minima.size <= tolerance) | (minima.spread <= tolerance_of_spread(operator))
        beside, places = _beside(band[blind], index[blind], sides, periodic=not grid.closed)
        through, others = _through(model, band, starts, grid.step, highest)
        more = minimized(np.append(beside, through), np.append(k[tuple(places.T)], others, axis=0))
        minima = joined([minima, more[more.size <= _NARROW * resolved(more.cone, grid.step)]])
    minima = distinct(minima, grid, tolerance)
    if (gap := np.flatnonzero(minima.size > tolerance)).size:
        minima = _to_the_bottom(model, operator, minima, gap[0], tolerance)
    bottom = _lowest(model, 1, grid.points(), energies[..., 0])
    top = -_lowest(model, -1, grid.points(), -energies[..., -1])
    return Search(replace(minima, size=np.where(minima.size > rounding, minima.size, 0)), bottom, top)


def _lowest(model: Model, sign: int, k: np.ndarray, energies: np.ndarray) -> float:
    """The least energy of the lowest band (sign 1), or of the highest one turned over (sign -1)."""

    def energy(at: np.ndarray) -> tuple[float, np.ndarray]:
        levels, states, velocity = _solved(model, at[None])
        u = states[0, :, band]
        return sign * levels[0, band], sign * np.einsum("a,iab,b->i", u.conj(), velocity[0], u).real

    band = 0 if sign > 0 else model.num_bands - 1
    return float(_minimize(model, energy, k[np.argmin(energies)]).fun)


def joined(parts: Iterable[Minima]) -> Minima:
    """All minima, one after the other."""
    parts = list(parts)
    return Minima(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Minima)))


def distinct(minima: Minima, grid: KGrid, tolerance: float) -> Minima:
    """Each minimum once, the smallest first; equal places differ by a reciprocal lattice vector.

    Of gaps along a line, at whose bottom steps are slow, one: those that the cone of a smaller one explains, where the
    energy is the same.
    """
    minima = minima[np.argsort(minima.size, kind="stable")]
    inverse = np.linalg.inv(grid.span)
    if not grid.closed:
        minima = replace(minima, k=minima.k - np.round(minima.k @ inverse - 1e-9) @ grid.span)  # around k = 0
    cells = np.round(np.array(grid.shape) / _SAME_PLACE).astype(int)
    for offset in np.ndindex(*[2] * grid.dim):  # of two in one place some boundaries of cells may lie between
        cell = np.floor(minima.k @ inverse * cells + np.array(offset) / 2).astype(int)
        cell = cell if grid.closed else cell % cells
        _, first = np.unique(np.column_stack([minima.band, cell]), axis=0, return_index=True)
        minima = minima[np.sort(first)]
    kept = np.ones(len(minima), bool)
    for row in np.flatnonzero(minima.size > tolerance):
        smaller = np.flatnonzero(kept[:row] & (minima.band[:row] == minima.band[row]) & (minima.size[:row] > tolerance))
        away = (minima.k[row] - minima.k[smaller]) @ inverse
        q = (away if grid.closed else away - np.round(away)) @ grid.span
        expected = np.sqrt(minima.size[smaller] ** 2 + np.einsum("xi,xil,xl->x", q, minima.cone[smaller], q).clip(0))
        same = abs(np.log(expected / minima.size[row])) < np.log(_SAME_SIZE)
        kept[row] = not (same & (abs(minima.energy[row] - minima.energy[smaller]) < minima.size[row])).any()
    return minima[kept]


def _energies(model: Model, grid: KGrid) -> np.ndarray:
    """(points, bands)."""
    blocks = grid.chunks(points_per_chunk(_CHUNK, model.num_bands))
    return np.concatenate([np.linalg.eigvalsh(model.hamiltonian(grid.points(*block))) for block in blocks])


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


def _beside(band: np.ndarray, index: np.ndarray, sides: Sequence[int], periodic: bool) -> tuple[np.ndarray, np.ndarray]:
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
    energies, states, velocity = _solved(model, k)
    v = states.conj().swapaxes(1, 2)[:, None] @ velocity @ states[:, None]
    diagonal, inverse, rows = np.einsum("xinn->xin", v).real, np.linalg.inv(step), np.arange(len(band))
    found = []
    for below, above in ((-1, 1), (0, 2), (-2, 1), (-1, 2), (0, 3)):
        n, m = band + below, band + above
        usable = (n >= 0) & (m < model.num_bands)
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
        near = (abs(q @ inverse).max(1) <= 1.5) & (left <= _NARROW * resolved(cone, step))
        place = k[row] + q
        if model.k_max is not None:
            place = np.clip(place, -model.k_max, model.k_max)
        for offset in range(above - below):
            found.append((n[near] + offset, place[near]))
    if not found:
        return band[:0], k[:0]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def tolerance_of_spread(operator: np.ndarray) -> float:
    """Differences of the operator's values that are as good as none."""
    return _NO_SPREAD * np.linalg.norm(operator, 2)


def risen(model: Model, minima: Minima, step: np.ndarray) -> np.ndarray:
    """(M,) change of the distance over a step of the grid, (distance^2 - size^2)^(1/2): the largest over the axes.

    That of the cone, or, where levels touch without one, as found a step away.
    """
    largest = resolved(minima.cone, step)
    for q in (*step, *-step):
        place = minima.k + q
        if model.k_max is not None:
            place = np.clip(place, -model.k_max, model.k_max)
        levels = np.linalg.eigvalsh(model.hamiltonian(place))
        rows = np.arange(len(minima))
        distance = levels[rows, minima.band + 1] - levels[rows, minima.band]
        largest = np.maximum(largest, np.sqrt((distance**2 - minima.size**2).clip(0)))
    return largest


def resolved(cone: np.ndarray, step: np.ndarray) -> np.ndarray:
    """(M,) change of the distance over a step, away from the minimum: the largest over the axes."""
    return np.sqrt(np.einsum("ai,xil,al->xa", step, cone, step).clip(0)).max(1, initial=0)


def _shifted(x: np.ndarray, axis: int, step: int, periodic: bool) -> np.ndarray:
    """The neighbour's value; beyond the edge of a box, one's own."""
    if periodic:
        return np.roll(x, step, axis)
    index = np.clip(np.arange(x.shape[axis]) - step, 0, x.shape[axis] - 1)
    return np.take(x, index, axis)


def _minimized(
    model: Model,
    operator: np.ndarray,
    band: np.ndarray,
    k: np.ndarray,
    step: np.ndarray,
    tolerance: float,
    rounding: float,
) -> Minima:
    """Levenberg-Marquardt on half the distance, |d| with H = d.sigma within the two levels: a cone takes a step or two.

    Wide gaps have little of a cone, and come near enough: to where a step brings little.

    step : (dim, dim) rows, of the grid of the search: the longest move at a time.
    """
    at = _cones(model, band, k, tolerance)
    damping, moving = np.full(len(band), 1e-6), at.size > rounding
    inverse = np.linalg.inv(step)
    for _ in range(_STEPS):
        rows = np.flatnonzero(moving)
        if not rows.size:
            break
        size, slope, cone = at.size[rows], at.slope[rows], at.cone[rows]
        unit = np.trace(cone, axis1=1, axis2=2) / cone.shape[-1] + np.finfo(float).tiny
        # of distance^2 = size^2 + 2 size slope.q + q C q
        system = cone + (damping[rows] * unit)[:, None, None] * np.eye(cone.shape[-1])
        q = -np.linalg.solve(system, (size[:, None] * slope)[..., None])[..., 0]
        q /= np.maximum(1, abs(q @ inverse).max(1))[:, None]
        if model.k_max is not None:
            q = np.clip(at.k[rows] + q, -model.k_max, model.k_max) - at.k[rows]
        trial = _cones(model, band[rows], at.k[rows] + q, tolerance)
        better = trial.size < size
        at.put(rows[better], trial, better)
        expected = abs(np.einsum("xi,xi->x", slope, q))  # damped, after a step that was too long, it expects less
        still = (expected > _AT_REST * size) | (damping[rows] > _DAMPED)
        damping[rows] = np.where(better, np.maximum(damping[rows] / 10, 1e-9), 10 * np.maximum(damping[rows], 1e-4))
        width = at.size[rows] / (resolved(at.cone[rows], step) + np.finfo(float).tiny)
        little = np.select([width > 1, width > _NARROW], [_NEAR_WIDE, _NEAR], 0)
        still &= ~better | (size - at.size[rows] > little * size)
        moving[rows] = still & (at.size[rows] > rounding)
    return _minima_at(model, operator, band, at, tolerance)


def _to_the_bottom(model: Model, operator: np.ndarray, minima: Minima, row: int, tolerance: float) -> Minima:
    """One of the minima followed further by a minimizer of smooth functions, for which it need not be a cone."""
    band = minima.band[row : row + 1]

    def distance(at: np.ndarray) -> tuple[float, np.ndarray]:
        cone = _cones(model, band, at[None], tolerance)
        return cone.size[0], cone.slope[0]

    k = _minimize(model, distance, minima.k[row]).x[None]
    one = _minima_at(model, operator, band, _cones(model, band, k, tolerance), tolerance)
    return joined([minima[:row], one, minima[row + 1 :]])


def _minima_at(model: Model, operator: np.ndarray, band: np.ndarray, at: _Cones, tolerance: float) -> Minima:
    return Minima(at.size, band, at.energy, at.k, at.cone, _spreads(model, operator, band, at.k, tolerance))


def _minimize(model: Model, function: Callable, k: np.ndarray) -> OptimizeResult:
    """A minimum of a smooth function of k that returns its gradient, too, in the box of a continuum model."""
    from scipy.optimize import minimize  # heavy, and what only asks for `search_shape` need not wait

    box = None if model.k_max is None else [(-model.k_max, model.k_max)] * model.dim
    return minimize(function, k, jac=True, method="L-BFGS-B", bounds=box)


@dataclass
class _Cones:
    """Distance of two levels at k (M, dim), the energy of the lower one, the slope (M, dim), and C of `Minima`."""

    k: np.ndarray
    size: np.ndarray
    energy: np.ndarray
    slope: np.ndarray
    cone: np.ndarray

    def put(self, rows: np.ndarray, other: _Cones, chosen: np.ndarray) -> None:
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)[chosen]


def _cones(model: Model, band: np.ndarray, k: np.ndarray, tolerance: float) -> _Cones:
    """What is known of a pair of levels, or of two groups of degenerate ones, from one k.

    Half the distance is |d|, with derivatives d_i = (Re v^i_12, -Im v^i_12, (v^i_22 - v^i_11)/2): C = 4 d_i.d_l.
    """
    energies, states, velocity = _solved(model, k)
    rows = np.arange(len(band))
    lower, upper = _members(energies, band, tolerance)
    v = states.conj().swapaxes(1, 2)[:, None] @ velocity @ states[:, None]
    below, above = (np.einsum("xinn,xn->xi", v.real, x) / x.sum(1)[:, None] for x in (lower, upper))
    slope = above - below
    between = np.einsum("xm,ximn,xlnm,xn->xil", lower, v, v, upper, optimize=True).real
    between /= np.sqrt(lower.sum(1) * upper.sum(1))[:, None, None]
    cone = 4 * between + slope[:, :, None] * slope[:, None, :]
    return _Cones(k.copy(), energies[rows, band + 1] - energies[rows, band], energies[rows, band], slope, cone)


def _spreads(model: Model, operator: np.ndarray, band: np.ndarray, k: np.ndarray, tolerance: float) -> np.ndarray:
    """Largest less smallest value of the operator within the two levels, or groups."""
    energies, states, _ = _solved(model, k)
    members = np.add(*_members(energies, band, tolerance)) > 0
    inside = [state[:, chosen] for state, chosen in zip(states, members, strict=True)]
    return np.array([np.ptp(np.linalg.eigvalsh(u.conj().T @ operator @ u)) for u in inside])


def _solved(model: Model, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    return *np.linalg.eigh(hamiltonian), velocity


def _members(energies: np.ndarray, band: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """(M, bands) ones for the levels that are degenerate with `band`, and for those with `band` + 1; of two that
    are degenerate with each other, each alone."""
    rows, number = np.arange(len(band)), np.arange(energies.shape[1])
    starts = group_starts(energies, tolerance)
    crossing = (starts[rows, band] == starts[rows, band + 1])[:, None]
    pair = (band, band + 1)
    lower, upper = (np.where(crossing, number == n[:, None], starts == starts[rows, n][:, None]) for n in pair)
    return lower.astype(float), upper.astype(float)
