"""Degree-7 B-splines on the energy mesh: spreading states over its nodes (compiled).

Written so that the compiler makes vector instructions of it: positions and spline weights for all states of a block
at once, then four columns of a state at a time.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.sums.fours import add_four
from cc_kernels.sums.mesh import BIN, PAD
from cc_kernels.sums.plan import STEP


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
assert STEP == 4  # `spread` takes so many columns at a time


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
    states, columns, nodes = energy.shape[0], sums.shape[1], sums.shape[0]
    flat_sums, flat_absolute = sums.reshape(-1), absolute.reshape(-1)
    flat_values, flat_sizes, width = values.reshape(-1), sizes.reshape(-1), values.shape[1]
    position, splines = np.empty(states), np.empty((8, states))
    _positions(energy, axis, position)
    _bsplines(position, splines)
    for state in range(states):
        at, weight = position[state], weights[state]
        if weight == 0 or at >= nodes - PAD:
            continue
        if at != at:  # NaN: the caller refuses the model
            fastest[0] = np.nan
            continue
        if at < PAD:
            for column in range(columns):
                value = values[column, state] * weight
                below[0, column] += value
                below[1, column] += value * energy[state]
                absolute[0, column] += sizes[column, state] * weight
            continue
        left = int(at)
        interval = left // BIN
        fastest[interval] = max(fastest[interval], speed[state])
        first = (left - 3) * columns
        shares = _eight(splines, state, weight)
        for c in range(0, columns, 4):
            four = _four(flat_sizes, c * width + state, width)
            add_four(flat_absolute, interval * columns + c, weight, four)
            four = _four(flat_values, c * width + state, width)
            for node in range(8):
                add_four(flat_sums, first + node * columns + c, shares[node], four)


@njit
def _four(flat, start, step):
    """Four numbers of a flat table; an unsigned index needs no check for what lies before its end."""
    at, step = np.uint64(start), np.uint64(step)
    return flat[at], flat[at + step], flat[at + step + step], flat[at + step + step + step]


@njit
def _eight(splines, state, weight):
    """The weighted splines of a state as a tuple, which stays in registers."""
    return (
        splines[0, state] * weight,
        splines[1, state] * weight,
        splines[2, state] * weight,
        splines[3, state] * weight,
        splines[4, state] * weight,
        splines[5, state] * weight,
        splines[6, state] * weight,
        splines[7, state] * weight,
    )


@njit
def _positions(energy, axis, position):
    """The place of each energy among the nodes: centre + width sinh((position - half) step/width)."""
    centre, width, step, half = axis[0], axis[1], axis[2], axis[3]
    y, u = np.empty(energy.shape[0]), np.empty(energy.shape[0])
    for state in range(energy.shape[0]):
        # two levels that are close differ in their positions, whose errors are divided by the distance: hence log1p
        x = abs(energy[state] - centre) / width
        y[state] = x + x * x / (1 + np.sqrt(1 + x * x))
    _log1p(y, u, position)
    for state in range(energy.shape[0]):
        arsinh = position[state] if energy[state] > centre else -position[state]
        position[state] = arsinh * width / step + half


_SQRT_HALF = np.float64(0.5**0.5).view(np.int64)
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_L1, _L2, _L3, _L4 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
)
_L5, _L6, _L7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01


@njit
def _log1p(y, u, result):
    """ln(1 + y), y >= 0, by fdlibm's polynomial; the C library's takes one number at a time."""
    for x in range(y.shape[0]):
        u[x] = 1 + y[x]
    bits = u.view(np.int64)
    for x in range(y.shape[0]):
        result[x] = (bits[x] - _SQRT_HALF) >> 52
    for x in range(y.shape[0]):  # u = 2^n m, m from sqrt(1/2) to sqrt(2)
        lost = (y[x] - (u[x] - 1)) / u[x]
        bits[x] -= np.int64(result[x]) << 52
        n, f = result[x], u[x] - 1
        s, half = f / (2 + f), f * f / 2
        z = s * s
        R = z * (_L1 + z * (_L2 + z * (_L3 + z * (_L4 + z * (_L5 + z * (_L6 + z * _L7))))))
        result[x] = n * _LN2_HIGH - ((half - (s * (half + R) + (n * _LN2_LOW + lost))) - f)


@njit
def _bsplines(position, splines):
    """(8, states): the degree-7 cardinal B-splines at the fractions of positions."""
    for j in range(4):
        e0, e1, e2, e3 = _PIECES[j, 0]
        o0, o1, o2, o3 = _PIECES[j, 1]
        for state in range(position.shape[0]):
            u = position[state] - np.floor(position[state]) - 0.5
            z = u * u
            even, odd = e0 + z * (e1 + z * (e2 + z * e3)), u * (o0 + z * (o1 + z * (o2 + z * o3)))
            splines[j, state] = even + odd
            splines[7 - j, state] = even - odd
