"""Sums over pairs of levels, for any number of bands, many k-points at a time (compiled; `formulas` is the reference).

Arrays hold matrix elements as m, the real and the imaginary part, then n and k together: x = n lanes + k. Innermost
loops run over x, which the compiler turns into vector instructions; each writes one row of `quantities.packing`, and
reads as few as it can. In every product over a pair the left factor is v_nm: kernels read `left`, (dim, m, 2, x), with
conj(left_mn) = v_nm. That is v itself, but of bosons, where O_nm^* = eta_n eta_m O_mn (`rotations.left_of`).
"""

from __future__ import annotations

import numpy as np

from cc_kernels._complex_lanes import load_pair, plus_conjugate, store_pair
from cc_kernels._lanes import LANES, choose, every, in_eights, load, room_for, size_of, store
from cc_kernels._numba import in_place, njit
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
    GROUP_ENERGY,
    METRIC,
    MIXED,
    NEAR_CORRECTION,
    NEAR_CURVATURE,
    NEAR_DIPOLE,
    NEAR_TORQUE,
    OWN,
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
    dim, bands = v.shape[:2]
    velocity, curvature = places[VELOCITY], places[CURVATURE]
    rows[velocity : places[CLOSE] + 1] = 0.0
    _put_diagonals(v, lanes, rows, velocity)
    left, v, r, out = in_eights(left), in_eights(v), in_eights(inverse), in_eights(rows)
    for m in range(bands):
        _add_squares(v, m, r, close, out, places)
    for m in range(0, bands, 2):
        _add_imaginary(left, v, m, r, True, -2.0, True, out, curvature)
    _antisymmetrize(curvature, dim, rows)


@njit
def curvatures_within(left, v, inverse, together, lanes, wanted):
    """(1 + 2 reach, dim, dim, eights, 2, LANES): Omega^li_ab, l < i, a = n and b = n + d - reach of one group.

    Omega^li_ab = i sum_m (v^l_am v^i_mb - v^i_am v^l_mb)/omega^2.  together : of `group_means.groups_of`, as `reach`.
    Nothing where no group has two levels, or where no curvature times an operator is wanted.
    """
    dim, bands, reach, step = v.shape[0], v.shape[1], together.shape[0] // 2, lanes // LANES
    if reach == 0 or not wanted[CURVATURE_OPERATOR]:
        return room_for(2).reshape(1, 1, 1, 1, 2, LANES)
    states = bands * step
    within = room_for((1 + 2 * reach) * dim**2 * states * 2).reshape(1 + 2 * reach, dim, dim, states, 2, LANES)
    of_pairs = in_eights(left), in_eights(v), in_eights(inverse), in_eights(together)
    for shift in range(-reach, reach + 1):
        for m in range(bands):
            for l in range(dim):
                for i in range(l + 1, dim):
                    _add_within(of_pairs, m, l, i, shift * step, within[reach + shift], reach + shift)
    return within


@in_place
def _add_within(of_pairs, m, l, i, away, within, d):
    """Add one m."""
    left, v, inverse, together = of_pairs
    states = inverse.shape[1]
    for x in range(max(0, -away), min(states, states - away)):
        b, r = x + away, load(inverse, (m, x))
        weight = load(together, (d, x)) * (r * r)
        a_l, a_i = (
            (load(left, (l, m, 0, x)), load(left, (l, m, 1, x))),
            (load(left, (i, m, 0, x)), load(left, (i, m, 1, x))),
        )
        b_l, b_i = (load(v, (l, m, 0, b)), load(v, (l, m, 1, b))), (load(v, (i, m, 0, b)), load(v, (i, m, 1, b)))
        total = plus_conjugate((every(0.0), every(0.0)), a_l, b_i)
        other = plus_conjugate((every(0.0), every(0.0)), a_i, b_l)
        re, im = (total[0] - other[0]) * weight, (total[1] - other[1]) * weight
        before = load_pair(within, (l, i, x))
        store_pair(within, (l, i, x), (before[0] - im, before[1] + re))


