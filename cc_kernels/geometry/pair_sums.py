"""Sums over pairs of levels, for any number of bands, many k-points at a time (compiled; `formulas` is the reference).

Arrays hold matrix elements as m, the real and the imaginary part, then n and k together: x = n lanes + k. Innermost
loops run over x, which the compiler turns into vector instructions; each writes one row of `quantities.packing`, and
reads as few as it can. In every product over a pair the left factor is v_nm: kernels read `left`, (dim, m, 2, x), with
conj(left_mn) = v_nm. That is v itself, but of bosons, where O_nm^* = eta_n eta_m O_mn (`rotations.left_of`).
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
from cc_kernels.geometry.grouping import group
from cc_kernels.geometry.row_numbers import (
    BELOW,
    CLOSE,
    CURRENT,
    CURRENT_DIPOLE,
    CURVATURE,
    CURVATURE_OPERATOR,
    DIPOLE,
    ENERGY,
    EXPECTATION,
    FAR_CURVATURE,
    FAR_DIPOLE,
    FAR_TORQUE,
    FIRST_COMPANION,
    GROUP_ENERGY,
    METRIC,
    MIXED,
    NEAR_CORRECTION,
    NEAR_CURVATURE,
    NEAR_DIPOLE,
    NEAR_TORQUE,
    S_CURVATURE,
    SQUARE,
    TORQUE,
    TORQUE_CURVATURE,
    VELOCITY,
)


@njit
def fill_levels(energies, signs, tolerance, lanes, places, rows, mean, end_of, inverse):
    """Energies and groups of a block; returns the size of its largest group.

    Parameters
    ----------
    energies : (lanes at most, bands).  signs : (bands,), eta_n of bosons, or None.
    rows : those of the energy, of the mean energy, and of the levels below zero are written.
    mean, end_of : (x,), of each level's group.  inverse : (m, x), 1/(mean_n - mean_m), 0 within a group.
    """
    count, bands = energies.shape
    one_mean, one_end = np.empty(bands), np.empty(bands, np.int64)
    largest = 1
    for k in range(count):
        group(energies[k], signs, tolerance, one_mean, one_end)
        start = 0
        for n in range(bands):
            start = n if n == one_end[start] else start
            largest = max(largest, one_end[n] - start)
            mean[n * lanes + k] = one_mean[n]
            end_of[n * lanes + k] = one_end[n]
            rows[places[ENERGY], n * lanes + k] = energies[k, n]
    states = bands * lanes
    for x in range(states):
        rows[places[GROUP_ENERGY], x] = mean[x]
    for x in range(states):
        rows[places[BELOW], x] = (1 - np.sign(mean[x])) / 2
    for m in range(bands):
        for n in range(bands):
            at, to = n * lanes, m * lanes
            for k in range(lanes):
                apart = end_of[at + k] != end_of[to + k]
                inverse[m, at + k] = 1 / (mean[at + k] - mean[to + k]) if apart else 0.0
    return largest


@njit
def fill_far(mean, inverse, near, relative_near, lanes, far, has_near):
    """Near and far pairs of a block (`quantities.DIVIDED`), after `fill_levels`.

    Parameters
    ----------
    near, relative_near : pairs closer than near (eV) + relative_near x |their mean energy| are near ones.
    far : (m, x), becomes `inverse` of far pairs, 0 of near ones.  has_near : (m,), is there any near pair (n, m)?
    """
    bands = inverse.shape[0]
    for m in range(bands):
        count = 0
        for n in range(bands):
            at, to = n * lanes, m * lanes
            for k in range(lanes):
                limit = near + relative_near * abs(mean[at + k] + mean[to + k]) / 2
                is_near = inverse[m, at + k] != 0 and abs(mean[at + k] - mean[to + k]) < limit
                far[m, at + k] = 0.0 if is_near else inverse[m, at + k]
                count += is_near
        has_near[m] = count > 0


@njit
def fill_shared(left, v, inverse, close, lanes, places, rows):
    """The rows of velocities, metrics and curvatures, without means over groups.

    left, v : (dim, m, 2, x), real and imaginary part.
    """
    dim, bands, _, states = v.shape
    velocity, square, metric = places[VELOCITY], places[SQUARE], places[METRIC]
    near, curvature = places[CLOSE], places[CURVATURE]
    rows[velocity : near + 1] = 0.0
    for i in range(dim):
        for n in range(bands):
            for x in range(n * lanes, (n + 1) * lanes):
                rows[velocity + i, x] = v[i, n, 0, x]
    for m in range(bands):
        for i in range(dim):
            for x in range(states):
                rows[square, x] += v[i, m, 0, x] ** 2 + v[i, m, 1, x] ** 2
            for x in range(states):
                rows[metric, x] += (v[i, m, 0, x] ** 2 + v[i, m, 1, x] ** 2) * inverse[m, x] ** 2
            for x in range(states):
                share = (v[i, m, 0, x] ** 2 + v[i, m, 1, x] ** 2) * inverse[m, x] ** 2
                rows[near, x] += share if abs(inverse[m, x]) * close > 1 else 0.0
        for l in range(dim):
            for i in range(l + 1, dim):
                row = curvature + l * dim + i
                for x in range(states):
                    product = left[l, m, 0, x] * v[i, m, 1, x] - left[l, m, 1, x] * v[i, m, 0, x]
                    rows[row, x] -= 2 * product * inverse[m, x] ** 2
    _antisymmetrize(curvature, dim, rows)


@njit
def fill_own(left, v, s, J, sA, inverse, far, has_near, end_of, largest, lanes, places, wanted, rows):
    """The rows of one operator, without means over groups.

    Parameters
    ----------
    left, v, J, sA : (dim, m, 2, x), s : (m, 2, x), real and imaginary parts; J = (v s + s v)/2,
        A_mn = i v_mn/(eps_n - eps_m). J and sA are read only where something that is wanted needs them.
    end_of, largest : of `fill_levels`.  far, has_near : of `fill_far`, read where something of `DIVIDED` is wanted.
    """
    dim, bands, _, states = v.shape
    first, last = places[EXPECTATION], places[FIRST_COMPANION]
    rows[first:last] = 0.0
    for n in range(bands):
        for x in range(n * lanes, (n + 1) * lanes):
            rows[first, x] = s[n, 0, x]
    if wanted[CURRENT]:
        for i in range(dim):
            for n in range(bands):
                for x in range(n * lanes, (n + 1) * lanes):
                    rows[places[CURRENT] + i, x] = J[i, n, 0, x]
    is_divided = wanted[FAR_TORQUE] or wanted[FAR_DIPOLE] or wanted[FAR_CURVATURE]
    is_divided = is_divided or wanted[NEAR_TORQUE] or wanted[NEAR_CORRECTION]
    is_divided = is_divided or wanted[NEAR_DIPOLE] or wanted[NEAR_CURVATURE]
    for m in range(bands):
        for i in range(dim):
            _vectors(left[i, m], s[m], inverse[m], i, places, wanted, rows)
            for l in range(dim):
                part = l * dim + i
                if wanted[CURRENT_DIPOLE] or wanted[S_CURVATURE]:
                    _tensors(left[l, m], J[i, m], inverse[m], part, places, wanted, rows)
                if wanted[MIXED] and l < i:
                    row = places[MIXED] + part
                    for x in range(states):  # 2 Im A^i_nm (s A^l)_mn, A_nm = -i v_nm inverse
                        product = left[i, m, 1, x] * sA[l, m, 1, x] + left[i, m, 0, x] * sA[l, m, 0, x]
                        rows[row, x] -= 2 * product * inverse[m, x]
        if is_divided:
            _far(left, s, J, far[m], m, places, wanted, rows)
            if has_near[m]:
                _near(left, s, J, inverse[m], far[m], m, places, wanted, rows)
    if wanted[CURVATURE_OPERATOR]:
        if largest == 1:
            _curvature_of_single(dim, places, rows)
        else:
            _curvature_of_groups(left, v, s, inverse, end_of, largest, lanes, places, rows)
        _antisymmetrize(places[CURVATURE_OPERATOR], dim, rows)
    if wanted[MIXED]:
        _antisymmetrize(places[MIXED], dim, rows)


@njit
def _vectors(left, s, inverse, i, places, wanted, rows):
    """Add the pairs (n, m) to d_n, d_n^tau and Omega_n^tau, with left^i_mn and s_mn (2, x)."""
    states = inverse.shape[0]
    if wanted[DIPOLE]:
        row = places[DIPOLE] + i
        for x in range(states):
            rows[row, x] += (left[0, x] * s[1, x] - left[1, x] * s[0, x]) * inverse[x]
    if wanted[TORQUE]:
        row = places[TORQUE] + i
        for x in range(states):
            rows[row, x] -= (left[0, x] * s[0, x] + left[1, x] * s[1, x]) if inverse[x] != 0 else 0.0
    if wanted[TORQUE_CURVATURE]:
        row = places[TORQUE_CURVATURE] + i
        for x in range(states):
            rows[row, x] += 2 * (left[0, x] * s[0, x] + left[1, x] * s[1, x]) * inverse[x]


@njit
def _tensors(left, J, inverse, part, places, wanted, rows):
    """Add the pairs (n, m) to d_n^lis and Omega_n^lis, with left^l_mn and J^is_mn (2, x)."""
    states = inverse.shape[0]
    if wanted[CURRENT_DIPOLE]:
        row = places[CURRENT_DIPOLE] + part
        for x in range(states):
            rows[row, x] += (left[0, x] * J[1, x] - left[1, x] * J[0, x]) * inverse[x]
    if wanted[S_CURVATURE]:
        row = places[S_CURVATURE] + part
        for x in range(states):
            rows[row, x] -= 2 * (left[0, x] * J[1, x] - left[1, x] * J[0, x]) * inverse[x] ** 2


@njit
def _far(left, s, J, far, m, places, wanted, rows):
    """Add the pairs (n, m) to the quantities of far pairs (`quantities.DIVIDED`); far = 1/omega, 0 for the others."""
    dim, states = left.shape[0], left.shape[3]
    for i in range(dim):
        if wanted[FAR_TORQUE]:
            row = places[FAR_TORQUE] + i
            for x in range(states):
                rows[row, x] += 2 * (left[i, m, 0, x] * s[m, 0, x] + left[i, m, 1, x] * s[m, 1, x]) * far[x]
        for l in range(dim):
            if wanted[FAR_DIPOLE]:
                row = places[FAR_DIPOLE] + l * dim + i
                for x in range(states):
                    rows[row, x] += (left[l, m, 0, x] * J[i, m, 1, x] - left[l, m, 1, x] * J[i, m, 0, x]) * far[x]
            if wanted[FAR_CURVATURE]:
                row = places[FAR_CURVATURE] + l * dim + i
                for x in range(states):
                    current = left[l, m, 0, x] * J[i, m, 1, x] - left[l, m, 1, x] * J[i, m, 0, x]
                    rows[row, x] -= 2 * current * far[x] ** 2


@njit
def _near(left, s, J, inverse, far, m, places, wanted, rows):
    """Add the pairs (n, m) to the quantities of near pairs, of which there are few."""
    dim, states = left.shape[0], left.shape[3]
    for x in range(states):
        r = inverse[x]
        if r == far[x]:
            continue
        for i in range(dim):
            if wanted[NEAR_TORQUE] or wanted[NEAR_CORRECTION]:
                torque = left[i, m, 0, x] * s[m, 0, x] + left[i, m, 1, x] * s[m, 1, x]
                rows[places[NEAR_TORQUE] + i, x] += torque
                rows[places[NEAR_CORRECTION] + i, x] -= torque / (12 * r * r)
            for l in range(dim):
                part = l * dim + i
                if wanted[NEAR_CURVATURE] or wanted[NEAR_DIPOLE]:
                    current = left[l, m, 0, x] * J[i, m, 1, x] - left[l, m, 1, x] * J[i, m, 0, x]
                    rows[places[NEAR_CURVATURE] + part, x] -= 2 * current * r * r
                    rows[places[NEAR_DIPOLE] + part, x] += current / (12 * r)


@njit
def _curvature_of_single(dim, places, rows):
    """Omega_n s_n above the diagonal."""
    states, s = rows.shape[1], places[EXPECTATION]
    for l in range(dim):
        for i in range(l + 1, dim):
            row, curvature = places[CURVATURE_OPERATOR] + l * dim + i, places[CURVATURE] + l * dim + i
            for x in range(states):
                rows[row, x] = rows[curvature, x] * rows[s, x]


@njit
def _curvature_of_groups(left, v, s, inverse, end_of, largest, lanes, places, rows):
    """sum_b Omega^li_ab s_ba above the diagonal, a and b of one group: -Im (v^l_am q^i_m - v^i_am q^l_m)/omega^2."""
    dim, bands, _, states = v.shape
    q = np.empty((2, dim, states))  # q^i_m = sum_b v^i_mb s_ba
    for m in range(bands):
        q[:] = 0.0
        for a in range(bands):
            for b in range(max(a - largest + 1, 0), min(a + largest, bands)):
                for k in range(lanes):
                    x, y = a * lanes + k, b * lanes + k
                    if end_of[x] != end_of[y]:
                        continue
                    for i in range(dim):
                        q[0, i, x] += v[i, m, 0, y] * s[b, 0, x] - v[i, m, 1, y] * s[b, 1, x]
                        q[1, i, x] += v[i, m, 0, y] * s[b, 1, x] + v[i, m, 1, y] * s[b, 0, x]
        for l in range(dim):
            for i in range(l + 1, dim):
                row = places[CURVATURE_OPERATOR] + l * dim + i
                for x in range(states):
                    here = left[l, m, 0, x] * q[1, i, x] - left[l, m, 1, x] * q[0, i, x]
                    there = left[i, m, 0, x] * q[1, l, x] - left[i, m, 1, x] * q[0, l, x]
                    rows[row, x] -= (here - there) * inverse[m, x] ** 2


@njit
def _antisymmetrize(first, dim, rows):
    """The components below the diagonal of a tensor, from those above."""
    for l in range(dim):
        for i in range(l + 1, dim):
            for x in range(rows.shape[1]):
                rows[first + i * dim + l, x] = -rows[first + l * dim + i, x]


@njit
def average_groups(first, last, end_of, bands, lanes, count, rows):
    """Every row from `first` to `last` becomes its mean over each level's group, at `count` of the lanes."""
    for k in range(count):
        start = 0
        while start < bands:
            end = int(end_of[start * lanes + k])
            if end - start > 1:
                for row in range(first, last):
                    total = 0.0
                    for n in range(start, end):
                        total += rows[row, n * lanes + k]
                    for n in range(start, end):
                        rows[row, n * lanes + k] = total / (end - start)
            start = end
