"""Hermitian matrices of few levels by Jacobi's rotations, many at a time (compiled).

Every step does the same for all matrices of a block, in vector instructions; a sweep removes each off-diagonal element
once, and the sum of their squares falls quadratically: four or five sweeps do. Backward stable, as LAPACK is.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit

LANES = 128
SWEEPS = 30
SMALLEST = 1e-280
"""Squares below this are 0: the rotation between two equal levels would be 1/|a_pq| times the rest of a_pq."""
NEGLIGIBLE = (2.0**-56) ** 2
"""Of the squared norm: off-diagonal elements that no longer change an eigenvalue."""


@njit
def fill_eigenstates(matrices, values, vectors):
    """As `solved.compiled_states`; returns for how many matrices it failed."""
    points, size = matrices.shape[:2]
    a, u = np.empty((size, size, 2, LANES)), np.empty((size, size, 2, LANES))
    scale, norm, cosine, sine = np.empty(LANES), np.empty(LANES), np.empty(LANES), np.empty((2, LANES))
    before, square, ratio = np.empty((2, LANES)), np.empty(LANES), np.empty(LANES)
    order = np.empty(size, np.int64)
    failed = 0
    for start in range(0, points, LANES):
        count = min(LANES, points - start)
        _load(matrices, start, count, a, u, scale, norm)
        for sweep in range(SWEEPS + 1):
            if not _is_left(a, norm):
                break
            if sweep == SWEEPS:
                failed += 1
            for p in range(size):
                for q in range(p + 1, size):
                    _angles(a, p, q, square, ratio, cosine, sine)
                    _turn(a, p, q, cosine, sine, before, True)
                    _turn(u, p, q, cosine, sine, before, False)
        for k in range(count):
            _ascending(a, k, order)
            for n in range(size):
                values[start + k, n] = a[order[n], order[n], 0, k] * scale[k]
                for m in range(size):
                    vectors[start + k, m, n] = complex(u[m, order[n], 0, k], u[m, order[n], 1, k])
    return failed


@njit
def _load(matrices, start, count, a, u, scale, norm):
    """a becomes the matrices in units of their largest element, u one, and norm the squared ones of a."""
    size = a.shape[0]
    for k in range(LANES):
        matrix = matrices[start + min(k, count - 1)]
        largest = 0.0
        for m in range(size):
            for n in range(size):
                element = max(abs(matrix[m, n].real), abs(matrix[m, n].imag))
                if not element <= largest:  # NaN, too
                    largest = element
        scale[k] = largest if largest != 0 else 1.0
        total = 0.0
        for m in range(size):
            for n in range(size):
                a[m, n, 0, k], a[m, n, 1, k] = matrix[m, n].real / scale[k], matrix[m, n].imag / scale[k]
                u[m, n, 0, k], u[m, n, 1, k] = 1.0 if m == n else 0.0, 0.0
                total += a[m, n, 0, k] ** 2 + a[m, n, 1, k] ** 2
        norm[k] = total


@njit
def _is_left(a, norm):
    """Is any off-diagonal element not negligible, or no number?"""
    size = a.shape[0]
    left = 0
    for p in range(size):
        for q in range(p + 1, size):
            for x in range(LANES):
                left += not a[p, q, 0, x] ** 2 + a[p, q, 1, x] ** 2 <= NEGLIGIBLE * norm[x]
    return left > 0


@njit
def _angles(a, p, q, square, ratio, cosine, sine):
    """The rotation that removes a_pq: tan = 2|a_pq| sign(d)/(|d| + sqrt(d^2 + 4|a_pq|^2)) with d = a_qq - a_pp.

    sine has the phase of a_pq. The diagonal elements become those after it.
    """
    for x in range(LANES):
        size = a[p, q, 0, x] ** 2 + a[p, q, 1, x] ** 2
        square[x] = size if not size < SMALLEST else 0.0
    for x in range(LANES):
        d = a[q, q, 0, x] - a[p, p, 0, x]
        below = abs(d) + np.sqrt(d * d + 4 * square[x])
        tangent = (2.0 if d >= 0 else -2.0) / (below if below != 0 else 1.0)  # over |a_pq|
        ratio[x] = tangent if square[x] != 0 else 0.0
    for x in range(LANES):
        cosine[x] = 1 / np.sqrt(1 + ratio[x] * ratio[x] * square[x])
    for part in range(2):
        for x in range(LANES):
            sine[part, x] = cosine[x] * ratio[x] * a[p, q, part, x]
    for x in range(LANES):
        a[p, p, 0, x] -= ratio[x] * square[x]
    for x in range(LANES):
        a[q, q, 0, x] += ratio[x] * square[x]


@njit
def _turn(a, p, q, cosine, sine, before, is_hermitian):
    """Columns p and q become c p - s* q and s p + c q; of a Hermitian matrix rows, too, whose own elements are done."""
    for m in range(a.shape[0]):
        if is_hermitian and (m == p or m == q):
            continue
        # each loop writes one row: the compiler makes vector instructions of that
        for x in range(LANES):
            before[0, x] = a[m, p, 0, x]
        for x in range(LANES):
            before[1, x] = a[m, p, 1, x]
        for x in range(LANES):
            a[m, p, 0, x] = cosine[x] * before[0, x] - (sine[0, x] * a[m, q, 0, x] + sine[1, x] * a[m, q, 1, x])
        for x in range(LANES):
            a[m, p, 1, x] = cosine[x] * before[1, x] - (sine[0, x] * a[m, q, 1, x] - sine[1, x] * a[m, q, 0, x])
        for x in range(LANES):
            a[m, q, 0, x] = sine[0, x] * before[0, x] - sine[1, x] * before[1, x] + cosine[x] * a[m, q, 0, x]
        for x in range(LANES):
            a[m, q, 1, x] = sine[0, x] * before[1, x] + sine[1, x] * before[0, x] + cosine[x] * a[m, q, 1, x]
        if is_hermitian:
            for n in (p, q):
                for x in range(LANES):
                    a[n, m, 0, x] = a[m, n, 0, x]
                for x in range(LANES):
                    a[n, m, 1, x] = -a[m, n, 1, x]
    if is_hermitian:
        a[p, q], a[q, p] = 0.0, 0.0


@njit
def _ascending(a, k, order):
    """The order of the diagonal elements."""
    for n in range(len(order)):
        place = n
        while place > 0 and a[order[place - 1], order[place - 1], 0, k] > a[n, n, 0, k]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = n
