"""Degree-7 B-splines on the energy mesh: spreading states over its nodes (compiled).

Written so that the compiler makes vector instructions of it: positions and spline weights for all states of a block
at once, then all columns of a state.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.sums.mesh import BIN, PAD


@njit
def spread(energy, speed, weights, values, sizes, axis, sums, absolute, below, fastest):
    """Add states to the sums.

    Parameters
    ----------
    energy, speed, weights : (states,) eV, eV angstrom, and how much each counts.
    values, sizes : (columns, states) X and |X|; the number of columns is `plan.padded`.
    axis : centre, width, step (eV) and half of the energy mesh, float64.
    sums : (nodes, columns) B-spline weighted.  absolute : (bins, columns) sums of sizes.
    below : (2, columns) sums of X and X eps of the states below the mesh; those above are unoccupied.
    fastest : (bins,) largest speed.
    """
    states, columns, nodes = energy.shape[0], values.shape[0], sums.shape[0]
    flat_sums, flat_absolute = sums.reshape(-1), absolute.reshape(-1)
    position, splines = np.empty(states), np.empty((8, states))
    value, size = np.empty(columns), np.empty(columns)
    _positions(energy, axis, position)
    _bsplines(position, splines)
    for state in range(states):
        at, weight = position[state], weights[state]
        if weight == 0 or at >= nodes - PAD:
            continue
        if at != at:  # NaN: the caller refuses the model
            fastest[0] = np.nan
            continue
        for column in range(columns):
            value[column] = values[column, state] * weight
        for column in range(columns):
            size[column] = sizes[column, state] * weight
        if at < PAD:
            for column in range(columns):
                below[0, column] += value[column]
                below[1, column] += value[column] * energy[state]
                absolute[0, column] += size[column]
            continue
        left = int(at)
        interval = left // BIN
        fastest[interval] = max(fastest[interval], speed[state])
        _add(flat_absolute, interval * columns, 1.0, size)
        for node in range(8):
            _add(flat_sums, (left - 3 + node) * columns, splines[node, state], value)


@njit
def _add(table, start, factor, values):
    """Add factor x values to a table from `start` on; an unsigned index needs no check for what lies before the end."""
    first = np.uint64(start)
    for column in range(values.shape[0]):
        table[first + np.uint64(column)] += factor * values[column]


@njit
def _positions(energy, axis, position):
    """The place of each energy among the nodes: centre + width sinh((position - half) step/width)."""
    centre, width, step, half = axis[0], axis[1], axis[2], axis[3]
    for state in range(energy.shape[0]):
        # two levels that are close differ in their positions, whose errors are divided by the distance: hence log1p
        x = abs(energy[state] - centre) / width
        arsinh = np.log1p(x + x * x / (1 + np.sqrt(1 + x * x)))
        position[state] = (arsinh if energy[state] > centre else -arsinh) * width / step + half


@njit
def _bsplines(position, splines):
    """(8, states): the degree-7 cardinal B-splines at the fractions of positions (Cox-de Boor recursion)."""
    states = position.shape[0]
    t, saved = np.empty(states), np.empty(states)
    for state in range(states):
        t[state] = position[state] - np.floor(position[state])
    splines[0] = 1.0
    for degree in range(1, 8):
        share = 1.0 / degree
        for state in range(states):
            saved[state] = 0.0
        for r in range(degree):
            for state in range(states):
                part = splines[r, state] * share
                splines[r, state] = saved[state] + (r + 1 - t[state]) * part
                saved[state] = (t[state] + degree - r - 1) * part
        for state in range(states):
            splines[degree, state] = saved[state]
