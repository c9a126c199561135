"""Hermitian matrices by Householder's reduction and implicit QL, one after the other (compiled).

For 5 to 40 bands LAPACK spends most of its time on rotations of complex columns. Here the rotations act on real rows
of the tridiagonal matrix's eigenvectors, which lie together in memory, and the reflections are applied at the end.
Backward stable, as LAPACK is.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit

ROUNDING = 2.0**-52
SMALLEST = 1e-280
"""Squares below this are 0: of an element of 1e-160 nothing is left to find its phase by."""
SWEEPS = 60
"""Of QL for one eigenvalue: two do on average."""


@njit
def fill_eigenstates(matrices, values, vectors):
    """As `solved.compiled_states`; returns for how many matrices it failed."""
    points, size = matrices.shape[:2]
    a, reflectors = np.empty((2, size, size)), np.empty((2, size, size))
    factors, phases = np.empty(size), np.empty((2, size))
    d, e, z = np.empty(size), np.empty(size), np.empty((size, size))
    u, p, order = np.empty((2, size, size)), np.empty((2, size)), np.empty(size, np.int64)
    failed = 0
    for k in range(points):
        scale = _largest(matrices[k])
        for m in range(size):
            for n in range(size):
                a[0, m, n] = matrices[k, m, n].real / scale
                a[1, m, n] = matrices[k, m, n].imag / scale
        _reduce(a, reflectors, factors, phases, d, e, p)
        failed += _ql(d, e, z)
        _ascending(d, order)
        for i in range(size):
            for j in range(size):
                u[0, i, j] = phases[0, i] * z[order[j], i]
                u[1, i, j] = phases[1, i] * z[order[j], i]
        _reflect(reflectors, factors, u, p)
        for i in range(size):
            values[k, i] = d[order[i]] * scale
            for j in range(size):
                vectors[k, i, j] = complex(u[0, i, j], u[1, i, j])
    return failed


@njit
def _largest(matrix):
    """The largest real or imaginary part, or 1: squares of numbers up to 1 stay in the range of numbers."""
    largest = 0.0
    for m in range(matrix.shape[0]):
        for n in range(matrix.shape[0]):
            size = max(abs(matrix[m, n].real), abs(matrix[m, n].imag))
            if not size <= largest:  # NaN, too, which QL then reports
                largest = size
    return largest if largest != 0 else 1.0


@njit
def _reduce(a, reflectors, factors, phases, d, e, p):
    """a = Q T Q^dagger with T tridiagonal; the off-diagonal elements of T are `phases` apart from the real e.

    Q is the product of reflections 1 - factor v v^dagger, v in the rows of `reflectors` from k + 1 on.
    """
    size = a.shape[1]
    phases[0, 0], phases[1, 0] = 1.0, 0.0
    for k in range(size - 1):
        beside = 0.0
        for i in range(k + 2, size):
            beside += a[0, i, k] ** 2 + a[1, i, k] ** 2
        re, im = a[0, k + 1, k], a[1, k + 1, k]
        square = re * re + im * im
        length = np.sqrt(square) if square > SMALLEST else 0.0
        factors[k] = 0.0
        if beside > SMALLEST:
            norm = np.sqrt(beside + re * re + im * im)
            turn_re, turn_im = (re / length, im / length) if length > 0 else (1.0, 0.0)
            for i in range(k + 1, size):
                reflectors[0, k, i] = a[0, i, k]
                reflectors[1, k, i] = a[1, i, k]
            reflectors[0, k, k + 1] += turn_re * norm
            reflectors[1, k, k + 1] += turn_im * norm
            factors[k] = 1 / (norm * (norm + length))
            _similar(a, reflectors[0, k], reflectors[1, k], factors[k], k + 1, p)
            re, im, length = -turn_re * norm, -turn_im * norm, norm
        e[k] = length
        # phase of k + 1 = phase of k times that of the element between them
        if length > 0:
            phases[0, k + 1] = (phases[0, k] * re - phases[1, k] * im) / length
            phases[1, k + 1] = (phases[0, k] * im + phases[1, k] * re) / length
        else:
            phases[0, k + 1], phases[1, k + 1] = phases[0, k], phases[1, k]
    e[size - 1] = 0.0
    for k in range(size):
        d[k] = a[0, k, k]


@njit
def _similar(a, v_re, v_im, factor, first, p):
    """a = (1 - factor v v^dagger) a (1 - factor v v^dagger) below `first`, as a rank-two update."""
    size = a.shape[1]
    p[:] = 0.0
    for j in range(first, size):  # p = a v = sum_j conj(row j) v_j
        x, y = v_re[j], v_im[j]
        for i in range(first, size):
            p[0, i] += a[0, j, i] * x + a[1, j, i] * y
        for i in range(first, size):
            p[1, i] += a[0, j, i] * y - a[1, j, i] * x
    overlap = 0.0
    for i in range(first, size):
        overlap += v_re[i] * p[0, i] + v_im[i] * p[1, i]
    half = factor * (factor * overlap) / 2
    for i in range(first, size):  # w = factor p - half v
        p[0, i] = factor * p[0, i] - half * v_re[i]
        p[1, i] = factor * p[1, i] - half * v_im[i]
    for m in range(first, size):  # a -= v w^dagger + w v^dagger
        x, y, r, s = v_re[m], v_im[m], p[0, m], p[1, m]
        for n in range(first, size):
            a[0, m, n] -= x * p[0, n] + y * p[1, n] + r * v_re[n] + s * v_im[n]
        for n in range(first, size):
            a[1, m, n] -= y * p[0, n] - x * p[1, n] + s * v_re[n] - r * v_im[n]


@njit
def _ql(d, e, z):
    """Eigenvalues d and eigenvectors (rows of z) of the tridiagonal matrix d, e; 0 if it has converged."""
    size = d.shape[0]
    largest = 0.0
    for i in range(size):
        largest = max(largest, abs(d[i]) + abs(e[i]))
        for j in range(size):
            z[i, j] = 1.0 if i == j else 0.0
    nothing = 1e-3 * ROUNDING * largest
    for l in range(size):
        for _ in range(SWEEPS):
            m = l
            while m < size - 1 and not abs(e[m]) <= ROUNDING * (abs(d[m]) + abs(d[m + 1])) + nothing:
                m += 1
            if m == l:
                break
            g = (d[l + 1] - d[l]) / (2 * e[l])
            r = np.sqrt(g * g + 1)
            g = d[m] - d[l] + e[l] / (g + (r if g >= 0 else -r))
            s, c, shift = 1.0, 1.0, 0.0
            is_cut = False
            for i in range(m - 1, l - 1, -1):
                f, b = s * e[i], c * e[i]
                r = np.sqrt(f * f + g * g)
                e[i + 1] = r
                if r == 0:
                    d[i + 1] -= shift
                    e[m] = 0.0
                    is_cut = True
                    break
                s, c = f / r, g / r
                g = d[i + 1] - shift
                r = (d[i] - g) * s + 2 * c * b
                shift = s * r
                d[i + 1] = g + shift
                g = c * r - b
                _turn(z, i, c, s)
            if not is_cut:
                d[l] -= shift
                e[l] = g
                e[m] = 0.0
        else:
            return 1
    return 0


@njit
def _turn(z, i, c, s):
    """Rotate rows i and i + 1."""
    for k in range(z.shape[1]):
        f = z[i + 1, k]
        g = z[i, k]
        z[i + 1, k] = s * g + c * f
        z[i, k] = c * g - s * f


@njit
def _reflect(reflectors, factors, u, p):
    """u = Q u: the reflections, the last one first."""
    size = u.shape[1]
    for k in range(size - 3, -1, -1):
        if factors[k] == 0:
            continue
        p[:] = 0.0
        for i in range(k + 1, size):  # p = v^dagger u
            x, y = reflectors[0, k, i], reflectors[1, k, i]
            for j in range(size):
                p[0, j] += x * u[0, i, j] + y * u[1, i, j]
            for j in range(size):
                p[1, j] += x * u[1, i, j] - y * u[0, i, j]
        for i in range(k + 1, size):
            x, y = factors[k] * reflectors[0, k, i], factors[k] * reflectors[1, k, i]
            for j in range(size):
                u[0, i, j] -= x * p[0, j] - y * p[1, j]
            for j in range(size):
                u[1, i, j] -= x * p[1, j] + y * p[0, j]


@njit
def _ascending(d, order):
    for n in range(d.shape[0]):
        at = n
        while at > 0 and d[order[at - 1]] > d[n]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = n
