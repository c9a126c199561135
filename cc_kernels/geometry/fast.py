"""The compiled path to the quantities of `formulas`, equal to it within rounding (tests/identities).

One pass over the pairs (a in a degenerate group, m outside it) at each k fills all sums; nothing of size bands^2 but
the matrices themselves is stored.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.quantities import packing

_SMALL = 8
"""Bands up to which a compiled triple loop beats one BLAS call per matrix."""


def packed_quantities(
    energies: np.ndarray, states: np.ndarray, velocity: np.ndarray, operator: np.ndarray, tolerance: float
) -> np.ndarray:
    """As `formulas.band_quantities`, packed: (N, nb, components) float64, laid out by `quantities.packing`."""
    points, dim, bands = velocity.shape[:3]
    v, s, J = _band_basis(states, velocity, operator)
    components = max(part.stop for part in packing(dim).values())
    packed = np.empty((points, bands, components))
    _fill(energies, v, s, J, tolerance, packed)
    return packed


def _band_basis(states: np.ndarray, velocity: np.ndarray, operator: np.ndarray) -> tuple[np.ndarray, ...]:
    """v, s and J = (v s + s v)/2 between band states."""
    bands = states.shape[-1]
    operator = np.broadcast_to(np.asarray(operator, complex), states.shape)
    if bands <= _SMALL:
        return _band_basis_small(states, velocity, operator)
    bra = np.ascontiguousarray(states.conj().swapaxes(-1, -2))
    s = bra @ operator @ states
    v = bra[:, None] @ velocity @ states[:, None]
    product = v @ s[:, None]
    return v, s, (product + product.conj().swapaxes(-1, -2)) / 2


@njit
def _sandwich(U, M, work, out):
    bands = U.shape[0]
    for p in range(bands):
        for n in range(bands):
            total = 0j
            for q in range(bands):
                total += M[p, q] * U[q, n]
            work[p, n] = total
    for m in range(bands):
        for n in range(bands):
            total = 0j
            for p in range(bands):
                total += U[p, m].conjugate() * work[p, n]
            out[m, n] = total


@njit
def _band_basis_small(states, velocity, operator):
    points, dim, bands = velocity.shape[:3]
    v = np.empty((points, dim, bands, bands), np.complex128)
    s = np.empty((points, bands, bands), np.complex128)
    J = np.empty((points, dim, bands, bands), np.complex128)
    work = np.empty((bands, bands), np.complex128)
    for k in range(points):
        _sandwich(states[k], operator[k], work, s[k])
        for i in range(dim):
            _sandwich(states[k], velocity[k, i], work, v[k, i])
            for m in range(bands):
                for n in range(bands):
                    total = 0j
                    for p in range(bands):
                        total += v[k, i, m, p] * s[k, p, n] + s[k, m, p] * v[k, i, p, n]
                    J[k, i, m, n] = total / 2
    return v, s, J


@njit
def _fill(energies, v, s, J, tolerance, packed):
    points, dim, bands = v.shape[:3]
    mean = np.empty(bands)
    end_of = np.empty(bands, np.int64)
    q = np.empty(dim, np.complex128)
    one = np.empty((5, dim))  # v, J, d, d_tau, Omega_tau
    two = np.empty((4, dim, dim))  # Omega, Omega_s, Omega times s, current dipole
    for k in range(points):
        _group(energies[k], tolerance, mean, end_of)
        start = 0
        while start < bands:
            end = end_of[start]
            expectation = metric = speed = 0.0
            one[:] = 0.0
            two[:] = 0.0
            for a in range(start, end):
                expectation += s[k, a, a].real
                for i in range(dim):
                    one[0, i] += v[k, i, a, a].real
                    one[1, i] += J[k, i, a, a].real
                for m in range(bands):
                    square = 0.0
                    for i in range(dim):
                        square += abs(v[k, i, a, m]) ** 2
                    speed += square
                    if start <= m < end:
                        continue
                    r = 1 / (mean[a] - mean[m])
                    metric += square * r * r
                    _pair(k, a, m, start, end, r, v, s, J, q, one, two)
            _write(energies[k], mean[start], start, end, expectation, one, two, metric, speed, packed[k])
            start = end


@njit
def _group(energies, tolerance, mean, end_of):
    """Single linkage: mean energy and end of each level's group."""
    bands = energies.shape[0]
    start = 0
    while start < bands:
        end = start + 1
        while end < bands and energies[end] - energies[end - 1] <= tolerance:
            end += 1
        total = 0.0
        for n in range(start, end):
            total += energies[n]
        for n in range(start, end):
            mean[n] = total / (end - start)
            end_of[n] = end
        start = end


@njit
def _pair(k, a, m, start, end, r, v, s, J, q, one, two):
    """Add the pair (a, m) to the group's sums; r = 1/omega_am, so that A_am = -i v_am r and A_ma = i v_ma r."""
    dim = v.shape[1]
    for i in range(dim):
        product = v[k, i, a, m] * s[k, m, a]
        one[2, i] += product.imag * r
        one[3, i] -= product.real
        one[4, i] += 2 * product.real * r
        q[i] = 0j
        for b in range(start, end):
            q[i] += v[k, i, m, b] * s[k, b, a]
    for l in range(dim):
        for i in range(dim):
            current = v[k, l, a, m] * J[k, i, m, a]
            two[0, l, i] -= 2 * (v[k, l, a, m] * v[k, i, a, m].conjugate()).imag * r * r
            two[1, l, i] -= 2 * current.imag * r * r
            two[3, l, i] += current.imag * r
            curvature = (v[k, l, a, m] * q[i]).imag * r * r
            two[2, l, i] -= curvature
            two[2, i, l] += curvature


@njit
def _write(energies, mean, start, end, expectation, one, two, metric, speed, packed):
    """Group means into the packed row of each member, in the order of the table `QUANTITIES`."""
    dim = one.shape[1]
    weight = 1.0 / (end - start)
    for n in range(start, end):
        packed[n, 0] = energies[n]
        packed[n, 1] = mean
        packed[n, 2] = expectation * weight
        column = 3
        for part in range(5):
            for i in range(dim):
                packed[n, column] = one[part, i] * weight
                column += 1
        for part in range(4):
            for l in range(dim):
                for i in range(dim):
                    packed[n, column] = two[part, l, i] * weight
                    column += 1
        for axis in range(3 if dim == 3 else dim - 1):
            l = (axis + 1) % 3 if dim == 3 else 0
            i = (axis + 2) % 3 if dim == 3 else 1
            rotation = two[3, l, i] - two[3, i, l]
            travel = (one[2, l] * one[0, i] - one[2, i] * one[0, l]) * weight
            packed[n, column] = (rotation + travel) * weight / 2
            column += 1
        packed[n, column] = metric * weight
        packed[n, column + 1] = speed * weight
