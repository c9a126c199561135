"""Hermitian matrices by Householder's reduction and implicit QL, eight at a time (compiled).

Each lane of a vector instruction works on a matrix of its own (`_lanes`), so that none waits for the end of a short row
or for the square root before it; that is where LAPACK's time goes at these sizes. All lanes do the same steps: where a
matrix has nothing to reflect or to rotate, its step is the identity. Backward stable, as LAPACK is.
"""

from __future__ import annotations

from math import frexp

from cc_kernels._complex_lanes import (
    load_pair,
    minus,
    minus_by_conjugate,
    plus,
    plus_conjugate,
    store_pair,
    times,
)
from cc_kernels._lanes import LANES, all_of, choose, every, load, room_for, root, size_of, store
from cc_kernels._numba import njit
from cc_kernels.models.cholesky import factorize, fill_with_metric, turn_back

ROUNDING = 2.0**-52
SMALLEST = 1e-280
"""Squares below this are 0: of an element of 1e-160 nothing is left to find its phase by."""
SWEEPS = 60
"""Of QL for one eigenvalue: two do on average."""
LARGEST_POWER = 1000
"""Of two, in the scale of a matrix: so that its inverse is a number, too."""


@njit
def fill_eigenstates(matrices, are_bosons, values, vectors):
    """Eigenvalues and eigenvectors as `solved.hermitian_states`, or of bosons as `paraunitary.paraunitary_states`.

    Returns for how many blocks of matrices it failed.
    """
    points, size = matrices.shape[:2]
    fours = (size + 3) // 4 * 4
    a = room_for(2 * size * size).reshape(size, size, 2, LANES)
    reflectors = room_for(2 * size * size).reshape(size, size, 2, LANES)
    phases, w = room_for(2 * size).reshape(size, 2, LANES), room_for(2 * size).reshape(size, 2, LANES)
    p, factors = room_for(2 * size).reshape(size, 2, LANES), room_for(size).reshape(size, LANES)
    d, e = room_for(size).reshape(size, LANES), room_for(size).reshape(size, LANES)
    ranks, z, u = (
        room_for(size).reshape(size, LANES),
        room_for(fours * size).reshape(fours, size, LANES),
        room_for(8 * size).reshape(size, 4, 2, LANES),
    )
    scale, lower = room_for(1), room_for(2 * size * size).reshape(size, size, 2, LANES)
    failed = 0
    for start in range(0, points, LANES):
        count = min(LANES, points - start)
        _load(matrices, start, count, a, scale)
        if are_bosons:
            if not factorize(a, lower):
                failed += 1
                continue
            fill_with_metric(lower, a)
        _reduce(a, reflectors, factors, phases, d, e, w, p)
        failed += _ql(d, e, z)
        _rank(d, ranks)
        for lane in range(count):
            for j in range(size):
                values[start + lane, int(ranks[j, lane])] = d[j, lane] * scale[lane]
        for first in range(0, size, 4):
            _reflect(reflectors, factors, phases, z, first, u)
            if are_bosons:
                turn_back(lower, d, first, u)
            _unload(u, first, ranks, vectors[start : start + count])
    return failed


@njit
def _load(matrices, start, count, a, scale):
    """The lower triangles of a become those of the matrices in units of a power of two, at most 1."""
    size, largest = a.shape[0], every(0.0)
    for i in range(size):
        for j in range(i + 1):
            for lane in range(LANES):
                element = matrices[start + min(lane, count - 1), i, j]
                a[i, j, 0, lane], a[i, j, 1, lane] = element.real, element.imag
    for i in range(size):
        for j in range(i + 1):
            x = load_pair(a, (i, j))
            for part in (size_of(x[0]), size_of(x[1])):
                # what is no finite number makes all of its matrix NaN, which QL then reports
                largest = choose(largest < part, part, largest) + 0.0 * part
    store(scale, (), largest)
    for lane in range(LANES):
        scale[lane] = _power_above(scale[lane])
    inverse = 1.0 / load(scale, ())
    for i in range(size):
        for j in range(i + 1):
            store_pair(a, (i, j), times(load_pair(a, (i, j)), inverse))


@njit
def _power_above(largest):
    """A power of two: squares of numbers up to 1 stay numbers."""
    if largest != largest:
        return largest
    return 2.0 ** min(max(frexp(largest)[1], -LARGEST_POWER), LARGEST_POWER)


@njit
def _unload(u, first, ranks, vectors):
    """Four columns from `first` on become vectors of the matrices, each at the place of its eigenvalue."""
    size = u.shape[0]
    for lane in range(vectors.shape[0]):
        for q in range(min(4, size - first)):
            n = int(ranks[first + q, lane])
            for i in range(size):
                vectors[lane, i, n] = complex(u[i, q, 0, lane], u[i, q, 1, lane])


