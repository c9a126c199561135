"""Along what speeds are measured: the steps of a grid, and of a folded grid what its symmetries make of these.

A sum on a uniform grid converges as the step allows along each axis: what counts is the largest |v.step_a|. Grids of a
series have the same directions, since all axes double that have more than one point. Of a point that stands for its
images R v counts, too, and |(R v).step_a| = |v.(R^-1 step_a)|.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cc_kernels.grid import KGrid


def directions_of(grid: KGrid, rotations: Sequence[np.ndarray] = ()) -> np.ndarray:
    """(directions, dim): steps along the axes with more than one point, in units of the longest; none for one point.

    rotations : a group of (dim, dim), under which the images of these belong to them.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> from cc_kernels.sums.directions import directions_of
    >>> model = cc.build_model("rashba_square")
    >>> directions_of(cc.KGrid.of(model, (16, 64))).round(3).tolist()
    [[1.0, 0.0], [0.0, 0.25]]
    >>> directions_of(cc.KGrid.of(model, (16, 1))).round(3).tolist()
    [[1.0, 0.0]]
    """
    found: dict[tuple[float, ...], np.ndarray] = {}
    for step in grid.step[grid.doubles] / grid.longest_step:
        for rotation in [np.eye(grid.dim), *rotations]:
            direction = rotation @ step
            places = direction.round(9) + 0.0  # one of the two signs
            found.setdefault(max(tuple(places), tuple(0.0 - places)), direction)
    return np.array(list(found.values())).reshape(-1, grid.dim)


def speeds_along(directions: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """The largest |v.e| over the directions e, shape (...), of velocities (..., dim)."""
    return abs(velocity @ directions.T).max(-1, initial=0.0)
