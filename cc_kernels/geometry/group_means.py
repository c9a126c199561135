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
def matrix_elements_within(s, together, lanes):
    """(1 + 2 reach, eights, 2, LANES): s_ba, a = n and b = n + d - reach, 0 where they are not of one group.

    s : (m, 2, x).
    """
    bands, reach, eights = s.shape[0], together.shape[0] // 2, s.shape[2] // LANES
    within = room_for((1 + 2 * reach) * eights * 2).reshape(1 + 2 * reach, eights, 2, LANES)
    elements, same, step = in_eights(s), in_eights(together), lanes // LANES
    for shift in range(-reach, reach + 1):
        for x in range(max(0, -shift) * step, min(bands, bands - shift) * step):
            for part in range(2):
                one = load(elements, (x // step + shift, part, x)) * load(same, (reach + shift, x))
                store(within, (reach + shift, x, part), one)
    return within


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
    states, reach = share.shape[0], together.shape[0] // 2
    for x in range(states):
        total, n = every(0.0), x // step
        for shift in range(max(-reach, -n), min(reach, states // step - 1 - n) + 1):
            total = total + load(together, (reach + shift, x)) * load(before, (x + shift * step,))
        store(rows, (row, x), total * load(share, (x,)))
