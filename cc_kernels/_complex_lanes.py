"""Complex numbers as pairs of lanes, (real part, imaginary part), in arrays whose last axes are (2, LANES)."""

from __future__ import annotations

from cc_kernels._lanes import load, store
from cc_kernels._numba import njit


@njit
def load_pair(array, index):
    return load(array, (*index, 0)), load(array, (*index, 1))


@njit
def store_pair(array, index, a):
    store(array, (*index, 0), a[0])
    store(array, (*index, 1), a[1])


@njit
def times(a, factor):
    """a x a real factor."""
    return a[0] * factor, a[1] * factor


@njit
def plus(total, a, b):
    """total + a b."""
    return total[0] + a[0] * b[0] - a[1] * b[1], total[1] + a[0] * b[1] + a[1] * b[0]


@njit
def minus(total, a, b):
    """total - a b."""
    return total[0] - a[0] * b[0] + a[1] * b[1], total[1] - a[0] * b[1] - a[1] * b[0]


@njit
def plus_conjugate(total, a, b):
    """total + conj(a) b."""
    return total[0] + a[0] * b[0] + a[1] * b[1], total[1] + a[0] * b[1] - a[1] * b[0]


@njit
def minus_by_conjugate(total, a, b):
    """total - a conj(b)."""
    return total[0] - a[0] * b[0] - a[1] * b[1], total[1] - a[1] * b[0] + a[0] * b[1]
