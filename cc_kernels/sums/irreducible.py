"""Of a range of a grid's points, those that stand for all their images (compiled).

A point stands for its orbit where its key is the smallest of all: first its index along the first axis, scrambled, so
that every range of points, and every shard, has its share; then the flat index in the axes that follow. Nothing is
stored: the images of the points of a line along the last axis are integer arithmetic, and an image whose first index
is the same all along a line decides for all its points at once.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import in_place, njit

AXES = 3
"""Grids of fewer axes have leading ones with a single point."""
_BITS = 27
_SCRAMBLE = 82950843
"""The golden ratio of 2^27, odd: multiples of it, modulo 2^27, are evenly spread over any range of indices, of which
there are 2^24 at most (`limits.POINTS_PER_AXIS`)."""
_MASK = 2**_BITS - 1
_REST = 36
"""Bits of the other axes' flat index (`limits.POINTS`)."""


@njit
def irreducible_points(counts, stride, offset, first, last, points, is_periodic, maps, shifts, found, orbits):
    """Flat indices in the whole grid of irreducible points, and how many each stands for; returns their number.

    Parameters
    ----------
    counts, stride, offset : (3,), int, (3,): points j_a = offset_a + stride n, n = 0 .. counts_a - 1.
    first, last : range of flat indices among these.
    points : (3,) of the whole grid.  is_periodic : are indices taken modulo these?
    maps, shifts : (operations, 3, 3), (operations, 3) int64: j -> maps @ j + shifts, a group; first the identity.
    found, orbits : (at least last - first,) int64, filled.
    """
    along, total, operations = counts[2], 0, maps.shape[0]
    leading = 0
    while leading < AXES - 1 and points[leading] == 1:
        leading += 1
    key, image = np.empty(along, np.int64), np.empty(along, np.int64)
    smaller, same = np.empty(along, np.int64), np.empty(along, np.int64)
    fixed, start_at = np.empty(operations, np.int64), np.empty((operations, AXES), np.int64)
    for line in range(first // along, (last + along - 1) // along):
        start, stop = max(first - line * along, 0), min(last - line * along, along)
        j0, j1 = offset[0] + stride * (line // counts[1]), offset[1] + stride * (line % counts[1])
        j2, number = offset[2] + stride * start, stop - start
        own = -1 if leading == AXES - 1 else _scrambled(j0 if leading == 0 else j1)
        if _is_reducible(maps, shifts, j0, j1, j2, points, is_periodic, leading, own, start_at, fixed):
            continue
        for x in range(number):
            smaller[x] = 0
            same[x] = 0
        for g in range(operations):
            if fixed[g] > own:  # its images have larger keys
                continue
            to = key if g == 0 else image  # the first operation is the identity
            for x in range(number):
                to[x] = 0
            for a in range(leading + 1, AXES):
                _add_axis(start_at[g, a], maps[g, a, 2] * stride, points[a], is_periodic, number, to)
            _add_first(start_at[g, leading], maps[g, leading, 2] * stride, points[leading], is_periodic, number, to)
            _compare(key, to, number, smaller, same)
        flat = (j0 * points[1] + j1) * points[2] + j2
        for x in range(number):
            if smaller[x] == 0:
                found[total] = flat + stride * x
                orbits[total] = operations // same[x]
                total += 1
    return total


@in_place
def _scrambled(index):
    return (index * _SCRAMBLE) & _MASK


@in_place
def _is_reducible(maps, shifts, j0, j1, j2, points, is_periodic, leading, own, start_at, fixed):
    """Have all points of a line an image with a smaller key? Fills `start_at`, the images of its first point, and
    `fixed`, the scrambled leading index of an operation's images where that is one, else -1."""
    for g in range(maps.shape[0]):
        for a in range(leading, AXES):
            at = maps[g, a, 0] * j0 + maps[g, a, 1] * j1 + maps[g, a, 2] * j2 + shifts[g, a]
            start_at[g, a] = at % points[a] if is_periodic else at
        fixed[g] = -1 if maps[g, leading, 2] != 0 else _scrambled(start_at[g, leading])
        if 0 <= fixed[g] < own:
            return True
    return False


@in_place
def _add_axis(at, step, points, is_periodic, number, image):
    """image = image x points + the indices at + step x in the grid."""
    if not is_periodic or step == 0:
        for x in range(number):
            image[x] = image[x] * points + at + step * x
    elif abs(step) * number > points:  # of a basis that is far from the shortest one
        for x in range(number):
            image[x] = image[x] * points + (at + step * x) % points
    elif step > 0:
        for x in range(number):
            place = at + step * x
            image[x] = image[x] * points + (place - points if place >= points else place)
    else:
        for x in range(number):
            place = at + step * x
            image[x] = image[x] * points + (place + points if place < 0 else place)


@in_place
def _add_first(at, step, points, is_periodic, number, image):
    """The leading part of keys, of the indices at + step x in the grid, above the bits of the others' flat index."""
    if step == 0:
        first = _scrambled(at) << _REST
        for x in range(number):
            image[x] += first
    elif abs(step) * number > points and is_periodic:
        for x in range(number):
            image[x] += _scrambled((at + step * x) % points) << _REST
    else:
        turn = points if is_periodic else 0
        for x in range(number):
            place = at + step * x
            place = place + turn if place < 0 else place
            place = place - turn if place >= points else place
            image[x] += _scrambled(place) << _REST


@in_place
def _compare(key, image, number, smaller, same):
    """Count the images with a smaller key, and those that are the point itself."""
    for x in range(number):
        smaller[x] += np.int64(image[x] < key[x])
        same[x] += np.int64(image[x] == key[x])
