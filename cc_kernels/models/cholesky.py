"""What `paraunitary` does around an eigensolver, eight matrices at a time (compiled); arrays as in `tridiagonal`."""

from __future__ import annotations

from cc_kernels._complex_lanes import load_pair, minus_by_conjugate, plus, plus_conjugate, store_pair, times
from cc_kernels._lanes import all_of, every, load, root, size_of
from cc_kernels._numba import njit


@njit
def factorize(a, lower):
    """Is a = L L^dagger positive definite in all lanes? Then `lower` becomes L, of the lower triangle of a."""
    size, zero = a.shape[0], every(0.0)
    for j in range(size):
        square = load(a, (j, j, 0))
        for p in range(j):
            x = load_pair(lower, (j, p))
            square = square - x[0] * x[0] - x[1] * x[1]
        if not all_of(zero < square):  # nor is NaN
            return False
        diagonal = root(square)
        factor = 1.0 / diagonal
        store_pair(lower, (j, j), (diagonal, zero))
        for i in range(j + 1, size, 4):  # four rows at once; the last one is done again where there are fewer
            i1, i2, i3 = min(i + 1, size - 1), min(i + 2, size - 1), min(i + 3, size - 1)
            x0, x1, x2, x3 = load_pair(a, (i, j)), load_pair(a, (i1, j)), load_pair(a, (i2, j)), load_pair(a, (i3, j))
            for p in range(j):
                y = load_pair(lower, (j, p))
                x0 = minus_by_conjugate(x0, load_pair(lower, (i, p)), y)
                x1 = minus_by_conjugate(x1, load_pair(lower, (i1, p)), y)
                x2 = minus_by_conjugate(x2, load_pair(lower, (i2, p)), y)
                x3 = minus_by_conjugate(x3, load_pair(lower, (i3, p)), y)
            store_pair(lower, (i, j), times(x0, factor))
            store_pair(lower, (i1, j), times(x1, factor))
            store_pair(lower, (i2, j), times(x2, factor))
            store_pair(lower, (i3, j), times(x3, factor))
    return True


@njit
def fill_with_metric(lower, a):
    """The lower triangle of a becomes that of L^dagger eta L, eta = diag(1, -1)."""
    size, nothing = a.shape[0], (every(0.0), every(0.0))
    half = size // 2
    for i in range(size):
        for j in range(0, i + 1, 4):
            j1, j2, j3 = min(j + 1, i), min(j + 2, i), min(j + 3, i)
            x0, x1, x2, x3 = nothing, nothing, nothing, nothing
            for p in range(max(i, half), size):
                y = load_pair(lower, (p, i))
                x0 = plus_conjugate(x0, y, load_pair(lower, (p, j)))
                x1 = plus_conjugate(x1, y, load_pair(lower, (p, j1)))
                x2 = plus_conjugate(x2, y, load_pair(lower, (p, j2)))
                x3 = plus_conjugate(x3, y, load_pair(lower, (p, j3)))
            x0, x1, x2, x3 = times(x0, -1.0), times(x1, -1.0), times(x2, -1.0), times(x3, -1.0)
            for p in range(i, half):
                y = load_pair(lower, (p, i))
                x0 = plus_conjugate(x0, y, load_pair(lower, (p, j)))
                x1 = plus_conjugate(x1, y, load_pair(lower, (p, j1)))
                x2 = plus_conjugate(x2, y, load_pair(lower, (p, j2)))
                x3 = plus_conjugate(x3, y, load_pair(lower, (p, j3)))
            store_pair(a, (i, j), x0)
            store_pair(a, (i, j1), x1)
            store_pair(a, (i, j2), x2)
            store_pair(a, (i, j3), x3)


@njit
def turn_back(lower, energies, first, u):
    """u = eta L u |eps|^(-1/2), of four columns from `first` on."""
    size, nothing = u.shape[0], (every(0.0), every(0.0))
    last = size - 1
    f0, f1 = _inverse_root(energies, first), _inverse_root(energies, min(first + 1, last))
    f2, f3 = _inverse_root(energies, min(first + 2, last)), _inverse_root(energies, min(first + 3, last))
    for i in range(last, -1, -1):
        x0, x1, x2, x3 = nothing, nothing, nothing, nothing
        for j in range(i + 1):
            y = load_pair(lower, (i, j))
            x0, x1 = plus(x0, y, load_pair(u, (j, 0))), plus(x1, y, load_pair(u, (j, 1)))
            x2, x3 = plus(x2, y, load_pair(u, (j, 2))), plus(x3, y, load_pair(u, (j, 3)))
        sign = 1.0 if i < size // 2 else -1.0
        store_pair(u, (i, 0), times(x0, f0 * sign))
        store_pair(u, (i, 1), times(x1, f1 * sign))
        store_pair(u, (i, 2), times(x2, f2 * sign))
        store_pair(u, (i, 3), times(x3, f3 * sign))


@njit
def _inverse_root(energies, n):
    return 1.0 / root(size_of(load(energies, (n,))))
