"""From rows of band quantities to the columns of sums (compiled).

A row of `quantities.packing` holds one component of a quantity for all states of a block of k-points; so does a column.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import in_place, njit
from cc_kernels.sums.products import FLOOR

HIGHEST = 3
"""The powers of V and of G in the floors of columns are below this."""
APART = 8
"""Columns of values end so many places after the last state: a power of two between them would share cache lines."""


@in_place
def fill_columns(rows, factors, coefficients, first, values):
    """values[first + column] = sum over the column's terms of coefficient x three rows (`Plan.terms`)."""
    last = -1
    for term in range(factors.shape[0]):
        column = factors[term, 0] + first
        a, b, c = factors[term, 1], factors[term, 2], factors[term, 3]
        if column != last:
            _put(rows, a, b, c, coefficients[term], values[column])
        else:
            _add(rows, a, b, c, coefficients[term], values[column])
        last = column


@in_place
def _put(rows, a, b, c, coefficient, column):
    if b == 0:
        for state in range(rows.shape[1]):
            column[state] = coefficient * rows[a, state]
    elif c == 0:
        for state in range(rows.shape[1]):
            column[state] = coefficient * rows[a, state] * rows[b, state]
    else:
        for state in range(rows.shape[1]):
            column[state] = coefficient * rows[a, state] * rows[b, state] * rows[c, state]


@in_place
def _add(rows, a, b, c, coefficient, column):
    if b == 0:
        for state in range(rows.shape[1]):
            column[state] += coefficient * rows[a, state]
    elif c == 0:
        for state in range(rows.shape[1]):
            column[state] += coefficient * rows[a, state] * rows[b, state]
    else:
        for state in range(rows.shape[1]):
            column[state] += coefficient * rows[a, state] * rows[b, state] * rows[c, state]


@in_place
def fill_sizes(powers, floors, norm, first, values, sizes):
    """sizes[column] = |values[column]|, at least FLOOR x norm x V^a G^b where there is a floor (`Plan.terms`)."""
    states = powers.shape[1]
    for index in range(floors.shape[0]):
        column, power = first + index, floors[index, 0] * HIGHEST + floors[index, 1]
        height = FLOOR * norm * floors[index, 2]
        for state in range(states):
            sizes[column, state] = max(abs(values[column, state]), height * powers[power, state])


@in_place
def add_images(images, powers, values, room, sizes):
    """sizes[column] = the mean over the images of a state of theirs, where they differ (`rotated_columns.Images`).

    room : (states,), overwritten.
    """
    number, places, factors, norms, floors = images
    states, term = powers.shape[1], 0
    while term < places.shape[0]:
        image, column = places[term, 0], places[term, 1]
        for state in range(states):
            room[state] = 0.0
        while term < places.shape[0] and places[term, 0] == image and places[term, 1] == column:
            factor, source = factors[term], places[term, 2]
            for state in range(states):
                room[state] += factor * values[source, state]
            term += 1
        power = floors[column, 0] * HIGHEST + floors[column, 1]
        height = FLOOR * norms[column] * floors[column, 2]
        share = 1.0 / number if image == number - 1 else 1.0
        for state in range(states):
            sizes[column, state] = (sizes[column, state] + max(abs(room[state]), height * powers[power, state])) * share


@njit
def rows_read(shared, own, rows):
    """(rows,) bool: does any term of these columns (`Plan.terms`) read each of so many rows?"""
    read = np.zeros(rows, np.bool_)
    for factors in (shared, own):
        for term in range(factors.shape[0]):
            for n in range(1, factors.shape[1]):
                read[factors[term, n]] = True
    return read


@njit
def powers_of(shared, own):
    """(HIGHEST^2,) bool: do any of these floors need V^a G^b, at a HIGHEST + b?"""
    used = np.zeros(HIGHEST**2, np.bool_)
    for floors in (shared, own):
        for index in range(floors.shape[0]):
            used[floors[index, 0] * HIGHEST + floors[index, 1]] = True
    return used


@in_place
def fill_powers(rows, square, metric, used, powers):
    """powers[a HIGHEST + b] = V^a G^b where it is used, of the rows V^2 and G^2."""
    for index in range(used.shape[0]):
        if used[index]:
            a, b = index // HIGHEST, index % HIGHEST
            _fill_power(rows[square], rows[metric], a, b, powers[index])


@in_place
def _fill_power(square, metric, a, b, power):
    """A square root is taken only where it is needed."""
    for state in range(power.shape[0]):
        power[state] = 1.0
    for _ in range(a % 2):
        for state in range(power.shape[0]):
            power[state] *= square[state]
    for _ in range(b % 2):
        for state in range(power.shape[0]):
            power[state] *= metric[state]
    if a % 2 or b % 2:
        for state in range(power.shape[0]):
            power[state] = np.sqrt(power[state])
    for _ in range(a // 2):
        for state in range(power.shape[0]):
            power[state] *= square[state]
    for _ in range(b // 2):
        for state in range(power.shape[0]):
            power[state] *= metric[state]


@in_place
def fill_speed(rows, velocity, directions, squared_speed):
    """squared_speed = the largest (v.e)^2 over directions e, of the rows from `velocity` on."""
    states, last = rows.shape[1], directions.shape[1] - 1
    for state in range(states):
        squared_speed[state] = 0.0
    for number in range(directions.shape[0]):
        x, z = directions[number, 0], directions[number, last]
        if last < 2:  # in one dimension the only component is the last one, too
            x = x if last else 0.0
            for state in range(states):
                along = x * rows[velocity, state] + z * rows[velocity + last, state]
                squared_speed[state] = max(squared_speed[state], along * along)
        else:
            y = directions[number, 1]
            for state in range(states):
                along = x * rows[velocity, state] + y * rows[velocity + 1, state] + z * rows[velocity + 2, state]
                squared_speed[state] = max(squared_speed[state], along * along)
