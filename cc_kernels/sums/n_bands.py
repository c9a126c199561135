"""Any number of bands: from energies, states and velocities to sums (compiled)."""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.companion_sums import fill_companion_rows
from cc_kernels.geometry.pair_sums import average_groups, fill_levels, fill_own, fill_shared
from cc_kernels.geometry.rotations import (
    FEW,
    joined,
    operator_by_blas,
    rotated_operator,
    rotated_velocity,
    velocity_by_blas,
)
from cc_kernels.geometry.row_numbers import CLOSE, EXPECTATION, FIRST_COMPANION, METRIC, SQUARE, VELOCITY
from cc_kernels.sums.columns import APART, HIGHEST, fill_columns, fill_powers, fill_sizes, fill_speed, powers_of
from cc_kernels.sums.splines import spread


@njit
def sum_n_bands(
    energies, states, velocity, operators, norms, weights, tolerances, lanes, needs, places, wanted, shared, own, axis,
    sums, absolute, below, fastest,
):  # fmt: skip
    """Add the states at k-points with any number of bands to sums.

    Parameters
    ----------
    energies : (points, bands), ascending, eV.  states : (points, bands, bands), columns.
    velocity : (points, dim, bands, bands), operators : (operators, bands, bands), in the basis of the states' rows.
    norms : (operators,).  weights : (points,).  tolerances : of degeneracy, of closeness, and of near pairs, eV.
    lanes : k-points at a time, an even number.  needs : are J_mn, s A, and the companions wanted?
    places, wanted : of `quantities`.  shared, own : of `Plan.terms`.
    axis, sums, absolute, below, fastest : of `splines.spread`.
    """
    points, dim, bands = velocity.shape[:3]
    width = bands * lanes
    rows = np.zeros((places[-1], width))
    rows[0] = 1.0
    values, sizes = np.zeros((sums.shape[1], width + APART)), np.zeros((sums.shape[1], width + APART))
    powers, squared_speed, counts = np.zeros((HIGHEST**2, width)), np.zeros(width), np.zeros(width)
    used = powers_of(shared[2], own[2])
    mean, end_of, inverse = np.zeros(width), np.zeros(width, np.int64), np.zeros((bands, width))
    v, J, sA = np.zeros((dim, bands, 2, width)), np.zeros((dim, bands, 2, width)), np.zeros((dim, bands, 2, width))
    s = np.zeros((bands, 2, width))
    is_small = bands <= FEW and not needs[2]
    u, matrix, work = np.zeros((bands, 2, width)), np.zeros((bands, 2, width)), np.zeros((bands, 2, width))
    by_blas = 0 if is_small else lanes
    ket, bra = np.empty((by_blas, 2 * bands, 2 * bands)), np.empty((by_blas, bands, 2 * bands))
    v_k, s_k = np.empty((by_blas, dim, bands, 2 * bands)), np.empty((by_blas, bands, 2 * bands))
    companions = np.zeros((lanes, bands, 2 * dim**2))
    for start in range(0, points, lanes):
        count = min(lanes, points - start)
        stop = start + count
        for k in range(lanes):
            for n in range(bands):  # lanes without a point count nothing
                counts[n * lanes + k] = weights[start + k] if k < count else 0.0
        largest = fill_levels(energies[start:stop], tolerances[0], lanes, places, rows, mean, end_of, inverse)
        if is_small:
            rotated_velocity(states[start:stop], velocity[start:stop], lanes, u, matrix, work, v)
        else:
            velocity_by_blas(states[start:stop], velocity[start:stop].view(np.float64), lanes, ket, bra, v_k, v)
        fill_shared(v, inverse, tolerances[1], lanes, places, rows)
        if largest > 1:
            average_groups(places[VELOCITY], places[CLOSE] + 1, end_of, bands, lanes, count, rows)
        fill_powers(rows, places[SQUARE], places[METRIC], used, powers)
        fill_speed(rows, places[VELOCITY], dim, squared_speed)
        fill_columns(rows, shared[0], shared[1], 0, values)
        fill_sizes(powers, shared[2], 1.0, 0, values, sizes)
        first = shared[2].shape[0]
        for index in range(norms.shape[0]):
            if is_small:
                rotated_operator(operators[index], u, v, inverse, needs, lanes, matrix, work, s, J, sA)
            else:
                operator_by_blas(
                    operators[index].view(np.float64), count, ket, bra, v_k, inverse, needs, lanes, s_k, s, J, sA
                )
            fill_own(v, s, J, sA, inverse, end_of, largest, tolerances[2], lanes, places, wanted, rows)
            if largest > 1:
                average_groups(places[EXPECTATION], places[FIRST_COMPANION], end_of, bands, lanes, count, rows)
            if needs[2]:
                of_k = energies[start:stop], joined(v_k[:count]), joined(s_k[:count])
                fill_companion_rows(*of_k, tolerances[0], places[FIRST_COMPANION], lanes, companions, rows)
            fill_columns(rows, own[0], own[1], first, values)
            fill_sizes(powers, own[2], norms[index], first, values, sizes)
            first += own[2].shape[0]
        spread(mean, squared_speed, counts, values, sizes, axis, sums, absolute, below, fastest)
