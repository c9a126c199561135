"""Matrices between band states, many k-points at a time (compiled).

As in `pair_sums`: m, the real and the imaginary part, then n and k together, x = n lanes + k, where `lanes` is a
multiple of `LANES`. Products are done two rows by two columns at eight k-points, whose sums stay in registers.

Of bosons O_mn = eta_m <m|O|n>, and O_nm^* = eta_n eta_m O_mn, with eta_n in `signs`. These are None otherwise, and then
nothing of this is compiled.
"""

from __future__ import annotations

from cc_kernels._complex_lanes import load_pair, plus, plus_conjugate, store_pair, times
from cc_kernels._lanes import LANES, every, load, room_for, store
from cc_kernels._numba import njit


def lanes_of(states: int, bands: int) -> int:
    """k-points at a time for about so many states."""
    return LANES * max(1, states // (LANES * bands))


@njit
def matrix_room(matrices, bands, lanes):
    """(matrices, m, 2, x), zeros."""
    return room_for(matrices * bands * 2 * bands * lanes // LANES).reshape(matrices, bands, 2, bands * lanes)


@njit
def rotated_velocity(states, velocity, signs, u, matrix, work, v):
    """u, and v = eta u^dagger v u in every direction, of states and velocities as in `sums.n_bands`."""
    _to_lanes(states, u)
    for i in range(v.shape[0]):
        _to_lanes(velocity[:, i], matrix)
        _multiply(_eights(matrix), _eights(u), _eights(work))
        _from_left(_eights(u), _eights(work), signs, _eights(v[i]))


@njit
def left_of(v, signs, room):
    """conj(v_nm) for every v_mn: v itself, or of bosons eta_m eta_n v_mn, in `room`."""
    if signs is None:
        return v
    bands = signs.shape[0]
    lanes = v.shape[3] // bands
    for i in range(v.shape[0]):
        for m in range(bands):
            for part in range(2):
                for n in range(bands):
                    sign = signs[m] * signs[n]
                    for x in range(n * lanes, (n + 1) * lanes):
                        room[i, m, part, x] = sign * v[i, m, part, x]
    return room


@njit
def points_of(operator, start, stop):
    """Part of an operator (points, bands, bands); of a constant one, (1, bands, bands), all."""
    points = operator.shape[0]
    return operator[min(start, points - 1) : min(stop, points)]


@njit
def rotated_operator(operator, signs, u, v, inverse, needs, matrix, work, s, J, sA):
    """s = eta u^dagger s u, J = (v s + s v)/2, and s A, the latter two where needed.

    operator : of `points_of`.  matrix, work : room.
    """
    if operator.shape[0] == 1:
        _apply(operator[0], _eights(u), _eights(work))
    else:
        _to_lanes(operator, matrix)
        _multiply(_eights(matrix), _eights(u), _eights(work))
    _from_left(_eights(u), _eights(work), signs, _eights(s))
    for i in range(v.shape[0]):
        if needs[0]:
            _anticommute(_eights(v[i]), _eights(s), signs, _eights(J[i]))
        if needs[1] and i < v.shape[0] - 1:  # Xi is antisymmetric: its upper half
            _connection(v[i], inverse, work)
            _multiply(_eights(s), _eights(work), _eights(sA[i]))


@njit
def to_points(matrix, out):
    """(k, m, n) complex, of the first k-points of (m, 2, x)."""
    count, size = out.shape[:2]
    lanes = matrix.shape[2] // size
    for k in range(count):
        for m in range(size):
            for n in range(size):
                out[k, m, n] = complex(matrix[m, 0, n * lanes + k], matrix[m, 1, n * lanes + k])


@njit
def _to_lanes(matrices, out):
    """The opposite."""
    count, size = matrices.shape[:2]
    lanes = out.shape[2] // size
    for m in range(size):
        for n in range(size):
            for k in range(count):
                out[m, 0, n * lanes + k] = matrices[k, m, n].real
                out[m, 1, n * lanes + k] = matrices[k, m, n].imag


@njit
def _eights(matrix):
    """(m, 2, x) as (m, 2, n, eights, LANES)."""
    size = matrix.shape[0]
    return matrix.reshape(size, 2, size, matrix.shape[2] // (size * LANES), LANES)


@njit
def _at(matrix, m, n, x):
    return load(matrix, (m, 0, n, x)), load(matrix, (m, 1, n, x))


@njit
def _put(matrix, m, n, x, value):
    store(matrix, (m, 0, n, x), value[0])
    store(matrix, (m, 1, n, x), value[1])


@njit
def _of_bra(value, signs, m):
    """eta_m <m|O|n>, of <m|O|n>."""
    return value if signs is None else times(value, signs[m])


@njit
def _put_with_mirror(matrix, m, n, x, value, signs):
    """O_mn, and O_nm = eta_m eta_n conj(O_mn)."""
    mirror = value[0], every(0.0) - value[1]
    _put(matrix, m, n, x, value)
    _put(matrix, n, m, x, mirror if signs is None else times(mirror, signs[m] * signs[n]))


@njit
def _multiply(a, b, out):
    """out = a b."""
    size, nothing = a.shape[0], (every(0.0), every(0.0))
    for x in range(a.shape[3]):
        for m in range(0, size, 2):
            m1 = min(m + 1, size - 1)  # of an odd number the last row and column are done twice
            for n in range(0, size, 2):
                n1 = min(n + 1, size - 1)
                c00, c01, c10, c11 = nothing, nothing, nothing, nothing
                for p in range(size):
                    a0, a1, b0, b1 = _at(a, m, p, x), _at(a, m1, p, x), _at(b, p, n, x), _at(b, p, n1, x)
                    c00, c01 = plus(c00, a0, b0), plus(c01, a0, b1)
                    c10, c11 = plus(c10, a1, b0), plus(c11, a1, b1)
                _put(out, m, n, x, c00)
                _put(out, m, n1, x, c01)
                _put(out, m1, n, x, c10)
                _put(out, m1, n1, x, c11)


@njit
def _apply(operator, u, out):
    """out = s u."""
    size, nothing = u.shape[0], (every(0.0), every(0.0))
    for x in range(u.shape[3]):
        for m in range(0, size, 2):
            m1 = min(m + 1, size - 1)
            for n in range(0, size, 2):
                n1 = min(n + 1, size - 1)
                c00, c01, c10, c11 = nothing, nothing, nothing, nothing
                for p in range(size):
                    s0, s1 = operator[m, p], operator[m1, p]
                    if s0 == 0 and s1 == 0:
                        continue
                    a0, a1 = (every(s0.real), every(s0.imag)), (every(s1.real), every(s1.imag))
                    b0, b1 = _at(u, p, n, x), _at(u, p, n1, x)
                    c00, c01 = plus(c00, a0, b0), plus(c01, a0, b1)
                    c10, c11 = plus(c10, a1, b0), plus(c11, a1, b1)
                _put(out, m, n, x, c00)
                _put(out, m, n1, x, c01)
                _put(out, m1, n, x, c10)
                _put(out, m1, n1, x, c11)


@njit
def _from_left(u, matrix, signs, out):
    """out = eta u^dagger M: its upper half, and from that the lower."""
    size, nothing = u.shape[0], (every(0.0), every(0.0))
    columns = room_for(4 * size).reshape(size, 2, 2, LANES)
    for x in range(u.shape[3]):
        for m in range(0, size, 2):
            m1 = min(m + 1, size - 1)
            for p in range(size):  # far apart in memory: together they stay in the first cache
                store_pair(columns, (p, 0), _at(u, p, m, x))
                store_pair(columns, (p, 1), _at(u, p, m1, x))
            for n in range(m, size, 2):
                n1 = min(n + 1, size - 1)
                c00, c01, c10, c11 = nothing, nothing, nothing, nothing
                for p in range(size):
                    a0, a1 = load_pair(columns, (p, 0)), load_pair(columns, (p, 1))
                    b0, b1 = _at(matrix, p, n, x), _at(matrix, p, n1, x)
                    c00, c01 = plus_conjugate(c00, a0, b0), plus_conjugate(c01, a0, b1)
                    c10, c11 = plus_conjugate(c10, a1, b0), plus_conjugate(c11, a1, b1)
                _put_with_mirror(out, m, n, x, _of_bra(c00, signs, m), signs)
                _put_with_mirror(out, m, n1, x, _of_bra(c01, signs, m), signs)
                _put_with_mirror(out, m1, n, x, _of_bra(c10, signs, m1), signs)
                _put_with_mirror(out, m1, n1, x, _of_bra(c11, signs, m1), signs)


@njit
def _anticommute(v, s, signs, out):
    """out = (v s + s v)/2: its upper half, and from that the lower."""
    size, nothing, half = v.shape[0], (every(0.0), every(0.0)), every(0.5)
    for x in range(v.shape[3]):
        for m in range(0, size, 2):
            m1 = min(m + 1, size - 1)
            for n in range(m, size, 2):
                n1 = min(n + 1, size - 1)
                c00, c01, c10, c11 = nothing, nothing, nothing, nothing
                for p in range(size):
                    a0, a1, b0, b1 = _at(v, m, p, x), _at(v, m1, p, x), _at(s, p, n, x), _at(s, p, n1, x)
                    c00, c01 = plus(c00, a0, b0), plus(c01, a0, b1)
                    c10, c11 = plus(c10, a1, b0), plus(c11, a1, b1)
                for p in range(size):
                    a0, a1, b0, b1 = _at(s, m, p, x), _at(s, m1, p, x), _at(v, p, n, x), _at(v, p, n1, x)
                    c00, c01 = plus(c00, a0, b0), plus(c01, a0, b1)
                    c10, c11 = plus(c10, a1, b0), plus(c11, a1, b1)
                _put_with_mirror(out, m, n, x, times(c00, half), signs)
                _put_with_mirror(out, m, n1, x, times(c01, half), signs)
                _put_with_mirror(out, m1, n, x, times(c10, half), signs)
                _put_with_mirror(out, m1, n1, x, times(c11, half), signs)


@njit
def _connection(v, inverse, out):
    """out = A_mn = i v_mn/(eps_n - eps_m)."""
    for m in range(v.shape[0]):
        for x in range(v.shape[2]):
            out[m, 0, x] = -v[m, 1, x] * inverse[m, x]
        for x in range(v.shape[2]):
            out[m, 1, x] = v[m, 0, x] * inverse[m, x]
