"""Matrices between band states, many k-points at a time (compiled).

As in `pair_sums`: m, the real and the imaginary part, then n and k together, x = n lanes + k. Products of small
matrices run over the k-points in their innermost loops; those of larger ones are BLAS's work, point after point.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit

FEW = 6
"""Bands up to which the former is faster."""


@njit
def rotated_velocity(states, velocity, lanes, u, matrix, work, v):
    """u, and v = u^dagger v u in every direction, of states and velocities as in `sums.n_bands`."""
    _to_lanes(states, lanes, u)
    for i in range(v.shape[0]):
        _to_lanes(velocity[:, i], lanes, matrix)
        _rotate(u, matrix, lanes, work, v[i])


@njit
def rotated_operator(operator, u, v, inverse, needs, lanes, matrix, work, s, J, sA):
    """s = u^dagger s u, J = (v s + s v)/2, and s A, the latter two where needed."""
    size = operator.shape[0]
    for m in range(size):
        for n in range(size):
            for k in range(lanes):
                matrix[m, 0, n * lanes + k] = operator[m, n].real
            for k in range(lanes):
                matrix[m, 1, n * lanes + k] = operator[m, n].imag
    _rotate(u, matrix, lanes, work, s)
    for i in range(v.shape[0]):
        if needs[0]:
            _multiply(v[i], s, lanes, work)
            _hermitian_part(work, lanes, J[i])
        if needs[1] and i < v.shape[0] - 1:  # Xi is antisymmetric: its upper half
            _connection(v[i], inverse, work)
            _multiply(s, work, lanes, sA[i])


@njit
def velocity_by_blas(states, velocity, lanes, ket, bra, v_k, v):
    """v_k (k, dim, m, [real | imaginary part]) between band states, and the same as v; velocity is a view as float64.

    ket (k, 2 nb, 2 nb) and bra (k, nb, 2 nb) become the states as factors of real products, which take half the time
    of complex ones.
    """
    count, dim, size = velocity.shape[:3]
    once, right = np.empty((dim * size, 2 * size)), np.empty((2 * size, 2 * size))
    for k in range(count):
        _factors(states[k], ket[k], bra[k])
        np.dot(velocity[k].reshape(dim * size, 2 * size), ket[k], once)
        for i in range(dim):
            _from_left(bra[k], once[i * size : (i + 1) * size], right, v_k[k, i])
            _one_to_lanes(v_k[k, i], k, lanes, v[i])


@njit
def operator_by_blas(operator, count, ket, bra, v_k, inverse, needs, lanes, s_k, s, J, sA):
    """s_k (k, m, [real | imaginary part]) between band states, and the same as s; J and s A where needed."""
    dim, size = v_k.shape[1:3]
    once, products, right = np.empty((size, 2 * size)), np.empty((dim * size, 2 * size)), np.empty((2 * size, 2 * size))
    for k in range(count):
        np.dot(operator, ket[k], once)
        _from_left(bra[k], once, right, s_k[k])
        _one_to_lanes(s_k[k], k, lanes, s)
        if needs[0]:
            _as_right(s_k[k], right)
            np.dot(v_k[k].reshape(dim * size, 2 * size), right, products)
            for i in range(dim):
                _hermitian_part_to_lanes(products[i * size : (i + 1) * size], k, lanes, J[i])
        if needs[1]:
            for i in range(dim - 1):  # Xi is antisymmetric: its upper half
                for m in range(size):
                    for n in range(size):  # A_mn = i v_mn/(eps_n - eps_m)
                        r = inverse[m, n * lanes + k]
                        once[m, n], once[m, size + n] = -v_k[k, i, m, size + n] * r, v_k[k, i, m, n] * r
                _as_right(once, right)
                np.dot(s_k[k], right, once)
                _one_to_lanes(once, k, lanes, sA[i])


@njit
def _as_right(matrix, right):
    """The right factor of real products: [real | imaginary part] above [-imaginary | real part]."""
    size = matrix.shape[0]
    for m in range(size):
        for n in range(size):
            right[m, n], right[m, size + n] = matrix[m, n], matrix[m, size + n]
            right[size + m, n], right[size + m, size + n] = -matrix[m, size + n], matrix[m, n]


@njit
def joined(parts):
    """[real | imaginary part] as complex numbers."""
    size = parts.shape[-1] // 2
    return parts[..., :size] + 1j * parts[..., size:]


@njit
def _factors(u, ket, bra):
    """Rows (real, imaginary) and (-imaginary, real) of u for what has its parts in turn; [real | imaginary] of u^T."""
    size = u.shape[0]
    for p in range(size):
        for n in range(size):
            real, imaginary = u[p, n].real, u[p, n].imag
            ket[2 * p, n], ket[2 * p, size + n] = real, imaginary
            ket[2 * p + 1, n], ket[2 * p + 1, size + n] = -imaginary, real
            bra[n, p], bra[n, size + p] = real, imaginary


@njit
def _from_left(bra, matrix, right, out):
    """out = u^dagger matrix, both as [real | imaginary part]."""
    size = matrix.shape[0]
    for m in range(size):
        for n in range(size):
            right[m, n], right[m, size + n] = matrix[m, n], matrix[m, size + n]
            right[size + m, n], right[size + m, size + n] = matrix[m, size + n], -matrix[m, n]
    np.dot(bra, right, out)


@njit
def _one_to_lanes(parts, k, lanes, out):
    size = parts.shape[0]
    for m in range(size):
        for n in range(size):
            out[m, 0, n * lanes + k] = parts[m, n]
            out[m, 1, n * lanes + k] = parts[m, size + n]


@njit
def _hermitian_part_to_lanes(parts, k, lanes, out):
    size = parts.shape[0]
    for m in range(size):
        for n in range(size):
            out[m, 0, n * lanes + k] = (parts[m, n] + parts[n, m]) / 2
            out[m, 1, n * lanes + k] = (parts[m, size + n] - parts[n, size + m]) / 2


@njit
def _to_lanes(matrices, lanes, out):
    count, size = matrices.shape[:2]
    for k in range(count):
        for m in range(size):
            for n in range(size):
                out[m, 0, n * lanes + k] = matrices[k, m, n].real
                out[m, 1, n * lanes + k] = matrices[k, m, n].imag


@njit
def _multiply(a, b, lanes, out):
    """out = a b."""
    size = a.shape[0]
    for m in range(size):
        for n in range(size):
            to = n * lanes
            for k in range(lanes):
                out[m, 0, to + k] = 0.0
            for k in range(lanes):
                out[m, 1, to + k] = 0.0
            for p in range(size):
                at = p * lanes
                for k in range(lanes):
                    out[m, 0, to + k] += a[m, 0, at + k] * b[p, 0, to + k] - a[m, 1, at + k] * b[p, 1, to + k]
                for k in range(lanes):
                    out[m, 1, to + k] += a[m, 0, at + k] * b[p, 1, to + k] + a[m, 1, at + k] * b[p, 0, to + k]


@njit
def _rotate(u, matrix, lanes, work, out):
    """out = u^dagger matrix u."""
    size = u.shape[0]
    _multiply(matrix, u, lanes, work)
    for m in range(size):
        for n in range(size):
            to, at = n * lanes, m * lanes
            for k in range(lanes):
                out[m, 0, to + k] = 0.0
            for k in range(lanes):
                out[m, 1, to + k] = 0.0
            for p in range(size):
                for k in range(lanes):
                    out[m, 0, to + k] += u[p, 0, at + k] * work[p, 0, to + k] + u[p, 1, at + k] * work[p, 1, to + k]
                for k in range(lanes):
                    out[m, 1, to + k] += u[p, 0, at + k] * work[p, 1, to + k] - u[p, 1, at + k] * work[p, 0, to + k]


@njit
def _hermitian_part(matrix, lanes, out):
    """out = (M + M^dagger)/2: of v s it is (v s + s v)/2."""
    size = matrix.shape[0]
    for m in range(size):
        for n in range(size):
            to, at = n * lanes, m * lanes
            for k in range(lanes):
                out[m, 0, to + k] = (matrix[m, 0, to + k] + matrix[n, 0, at + k]) / 2
            for k in range(lanes):
                out[m, 1, to + k] = (matrix[m, 1, to + k] - matrix[n, 1, at + k]) / 2


@njit
def _connection(v, inverse, out):
    """out = A_mn = i v_mn/(eps_n - eps_m)."""
    for m in range(v.shape[0]):
        for x in range(v.shape[2]):
            out[m, 0, x] = -v[m, 1, x] * inverse[m, x]
        for x in range(v.shape[2]):
            out[m, 1, x] = v[m, 0, x] * inverse[m, x]
