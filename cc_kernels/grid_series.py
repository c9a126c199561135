"""Series of grids that double: how their shifts follow each other, and which sets of their points add.

A grid of N points per axis that is shifted by s steps, k = (j + s)/N, is part of the grid of 2N points with the shift
2s modulo 1: as its points of the indices 2j + floor(2s). So 2/3 is followed by 1/3, and this by 2/3 again; 1/2 by 0.
An axis with one point has that point, and its shift, in every grid of a series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from cc_kernels.errors import InputError, stated

_NEGLIGIBLE = 1e-9
"""Of a step, or a whole number of them: shifts that differ by so little are the same. A fraction is known to 1e-16, and
after 22 doublings (`limits.POINTS_PER_AXIS`) to 2^22 times that."""


class PointSet(NamedTuple):
    """All points of a grid, or those that are new in it; as a dictionary's key, so of tuples.

    Attributes
    ----------
    shape : points per axis.
    only_new : without the points of the grid of half the points, along all axes with more than one.
    shift : of the grid, in its steps.
    coarse_shift : of the grid of half the points, in the steps of that; zeros where `only_new` is False.
    """

    shape: tuple[int, ...]
    only_new: bool
    shift: tuple[float, ...]
    coarse_shift: tuple[float, ...]

    @property
    def is_shifted(self) -> bool:
        return any(self.shift) or any(self.coarse_shift)

    def __str__(self) -> str:
        beside = f", new beside {_steps(self.coarse_shift)}" if self.only_new else ""
        return f"{_steps(self.shift)} of {list(self.shape)}{beside}"


Piece = tuple[PointSet, int, int]
"""A range of the points of a set: what a dataset of bands or sums is of."""


def piece_entries(points: PointSet, start: int, stop: int) -> list:
    """As a dataset says it: [shape, only_new, start, stop], and what is shifted has [shift, coarse_shift], too."""
    shifts = [points.shift, points.coarse_shift] if points.is_shifted else []
    return [points.shape, points.only_new, start, stop, *shifts]


def piece_of(entries: Sequence) -> Piece:
    """The inverse; a ValueError or a TypeError for what is no piece."""
    shape, only_new, start, stop, *shifts = entries
    shift, coarse_shift = shifts or [[0.0] * len(shape)] * 2
    return PointSet(tuple(shape), bool(only_new), tuple(shift), tuple(coarse_shift)), start, stop


def following_shift(shift: Sequence[float], shape: Sequence[int], finer: Sequence[int]) -> tuple[float, ...]:
    """The shift of the grid with `finer` points per axis that contains one with `shape` and a shift.

    Examples
    --------
    >>> following_shift((0.75, 0.5), (8, 1), (16, 1))
    (0.5, 0.5)
    """
    return tuple(s * (m // n) % 1 for s, n, m in zip(shift, shape, finer, strict=True))


def same_shift(one: Sequence[float], other: Sequence[float]) -> bool:
    """Are two shifts the same, up to whole steps and rounding?"""
    return all(abs(a - b - round(a - b)) <= _NEGLIGIBLE for a, b in zip(one, other, strict=True))


def check_disjoint(pieces: Iterable[Piece]) -> None:
    """Ranges of one grid may not overlap, and a grid contains the coarser grids that it doubles: `InputError`."""
    ranges: dict[PointSet, list[tuple[int, int]]] = {}
    for points, start, stop in pieces:
        ranges.setdefault(points, []).append((start, stop))
    for points, each in ranges.items():
        for (_, end), (start, stop) in pairwise(sorted(each)):
            if start < end:
                given = stated(f"points {start}..{stop} of {list(points.shape)} twice")
                raise InputError("sums", given, "disjoint sets of k-points")
    for one, other in combinations(ranges, 2):
        if one.shape == other.shape:
            _check_same_shifts(one, other)
        else:
            _check_doubled(*sorted((one, other), key=lambda points: max(points.shape)))


def _check_same_shifts(one: PointSet, other: PointSet) -> None:
    """Of parts of one grid; those of new points are beside coarse grids with the same shift, too."""
    same = one.only_new != other.only_new or same_shift(one.coarse_shift, other.coarse_shift)
    if not (same and same_shift(one.shift, other.shift)):
        raise InputError("sums: shift", stated(f"{one} and {other}"), "the same shift in all parts of a grid")


def _check_doubled(coarse: PointSet, fine: PointSet) -> None:
    """Is the one grid part of the other, which adds nothing but its new points?"""
    given = stated(f"grids {list(fine.shape)} and {list(coarse.shape)}")
    if not fine.only_new:
        raise InputError("sums", given, "a doubled grid with its new points only")
    times = max(fine.shape) // max(coarse.shape)
    half = [n // 2 if n > 1 else n for n in fine.shape]
    is_series = all(n in (times * m, 1) and m <= n for n, m in zip(fine.shape, coarse.shape, strict=True))
    if not is_series or times & (times - 1):
        raise InputError("sums", given, "grids of one series, in which all axes double that have more than one point")
    before = following_shift(coarse.shift, coarse.shape, half)
    if not same_shift(fine.coarse_shift, before):
        wanted = _steps(following_shift(before, half, fine.shape))
        allowed = f"shifts that double modulo 1 from grid to grid, here to {wanted}, so that each is part of the next"
        raise InputError("sums: shift", stated(f"{coarse} and {fine}"), allowed)


def _steps(shift: Sequence[float]) -> str:
    return f"({', '.join(f'{one:.6g}' for one in shift)})"