@njit
def _reduce(a, reflectors, factors, phases, d, e, w, p):
    """a = Q T Q^dagger with T tridiagonal; the off-diagonal elements of T are `phases` apart from the real e.

    Q is the product of reflections 1 - factor v v^dagger, v in the rows of `reflectors` from k + 1 on. What one of them
    does to the rest of a waits for the next one, whose product a v is found on the same way through a.
    """
    size = a.shape[0]
    reflectors[size - 1], w[:] = 0.0, 0.0
    store_pair(phases, (0,), (every(1.0), every(0.0)))
    before = size - 1  # there was none
    for k in range(size):
        v_k, w_k = load_pair(reflectors, (before, k)), load_pair(w, (k,))
        for i in range(k, size):  # column k of a - v w^dagger - w v^dagger
            x = load_pair(a, (i, k))
            x = minus_by_conjugate(x, load_pair(reflectors, (before, i)), w_k)
            store_pair(a, (i, k), minus_by_conjugate(x, load_pair(w, (i,)), v_k))
        store(d, (k,), load(a, (k, k, 0)))
        if k == size - 1:
            break
        _choose_reflector(a, k, reflectors, factors, phases, e)
        _reflect_and_multiply(a, reflectors, before, k, w, p)
        _choose_w(reflectors, k, load(factors, (k,)), p, w)
        before = k
    store(e, (size - 1,), every(0.0))


@njit
def _choose_reflector(a, k, reflectors, factors, phases, e):
    """The reflection that leaves of column k below the diagonal one element, its size e and its phase."""
    size, zero, one = a.shape[0], every(0.0), every(1.0)
    beside = zero
    for i in range(k + 2, size):
        x = load_pair(a, (i, k))
        store_pair(reflectors, (k, i), x)
        beside = beside + x[0] * x[0] + x[1] * x[1]
    x = load_pair(a, (k + 1, k))
    square = x[0] * x[0] + x[1] * x[1]
    length = choose(SMALLEST < square, root(square), zero)
    norm = root(beside + square)
    is_turned, is_long = SMALLEST < beside, zero < length
    turn = choose(is_long, x[0] / length, one), choose(is_long, x[1] / length, zero)
    store_pair(reflectors, (k, k + 1), (x[0] + turn[0] * norm, x[1] + turn[1] * norm))
    store(factors, (k,), choose(is_turned, one / (norm * (norm + length)), zero))
    store(e, (k,), choose(is_turned, norm, length))
    # phase of k + 1 = phase of k times that of the element between them
    sign = choose(is_turned, zero - one, one)
    store_pair(phases, (k + 1,), times(plus((zero, zero), turn, load_pair(phases, (k,))), sign))


@njit
def _reflect_and_multiply(a, reflectors, before, k, w, p):
    """a -= v w^dagger + w v^dagger with v from `before`, and p = a v with v of k, below k; a's lower triangle."""
    size, zero = a.shape[0], every(0.0)
    for i in range(k + 1, size):
        v_i, w_i, next_i = load_pair(reflectors, (before, i)), load_pair(w, (i,)), load_pair(reflectors, (k, i))
        total = zero, zero
        for j in range(k + 1, i):
            x = load_pair(a, (i, j))
            x = minus_by_conjugate(x, v_i, load_pair(w, (j,)))
            x = minus_by_conjugate(x, w_i, load_pair(reflectors, (before, j)))
            store_pair(a, (i, j), x)
            total = plus(total, x, load_pair(reflectors, (k, j)))
            store_pair(p, (j,), plus_conjugate(load_pair(p, (j,)), x, next_i))
        x = load(a, (i, i, 0))
        x = x - 2.0 * (v_i[0] * w_i[0] + v_i[1] * w_i[1])
        store(a, (i, i, 0), x)
        store_pair(p, (i,), (total[0] + x * next_i[0], total[1] + x * next_i[1]))


@njit
def _choose_w(reflectors, k, factor, p, w):
    """w = factor p - factor^2 (v^dagger p) v/2 below k."""
    size, overlap = p.shape[0], every(0.0)
    for i in range(k + 1, size):
        v_i, p_i = load_pair(reflectors, (k, i)), load_pair(p, (i,))
        overlap = overlap + v_i[0] * p_i[0] + v_i[1] * p_i[1]
    half = factor * factor * overlap * 0.5
    for i in range(k + 1, size):
        v_i, p_i = load_pair(reflectors, (k, i)), load_pair(p, (i,))
        store_pair(w, (i,), (factor * p_i[0] - half * v_i[0], factor * p_i[1] - half * v_i[1]))


@njit
def _ql(d, e, z):
    """Eigenvalues d and eigenvectors z[n] of the tridiagonal matrices d, e; 0 if all have converged."""
    size = d.shape[0]
    z[:] = 0.0
    largest = every(0.0)
    for i in range(size):
        store(z, (i, i), every(1.0))
        sum_of_row = size_of(load(d, (i,))) + size_of(load(e, (i,)))
        largest = choose(largest < sum_of_row, sum_of_row, largest)
    nothing = 1e-3 * ROUNDING * largest
    for _ in range(SWEEPS * size):
        low, high, first, last, g = _window(d, e, nothing)
        if low == size:
            return 0
        _sweep(d, e, z, low, high, first, last, g)
    return 1