@njit
def fill_own(left, v, s, J, sA, inverse, far, has_near, within, lanes, places, wanted, rows):
    """The rows of one operator, without means over groups.

    Parameters
    ----------
    left, v, J, sA : (dim, m, 2, x), s : (m, 2, x), real and imaginary parts; J = (v s + s v)/2,
        A_mn = i v_mn/(eps_n - eps_m). J and sA are read only where something that is wanted needs them.
    within : of `curvatures_within`.  far, has_near : of `fill_far`, read where something of `DIVIDED` is wanted.
    """
    dim, bands, _, states = v.shape
    for quantity, indices in OWN:
        if wanted[quantity]:
            rows[places[quantity] : places[quantity] + dim**indices] = 0.0
    s_alone = s.reshape(1, bands, 2, states)
    _put_diagonals(s_alone, lanes, rows, places[EXPECTATION])
    if wanted[CURRENT]:
        _put_diagonals(J, lanes, rows, places[CURRENT])
    of_pairs = in_eights(left), in_eights(s_alone), in_eights(J), in_eights(sA), in_eights(inverse), in_eights(far)
    _add_pairs(of_pairs, places, wanted, in_eights(rows))
    if wanted[NEAR_TORQUE] or wanted[NEAR_CORRECTION] or wanted[NEAR_DIPOLE] or wanted[NEAR_CURVATURE]:
        for m in range(bands):
            if has_near[m]:
                _near(left, s, J, inverse[m], far[m], m, places, wanted, rows)
    if wanted[CURVATURE_OPERATOR]:
        if within.shape[0] == 1:
            _curvature_of_single(dim, places, rows)
        else:
            _curvature_of_groups(within, in_eights(s_alone), lanes, in_eights(rows), places[CURVATURE_OPERATOR])
        _antisymmetrize(places[CURVATURE_OPERATOR], dim, rows)
    if wanted[MIXED]:
        _antisymmetrize(places[MIXED], dim, rows)


@in_place
def _add_pairs(of_pairs, places, wanted, rows):
    """Add all pairs to what is wanted of one operator, near ones apart."""
    left, s, J, sA, r, far = of_pairs
    for m in range(0, left.shape[1], 2):
        if wanted[DIPOLE]:
            _add_imaginary(left, s, m, r, False, 1.0, False, rows, places[DIPOLE])
        if wanted[TORQUE]:
            _add_torque(left, s, m, r, rows, places[TORQUE])
        if wanted[TORQUE_CURVATURE]:
            _add_real(left, s, m, r, 2.0, False, rows, places[TORQUE_CURVATURE])
        if wanted[CURRENT_DIPOLE]:
            _add_imaginary(left, J, m, r, False, 1.0, False, rows, places[CURRENT_DIPOLE])
        if wanted[S_CURVATURE]:
            _add_imaginary(left, J, m, r, True, -2.0, False, rows, places[S_CURVATURE])
        if wanted[MIXED]:  # 2 Im (s A^l)_mn A^i_nm, A_nm = -i v_nm inverse
            _add_real(sA, left, m, r, -2.0, True, rows, places[MIXED])
        if wanted[FAR_TORQUE]:
            _add_real(left, s, m, far, 2.0, False, rows, places[FAR_TORQUE])
        if wanted[FAR_DIPOLE]:
            _add_imaginary(left, J, m, far, False, 1.0, False, rows, places[FAR_DIPOLE])
        if wanted[FAR_CURVATURE]:
            _add_imaginary(left, J, m, far, True, -2.0, False, rows, places[FAR_CURVATURE])


@in_place
def _add_imaginary(a, b, m, weight, is_squared, factor, is_upper, rows, first):
    """Add factor Im a^l_mn^* b^i_mn weight, or weight^2, of m and m + 1 to the tensor whose rows begin at `first`.

    a, b : (some directions, m, 2, eights, LANES); with `is_upper` only i > l.
    """
    last = a.shape[1] - 1
    m1 = min(m + 1, last)
    factor = factor / 2 if m == last else factor  # which then counts twice
    for x in range(rows.shape[1]):
        w, w1 = load(weight, (m, x)), load(weight, (m1, x))
        if is_squared:
            w, w1 = w * w, w1 * w1
        w, w1 = w * factor, w1 * factor
        for l in range(a.shape[0]):
            re, im = load(a, (l, m, 0, x)) * w, load(a, (l, m, 1, x)) * w
            re1, im1 = load(a, (l, m1, 0, x)) * w1, load(a, (l, m1, 1, x)) * w1
            for i in range(l + 1 if is_upper else 0, b.shape[0]):
                place = (first + l * b.shape[0] + i, x)
                total = load(rows, place) + re * load(b, (i, m, 1, x)) - im * load(b, (i, m, 0, x))
                store(rows, place, total + re1 * load(b, (i, m1, 1, x)) - im1 * load(b, (i, m1, 0, x)))


