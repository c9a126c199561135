"""Degree-7 B-splines on the energy mesh: spreading states over its nodes."""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.spectral.mesh import BIN, PAD


@njit
def deposit(energy, speed, values, sizes, centre, width, step, half, sums, absolute, below, fastest):
    """Add states to the sums.

    Parameters
    ----------
    energy, speed : (states,) eV, eV angstrom.  values, sizes : (states, columns) X and |X|.
    sums : (nodes, columns) B-spline weighted.  absolute : (bins, columns) sums of sizes.
    below : (2, columns) sums of X and X eps of the states below the mesh; those above are unoccupied.
    fastest : (bins,) largest speed.
    """
    nodes, columns = sums.shape
    weight = np.empty(8)
    for state in range(energy.shape[0]):
        position = np.arcsinh((energy[state] - centre) / width) * width / step + half
        if position >= nodes - PAD:
            continue
        if position < PAD:
            for column in range(columns):
                below[0, column] += values[state, column]
                below[1, column] += values[state, column] * energy[state]
                absolute[0, column] += sizes[state, column]
            continue
        left = int(np.floor(position))
        _bspline(position - left, weight)
        for node in range(8):
            row = left - 3 + node
            for column in range(columns):
                sums[row, column] += weight[node] * values[state, column]
        bin_ = left // BIN
        for column in range(columns):
            absolute[bin_, column] += sizes[state, column]
        fastest[bin_] = max(fastest[bin_], speed[state])


@njit
def _bspline(t, weight):
    """The eight degree-7 cardinal B-splines at a fraction t of an interval (Cox-de Boor recursion)."""
    weight[0] = 1.0
    for degree in range(1, 8):
        saved = 0.0
        for r in range(degree):
            part = weight[r] / degree
            weight[r] = saved + (r + 1 - t) * part
            saved = (t + degree - r - 1) * part
        weight[degree] = saved
