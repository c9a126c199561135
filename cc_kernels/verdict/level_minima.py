"""Minima of the distance between neighbouring levels: minimized with the known velocities, and each one once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.grid import KGrid
from cc_kernels.verdict.level_cones import Cones, cones_of, inside, resolved, spreads

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

    from cc_kernels.models import Model
    from cc_kernels.models.operators_at_k import OperatorsAtK

_STEPS = 24
NARROW = 0.1
"""Part of what a step of the search resolves below which a gap is followed to its bottom."""
_NEAR, _NEAR_WIDE = 1e-3, 1e-1
"""Steps end that bring less than these parts of a distance: of wider gaps, and of those that the search resolves."""
_AT_REST, _DAMPED = 1e-7, 1e-2
"""A step that expects to bring less than that part of a distance ends at a minimum, unless it was damped."""
_SAME_PLACE = 1e-3
"""Grid steps of the search between what are two minima."""
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


def minimized(
    model: Model,
    operator: OperatorsAtK,
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
    at = cones_of(model, band, k, tolerance)
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
        q = inside(model, at.k[rows] + q) - at.k[rows]
        trial = cones_of(model, band[rows], at.k[rows] + q, tolerance)
        better = trial.size < size
        at.put(rows[better], trial, better)
        expected = abs(np.einsum("xi,xi->x", slope, q))  # damped, after a step that was too long, it expects less
        still = (expected > _AT_REST * size) | (damping[rows] > _DAMPED)
        damping[rows] = np.where(better, np.maximum(damping[rows] / 10, 1e-9), 10 * np.maximum(damping[rows], 1e-4))
        with np.errstate(over="ignore"):  # without a slope, at a grid's only point, it is as wide as can be
            width = at.size[rows] / (resolved(at.cone[rows], step) + np.finfo(float).tiny)
        little = np.select([width > 1, width > NARROW], [_NEAR_WIDE, _NEAR], 0)
        still &= ~better | (size - at.size[rows] > little * size)
        moving[rows] = still & (at.size[rows] > rounding)
    return minima_at(model, operator, band, at, tolerance)


def to_the_bottom(model: Model, operator: OperatorsAtK, minima: Minima, row: int, tolerance: float) -> Minima:
    """One of the minima followed further by a minimizer of smooth functions, for which it need not be a cone."""
    band = minima.band[row : row + 1]

    def distance(at: np.ndarray) -> tuple[float, np.ndarray]:
        cone = cones_of(model, band, at[None], tolerance)
        return cone.size[0], cone.slope[0]

    k = lowest_of(model, distance, minima.k[row]).x[None]
    one = minima_at(model, operator, band, cones_of(model, band, k, tolerance), tolerance)
    return joined([minima[:row], one, minima[row + 1 :]])


def minima_at(model: Model, operator: OperatorsAtK, band: np.ndarray, at: Cones, tolerance: float) -> Minima:
    return Minima(at.size, band, at.energy, at.k, at.cone, spreads(model, operator, band, at.k, tolerance))


def lowest_of(model: Model, function: Callable, k: np.ndarray) -> OptimizeResult:
    """A minimum of a smooth function of k that returns its gradient, too, in the box of a continuum model."""
    from scipy.optimize import minimize  # heavy, and what only asks for `search_shape` need not wait

    box = None if model.k_max is None else [(-model.k_max, model.k_max)] * model.dim
    return minimize(function, k, jac=True, method="L-BFGS-B", bounds=box)


def risen(model: Model, minima: Minima, step: np.ndarray) -> np.ndarray:
    """(M,) change of the distance over a step of the grid, (distance^2 - size^2)^(1/2): the largest over the axes.

    That of the cone, or, where levels touch without one, as found a step away.
    """
    largest = resolved(minima.cone, step)
    for q in (*step, *-step):
        levels = model.levels(inside(model, minima.k + q))
        rows = np.arange(len(minima))
        distance = levels[rows, minima.band + 1] - levels[rows, minima.band]
        largest = np.maximum(largest, np.sqrt((distance**2 - minima.size**2).clip(0)))
    return largest
