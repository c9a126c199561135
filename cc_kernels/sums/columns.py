"""From rows of band quantities to the columns of sums (compiled).

A row of `quantities.packing` holds one component of a quantity for all states of a block of k-points; so does a column.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.sums.products import FLOOR

HIGHEST = 3
"""The powers of V and of G in the floors of columns are below this."""
APART = 8
"""Columns of values end so many places after the last state: a power of two between them would share cache lines."""


@njit
def fill_columns(rows, factors, coefficients, first, values):
    """values[first + column] = sum over the column's terms of coefficient x three rows (`Plan.terms`)."""
    states = rows.shape[1]
    last = -1
    for term in range(factors.shape[0]):
        column = factors[term, 0] + first
        a, b, c = factors[term, 1], factors[term, 2], factors[term, 3]
        coefficient = coefficients[term]
        if column != last:
            for state in range(states):
                values[column, state] = 0.0
            last = column
        if b == 0:
            for state in range(states):
                values[column, state] += coefficient * rows[a, state]
        elif c == 0:
            for state in range(states):
                values[column, state] += coefficient * rows[a, state] * rows[b, state]
        else:
            for state in range(states):
                values[column, state] += coefficient * rows[a, state] * rows[b, state] * rows[c, state]


@njit
def fill_sizes(powers, floors, norm, first, values, sizes):
    """sizes[column] = |values[column]|, at least FLOOR x norm x V^a G^b where there is a floor (`Plan.terms`)."""
    states = powers.shape[1]
    for index in range(floors.shape[0]):
        column, power = first + index, floors[index, 0] * HIGHEST + floors[index, 1]
        height = FLOOR * norm * floors[index, 2]
        for state in range(states):
            sizes[column, state] = max(abs(values[column, state]), height * powers[power, state])


@njit
def fill_powers(rows, square, metric, powers):
    """powers[a HIGHEST + b] = V^a G^b, of the rows V^2 and G^2."""
    states = rows.shape[1]
    V, G = HIGHEST, 1
    for state in range(states):
        powers[0, state] = 1.0
        powers[V, state] = np.sqrt(rows[square, state])
        powers[G, state] = np.sqrt(rows[metric, state])
    for b in range(2, HIGHEST):
        for state in range(states):
            powers[b, state] = powers[b - 1, state] * powers[G, state]
    for a in range(1, HIGHEST):
        for b in range(a == 1, HIGHEST):
            for state in range(states):
                powers[a * HIGHEST + b, state] = powers[(a - 1) * HIGHEST + b, state] * powers[V, state]


@njit
def fill_speed(rows, velocity, dim, squared_speed):
    """squared_speed = |v|^2, of the `dim` rows from `velocity` on."""
    states = rows.shape[1]
    for state in range(states):
        squared_speed[state] = 0.0
    for i in range(velocity, velocity + dim):
        for state in range(states):
            squared_speed[state] += rows[i, state] ** 2
