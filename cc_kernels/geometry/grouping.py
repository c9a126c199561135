"""Groups of degenerate levels for compiled kernels; the same as `groups`."""

from __future__ import annotations

from cc_kernels._numba import njit
from cc_kernels.geometry.groups import ROUNDING


@njit
def group(energies, signs, tolerance, mean, end_of):
    """Single linkage at one k: mean energy and end of each level's group; all arrays (nb,).

    signs : eta_n of bosons, or None.
    """
    bands = energies.shape[0]
    tolerance = max(tolerance, ROUNDING * max(abs(energies[0]), abs(energies[bands - 1])))
    start = 0
    while start < bands:
        end = start + 1
        while end < bands and _may_join(signs, start, end) and energies[end] - energies[end - 1] <= tolerance:
            end += 1
        total = 0.0
        for n in range(start, end):
            total += energies[n]
        for n in range(start, end):
            mean[n] = total / (end - start)
            end_of[n] = end
        start = end


@njit
def _may_join(signs, n, m):
    """Of bosons, only levels of equal norm belong together."""
    return True if signs is None else signs[n] == signs[m]
