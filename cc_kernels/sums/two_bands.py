"""Two bands in closed form: H = a + b.sigma, v^i = a_i + b_i.sigma, s = s_0 + s.sigma (compiled).

The band of sign p has the energy a + p |b|, and with n = b/|b|, <p| x.sigma |-p><-p| y.sigma |p> is
x.y - (x.n)(y.n) + i p n.(x × y). So no eigenvector is needed. Rows are those of `quantities.packing`; a row holds the
lower band at all k-points of a block, then the upper one.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import in_place, njit
from cc_kernels.geometry.groups import ROUNDING
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
    S_CURVATURE,
    SQUARE,
    TORQUE,
    TORQUE_CURVATURE,
    VELOCITY,
)
from cc_kernels.sums.columns import (
    APART,
    HIGHEST,
    add_images,
    fill_columns,
    fill_powers,
    fill_sizes,
    fill_speed,
    powers_of,
    rows_read,
)
from cc_kernels.sums.splines import spread

LANES = 128
"""k-points of a block: its rows stay in the first cache."""


@njit
def sum_two_bands(
    levels, operators, norms, weights, tolerances, images, places, shared, own, axis, sums, absolute, below, fastest
):
    """Add the states at k-points with two bands to sums.

    Parameters
    ----------
    levels : (4 + 4 dim, points), H and the v^i as coefficients of 1, sigma_x, sigma_y, sigma_z.
    operators : (operators, 4), likewise.  norms : (operators,).  weights : (points,).
    tolerances : of degeneracy, of closeness, and of near pairs, eV.
    images : of `rotated_columns.Images`.  places : of `quantities`.
    shared, own : of `Plan.terms`, for the columns of no operator and for those of each.
    axis, sums, absolute, below, fastest : of `splines.spread`.
    """
    dim, points = levels.shape[0] // 4 - 1, levels.shape[1]
    rows = np.zeros((places[-1], 2 * LANES))
    rows[0] = 1.0
    values, sizes = np.zeros((sums.shape[1], 2 * LANES + APART)), np.zeros((sums.shape[1], 2 * LANES + APART))
    powers, squared_speed, counts = np.zeros((HIGHEST**2, 2 * LANES)), np.zeros(2 * LANES), np.zeros(2 * LANES)
    image = np.zeros(2 * LANES)
    used, read = powers_of(shared[2], own[2]), rows_read(shared[0], own[0], rows.shape[0])
    here, length, factors = np.zeros((4 + 4 * dim, LANES)), np.zeros(LANES), np.zeros((FACTORS, LANES))
    normal, along = np.zeros((3, LANES)), np.zeros((dim, LANES))  # n, b_i.n
    circulation = np.zeros((dim, dim, LANES))  # n.(b_l × b_i)
    projection, torque, swirl = np.zeros(LANES), np.zeros((dim, LANES)), np.zeros((dim, LANES))
    current = np.zeros((dim, dim, LANES))
    energy = places[GROUP_ENERGY]
    for start in range(0, points, LANES):
        count = min(LANES, points - start)
        for band in range(2):
            for x in range(LANES):  # lanes without a point count nothing
                counts[band * LANES + x] = weights[start + x] if x < count else 0.0
        for part in range(here.shape[0]):
            for x in range(count):
                here[part, x] = levels[part, start + x]
        _fill_factors(here, tolerances, length, factors)
        _directions(here, factors, normal, along, circulation)
        _shared_rows(here, tolerances[1], length, factors, along, circulation, places, read, rows)
        fill_powers(rows, places[SQUARE], places[METRIC], used, powers)
        fill_speed(rows, places[VELOCITY], dim, squared_speed)
        fill_columns(rows, shared[0], shared[1], 0, values)
        fill_sizes(powers, shared[2], 1.0, 0, values, sizes)
        first = shared[2].shape[0]
        for index in range(operators.shape[0]):
            s = operators[index]
            _products(here, s, normal, along, circulation, projection, torque, swirl, current)
            _expectations(here, s, along, projection, places, read, rows)
            _pair_rows(factors, torque, swirl, current, places, read, rows)
            fill_columns(rows, own[0], own[1], first, values)
            fill_sizes(powers, own[2], norms[index], first, values, sizes)
            first += own[2].shape[0]
        add_images(images, powers, values, image, sizes)
        spread(rows[energy], squared_speed, counts, values, sizes, axis, sums, absolute, below, fastest)


FACTORS = 9
ONE, PER_GAP, PER_GAP2, FAR_PER_GAP, FAR_PER_GAP2, NEAR, NEAR_PER_GAP2, NEAR_GAP, NEAR_GAP2 = range(FACTORS)
"""What pair sums are multiplied by: powers of the gap 2|b|; 0 where the two levels are one group."""


@in_place
def _fill_factors(here, tolerances, length, factors):
    """length = |b|, and the factors (`FACTORS`, LANES)."""
    tolerance, near = tolerances[0], tolerances[2]
    for x in range(LANES):
        length[x] = np.sqrt(here[1, x] ** 2 + here[2, x] ** 2 + here[3, x] ** 2)
        rounding = ROUNDING * (abs(here[0, x]) + length[x])
        apart = 1.0 if 2 * length[x] > max(tolerance, rounding) else 0.0
        inverse = apart / (2 * length[x] + (1.0 - apart))
        factors[ONE, x], factors[PER_GAP, x], factors[PER_GAP2, x] = apart, inverse, inverse * inverse
    for x in range(LANES):
        is_near = 1.0 if factors[PER_GAP, x] * near > 1 else 0.0
        gap = 2 * length[x] * is_near
        factors[NEAR, x], factors[NEAR_GAP, x], factors[NEAR_GAP2, x] = is_near, gap, gap * gap
        factors[NEAR_PER_GAP2, x] = factors[PER_GAP2, x] * is_near
        factors[FAR_PER_GAP, x] = factors[PER_GAP, x] * (1.0 - is_near)
        factors[FAR_PER_GAP2, x] = factors[PER_GAP2, x] * (1.0 - is_near)


@in_place
def _directions(here, factors, normal, along, circulation):
    """What the levels and velocities are without an operator."""
    dim = along.shape[0]
    for c in range(3):
        for x in range(LANES):
            normal[c, x] = 2 * here[1 + c, x] * factors[PER_GAP, x]
    for i in range(dim):
        b = 4 + 4 * i
        for x in range(LANES):
            along[i, x] = here[b + 1, x] * normal[0, x] + here[b + 2, x] * normal[1, x] + here[b + 3, x] * normal[2, x]
    for l in range(dim):
        for i in range(l + 1, dim):
            p, q = 4 + 4 * l, 4 + 4 * i
            for x in range(LANES):
                circulation[l, i, x] = (
                    normal[0, x] * (here[p + 2, x] * here[q + 3, x] - here[p + 3, x] * here[q + 2, x])
                    + normal[1, x] * (here[p + 3, x] * here[q + 1, x] - here[p + 1, x] * here[q + 3, x])
                    + normal[2, x] * (here[p + 1, x] * here[q + 2, x] - here[p + 2, x] * here[q + 1, x])
                )
            for x in range(LANES):
                circulation[i, l, x] = -circulation[l, i, x]


@in_place
def _shared_rows(here, close, length, factors, along, circulation, places, read, rows):
    """The rows that know no operator."""
    dim, upper = along.shape[0], LANES
    energy, mean, below = places[ENERGY], places[GROUP_ENERGY], places[BELOW]
    v, square, metric, near = places[VELOCITY], places[SQUARE], places[METRIC], places[CLOSE]
    for x in range(LANES):
        half = length[x] * factors[ONE, x]
        rows[energy, x], rows[energy, upper + x] = here[0, x] - length[x], here[0, x] + length[x]
        rows[mean, x], rows[mean, upper + x] = here[0, x] - half, here[0, x] + half
    if read[below]:
        for x in range(2 * LANES):
            rows[below, x] = (1 - np.sign(rows[mean, x])) / 2
    for x in range(LANES):
        rows[square, x] = rows[square, upper + x] = rows[metric, x] = 0.0
    for i in range(dim):
        b = 4 + 4 * i
        for x in range(LANES):
            rows[v + i, x], rows[v + i, upper + x] = here[b, x] - along[i, x], here[b, x] + along[i, x]
        for x in range(LANES):
            size = here[b + 1, x] ** 2 + here[b + 2, x] ** 2 + here[b + 3, x] ** 2
            # <v_i^2> = a_i^2 + b_i^2 + 2 p a_i b_i.n
            mixed = 2 * here[b, x] * along[i, x]
            rows[square, x] += here[b, x] ** 2 + size - mixed
            rows[square, upper + x] += here[b, x] ** 2 + size + mixed
            rows[metric, x] += max(size - along[i, x] ** 2, 0.0) * factors[PER_GAP2, x]  # |v_i,nm|^2/gap^2
    for x in range(LANES):
        is_close = 1.0 if factors[PER_GAP, x] * close > 1 else 0.0
        rows[metric, upper + x] = rows[metric, x]
        rows[near, x] = rows[near, upper + x] = rows[metric, x] * is_close
    for l in range(dim):
        for i in range(dim):
            part = l * dim + i
            row = places[CURVATURE] + part
            if read[row] or read[places[CURVATURE_OPERATOR] + part] or read[places[MIXED] + part]:
                _fill(rows, row, 2.0, -2.0, circulation[l, i], factors[PER_GAP2])


@in_place
def _fill(rows, row, lower, upper, numbers, factors):
    """The row holds the product of numbers and factors, times `lower` in the lower band and `upper` in the other."""
    for x in range(LANES):
        product = numbers[x] * factors[x]
        rows[row, x] = lower * product
        rows[row, LANES + x] = upper * product


@in_place
def _products(here, s, normal, along, circulation, projection, torque, swirl, current):
    """What pair sums of one operator are made of.

    projection = s.n, torque_i = Re v^i_nm s_mn = b_i.s - (b_i.n)(s.n), swirl_i = n.(b_i × s) = p Im v^i_nm s_mn, and
    current_li = n.(b_l × (a_i s + s_0 b_i)) = p Im v^l_nm J^is_mn.
    """
    dim = along.shape[0]
    for x in range(LANES):
        projection[x] = s[1] * normal[0, x] + s[2] * normal[1, x] + s[3] * normal[2, x]
    for i in range(dim):
        b = 4 + 4 * i
        for x in range(LANES):
            torque[i, x] = here[b + 1, x] * s[1] + here[b + 2, x] * s[2] + here[b + 3, x] * s[3]
        for x in range(LANES):
            torque[i, x] -= along[i, x] * projection[x]
        for x in range(LANES):
            swirl[i, x] = (
                here[b + 1, x] * (s[2] * normal[2, x] - s[3] * normal[1, x])
                + here[b + 2, x] * (s[3] * normal[0, x] - s[1] * normal[2, x])
                + here[b + 3, x] * (s[1] * normal[1, x] - s[2] * normal[0, x])
            )
    for l in range(dim):
        for i in range(dim):
            for x in range(LANES):
                current[l, i, x] = here[4 + 4 * i, x] * swirl[l, x] + s[0] * circulation[l, i, x]


@in_place
def _expectations(here, s, along, projection, places, read, rows):
    """The rows of one operator that are expectation values, and curvatures times these."""
    dim, expectation, curvatures = along.shape[0], places[EXPECTATION], places[CURVATURE]
    for band in range(2):
        p, at = 2.0 * band - 1.0, band * LANES
        for x in range(LANES):
            rows[expectation, at + x] = s[0] + p * projection[x]
        for i in range(dim):  # (v s + s v)/2 = a_i s_0 + b_i.s + (a_i s + s_0 b_i).sigma
            row, a = places[CURRENT] + i, 4 + 4 * i
            if read[row]:
                for x in range(LANES):
                    rows[row, at + x] = here[a, x] * rows[expectation, at + x] + p * s[0] * along[i, x]
                for x in range(LANES):
                    rows[row, at + x] += here[a + 1, x] * s[1] + here[a + 2, x] * s[2] + here[a + 3, x] * s[3]
        for part in range(dim * dim):
            row = places[CURVATURE_OPERATOR] + part
            if read[row]:
                for x in range(LANES):
                    rows[row, at + x] = rows[curvatures + part, at + x] * (s[0] + p * projection[x])
            row = places[MIXED] + part
            if read[row]:  # s_mp between the states outside: the expectation of the other band
                for x in range(LANES):
                    rows[row, at + x] = rows[curvatures + part, at + x] * (s[0] - p * projection[x])


@in_place
def _pair_rows(factors, torque, swirl, current, places, read, rows):
    """The rows of one operator that are sums over the other level."""
    dim = swirl.shape[0]
    for i in range(dim):
        _fill_if(read, rows, places[DIPOLE] + i, 1.0, 1.0, swirl[i], factors[PER_GAP])
        _fill_if(read, rows, places[TORQUE] + i, -1.0, -1.0, torque[i], factors[ONE])
        _fill_if(read, rows, places[TORQUE_CURVATURE] + i, -2.0, 2.0, torque[i], factors[PER_GAP])
        _fill_if(read, rows, places[FAR_TORQUE] + i, -2.0, 2.0, torque[i], factors[FAR_PER_GAP])
        _fill_if(read, rows, places[NEAR_TORQUE] + i, 1.0, 1.0, torque[i], factors[NEAR])
        _fill_if(read, rows, places[NEAR_CORRECTION] + i, -1 / 12, -1 / 12, torque[i], factors[NEAR_GAP2])
    for l in range(dim):
        for i in range(dim):
            pair, part = current[l, i], l * dim + i
            _fill_if(read, rows, places[CURRENT_DIPOLE] + part, 1.0, 1.0, pair, factors[PER_GAP])
            _fill_if(read, rows, places[S_CURVATURE] + part, 2.0, -2.0, pair, factors[PER_GAP2])
            _fill_if(read, rows, places[FAR_DIPOLE] + part, 1.0, 1.0, pair, factors[FAR_PER_GAP])
            _fill_if(read, rows, places[FAR_CURVATURE] + part, 2.0, -2.0, pair, factors[FAR_PER_GAP2])
            _fill_if(read, rows, places[NEAR_CURVATURE] + part, 2.0, -2.0, pair, factors[NEAR_PER_GAP2])
            _fill_if(read, rows, places[NEAR_DIPOLE] + part, 1 / 12, 1 / 12, pair, factors[NEAR_GAP])


@in_place
def _fill_if(read, rows, row, lower, upper, numbers, factors):
    if read[row]:
        _fill(rows, row, lower, upper, numbers, factors)
