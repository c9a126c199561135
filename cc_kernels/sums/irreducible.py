"""Of a range of a grid's points, those that stand for all their images (compiled).

A point stands for its orbit where its key is the smallest of all: first the number of its line along the last axis,
scrambled, so that every range of points, and every shard, has its share; then its index along the line. Nothing is
stored: the images of the points of a line are integer arithmetic, and where all of them are on one line, that decides
for all points at once.
"""

from __future__ import annotations

import numpy as np

from cc_kernels._numba import in_place, njit

AXES = 3
_BITS = 36
_SCRAMBLE = 42470831589
"""The golden ratio of 2^36, odd: multiples of it, modulo 2^36, are evenly spread over any range of numbers of lines, of
which there are no more (`limits.POINTS`)."""
_MASK = 2**_BITS - 1
_ALONG = 24
"""Bits of the index along a line (`limits.POINTS_PER_AXIS`)."""


def three_axes(values: list[int], other: int) -> list[int]:
    """Of each axis of a grid, and `other` of the axes that it has too few of: a chain is a column of lines."""
    return [other] * (len(values) < AXES) + values + [other] * (len(values) == 1)


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
    key, image = np.empty(along, np.int64), np.empty(along, np.int64)
    smaller, same = np.empty(along, np.int64), np.empty(along, np.int64)
    on_line, start_at = np.empty(operations, np.int64), np.empty((operations, AXES), np.int64)
    for line in range(first // along, (last + along - 1) // along):
        start, stop = max(first - line * along, 0), min(last - line * along, along)
        j0, j1 = offset[0] + stride * (line // counts[1]), offset[1] + stride * (line % counts[1])
        j2, number = offset[2] + stride * start, stop - start
        own = _scrambled(j0 * points[1] + j1)
        if _is_reducible(maps, shifts, j0, j1, j2, points, is_periodic, own, start_at, on_line):
            continue
        for x in range(number):
            smaller[x] = 0
            same[x] = 0
        for g in range(operations):
            if on_line[g] > own:  # its images have larger keys
                continue
            to = key if g == 0 else image
            if on_line[g] == own:
                for x in range(number):
                    to[x] = own << _ALONG
            else:
                for x in range(number):
                    to[x] = 0
                for a in range(AXES - 1):
                    if points[a] > 1:
                        _add_axis(start_at[g, a], maps[g, a, 2] * stride, points[a], is_periodic, number, to)
                for x in range(number):
                    to[x] = _scrambled(to[x]) << _ALONG
            _add_index(start_at[g, 2], maps[g, 2, 2] * stride, points[2], is_periodic, number, to)
            _compare(key, to, number, smaller, same)
        flat = (j0 * points[1] + j1) * points[2] + j2
        for x in range(number):
            if smaller[x] == 0:
                found[total] = flat + stride * x
                orbits[total] = operations // same[x]
                total += 1
    return total


@in_place
def _scrambled(line):
    return (line * _SCRAMBLE) & _MASK


@in_place
def _is_reducible(maps, shifts, j0, j1, j2, points, is_periodic, own, start_at, on_line):
    """Have all points of a line an image with a smaller key?

    Fills `start_at`, the images of its first point, and `on_line`, of each operation the scrambled number of the line
    that the images are on, or -1 where they are on several.
    """
    for g in range(maps.shape[0]):
        for a in range(AXES):
            at = maps[g, a, 0] * j0 + maps[g, a, 1] * j1 + maps[g, a, 2] * j2 + shifts[g, a]
            start_at[g, a] = at % points[a] if is_periodic else at
        is_one = maps[g, 0, 2] == 0 and maps[g, 1, 2] == 0
        on_line[g] = _scrambled(start_at[g, 0] * points[1] + start_at[g, 1]) if is_one else -1
        if 0 <= on_line[g] < own:
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
def _add_index(at, step, points, is_periodic, number, image):
    """image += the indices at + step x in the grid."""
    if not is_periodic or step == 0:
        for x in range(number):
            image[x] += at + step * x
    elif abs(step) * number > points:
        for x in range(number):
            image[x] += (at + step * x) % points
    else:
        for x in range(number):
            place = at + step * x
            place = place + points if place < 0 else place
            image[x] += place - points if place >= points else place


@in_place
def _compare(key, image, number, smaller, same):
    """Count the images with a smaller key, and those that are the point itself."""
    for x in range(number):
        smaller[x] += np.int64(image[x] < key[x])
        same[x] += np.int64(image[x] == key[x])
