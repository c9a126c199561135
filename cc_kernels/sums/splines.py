"""Degree-7 B-splines on the energy mesh: spreading states over its nodes (compiled).

Written so that the compiler makes vector instructions of it: positions and spline weights for all states of a block
at once, then eight or four columns of two states at a time (`two_states`).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np

from cc_kernels._numba import in_place, njit
from cc_kernels.sums.mesh import BIN, PAD
from cc_kernels.sums.two_states import add_eight, add_four, spread_eight, spread_four


def _pieces() -> np.ndarray:
    """(4, 2, 4): even and odd coefficients in u = t - 1/2 of the first four splines; the last four are theirs at -u.

    On its interval 7 - j the spline is sum_c (-1)^c C(8, c) (u + 15/2 - j - c)^7 / 7!, over c <= 7 - j.
    """
    table = np.empty((4, 2, 4))
    for j in range(4):
        for power in range(8):
            terms = (
                (-1) ** c * comb(8, c) * comb(7, power) * (Fraction(15, 2) - j - c) ** (7 - power) for c in range(8 - j)
            )
            table[j, power % 2, power // 2] = sum(terms) / 5040
    return table


_PIECES = _pieces()


@njit
def spread(energy, squared_speed, weights, values, sizes, axis, sums, absolute, below, fastest):
    """Add an even number of states to the sums.

    Parameters
    ----------
    energy, squared_speed, weights : (states,) eV, (eV angstrom)^2, and how much each counts.
    values, sizes : (columns, states) X and |X|; the number of columns is `plan.padded`.
    axis : centre, width, step (eV) and half of the energy mesh, float64.
    sums : (nodes, columns) B-spline weighted.  absolute : (bins, columns) sums of sizes.
    below : (2, columns) sums of X and X eps of the states below the mesh; those above are unoccupied.
    fastest : (bins,) largest speed.
    """
    states, columns, nodes = energy.shape[0], sums.shape[1], sums.shape[0]
    position, counted, splines = np.empty(states), np.empty((1, states)), np.empty((8, states))
    _positions(energy, axis, position)
    if _are_under(position, weights):
        _add_under(energy, position, weights, values, sizes, absolute, below, fastest)
    _confine(position, weights, nodes, counted[0])
    _bsplines(position, counted[0], splines)
    filled = np.empty((columns + 4) // 8, np.bool_)
    _find_filled(sizes, filled)
    for state in range(0, states, 2):
        if counted[0, state] == 0 and counted[0, state + 1] == 0:
            continue
        left, left_of_next = int(position[state]), int(position[state + 1])
        bin_, bin_of_next = left // BIN, left_of_next // BIN
        _keep_fastest(fastest, bin_, squared_speed[state], counted[0, state])
        _keep_fastest(fastest, bin_of_next, squared_speed[state + 1], counted[0, state + 1])
        for c in range(0, columns - 4, 8):
            if filled[c // 8]:
                add_eight(absolute, bin_, bin_of_next, c, counted, state, sizes)
                spread_eight(sums, left - 3, left_of_next - 3, c, splines, state, values)
        if columns % 8 and filled[-1]:
            c = columns - 4
            add_four(absolute, bin_, bin_of_next, c, counted, state, sizes)
            spread_four(sums, left - 3, left_of_next - 3, c, splines, state, values)


@in_place
def _find_filled(sizes, filled):
    """Which sets of columns hold anything? Those of near pairs seldom do."""
    for index in range(filled.shape[0]):
        number, column = 0, index * 8
        while number == 0 and column < min(index * 8 + 8, sizes.shape[0]):
            for state in range(sizes.shape[1]):
                number += sizes[column, state] != 0
            column += 1
        filled[index] = number > 0


@in_place
def _keep_fastest(fastest, bin_, squared_speed, counted):
    if squared_speed > fastest[bin_] ** 2 and counted != 0:
        fastest[bin_] = np.sqrt(squared_speed)


@in_place
def _are_under(position, weights):
    """Is any state that counts below the mesh, or nowhere?"""
    under = 0
    for state in range(position.shape[0]):
        under += 0 if position[state] >= PAD or weights[state] == 0 else 1
    return under > 0


@in_place
def _add_under(energy, position, weights, values, sizes, absolute, below, fastest):
    """Add the states below the mesh."""
    for state in range(energy.shape[0]):
        weight = weights[state]
        if weight == 0 or position[state] >= PAD:
            continue
        if position[state] != position[state]:  # NaN: the caller refuses the model
            fastest[0] = np.nan
        else:
            for column in range(values.shape[0]):
                value = values[column, state] * weight
                below[0, column] += value
                below[1, column] += value * energy[state]
                absolute[0, column] += sizes[column, state] * weight


@in_place
def _confine(position, weights, nodes, counted):
    """counted = weights, or nothing of a state outside the mesh, which is put somewhere on it."""
    for state in range(position.shape[0]):
        is_inside = PAD <= position[state] < nodes - PAD
        counted[state] = weights[state] if is_inside else 0.0
        position[state] = position[state] if is_inside else PAD


@njit
def _positions(energy, axis, position):
    """The place of each energy among the nodes: centre + width sinh((position - half) step/width)."""
    centre, width, step, half = axis[0], axis[1], axis[2], axis[3]
    per_width, per_step = 1 / width, width / step
    x, u, lost = np.empty(energy.shape[0]), np.empty(energy.shape[0]), np.empty(energy.shape[0])
    for state in range(energy.shape[0]):
        x[state] = abs(energy[state] - centre) * per_width
    _arsinh(x, u, lost, position)
    for state in range(energy.shape[0]):
        arsinh = position[state] if energy[state] > centre else -position[state]
        position[state] = arsinh * per_step + half


_SQRT_HALF = np.float64(0.5**0.5).view(np.int64)
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_L1, _L2, _L3, _L4 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
)
_L5, _L6, _L7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01


@in_place
def _arsinh(x, u, lost, result):
    """arsinh x = ln u, x >= 0, by fdlibm's polynomial; the C library's takes one number at a time.

    u = x + sqrt(1 + x^2) has lost something in rounding, which is added again, divided by u: two levels that are
    close differ in their positions, whose errors are divided by the distance. Rounding keeps that lost exactly, and
    1/u = sqrt(1 + x^2) - x.
    """
    for state in range(x.shape[0]):
        root = np.sqrt(1 + x[state] * x[state])
        u[state] = x[state] + root
        lost[state] = (x[state] - (u[state] - root)) * (root - x[state])
    bits = u.view(np.int64)
    for state in range(x.shape[0]):
        result[state] = (bits[state] - _SQRT_HALF) >> 52
    for state in range(x.shape[0]):  # u = 2^n m, m from sqrt(1/2) to sqrt(2)
        bits[state] -= np.int64(result[state]) << 52
        n, f = result[state], u[state] - 1
        s, half = f / (2 + f), f * f / 2
        z = s * s
        R = z * (_L1 + z * (_L2 + z * (_L3 + z * (_L4 + z * (_L5 + z * (_L6 + z * _L7))))))
        result[state] = n * _LN2_HIGH - ((half - (s * (half + R) + (n * _LN2_LOW + lost[state]))) - f)


@in_place
def _bsplines(position, weights, splines):
    """(8, states): the degree-7 cardinal B-splines at the fractions of positions, times weights."""
    for j in range(4):
        e0, e1, e2, e3 = _PIECES[j, 0]
        o0, o1, o2, o3 = _PIECES[j, 1]
        for state in range(position.shape[0]):
            u = position[state] - np.floor(position[state]) - 0.5
            z = u * u
            even, odd = e0 + z * (e1 + z * (e2 + z * e3)), u * (o0 + z * (o1 + z * (o2 + z * o3)))
            splines[j, state] = (even + odd) * weights[state]
            splines[7 - j, state] = (even - odd) * weights[state]
