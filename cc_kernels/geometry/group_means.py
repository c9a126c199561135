"""Means over groups of degenerate levels, many k-points at a time (compiled); arrays as in `pair_sums`.

Groups are neighbours: what is of one group with a level lies at most `reach` levels away, reach + 1 being the size of
the largest group of a block.
"""

from __future__ import annotations

from cc_kernels._lanes import LANES, every, in_eights, load, room_for, store
from cc_kernels._numba import in_place, njit
from cc_kernels.geometry.row_numbers import OWN


@njit
def groups_of(end_of, largest, lanes):
    """Who is of one group with whom; end_of, largest : of `pair_sums.fill_levels`.

    Returns
    -------
    together : (1 + 2 reach, x), 1 where the levels n and n + d - reach are of one group, or else 0.
    share : (x,), 1/the size of the group.
    """
    width, reach = end_of.shape[0], largest - 1
    together = room_for((1 + 2 * reach) * width // LANES).reshape(1 + 2 * reach, width)
    share = room_for(width // LANES)
    for shift in range(-reach, reach + 1):
        away = shift * lanes
        for x in range(max(0, -away), min(width, width - away)):
            together[reach + shift, x] = end_of[x] == end_of[x + away]
        for x in range(width):
            share[x] += together[reach + shift, x]
    for x in range(width):
        share[x] = 1 / share[x]
    return together, share


@njit
def average_groups(first, last, together, share, lanes, rows):
    """Every row from `first` to `last` becomes its mean over each level's group; the rest as `groups_of` returns it."""
    before = room_for(share.shape[0] // LANES)
    of_eights = in_eights(together), in_eights(share), in_eights(before), in_eights(rows)
    for row in range(first, last):
        before[:] = rows[row]
        _average(*of_eights, row, lanes // LANES)


@njit
def average_own(together, share, lanes, dim, places, wanted, rows):
    """The same of what is wanted of one operator."""
    for quantity, indices in OWN:
        if wanted[quantity]:
            first = places[quantity]
            average_groups(first, first + dim**indices, together, share, lanes, rows)


@in_place
def _average(together, share, before, rows, row, step):
    bands, reach = share.shape[0] // step, together.shape[0] // 2
    for n in range(bands):
        first, last = max(-reach, -n), min(reach, bands - 1 - n)
        for x in range(n * step, (n + 1) * step):
            total = every(0.0)
            for shift in range(first, last + 1):
                total = total + load(together, (reach + shift, x)) * load(before, (x + shift * step,))
            store(rows, (row, x), total * load(share, (x,)))
