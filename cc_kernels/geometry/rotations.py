"""Matrices between band states, many k-points at a time (compiled).

As in `pair_sums`: m, the real and the imaginary part, then n and k together, x = n lanes + k, where `lanes` is a
multiple of `LANES`. Products are done two rows by two columns at eight k-points, whose sums stay in registers.

Of bosons O_mn = eta_m <m|O|n>, and O_nm^* = eta_n eta_m O_mn, with eta_n in `signs`. These are None otherwise, and then
nothing of this is compiled.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._complex_lanes import plus, times
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
def rotated_velocity(states, velocity, signs, u, bra, matrix, work, v):
    """u, bra = eta u^dagger, and v = bra v u in every direction, of states and velocities as in `sums.n_bands`."""
    _to_lanes(states, u)
    _adjoint(u, signs, bra)
    for i in range(v.shape[0]):
        _to_lanes(velocity[:, i], matrix)
        _multiply(_eights(matrix), _eights(u), _eights(work))
        _multiply_upper(_eights(bra), _eights(work), signs, _eights(v[i]))


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
def points_of(operators, start, stop):
    """Part of operators (points, ...); of constant ones, (1, ...), all."""
    points = operators.shape[0]
    return operators[min(start, points - 1) : min(stop, points)]


@njit
def connections(v, inverse, A):
    """A_mn = i v_mn/(eps_n - eps_m), of as many directions as A has."""
    for i in range(A.shape[0]):
        for m in range(v.shape[1]):
            for x in range(v.shape[3]):
                A[i, m, 0, x] = -v[i, m, 1, x] * inverse[m, x]
            for x in range(v.shape[3]):
                A[i, m, 1, x] = v[i, m, 0, x] * inverse[m, x]


@njit
def rotated_operator(operator, signs, u, bra, v, A, needs, matrix, work, s, J, sA):
    """s = bra s u, J = (v s + s v)/2, and s A in the directions of A, the latter two where needed.

    operator : of `points_of`, as `models.real_form`.  matrix, work : room.
    """
    if operator.shape[0] == 1:
        _apply(_from_real_form(operator[0]), _eights(u), _eights(work))
    else:
        _hermitian_to_lanes(operator, matrix)
        _multiply(_eights(matrix), _eights(u), _eights(work))
    _multiply_upper(_eights(bra), _eights(work), signs, _eights(s))
    if needs[0]:
        for i in range(v.shape[0]):
            _anticommute(_eights(v[i]), _eights(s), signs, _eights(J[i]))
    if needs[1]:
        for i in range(A.shape[0]):
            _multiply(_eights(s), _eights(A[i]), _eights(sA[i]))


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
def _hermitian_to_lanes(matrices, out):
    """The same of Hermitian matrices as `models.real_form`."""
    count, size = matrices.shape[:2]
    lanes = out.shape[2] // size
    for m in range(size):
        for n in range(m, size):
            for k in range(count):
                real, imaginary = matrices[k, m, n], matrices[k, n, m] if m < n else 0.0
                out[m, 0, n * lanes + k] = out[n, 0, m * lanes + k] = real
                out[m, 1, n * lanes + k] = imaginary
                out[n, 1, m * lanes + k] = -imaginary


@njit
def _adjoint(u, signs, bra):
    """bra_mn = eta_m conj(u_nm)."""
    bands = u.shape[0]
    lanes = u.shape[2] // bands
    for m in range(bands):
        sign = 1.0 if signs is None else signs[m]
        for n in range(bands):
            for k in range(lanes):
                bra[m, 0, n * lanes + k] = sign * u[n, 0, m * lanes + k]
                bra[m, 1, n * lanes + k] = -sign * u[n, 1, m * lanes + k]


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
def _from_real_form(real):
    """A Hermitian matrix, complex, from `models.real_form`."""
    size = real.shape[0]
    matrix = np.empty((size, size), np.complex128)
    for m in range(size):
        matrix[m, m] = real[m, m]
        for n in range(m + 1, size):
            matrix[m, n], matrix[n, m] = complex(real[m, n], real[n, m]), complex(real[m, n], -real[n, m])
    return matrix


@njit
def _apply(operator, u, out):
    """out = s u, of a constant s."""
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
def _multiply_upper(a, b, signs, out):
    """out = a b where that is as O above: its upper half, and from that the lower."""
    size, nothing = a.shape[0], (every(0.0), every(0.0))
    for x in range(a.shape[3]):
        for m in range(0, size, 2):
            m1 = min(m + 1, size - 1)
            for n in range(m, size, 2):
                n1 = min(n + 1, size - 1)
                c00, c01, c10, c11 = nothing, nothing, nothing, nothing
                for p in range(size):
                    a0, a1, b0, b1 = _at(a, m, p, x), _at(a, m1, p, x), _at(b, p, n, x), _at(b, p, n1, x)
                    c00, c01 = plus(c00, a0, b0), plus(c01, a0, b1)
                    c10, c11 = plus(c10, a1, b0), plus(c11, a1, b1)
                _put_with_mirror(out, m, n, x, c00, signs)
                _put_with_mirror(out, m, n1, x, c01, signs)
                _put_with_mirror(out, m1, n, x, c10, signs)
                _put_with_mirror(out, m1, n1, x, c11, signs)


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
