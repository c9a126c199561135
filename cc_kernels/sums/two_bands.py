"""Two bands in closed form: H = a + b.sigma, v^i = a_i + b_i.sigma, s = s_0 + s.sigma (compiled).

The band of sign p has the energy a + p |b|, and with n = b/|b|, <p| x.sigma |-p><-p| y.sigma |p> is
x.y - (x.n)(y.n) + i p n.(x × y). So no eigenvector is needed. Rows are those of `quantities.packing`; a row holds the
lower band at all k-points of a block, then the upper one.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import njit
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
from cc_kernels.sums.columns import APART, HIGHEST, fill_columns, fill_powers, fill_sizes, fill_speed
from cc_kernels.sums.splines import spread

LANES = 128
"""k-points of a block: its rows stay in the first cache."""


@njit
def sum_two_bands(
    levels, operators, norms, weights, tolerances, places, wanted, shared, own, axis, sums, absolute, below, fastest
):
    """Add the states at k-points with two bands to sums.

    Parameters
    ----------
    levels : (4 + 4 dim, points), H and the v^i as coefficients of 1, sigma_x, sigma_y, sigma_z.
    operators : (operators, 4), likewise.  norms : (operators,).  weights : (points,).
    tolerances : of degeneracy, of closeness, and of near pairs, eV.
    places, wanted : of `quantities`.
    shared, own : of `Plan.terms`, for the columns of no operator and for those of each.
    axis, sums, absolute, below, fastest : of `splines.spread`.
    """
    dim, points = levels.shape[0] // 4 - 1, levels.shape[1]
    rows = np.zeros((places[-1], 2 * LANES))
    rows[0] = 1.0
    values, sizes = np.zeros((sums.shape[1], 2 * LANES + APART)), np.zeros((sums.shape[1], 2 * LANES + APART))
    powers, squared_speed, counts = np.zeros((HIGHEST**2, 2 * LANES)), np.zeros(2 * LANES), np.zeros(2 * LANES)
    here = np.zeros((4 + 4 * dim, LANES))
    inverse, apart = np.zeros(LANES), np.zeros(LANES)  # 1/2|b|, and 1; 0 where the two levels are one group
    normal, along = np.zeros((3, LANES)), np.zeros((dim, LANES))  # n, b_i.n
    circulation = np.zeros((dim, dim, LANES))  # n.(b_l × b_i)
    projection, torque, swirl = np.zeros(LANES), np.zeros((dim, LANES)), np.zeros((dim, LANES))
    energy = places[GROUP_ENERGY]
    for start in range(0, points, LANES):
        count = min(LANES, points - start)
        for band in range(2):
            for x in range(LANES):  # lanes without a point count nothing
                counts[band * LANES + x] = weights[start + x] if x < count else 0.0
        for part in range(here.shape[0]):
            for x in range(count):
                here[part, x] = levels[part, start + x]
        _directions(here, tolerances[0], inverse, apart, normal, along, circulation)
        _shared_rows(here, tolerances[1], inverse, apart, along, circulation, places, rows)
        fill_powers(rows, places[SQUARE], places[METRIC], powers)
        fill_speed(rows, places[VELOCITY], dim, squared_speed)
        fill_columns(rows, shared[0], shared[1], 0, values)
        fill_sizes(powers, shared[2], 1.0, 0, values, sizes)
        first = shared[2].shape[0]
        for index in range(operators.shape[0]):
            s = operators[index]
            _products(here, s, normal, along, projection, torque, swirl)
            _own_rows(
                here, s, tolerances[2], inverse, apart, along, circulation, projection, torque, swirl, places, wanted,
                rows,
            )  # fmt: skip
            fill_columns(rows, own[0], own[1], first, values)
            fill_sizes(powers, own[2], norms[index], first, values, sizes)
            first += own[2].shape[0]
        spread(rows[energy], squared_speed, counts, values, sizes, axis, sums, absolute, below, fastest)


@njit
def _directions(here, tolerance, inverse, apart, normal, along, circulation):
    """What the levels and velocities are without an operator."""
    dim = along.shape[0]
    for x in range(LANES):
        length = np.sqrt(here[1, x] ** 2 + here[2, x] ** 2 + here[3, x] ** 2)
        rounding = ROUNDING * (abs(here[0, x]) + length)
        apart[x] = 1.0 if 2 * length > max(tolerance, rounding) else 0.0
        inverse[x] = apart[x] / (2 * length + (1.0 - apart[x]))
    for c in range(3):
        for x in range(LANES):
            normal[c, x] = 2 * here[1 + c, x] * inverse[x]
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


@njit
def _shared_rows(here, close, inverse, apart, along, circulation, places, rows):
    """The rows that know no operator."""
    dim = along.shape[0]
    energy, mean, below = places[ENERGY], places[GROUP_ENERGY], places[BELOW]
    v, square, metric, near = places[VELOCITY], places[SQUARE], places[METRIC], places[CLOSE]
    for band in range(2):
        p, at = 2.0 * band - 1.0, band * LANES
        for x in range(LANES):
            length = np.sqrt(here[1, x] ** 2 + here[2, x] ** 2 + here[3, x] ** 2)
            rows[energy, at + x] = here[0, x] + p * length
        for x in range(LANES):
            rows[mean, at + x] = rows[energy, at + x] if apart[x] > 0 else here[0, x]
        for x in range(LANES):
            rows[below, at + x] = (1 - np.sign(rows[mean, at + x])) / 2
        for x in range(LANES):
            rows[square, at + x] = 0.0
        for x in range(LANES):
            rows[metric, at + x] = 0.0
        for i in range(dim):
            b = 4 + 4 * i
            for x in range(LANES):
                rows[v + i, at + x] = here[b, x] + p * along[i, x]
            for x in range(LANES):  # <v_i^2> = a_i^2 + b_i^2 + 2 p a_i b_i.n
                rows[square, at + x] += (
                    here[b, x] * (here[b, x] + 2 * p * along[i, x])
                    + here[b + 1, x] ** 2
                    + here[b + 2, x] ** 2
                    + here[b + 3, x] ** 2
                )
            for x in range(LANES):  # |v_i,nm|^2
                across = here[b + 1, x] ** 2 + here[b + 2, x] ** 2 + here[b + 3, x] ** 2 - along[i, x] ** 2
                rows[metric, at + x] += max(across, 0.0) * inverse[x] ** 2
        for x in range(LANES):
            rows[near, at + x] = rows[metric, at + x] if inverse[x] * close > 1 else 0.0
        for l in range(dim):
            for i in range(dim):
                row = places[CURVATURE] + l * dim + i
                for x in range(LANES):
                    rows[row, at + x] = -2 * p * circulation[l, i, x] * inverse[x] ** 2


@njit
def _products(here, s, normal, along, projection, torque, swirl):
    """projection = s.n, torque_i = Re v^i_nm s_mn = b_i.s - (b_i.n)(s.n), swirl_i = n.(b_i × s) = p Im v^i_nm s_mn."""
    for x in range(LANES):
        projection[x] = s[1] * normal[0, x] + s[2] * normal[1, x] + s[3] * normal[2, x]
    for i in range(along.shape[0]):
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


@njit
def _own_rows(
    here, s, near, inverse, apart, along, circulation, projection, torque, swirl, places, wanted, rows
):  # fmt: skip
    """The rows of one operator."""
    dim = along.shape[0]
    s_0, s_1, s_2, s_3 = s[0], s[1], s[2], s[3]
    expectation = places[EXPECTATION]
    for band in range(2):
        p, at = 2.0 * band - 1.0, band * LANES
        for x in range(LANES):
            rows[expectation, at + x] = s_0 + p * projection[x]
        for i in range(dim):
            a = 4 + 4 * i
            if wanted[DIPOLE]:
                row = places[DIPOLE] + i
                for x in range(LANES):
                    rows[row, at + x] = swirl[i, x] * inverse[x]
            if wanted[TORQUE]:
                row = places[TORQUE] + i
                for x in range(LANES):
                    rows[row, at + x] = -torque[i, x] * apart[x]
            if wanted[TORQUE_CURVATURE]:
                row = places[TORQUE_CURVATURE] + i
                for x in range(LANES):
                    rows[row, at + x] = 2 * p * torque[i, x] * inverse[x]
            if wanted[CURRENT]:  # (v s + s v)/2 = a_i s_0 + b_i.s + (a_i s + s_0 b_i).sigma
                row = places[CURRENT] + i
                for x in range(LANES):
                    rows[row, at + x] = here[a, x] * (s_0 + p * projection[x]) + p * s_0 * along[i, x]
                for x in range(LANES):
                    rows[row, at + x] += here[a + 1, x] * s_1 + here[a + 2, x] * s_2 + here[a + 3, x] * s_3
            if wanted[FAR_TORQUE]:
                row = places[FAR_TORQUE] + i
                for x in range(LANES):
                    rows[row, at + x] = 0.0 if inverse[x] * near > 1 else 2 * p * torque[i, x] * inverse[x]
            if wanted[NEAR_TORQUE]:
                row = places[NEAR_TORQUE] + i
                for x in range(LANES):
                    rows[row, at + x] = torque[i, x] if inverse[x] * near > 1 else 0.0
            if wanted[NEAR_CORRECTION]:
                row = places[NEAR_CORRECTION] + i
                for x in range(LANES):
                    share = -torque[i, x] / (12 * (inverse[x] + (1 - apart[x])) ** 2)
                    rows[row, at + x] = share if inverse[x] * near > 1 else 0.0
        for l in range(dim):
            for i in range(dim):
                a, part = 4 + 4 * i, l * dim + i
                curvature = places[CURVATURE] + part
                if wanted[CURVATURE_OPERATOR] and l != i:
                    row = places[CURVATURE_OPERATOR] + part
                    for x in range(LANES):
                        rows[row, at + x] = rows[curvature, at + x] * (s_0 + p * projection[x])
                if wanted[MIXED] and l != i:  # s_mp between the states outside: the expectation of the other band
                    row = places[MIXED] + part
                    for x in range(LANES):
                        rows[row, at + x] = rows[curvature, at + x] * (s_0 - p * projection[x])
                # p Im v^l_nm J^is_mn = n.(b_l × (a_i s + s_0 b_i))
                if wanted[CURRENT_DIPOLE]:
                    row = places[CURRENT_DIPOLE] + part
                    for x in range(LANES):
                        rows[row, at + x] = (here[a, x] * swirl[l, x] + s_0 * circulation[l, i, x]) * inverse[x]
                if wanted[S_CURVATURE]:
                    row = places[S_CURVATURE] + part
                    for x in range(LANES):
                        current = here[a, x] * swirl[l, x] + s_0 * circulation[l, i, x]
                        rows[row, at + x] = -2 * p * current * inverse[x] ** 2
                if wanted[FAR_DIPOLE]:
                    row = places[FAR_DIPOLE] + part
                    for x in range(LANES):
                        current = here[a, x] * swirl[l, x] + s_0 * circulation[l, i, x]
                        rows[row, at + x] = 0.0 if inverse[x] * near > 1 else current * inverse[x]
                if wanted[FAR_CURVATURE]:
                    row = places[FAR_CURVATURE] + part
                    for x in range(LANES):
                        current = here[a, x] * swirl[l, x] + s_0 * circulation[l, i, x]
                        rows[row, at + x] = 0.0 if inverse[x] * near > 1 else -2 * p * current * inverse[x] ** 2
                if wanted[NEAR_CURVATURE]:
                    row = places[NEAR_CURVATURE] + part
                    for x in range(LANES):
                        current = here[a, x] * swirl[l, x] + s_0 * circulation[l, i, x]
                        rows[row, at + x] = -2 * p * current * inverse[x] ** 2 if inverse[x] * near > 1 else 0.0
                if wanted[NEAR_DIPOLE]:
                    row = places[NEAR_DIPOLE] + part
                    for x in range(LANES):
                        current = here[a, x] * swirl[l, x] + s_0 * circulation[l, i, x]
                        share = current / (12 * (inverse[x] + (1 - apart[x])))
                        rows[row, at + x] = share if inverse[x] * near > 1 else 0.0
