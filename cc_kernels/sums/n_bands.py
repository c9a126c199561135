"""Any number of bands: from energies, states and velocities to sums (compiled)."""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.companion_sums import fill_companion_rows
from cc_kernels.geometry.pair_sums import average_groups, fill_far, fill_levels, fill_own, fill_shared
from cc_kernels.geometry.rotations import left_of, matrix_room, points_of, rotated_operator, rotated_velocity
from cc_kernels.geometry.row_numbers import CLOSE, EXPECTATION, FIRST_COMPANION, METRIC, SQUARE, VELOCITY
from cc_kernels.sums.columns import (
    APART,
    HIGHEST,
    add_images,
    fill_columns,
    fill_powers,
    fill_sizes,
    fill_speed,
    powers_of,
)
from cc_kernels.sums.splines import spread


@njit
def sum_n_bands(
    energies, states, velocity, signs, operators, norms, weights, tolerances, images, directions, lanes, needs, places,
    wanted, shared, own, axis, sums, absolute, below, fastest,
):  # fmt: skip
    """Add the states at k-points with any number of bands to sums.

    Parameters
    ----------
    energies : (points, bands), ascending, eV.  states : (points, bands, bands), columns.
    velocity : (points, dim, bands, bands), operators : (operators, points, bands, bands), or one matrix for all points,
        (operators, 1, bands, bands); both in the basis of the states' rows.
    signs : (bands,), eta_n of bosons, or None.
    norms : (operators,).  weights : (points,).  tolerances : of `block.Work`.
    images : of `rotated_columns.Images`.  directions : (directions, dim), of `directions_of`.
    lanes : k-points at a time, an even number.
    needs : are J_mn, s A, the companions, and far and near pairs apart wanted?
    places, wanted : of `quantities`.  shared, own : of `Plan.terms`.
    axis, sums, absolute, below, fastest : of `splines.spread`.
    """
    points, dim, bands = velocity.shape[:3]
    width = bands * lanes
    rows = np.zeros((places[-1], width))
    rows[0] = 1.0
    values, sizes = np.zeros((sums.shape[1], width + APART)), np.zeros((sums.shape[1], width + APART))
    powers, squared_speed, counts = np.zeros((HIGHEST**2, width)), np.zeros(width), np.zeros(width)
    used, image = powers_of(shared[2], own[2]), np.zeros(width)
    mean, end_of, inverse = np.zeros(width), np.zeros(width, np.int64), np.zeros((bands, width))
    v, J, sA = matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes), matrix_room(dim, bands, lanes)
    left_room = v if signs is None else matrix_room(dim, bands, lanes)
    far, has_near = np.zeros((bands, width)), np.zeros(bands, np.bool_)
    one = matrix_room(4, bands, lanes)
    s, u, matrix, work = one[0], one[1], one[2], one[3]
    for start in range(0, points, lanes):
        count = min(lanes, points - start)
        stop = start + count
        for k in range(lanes):
            for n in range(bands):  # lanes without a point count nothing
                counts[n * lanes + k] = weights[start + k] if k < count else 0.0
        largest = fill_levels(energies[start:stop], signs, tolerances[0], lanes, places, rows, mean, end_of, inverse)
        rotated_velocity(states[start:stop], velocity[start:stop], signs, u, matrix, work, v)
        left = left_of(v, signs, left_room)
        if needs[3]:
            fill_far(mean, inverse, tolerances[2], tolerances[3], lanes, far, has_near)
        fill_shared(left, v, inverse, tolerances[1], lanes, places, rows)
        if largest > 1:
            average_groups(places[VELOCITY], places[CLOSE] + 1, end_of, bands, lanes, count, rows)
        fill_powers(rows, places[SQUARE], places[METRIC], used, powers)
        fill_speed(rows, places[VELOCITY], directions, squared_speed)
        fill_columns(rows, shared[0], shared[1], 0, values)
        fill_sizes(powers, shared[2], 1.0, 0, values, sizes)
        first = shared[2].shape[0]
        for index in range(norms.shape[0]):
            here = points_of(operators[index], start, stop)
            rotated_operator(here, signs, u, v, inverse, needs, matrix, work, s, J, sA)
            fill_own(left, v, s, J, sA, inverse, far, has_near, end_of, largest, lanes, places, wanted, rows)
            if largest > 1:
                average_groups(places[EXPECTATION], places[FIRST_COMPANION], end_of, bands, lanes, count, rows)
            if needs[2]:
                first_companion = places[FIRST_COMPANION]
                fill_companion_rows(energies[start:stop], signs, v, s, tolerances[0], first_companion, lanes, rows)
            fill_columns(rows, own[0], own[1], first, values)
            fill_sizes(powers, own[2], norms[index], first, values, sizes)
            first += own[2].shape[0]
        add_images(images, powers, values, image, sizes)
        spread(mean, squared_speed, counts, values, sizes, axis, sums, absolute, below, fastest)
