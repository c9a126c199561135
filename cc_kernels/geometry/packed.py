"""All band quantities of every state, packed: what `band_geometry` cuts into variables (compiled)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.companion_sums import fill_companion_rows
from cc_kernels.geometry.groups import closeness
from cc_kernels.geometry.pair_sums import average_groups, fill_far, fill_levels, fill_own, fill_shared
from cc_kernels.geometry.quantities import COMPANIONS, DIVIDED, FIRST_ORDER, packing, places, wanted
from cc_kernels.geometry.rotations import (
    lanes_of,
    left_of,
    matrix_room,
    points_of,
    rotated_operator,
    rotated_velocity,
)
from cc_kernels.geometry.row_numbers import CLOSE, EXPECTATION, FIRST_COMPANION, VELOCITY

_STATES = 256
"""States that are handled together, about."""


def packed_quantities(
    energies: np.ndarray,
    states: np.ndarray,
    velocity: np.ndarray,
    operator: np.ndarray,
    tolerance: float,
    names: Sequence[str] = FIRST_ORDER,
    near: float = 0.0,
    signs: np.ndarray | None = None,
) -> np.ndarray:
    """As `formulas.band_quantities`: (N, nb, components) float64, laid out by `quantities.layout` for these names.

    Parameters
    ----------
    energies, states, velocity, operator, tolerance, signs : as there.
    names : of `quantities.PACKED`; of bosons none of `COMPANIONS`.
    near : pairs closer than this (eV) are the near ones of `quantities.DIVIDED`.
    """
    starts, packing_of = places(velocity.shape[1]), packing(velocity.shape[1])
    kept = np.concatenate([np.arange(packing_of[name].start, packing_of[name].stop) for name in names])
    packed = np.empty((*energies.shape, len(kept)))
    needs = [True, "mixed_curvature" in names, *(any(name in some for name in names) for some in (COMPANIONS, DIVIDED))]
    tolerances = np.array([tolerance, closeness(tolerance), near])
    operator = np.reshape(operator, (-1, *states.shape[1:]))
    arrays = (np.ascontiguousarray(x, complex) for x in (states, velocity, operator))
    settings = tolerances, lanes_of(_STATES, energies.shape[1]), np.array(needs)
    _pack(np.ascontiguousarray(energies), *arrays, signs, *settings, starts, wanted(names), kept, packed)
    return packed


@njit
def _pack(energies, states, velocity, operator, signs, tolerances, lanes, needs, places, wanted, kept, packed):
    points, dim, bands = velocity.shape[:3]
    width = bands * lanes
    rows = np.zeros((places[-1], width))
    mean, end_of, inverse = np.zeros(width), np.zeros(width, np.int64), np.zeros((bands, width))
    v, J, sA = matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes)
    left_room = v if signs is None else matrix_room(dim, bands, lanes)
    far, has_near = np.zeros((bands, width)), np.zeros(bands, np.bool_)
    one = matrix_room(4, bands, lanes)
    s, u, matrix, work = one[0], one[1], one[2], one[3]
    for start in range(0, points, lanes):
        count = min(lanes, points - start)
        stop = start + count
        largest = fill_levels(energies[start:stop], signs, tolerances[0], lanes, places, rows, mean, end_of, inverse)
        rotated_velocity(states[start:stop], velocity[start:stop], signs, u, matrix, work, v)
        left = left_of(v, signs, left_room)
        if needs[3]:
            fill_far(mean, inverse, tolerances[2], 0.0, lanes, far, has_near)
        fill_shared(left, v, inverse, tolerances[1], lanes, places, rows)
        rotated_operator(points_of(operator, start, stop), signs, u, v, inverse, needs, matrix, work, s, J, sA)
        if largest > 1:
            average_groups(places[VELOCITY], places[CLOSE] + 1, end_of, bands, lanes, count, rows)
        fill_own(left, v, s, J, sA, inverse, far, has_near, end_of, largest, lanes, places, wanted, rows)
        if largest > 1:
            average_groups(places[EXPECTATION], places[FIRST_COMPANION], end_of, bands, lanes, count, rows)
        if needs[2]:
            first_companion = places[FIRST_COMPANION]
            fill_companion_rows(energies[start:stop], signs, v, s, tolerances[0], first_companion, lanes, rows)
        for k in range(count):
            for n in range(bands):
                for component in range(len(kept)):
                    packed[start + k, n, component] = rows[kept[component], n * lanes + k]
