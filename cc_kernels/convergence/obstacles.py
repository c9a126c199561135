"""What stands in the way of a converged verdict, for each variable at each temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from cc_kernels.convergence.changes import TEMPERATURE, Changes
from cc_kernels.convergence.laws import NOT_FALLING, ROUNDING, Decay, points_needed
from cc_kernels.spectral import band_range, narrowest_gap, resolution
from cc_kernels.spectral.evaluation import scale_of

CHERN = "chern_number"
EXCUSED = 1e-6
"""A change beyond this part of the scale is never rounding."""
SETTLED = 2.0
"""Factor by which the scale may still change between the last two grids."""


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
    rounding = np.clip(_of_variables(last, narrowest_gap.ROUNDING, changes), 10 * ROUNDING, EXCUSED)
    rising = (found.law == NOT_FALLING) & (size[-1] > rounding)
    ratio = np.broadcast_to(resolution.of_temperature(last), shape)
    coarse = ~(ratio <= 1)
    gap = _of_variables(last, narrowest_gap.WEIGHT, changes) > tolerance
    lawful = points_needed(int(finest), found, size[-1], tolerance)
    unresolved = narrowest_gap.unresolved(last)
    doublings = narrowest_gap.steps_per_gap(unresolved)
    not_whole = _chern_off(last, changes) > tolerance
    return [
        Obstacle(GRIDS, every & (len(levels) < 3), nowhere + max(finest, 4.0 * points[0])),
        Obstacle(CHANGES, large, np.where(large & ~(gap & rising), lawful, 0)),
        Obstacle(SCALE, _unsettled(levels, changes), nowhere + 2 * finest),
        Obstacle(RISING, rising, np.where(rising & ~gap, np.nan, 0)),  # a gap says how much it needs
        Obstacle(COARSE, coarse, np.where(coarse, finest * _doubled(ratio), 0)),
        Obstacle(GAP, gap, np.where(gap, finest * _doubled(doublings), 0)),
        Obstacle(INTEGER, not_whole, np.where(not_whole, np.nan, 0)),
        Obstacle(OUTSIDE, every & band_range.is_all_outside(last), nowhere),
    ]


def _doubled(ratio: np.ndarray | float) -> np.ndarray:
    """The power of 2 at or above a ratio."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2.0 ** np.ceil(np.log2(np.maximum(ratio, 1)))


def _unsettled(levels: Sequence[xr.Dataset], changes: Changes) -> np.ndarray:
    """(variable, temperature): where the scale, against which all is small or large, is not that of the grid before.

    Levels that come close at a point of the grid hold 1/gap^2 of it: large on one grid, a quarter on the next.
    """
    if len(levels) < 2:
        return np.zeros(changes.scale.shape, bool)
    before = {name: scale_of(levels[-2], name) for name in map(str, changes.scale["variable"].values)}
    ratio = _relative(before, levels[-1], changes, least=True)
    return (_relative(before, levels[-1], changes) > SETTLED) | ((ratio > 0) & (ratio < 1 / SETTLED))


def _of_variables(last: xr.Dataset, name: str, changes: Changes) -> np.ndarray:
    """(variable, temperature): what `narrowest_gap` says of each variable, relative to the scale."""
    if name not in last or "gap_size" not in last:
        return np.zeros(changes.scale.shape)
    each = {str(one): last[name].sel(variable=one, drop=True) for one in last[name]["variable"].values}
    return _relative(each, last, changes)


def _chern_off(last: xr.Dataset, changes: Changes) -> np.ndarray:
    """(variable, temperature): distance of a Chern number from an integer, relative to the scale."""
    return _relative({CHERN: abs(last[CHERN] - last[CHERN].round())} if CHERN in last else {}, last, changes)


def _relative(
    errors: Mapping[str, xr.DataArray], last: xr.Dataset, changes: Changes, least: bool = False
) -> np.ndarray:
    """(variable, temperature): the largest (or least) over mu and a sweep, relative to the scale; zero for others."""
    result = xr.zeros_like(changes.scale)
    for name, error in errors.items():
        if name in result["variable"]:
            scale = scale_of(last, name)
            relative = error / scale.where(scale > 0, 1)
            other = [dim for dim in relative.dims if dim != TEMPERATURE]
            result.loc[{"variable": name}] = (relative.min(other) if least else relative.max(other)).values
    return result.values
