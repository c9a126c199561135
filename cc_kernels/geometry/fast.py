"""The compiled path to the quantities of `formulas`, equal to it within rounding (tests/identities).

One pass over the pairs (a in a degenerate group, m outside it) at each k fills all sums; nothing of size bands^2 but
the matrices themselves is stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.companions import fill_companions
from cc_kernels.geometry.grouping import group
from cc_kernels.geometry.groups import closeness
from cc_kernels.geometry.quantities import packed_size

_SMALL = 8
"""Bands up to which a compiled triple loop beats one BLAS call per matrix."""


def packed_quantities(
    energies: np.ndarray,
    states: np.ndarray,
    velocity: np.ndarray,
    operator: np.ndarray,
    tolerance: float,
    tables: Sequence[str] = ("first",),
    near: float = 0.0,
) -> np.ndarray:
    """As `formulas.band_quantities`, packed: (N, nb, components) float64, laid out by `quantities.packing`.

    Parameters
    ----------
    tables : of `quantities.TABLES`.
    near : pairs closer than this (eV) are the near ones of the table "divided".
    """
    points, dim, bands = velocity.shape[:3]
    v, s, J = band_basis(states, velocity, operator)
    sizes = {table: packed_size(dim, table) for table in tables}
    parts = {table: np.empty((points, bands, size)) for table, size in sizes.items()}
    divided = parts.get("divided", np.empty((points, bands, 0)))
    _fill(energies, v, s, J, tolerance, closeness(tolerance), near, parts["first"], divided)
    if "companions" in parts:
        fill_companions(energies, v, s, tolerance, parts["companions"])
    return np.concatenate(list(parts.values()), axis=-1) if len(parts) > 1 else parts["first"]


def band_basis(states: np.ndarray, velocity: np.ndarray, operator: np.ndarray) -> tuple[np.ndarray, ...]:
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
def _fill(energies, v, s, J, tolerance, close, near, packed, divided):
    points, dim, bands = v.shape[:3]
    mean = np.empty(bands)
    end_of = np.empty(bands, np.int64)
    q = np.empty(dim, np.complex128)
    one = np.empty((5, dim))  # v, J, d, d_tau, Omega_tau
    two = np.empty((4, dim, dim))  # Omega, Omega_s, Omega times s, current dipole
    split_one = np.empty((3, dim))  # the vectors and tensors of the table "divided", in its order
    split_two = np.empty((4, dim, dim))
    for k in range(points):
        group(energies[k], tolerance, mean, end_of)
        start = 0
        while start < bands:
            end = end_of[start]
            expectation = metric = close_metric = speed = 0.0
            one[:] = 0.0
            two[:] = 0.0
            split_one[:] = 0.0
            split_two[:] = 0.0
            for a in range(start, end):
                expectation += s[k, a, a].real
                for i in range(dim):
                    one[0, i] += v[k, i, a, a].real
                    one[1, i] += J[k, i, a, a].real
                for m in range(bands):
                    square = 0.0
                    for i in range(dim):
                        square += v[k, i, a, m].real ** 2 + v[k, i, a, m].imag ** 2
                    speed += square
                    if start <= m < end:
                        continue
                    omega = mean[a] - mean[m]
                    r = 1 / omega
                    metric += square * r * r
                    if abs(omega) < close:
                        close_metric += square * r * r
                    _pair(k, a, m, start, end, r, v, s, J, q, one, two)
                    if divided.shape[2]:
                        _split_pair(k, a, m, omega, near, v, s, J, split_one, split_two)
            weight = 1.0 / (end - start)
            for n in range(start, end):
                row = packed[k, n]
                _write(energies[k, n], mean[n], weight, expectation, one, two, row)
                row[-3] = metric * weight
                row[-2] = speed * weight
                row[-1] = close_metric * weight
                if divided.shape[2]:
                    column = _vectors(split_one, weight, divided[k, n], 0)
                    _tensors(split_two, weight, divided[k, n], column)
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
def _split_pair(k, a, m, omega, near, v, s, J, one, two):
    """Add the pair (a, m) to the far or the near quantities of the table "divided"."""
    dim = v.shape[1]
    is_near = abs(omega) < near
    for i in range(dim):
        product = (v[k, i, a, m] * s[k, m, a]).real
        if is_near:
            one[1, i] += product
            one[2, i] -= product * omega**2 / 12
        else:
            one[0, i] += 2 * product / omega
    for l in range(dim):
        for i in range(dim):
            current = (v[k, l, a, m] * J[k, i, m, a]).imag
            if is_near:
                two[2, l, i] -= 2 * current / omega**2
                two[3, l, i] += current * omega / 12
            else:
                two[0, l, i] += current / omega
                two[1, l, i] -= 2 * current / omega**2


@njit
def _write(energy, mean, weight, expectation, one, two, packed):
    """Group means into the packed row of a member, in the order of the table `QUANTITIES`."""
    dim = one.shape[1]
    packed[0] = energy
    packed[1] = mean
    packed[2] = expectation * weight
    column = _vectors(one, weight, packed, 3)
    column = _tensors(two, weight, packed, column)
    for axis in range(3 if dim == 3 else dim - 1):
        l = (axis + 1) % 3 if dim == 3 else 0
        i = (axis + 2) % 3 if dim == 3 else 1
        rotation = two[3, l, i] - two[3, i, l]
        travel = (one[2, l] * one[0, i] - one[2, i] * one[0, l]) * weight
        packed[column] = (rotation + travel) * weight / 2
        column += 1


@njit
def _vectors(rows, weight, packed, column):
    for part in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            packed[column] = rows[part, i] * weight
            column += 1
    return column


@njit
def _tensors(rows, weight, packed, column):
    for part in range(rows.shape[0]):
        column = _vectors(rows[part], weight, packed, column)
    return column
