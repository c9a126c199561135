"""All band quantities of every state, packed: what `band_geometry` cuts into variables (compiled)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cc_kernels._lanes import LANES, room_for
from cc_kernels._numba import njit
from cc_kernels.geometry.companion_sums import fill_companion_rows
from cc_kernels.geometry.group_means import average_groups, average_own, groups_of
from cc_kernels.geometry.groups import closeness
from cc_kernels.geometry.pair_sums import curvatures_within, fill_far, fill_levels, fill_own, fill_shared
from cc_kernels.geometry.quantities import COMPANIONS, DIVIDED, FIRST_ORDER, packing, places, wanted
from cc_kernels.geometry.rotations import (
    connections,
    lanes_of,
    left_of,
    matrix_room,
    points_of,
    rotated_operator,
    rotated_velocity,
)
from cc_kernels.geometry.row_numbers import CLOSE, FIRST_COMPANION, VELOCITY
from cc_kernels.models.real_form import real_form

_STATES = 255
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
    arrays = (np.ascontiguousarray(x, complex) for x in (states, velocity))
    real = np.ascontiguousarray(real_form(np.reshape(operator, (-1, *states.shape[1:]))))
    settings = tolerances, lanes_of(_STATES, energies.shape[1]), np.array(needs)
    _pack(np.ascontiguousarray(energies), *arrays, real, signs, *settings, starts, wanted(names), kept, packed)
    return packed


@njit
def _pack(energies, states, velocity, operator, signs, tolerances, lanes, needs, places, wanted, kept, packed):
    points, dim, bands = velocity.shape[:3]
    width = bands * lanes
    rows = room_for(places[-1] * width // LANES).reshape(places[-1], width)
    mean, end_of, inverse = np.zeros(width), np.zeros(width, np.int64), np.zeros((bands, width))
    v, J, sA = matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes)
    A = matrix_room(dim - 1 if needs[1] else 0, bands, lanes)
    left_room = v if signs is None else matrix_room(dim, bands, lanes)
    far, has_near = np.zeros((bands, width)), np.zeros(bands, np.bool_)
    one = matrix_room(5, bands, lanes)
    s, u, bra, matrix, work = one[0], one[1], one[2], one[3], one[4]
    for start in range(0, points, lanes):
        count = min(lanes, points - start)
        stop = start + count
        largest = fill_levels(energies[start:stop], signs, tolerances[0], lanes, places, rows, mean, end_of, inverse)
        together, share = groups_of(end_of, largest, lanes)
        rotated_velocity(states[start:stop], velocity[start:stop], signs, u, bra, matrix, work, v)
        connections(v, inverse, A)
        left = left_of(v, signs, left_room)
        if needs[3]:
            fill_far(mean, inverse, tolerances[2], 0.0, lanes, far, has_near)
        fill_shared(left, v, inverse, tolerances[1], lanes, places, rows)
        within = curvatures_within(left, v, inverse, together, lanes, wanted)
        rotated_operator(points_of(operator, start, stop), signs, u, bra, v, A, needs, matrix, work, s, J, sA)
        if largest > 1:
            average_groups(places[VELOCITY], places[CLOSE] + 1, together, share, lanes, rows)
        fill_own(left, v, s, J, sA, inverse, far, has_near, within, lanes, places, wanted, rows)
        if largest > 1:
            average_own(together, share, lanes, dim, places, wanted, rows)
        if needs[2]:
            first_companion = places[FIRST_COMPANION]
            fill_companion_rows(energies[start:stop], signs, v, s, tolerances[0], first_companion, lanes, rows)
        for k in range(count):
            for n in range(bands):
                for component in range(len(kept)):
                    packed[start + k, n, component] = rows[kept[component], n * lanes + k]