@in_place
def _add_real(a, b, m, weight, factor, is_upper, rows, first):
    """Add factor Re a^l_mn^* b^i_mn weight, as above."""
    last = a.shape[1] - 1
    m1 = min(m + 1, last)
    factor = factor / 2 if m == last else factor
    for x in range(rows.shape[1]):
        w, w1 = load(weight, (m, x)) * factor, load(weight, (m1, x)) * factor
        for l in range(a.shape[0]):
            re, im = load(a, (l, m, 0, x)) * w, load(a, (l, m, 1, x)) * w
            re1, im1 = load(a, (l, m1, 0, x)) * w1, load(a, (l, m1, 1, x)) * w1
            for i in range(l + 1 if is_upper else 0, b.shape[0]):
                place = (first + l * b.shape[0] + i, x)
                total = load(rows, place) + re * load(b, (i, m, 0, x)) + im * load(b, (i, m, 1, x))
                store(rows, place, total + re1 * load(b, (i, m1, 0, x)) + im1 * load(b, (i, m1, 1, x)))


@in_place
def _add_torque(left, s, m, inverse, rows, first):
    """Add -Re v^i_nm s_mn between different levels, of m and m + 1."""
    for one in range(m, min(m + 2, left.shape[1])):
        for x in range(rows.shape[1]):
            is_same = load(inverse, (one, x)) == 0.0
            for i in range(left.shape[0]):
                torque = load(left, (i, one, 0, x)) * load(s, (0, one, 0, x))
                torque = torque + load(left, (i, one, 1, x)) * load(s, (0, one, 1, x))
                total = load(rows, (first + i, x))
                store(rows, (first + i, x), choose(is_same, total, total - torque))


@in_place
def _add_squares(v, m, inverse, close, rows, places):
    """Add |v^i_mn|^2, and that over omega^2, of all levels and of close ones."""
    square, metric, near = places[SQUARE], places[METRIC], places[CLOSE]
    for x in range(rows.shape[1]):
        r, size = load(inverse, (m, x)), every(0.0)
        for i in range(v.shape[0]):
            re, im = load(v, (i, m, 0, x)), load(v, (i, m, 1, x))
            size = size + re * re + im * im
        share = size * (r * r)
        is_close = every(1.0) < size_of(r) * close
        store(rows, (square, x), load(rows, (square, x)) + size)
        store(rows, (metric, x), load(rows, (metric, x)) + share)
        store(rows, (near, x), load(rows, (near, x)) + choose(is_close, share, every(0.0)))


@in_place
def _put_diagonals(matrices, lanes, rows, first):
    """rows[first + i] = the real diagonal elements of matrices[i]."""
    dim, bands = matrices.shape[:2]
    for i in range(dim):
        for n in range(bands):
            for x in range(n * lanes, (n + 1) * lanes):
                rows[first + i, x] = matrices[i, n, 0, x]


@in_place
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


@in_place
def _curvature_of_single(dim, places, rows):
    """Omega_n s_n above the diagonal."""
    states, s = rows.shape[1], places[EXPECTATION]
    for l in range(dim):
        for i in range(l + 1, dim):
            row, curvature = places[CURVATURE_OPERATOR] + l * dim + i, places[CURVATURE] + l * dim + i
            for x in range(states):
                rows[row, x] = rows[curvature, x] * rows[s, x]


@in_place
def _curvature_of_groups(within, s, lanes, rows, first):
    """sum_b Omega^li_ab s_ba above the diagonal, a and b of one group.

    within : of `curvatures_within`.
    """
    bands, dim = s.shape[1], within.shape[1]
    step, reach = lanes // LANES, within.shape[0] // 2
    for l in range(dim):
        for i in range(l + 1, dim):
            for n in range(bands):
                for x in range(n * step, (n + 1) * step):
                    total = every(0.0)
                    for shift in range(max(-reach, -n), min(reach, bands - 1 - n) + 1):
                        re, im = load_pair(within, (reach + shift, l, i, x))
                        s_re, s_im = load(s, (0, n + shift, 0, x)), load(s, (0, n + shift, 1, x))
                        total = total + re * s_re - im * s_im
                    store(rows, (first + l * dim + i, x), total)


@in_place
def _antisymmetrize(first, dim, rows):
    """The components below the diagonal of a tensor, from those above."""
    for l in range(dim):
        for i in range(l + 1, dim):
            for x in range(rows.shape[1]):
                rows[first + i * dim + l, x] = -rows[first + l * dim + i, x]
