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
def velocity_by_blas(states, velocity, lanes, v_k, v):
    """v_k (k, dim, m, n) between band states, and the same as v."""
    count, dim, size = velocity.shape[:3]
    work = np.empty((size, size), np.complex128)
    for k in range(count):
        bra = np.ascontiguousarray(states[k].conj().T)
        for i in range(dim):
            np.dot(velocity[k, i], states[k], work)
            np.dot(bra, work, v_k[k, i])
            _one_to_lanes(v_k[k, i], k, lanes, v[i])


@njit
def operator_by_blas(operator, states, v_k, inverse, needs, lanes, s_k, s, J, sA):
    """s_k (k, m, n) between band states, and the same as s; J and s A where needed."""
    count, size = states.shape[:2]
    work, connection = np.empty((size, size), np.complex128), np.empty((size, size), np.complex128)
    for k in range(count):
        np.dot(operator, states[k], work)
        np.dot(np.ascontiguousarray(states[k].conj().T), work, s_k[k])
        _one_to_lanes(s_k[k], k, lanes, s)
        for i in range(v_k.shape[1]):
            if needs[0]:
                np.dot(v_k[k, i], s_k[k], work)
                for m in range(size):
                    for n in range(size):
                        connection[m, n] = (work[m, n] + work[n, m].conjugate()) / 2
                _one_to_lanes(connection, k, lanes, J[i])
            if needs[1] and i < v_k.shape[1] - 1:
                for m in range(size):
                    for n in range(size):
                        connection[m, n] = 1j * v_k[k, i, m, n] * inverse[m, n * lanes + k]
                np.dot(s_k[k], connection, work)
                _one_to_lanes(work, k, lanes, sA[i])


@njit
def _to_lanes(matrices, lanes, out):
    for k in range(matrices.shape[0]):
        _one_to_lanes(matrices[k], k, lanes, out)


@njit
def _one_to_lanes(matrix, k, lanes, out):
    size = matrix.shape[0]
    for m in range(size):
        for n in range(size):
            out[m, 0, n * lanes + k] = matrix[m, n].real
            out[m, 1, n * lanes + k] = matrix[m, n].imag


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
