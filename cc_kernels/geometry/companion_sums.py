"""State-resolved parts of the two companions of Eq. (12): compiled path (docs/theory.md, "Beside Eq. (12), by name").

-e int sum_occ Omega_n s_n depends on how the occupied space is divided among its bands. Two quantities without terms
between occupied states stand beside it: the trace over the whole occupied set, which depends on the occupied space and
s alone, and the q -> 0 Kubo response of the torque, which knows the bands' energies, too. Both become sums over single
states, so that they are additive like all others; the same quantities as formulas are in `companion_formulas`.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.grouping import group
from cc_kernels.geometry.rotations import to_points


@njit
def fill_companions(energies, signs, v, s, tolerance, packed):
    """Pack `projector_increment` (l, i), of electrons, and `torque_kubo_sea` (i, l) of every state.

    Parameters
    ----------
    energies : (N, nb).  signs : (nb,), eta_n of bosons, or None.
    v, s : (N, dim, nb, nb), (N, nb, nb) between band states.
    packed : (N, nb, 2 dim^2), overwritten.
    """
    points, dim, bands = v.shape[:3]
    mean = np.empty(bands)
    end_of = np.empty(bands, np.int64)
    inverse = np.empty((bands, bands))  # 1/(eps_n - eps_m), 0 within a group
    A = np.empty((dim, bands, bands), np.complex128)
    increment = np.empty((bands, dim, dim))
    sea = np.empty((bands, dim, dim))
    for k in range(points):
        group(energies[k], signs, tolerance, mean, end_of)
        for n in range(bands):
            for m in range(bands):
                inverse[n, m] = 0.0 if end_of[n] == end_of[m] else 1 / (mean[n] - mean[m])
                for i in range(dim):
                    A[i, n, m] = -1j * v[k, i, n, m] * inverse[n, m]
        _projector_increments(A, s[k], increment)
        _torque_kubo_sea(mean, signs, end_of, v[k], s[k], inverse, A, sea)
        _write(end_of, increment, sea, packed[k])


@njit
def fill_companion_rows(energies, signs, v, s, tolerance, first, lanes, rows):
    """The companions of a block of k-points as rows of `pair_sums` from `first` on; v and s as there."""
    (count, bands), dim = energies.shape, v.shape[0]
    v_k, s_k = np.empty((count, dim, bands, bands), np.complex128), np.empty((count, bands, bands), np.complex128)
    for i in range(dim):
        to_points(v[i], v_k[:, i])
    to_points(s, s_k)
    companions = np.empty((count, bands, 2 * dim**2))
    fill_companions(energies, signs, v_k, s_k, tolerance, companions)
    for row in range(companions.shape[2]):
        for n in range(bands):
            for k in range(count):
                rows[first + row, n * lanes + k] = companions[k, n, row]


@njit
def _projector_increments(A, s, increment):
    """increment[g] = S_g - S_{g-1}, S = Tr_occ Omega^li s = -2 Im sum_{a,b occ; m empty} A^l_am A^i_mb s_ba."""
    dim, bands = A.shape[:2]
    first = np.empty((dim, bands), np.complex128)
    empty = np.empty((dim, bands), np.complex128)
    for g in range(bands):
        # sum_b<g A^i_mb s_bg for empty m, and sum_a<g s_ba A^l_ag for occupied b
        for i in range(dim):
            for m in range(bands):
                total = 0j
                if m > g:
                    for b in range(g):
                        total += A[i, m, b] * s[b, g]
                    empty[i, m] = total
                elif m < g:
                    for a in range(g):
                        total += s[m, a] * A[i, a, g]
                    first[i, m] = total
        for l in range(dim):
            for i in range(dim):
                change = 0j
                for m in range(g + 1, bands):
                    change += A[l, g, m] * (empty[i, m] + A[i, m, g] * s[g, g])
                    change += (A[i, g, m] * empty[l, m]).conjugate()
                for b in range(g):
                    change -= A[i, g, b] * first[l, b]
                increment[g, l, i] = -2 * change.imag


@njit
def _torque_kubo_sea(mean, signs, end_of, v, s, inverse, A, sea):
    """The part of e Re dC_l/dq_i that multiplies f_n; the rest is -f'_n v_n^i d_n^ls."""
    dim, bands = A.shape[:2]
    tau = np.empty((bands, bands), np.complex128)
    v_tau = np.empty((bands, bands), np.complex128)  # v tau + tau v, v within the groups
    torque = np.empty((bands, bands), np.complex128)  # <n| tau |D_i m>
    v_D = np.empty((bands, bands), np.complex128)  # <m| v^l |D_i n>
    sea[:] = 0.0
    for n in range(bands):
        for m in range(bands):
            tau[n, m] = 1j * (mean[n] - mean[m]) * s[n, m]
    for i in range(dim):
        _on_derivative(tau, A[i], torque)
        _with_group_velocity(v[i], tau, end_of, v_tau)
        for l in range(dim):
            _on_derivative(v[l], A[i], v_D)
            for n in range(bands):
                for m in range(bands):
                    r = inverse[n, m]
                    if r == 0.0:
                        continue
                    sign = 1.0 if signs is None else signs[n] * signs[m]  # M_nm^* = sign M_mn
                    shift = v_tau[n, m] * r**3 * v[l, m, n]
                    states = (torque[n, m] - sign * torque[m, n].conjugate()) * v[l, m, n]
                    states += tau[n, m] * (sign * v_D[n, m].conjugate() - v_D[m, n])
                    part = (shift + states * r * r / 2).real
                    sea[n, i, l] += part  # f_n - f_m
                    sea[m, i, l] -= part


@njit
def _with_group_velocity(v, tau, end_of, out):
    """out = v tau + tau v, v within degenerate groups only: (v_n + v_m) tau_nm where there are none."""
    bands = tau.shape[0]
    start_n = 0
    for n in range(bands):
        if n == end_of[start_n]:
            start_n = n
        start_m = 0
        for m in range(bands):
            if m == end_of[start_m]:
                start_m = m
            total = 0j
            for b in range(start_n, end_of[n]):
                total += v[n, b] * tau[b, m]
            for b in range(start_m, end_of[m]):
                total += tau[n, b] * v[b, m]
            out[n, m] = total


@njit
def _on_derivative(M, A, out):
    """out = M |D_i m>, with |D_i m> = -i sum_p |p> A_pm."""
    bands = M.shape[0]
    out[:] = 0j
    for n in range(bands):
        for p in range(bands):
            factor = -1j * M[n, p]
            for m in range(bands):
                out[n, m] += factor * A[p, m]


@njit
def _write(end_of, increment, sea, packed):
    """Group means into the packed row of each member."""
    bands, dim = increment.shape[:2]
    start = 0
    while start < bands:
        end = end_of[start]
        for x in range(dim):
            for y in range(dim):
                rise = level = 0.0
                for n in range(start, end):
                    rise += increment[n, x, y]
                    level += sea[n, x, y]
                for n in range(start, end):
                    packed[n, x * dim + y] = rise / (end - start)
                    packed[n, (dim + x) * dim + y] = level / (end - start)
        start = end
