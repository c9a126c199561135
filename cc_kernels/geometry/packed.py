"""All band quantities of every state, packed: what `band_geometry` cuts into variables (compiled)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.companion_sums import fill_companion_rows
from cc_kernels.geometry.formulas import band_quantities, divided_quantities
from cc_kernels.geometry.groups import closeness
from cc_kernels.geometry.pair_sums import average_groups, fill_levels, fill_own, fill_shared
from cc_kernels.geometry.quantities import COMPANIONS, FIRST_ORDER, packing, places, wanted
from cc_kernels.geometry.rotations import lanes_of, matrix_room, points_of, rotated_operator, rotated_velocity
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
    energies, states, velocity, operator, tolerance : as there.
    names : of `quantities.PACKED`.
    near : pairs closer than this (eV) are the near ones of `quantities.DIVIDED`.
    """
    if signs is not None:  # bosons, not compiled yet
        arguments = (energies, states, velocity, operator, tolerance)
        known = band_quantities(*arguments, signs) | divided_quantities(*arguments, near, 0.0, signs)
        known["below_zero"] = (1 - np.sign(known["group_energy"])) / 2
        return np.concatenate([known[name].reshape(*energies.shape, -1) for name in names], axis=-1)
    starts, packing_of = places(velocity.shape[1]), packing(velocity.shape[1])
    kept = np.concatenate([np.arange(packing_of[name].start, packing_of[name].stop) for name in names])
    packed = np.empty((*energies.shape, len(kept)))
    needs = np.array([True, "mixed_curvature" in names, any(name in COMPANIONS for name in names)])
    tolerances = np.array([tolerance, closeness(tolerance), near])
    operator = np.reshape(operator, (-1, *states.shape[1:]))
    arrays = (np.ascontiguousarray(x, complex) for x in (states, velocity, operator))
    lanes = lanes_of(_STATES, energies.shape[1])
    _pack(np.ascontiguousarray(energies), *arrays, tolerances, lanes, needs, starts, wanted(names), kept, packed)
    return packed


@njit
def _pack(energies, states, velocity, operator, tolerances, lanes, needs, places, wanted, kept, packed):
    points, dim, bands = velocity.shape[:3]
    width = bands * lanes
    rows = np.zeros((places[-1], width))
    mean, end_of, inverse = np.zeros(width), np.zeros(width, np.int64), np.zeros((bands, width))
    v, J, sA = matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes)
    one = matrix_room(4, bands, lanes)
    s, u, matrix, work = one[0], one[1], one[2], one[3]
    for start in range(0, points, lanes):
        count = min(lanes, points - start)
        stop = start + count
        largest = fill_levels(energies[start:stop], tolerances[0], lanes, places, rows, mean, end_of, inverse)
        rotated_velocity(states[start:stop], velocity[start:stop], u, matrix, work, v)
        fill_shared(v, inverse, tolerances[1], lanes, places, rows)
        rotated_operator(points_of(operator, start, stop), u, v, inverse, needs, matrix, work, s, J, sA)
        if largest > 1:
            average_groups(places[VELOCITY], places[CLOSE] + 1, end_of, bands, lanes, count, rows)
        fill_own(v, s, J, sA, inverse, end_of, largest, tolerances[2], lanes, places, wanted, rows)
        if largest > 1:
            average_groups(places[EXPECTATION], places[FIRST_COMPANION], end_of, bands, lanes, count, rows)
        if needs[2]:
            first_companion = places[FIRST_COMPANION]
            fill_companion_rows(energies[start:stop], v, s, tolerances[0], first_companion, lanes, rows)
        for k in range(count):
            for n in range(bands):
                for component in range(len(kept)):
                    packed[start + k, n, component] = rows[kept[component], n * lanes + k]