@njit
def _window(d, e, nothing):
    """The uppermost block that is left in each matrix, rows `first` to `last` or none, and its shift.

    Returns the lowest first (the size: none is left) and the highest last row, first, last, and d of last - shift.
    """
    size, zero = d.shape[0], every(0.0)
    low, high = size, 0
    first, last, end = every(float(size)), zero, every(size - 1.0)
    below = load(d, (size - 1,))
    d_end, d_first, d_last, d_next, e_first = below, zero, zero, zero, every(1.0)
    for i in range(size - 2, -1, -1):
        here, beside = load(d, (i,)), load(e, (i,))
        is_small = size_of(beside) <= ROUNDING * (size_of(here) + size_of(below)) + nothing
        store(e, (i,), choose(is_small, zero, beside))
        if not all_of(is_small):
            low, high = i, max(high, i + 1)
        first, last = choose(is_small, first, every(float(i))), choose(is_small, last, end)
        d_first, d_next = choose(is_small, d_first, here), choose(is_small, d_next, below)
        d_last, e_first = choose(is_small, d_last, d_end), choose(is_small, e_first, beside)
        end, d_end = choose(is_small, every(float(i)), end), choose(is_small, here, d_end)
        below = here
    g = (d_next - d_first) / (2.0 * e_first)
    r = root(g * g + 1.0)
    g = d_last - d_first + e_first / (g + choose(g < 0.0, zero - r, r))
    return low, high, first, last, g


@njit
def _sweep(d, e, z, low, high, first, last, g):
    """One sweep of implicit QL from `last` to `first`."""
    zero, one = every(0.0), every(1.0)
    s, c, shift = one, one, zero
    below = load(d, (high,))
    for i in range(high - 1, low - 1, -1):
        here, beside = load(d, (i,)), load(e, (i,))
        is_in = (first <= float(i)) & (float(i) < last)
        f, b = s * beside, c * beside
        square = f * f + g * g
        is_turned = SMALLEST < square
        r = root(square)
        inverse = one / r
        cosine, sine = choose(is_turned, g * inverse, one), choose(is_turned, f * inverse, zero)
        _turn(z, i, choose(is_in, cosine, one), choose(is_in, sine, zero))
        r = choose(is_turned & (float(i + 1) < last), r, zero)
        store(e, (i + 1,), choose(is_in, r, load(e, (i + 1,))))
        above = below - shift
        r = (here - above) * sine + 2.0 * cosine * b
        shift = choose(is_in, sine * r, shift)
        store(d, (i + 1,), choose(is_in, above + shift, below))
        g = choose(is_in, cosine * r - b, g)
        s, c = choose(is_in, sine, s), choose(is_in, cosine, c)
        is_last = first == float(i)
        below = choose(is_last, here - shift, here)
        store(e, (i,), choose(is_last, g, beside))
    store(d, (low,), below)


@njit
def _turn(z, i, c, s):
    """Rotate columns i and i + 1. The next angle needs none of this: the processor finds it meanwhile."""
    for row in range(z.shape[1]):
        f, g = load(z, (i + 1, row)), load(z, (i, row))
        store(z, (i + 1, row), s * g + c * f)
        store(z, (i, row), c * g - s * f)


@njit
def _rank(d, ranks):
    """The place of each eigenvalue among all of its matrix."""
    size, zero, one = d.shape[0], every(0.0), every(1.0)
    for j in range(size):
        here, rank = load(d, (j,)), zero
        for i in range(j):
            rank = rank + choose(load(d, (i,)) <= here, one, zero)
        for i in range(j + 1, size):
            rank = rank + choose(load(d, (i,)) < here, one, zero)
        store(ranks, (j,), rank)


@njit
def _reflect(reflectors, factors, phases, z, first, u):
    """u = Q z: the reflections, the last one first, on four columns from `first` on."""
    size, nothing = u.shape[0], (every(0.0), every(0.0))
    for i in range(size):
        phase = load_pair(phases, (i,))
        for q in range(4):
            store_pair(u, (i, q), times(phase, load(z, (first + q, i))))
    for k in range(size - 3, -1, -1):
        p0, p1, p2, p3 = nothing, nothing, nothing, nothing
        for i in range(k + 1, size):
            v = load_pair(reflectors, (k, i))
            p0, p1 = plus_conjugate(p0, v, load_pair(u, (i, 0))), plus_conjugate(p1, v, load_pair(u, (i, 1)))
            p2, p3 = plus_conjugate(p2, v, load_pair(u, (i, 2))), plus_conjugate(p3, v, load_pair(u, (i, 3)))
        factor = load(factors, (k,))
        p0, p1, p2, p3 = times(p0, factor), times(p1, factor), times(p2, factor), times(p3, factor)
        for i in range(k + 1, size):
            v = load_pair(reflectors, (k, i))
            store_pair(u, (i, 0), minus(load_pair(u, (i, 0)), v, p0))
            store_pair(u, (i, 1), minus(load_pair(u, (i, 1)), v, p1))
            store_pair(u, (i, 2), minus(load_pair(u, (i, 2)), v, p2))
            store_pair(u, (i, 3), minus(load_pair(u, (i, 3)), v, p3))
