"""What stands in the way of a converged verdict, for each variable at each temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xarray as xr

from cc_kernels.sums.evaluation import scale_of
from cc_kernels.verdict import band_range, narrowest_gap, resolution
from cc_kernels.verdict.changes import TEMPERATURE, Changes, scales_of
from cc_kernels.verdict.laws import NOT_FALLING, ROUNDING, Decay, points_needed

CHERN = "chern_number"
EXCUSED = 1e-6
"""A change beyond this part of the scale is never rounding."""
SETTLED = 3.0
"""Factor by which the scale may fall upon doubling: by 2 where levels run along a line, by 4 where they meet."""


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way.

    Attributes
    ----------
    name : in a few words.
    where : (variable, temperature) bool.
    needed : (variable, temperature) points per axis that would clear it; NaN where no number does, or none is known.
    """

    name: str
    where: np.ndarray
    needed: np.ndarray


GRIDS, CHANGES, SCALE, RISING, COARSE, GAP, INTEGER, OUTSIDE = (
    "fewer than three grids",
    "last two changes",
    "scale not settled",
    "changes do not fall",
    "temperature not resolved",
    "narrow gap not resolved",
    "no integer",
    "mu outside the bands",
)


def obstacles_of(
    levels: Sequence[xr.Dataset], changes: Changes, found: Decay, points: np.ndarray, tolerance: float
) -> list[Obstacle]:
    """All obstacles of a series of responses, those that are nowhere included."""
    last, size, shape = levels[-1], changes.size.values, changes.size.shape[1:]
    nowhere, finest = np.zeros(shape), float(points[-1])
    every = np.ones(shape, bool)
    # One NaN is no convergence.
    large = ~(size[-2:] <= tolerance).all(0) if len(levels) > 2 else ~every
    excused, missed, steps = (_of_variables(values, changes) for values in _of_gaps(last))
    rounding = np.clip(excused, 10 * ROUNDING, EXCUSED)
    rising = (found.law == NOT_FALLING) & (size[-1] > rounding)
    ratio = np.broadcast_to(resolution.of_temperature(last), shape)
    coarse = ~(ratio <= 1)
    gap = missed > tolerance
    lawful = points_needed(int(finest), found, size[-1], tolerance)
    unsettled = _unsettled(levels, changes)
    not_whole = _chern_off(last, changes) > tolerance
    return [
        Obstacle(GRIDS, every & (len(levels) < 3), nowhere + max(finest, 4.0 * points[0])),
        Obstacle(CHANGES, large, np.where(large & ~(gap & rising), lawful, 0)),
        Obstacle(SCALE, unsettled, np.where(unsettled, np.nan, 0)),
        Obstacle(RISING, rising, np.where(rising & ~gap, np.nan, 0)),  # a gap says how much it needs
        Obstacle(COARSE, coarse, np.where(coarse, finest * _doubled(ratio), 0)),
        Obstacle(GAP, gap, np.where(gap, finest * _doubled(steps), 0)),
        Obstacle(INTEGER, not_whole, np.where(not_whole, np.nan, 0)),
        Obstacle(OUTSIDE, every & band_range.is_all_outside(last), nowhere),
    ]


def _doubled(ratio: np.ndarray | float) -> np.ndarray:
    """The power of 2 at or above a ratio."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2.0 ** np.ceil(np.log2(np.maximum(ratio, 1)))


def _unsettled(levels: Sequence[xr.Dataset], changes: Changes) -> np.ndarray:
    """(variable, temperature): where the scale, against which all is small or large, falls with each grid.

    Levels that come close at a point of all grids hold 1/gap^2 of it: large on one grid, a quarter of that on the next.
    """
    if len(levels) < 3:
        return np.zeros(changes.scale.shape, bool)
    scales = [scales_of(level, changes.scale["variable"].values).values for level in levels[-3:]]
    return np.all([coarse > SETTLED * fine for coarse, fine in pairwise(scales)], axis=0)


def _of_gaps(last: xr.Dataset) -> tuple[xr.DataArray, ...]:
    """Rounding beside crossings and what gaps could add, relative to the scale, and the steps that these need."""
    if not narrowest_gap.is_known(last):
        return (xr.DataArray(np.empty(0), {"variable": np.empty(0, "U64")}, "variable"),) * 3
    relative = (narrowest_gap.relative(last, name) for name in (narrowest_gap.ROUNDING, narrowest_gap.WEIGHT))
    return *relative, narrowest_gap.steps_per_gap(last)


def _of_variables(values: xr.DataArray, changes: Changes) -> np.ndarray:
    """(variable, temperature): the largest over mu and a sweep; zero for variables that have none."""
    largest = values.max([dim for dim in values.dims if dim not in ("variable", TEMPERATURE)])
    return largest.reindex(variable=changes.scale["variable"], fill_value=0).broadcast_like(changes.scale).values


def _chern_off(last: xr.Dataset, changes: Changes) -> np.ndarray:
    """(variable, temperature): distance of a Chern number from an integer, relative to the scale."""
    off = xr.zeros_like(changes.scale)
    if CHERN in off["variable"]:
        scale = scale_of(last, CHERN)
        relative = abs(last[CHERN] - last[CHERN].round()) / scale.where(scale > 0, 1)
        off.loc[{"variable": CHERN}] = relative.max([dim for dim in relative.dims if dim != TEMPERATURE]).values
    return off.values
