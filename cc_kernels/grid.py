"""Uniform k-grids that double: points, new points of a level, shards.

k = origin + sum_a (j_a + shift_a) / N_a * span_a, with span = the reciprocal lattice vectors of a lattice model
(origin 0), or the sides of the Cartesian box +-k_max of a continuum model (origin at its lower corner).
The grid of N points per axis is a subset of that of 2N whose shift is twice its own, modulo 1 (`grid_series`), and a
level evaluates only what is new. An axis with one point, along which a slab is flat, has that point in every grid of a
series.

A zone is periodic: its lower faces stand for the upper ones. A box is not, and sums over it take both, with half the
weight each (the trapezoidal rule): a `closed` grid has j_a = 0 .. N_a, and its weights add up to the product of N_a.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.grid_series import PointSet, following_shift, piece_entries, piece_of, same_shift

if TYPE_CHECKING:
    import pandas as pd

    from cc_kernels.arguments import Grid, Shift
    from cc_kernels.models import Model


DEFAULT_CHUNK = 32768
"""k-points per chunk: 2 bands take 15 MB, and the overhead of a dask task is below a percent."""

MANY_BANDS = 8
"""Beyond these a chunk has fewer points: the matrices of 32768 points of 42 bands would be 6 GB."""


def points_per_chunk(chunks: int, num_bands: int) -> int:
    """k-points per chunk: `chunks`, or as many as need the memory that `chunks` points of `MANY_BANDS` bands need."""
    return max(1, min(chunks, chunks * MANY_BANDS**2 // num_bands**2))


def check_chunk(chunks: object) -> int:
    """k-points per chunk, as a caller asks for."""
    return checks.integer("chunks", chunks, "a positive integer (k-points per chunk)", minimum=1, maximum=limits.CHUNK)


def check_number_of_chunks(points: int, size: int, most: int) -> None:
    """Refuse more than `most` chunks of `size` k-points."""
    if points > most * size:
        given = stated(f"chunks of {size:,} for {points:,} k-points, {-(-points // size):,} chunks")
        raise InputError("chunks", given, f"larger ones, or fewer k-points: at most {most:,} chunks")


@dataclass(frozen=True)
class KGrid:
    """A uniform grid, or the part of it that is new over half the density, or a range (a shard) of either.

    Attributes
    ----------
    span : (dim, dim) rows of the parallelepiped that the grid fills, 1/angstrom.
    origin : (dim,) its corner, 1/angstrom.
    shape : number of points per axis.
    shift : offset of the grid in steps, per axis.
    only_new : leave out the points that the grid with half the points, along all axes with more than one, already has.
    closed : has the upper faces of the box, too.
    coarse_shift : with `only_new`, the shift of the grid with half the points, in its steps; else zeros.
    start, stop : range of flat indices that belongs to this shard.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> grid = cc.KGrid.of(cc.build_model("rashba_square"), (4, 2))
    >>> len(grid), grid.points(0, 2).round(3).tolist()
    (8, [[0.0, 0.0], [0.0, 3.142]])
    >>> len(cc.KGrid.of(cc.build_model("rashba_square"), 8, only_new=True))
    48
    >>> len(cc.KGrid.of(cc.build_model("rashba_square"), (8, 1), only_new=True))
    4
    >>> len(cc.KGrid.of(cc.build_model("rashba_square"), 8, shift=1 / 3, only_new=True, coarse_shift=2 / 3))
    48
    """

    span: np.ndarray
    origin: np.ndarray
    shape: tuple[int, ...]
    shift: tuple[float, ...]
    only_new: bool
    closed: bool
    start: int
    stop: int
    coarse_shift: tuple[float, ...]

    @classmethod
    def of(
        cls,
        model: Model,
        grid: Grid,
        shift: Shift = 0.0,
        only_new: bool = False,
        closed: bool = False,
        coarse_shift: Shift = 0.0,
    ) -> KGrid:
        """The grid of `model` with `grid` points per axis (an int, or one per dimension) and a shift in steps.

        closed : with both faces of a continuum model's box; a zone has one of each, and a shifted grid has none.
        coarse_shift : beside `only_new`, of the grid with half the points, in its steps.

        Raises
        ------
        InputError : grid points not positive integers, wrong number of entries, more points than can be summed, a shift
            that is not finite, or `only_new` with an odd number of points above one, with a shift that is not twice
            `coarse_shift` modulo 1, or in a box with a shift: no nested grids.
        """
        checks.model(model)
        only_new, closed = checks.flag("only_new", only_new), checks.flag("closed", closed)
        allowed = f"one positive integer, or {model.dim} of them (points per axis)"
        in_bounds = partial(checks.integer, minimum=1, maximum=limits.POINTS_PER_AXIS)
        shape = _per_axis("grid", grid, model.dim, allowed, in_bounds)
        if fewer := limits.too_many_points(shape):
            raise InputError("grid", grid, f"{allowed}, {fewer}")
        allowed = f"one finite number, or {model.dim} of them (in grid steps)"
        in_bounds = partial(checks.number, minimum=-limits.SHIFT, maximum=limits.SHIFT)
        shift = _per_axis("shift", shift, model.dim, allowed, in_bounds)
        coarse_shift = _per_axis("coarse_shift", coarse_shift, model.dim, allowed, in_bounds)
        span, origin = region_of(model)
        closed = closed and model.reciprocal is None and not any(shift)
        whole = cls(span, origin, shape, shift, only_new, closed, 0, 0, coarse_shift)
        whole._check_nested(grid)
        return replace(whole, stop=whole.points_of_all_shards)

    def _check_nested(self, grid: Grid) -> None:
        """Refuse new points where the grid of half the points is no part of this one."""
        if not self.only_new:
            if any(self.coarse_shift):
                raise InputError("coarse_shift", self.coarse_shift, "nothing without only_new")
            return
        if any(n % 2 for n in self.shape if n > 1) or max(self.shape) == 1:
            allowed = "even numbers (or 1 along some axes) for the new points of a doubled grid"
            raise InputError("grid", grid, allowed)
        if not self.is_periodic and (any(self.shift) or any(self.coarse_shift)):
            key, given = ("shift", self.shift) if any(self.shift) else ("coarse_shift", self.coarse_shift)
            raise InputError(key, given, "0 for the new points of a box, which is not periodic")
        half = [n // 2 if n > 1 else n for n in self.shape]
        wanted = following_shift(self.coarse_shift, half, self.shape)
        if not same_shift(self.shift, wanted):
            allowed = (
                f"twice coarse_shift, {self.coarse_shift}, modulo 1 for new points: {wanted}; the same on flat axes"
            )
            raise InputError("shift", self.shift, allowed)

    @property
    def dim(self) -> int:
        return len(self.shape)

    @property
    def points_of_all_shards(self) -> int:
        coarse = number_of_points([n // 2 if n > 1 else n for n in self.shape], self.closed)
        return number_of_points(self.shape, self.closed) - (coarse if self.only_new else 0)

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def is_periodic(self) -> bool:
        """Is it of a zone, and not of a box, whose lower corner is its origin?"""
        return not self.origin.any()

    @property
    def measure(self) -> float:
        """Volume of the k region / (2 pi)^dim: the sum of [dk] over the grid, in angstrom^-dim."""
        return float(abs(np.linalg.det(self.span))) / (2 * np.pi) ** self.dim

    @property
    def step(self) -> np.ndarray:
        """(dim, dim) rows: the edges of a grid cell, 1/angstrom."""
        return self.span / np.array(self.shape)[:, None]

    @property
    def longest_step(self) -> float:
        """Length of the longest edge of a grid cell, of those along axes that double where any does, 1/angstrom."""
        lengths = np.linalg.norm(self.step, axis=1)
        return float(lengths[self.doubles].max(initial=0.0) or lengths.max())

    @property
    def doubles(self) -> np.ndarray:
        """(dim,) bool: the axes along which grids of a series double."""
        return np.array(self.shape) > 1

    @property
    def odd_are_old(self) -> np.ndarray:
        """(dim,) 0 or 1: have the points that are not new the even indices along an axis, or the odd ones?"""
        beyond = np.rint(2 * np.array(self.coarse_shift) - self.shift).astype(int)
        return np.where(self.doubles & self.only_new, beyond % 2, 0)

    def same_region(self, other: KGrid) -> bool:
        """Do both fill the same part of k space?"""
        if self.dim != other.dim:
            return False
        size = np.abs(other.span).max()
        return all(
            np.abs(a - b).max() <= 1e-9 * size for a, b in ((self.span, other.span), (self.origin, other.origin))
        )

    def shard(self, index: int, shards: int) -> KGrid:
        """The `index`-th (from 0) of `shards` contiguous, disjoint ranges of this grid."""
        most = max(len(self), limits.SHARDS)
        shards = checks.integer("shards", shards, "a positive integer", minimum=1, maximum=most)
        allowed = f"an integer from 0 to {shards - 1}"
        if (index := checks.integer("shard", index, allowed, minimum=0)) >= shards:
            raise InputError("shard", index, allowed)
        edges = [self.start + len(self) * part // shards for part in (index, index + 1)]
        return replace(self, start=edges[0], stop=edges[1])

    def chunks(self, size: int) -> Iterator[tuple[int, int]]:
        """Ranges of at most `size` flat indices that cover the shard, in order."""
        for start in range(self.start, self.stop, size):
            yield start, min(start + size, self.stop)

    def points(self, start: int | None = None, stop: int | None = None) -> np.ndarray:
        """Cartesian k of the flat indices start..stop, shape (stop - start, dim), 1/angstrom."""
        start, stop = self.start if start is None else start, self.stop if stop is None else stop
        parts = [self._part(*part) for part in self.parts(start, stop)]
        return np.concatenate(parts) if parts else np.empty((0, self.dim))

    def parts(self, start: int, stop: int) -> Iterator[tuple[list[int], np.ndarray, np.ndarray, int, int]]:
        """The flat indices start..stop as ranges of uniform parts: per axis the number of points, a stride and an
        offset, so that the points of a part have the indices offset + stride x (0 .. number - 1), and the range."""
        first = 0
        for counts, stride, offset in self._uniform_parts():
            last = first + int(np.prod(counts, dtype=np.int64))
            if start < last and stop > first:
                yield counts, stride, offset, max(start, first) - first, min(stop, last) - first
            first = last

    def at(self, indices: Sequence[np.ndarray]) -> np.ndarray:
        """Cartesian k (N, dim), 1/angstrom, of the points with these indices along the axes, (N,) for each."""
        fractions = [(j + shift) / n for j, shift, n in zip(indices, self.shift, self.shape, strict=True)]
        k = np.empty((len(fractions[0]), self.dim))
        for i in range(self.dim):  # added as in `_part`, so that k is the same to the last bit
            *others, along = (fraction * edge for fraction, edge in zip(fractions, self.span[:, i], strict=True))
            np.add(self.origin[i] + sum(others), along, out=k[:, i])
        return k

    def _uniform_parts(self) -> Iterator[tuple[list[int], np.ndarray, np.ndarray]]:
        """Parts whose points have the indices offset + stride x (0 .. counts - 1), in the order of the flat index."""
        if not self.only_new:
            yield [n + self.closed for n in self.shape], np.ones(self.dim, int), np.zeros(self.dim, int)
            return
        # The new points of a doubled grid are the half-step shifts of the coarse one along the axes that double.
        stride = np.where(self.doubles, 2, 1)
        for coset in range(1, 2**self.dim):
            half = (coset >> np.arange(self.dim)) & 1
            if not half[~self.doubles].any():
                odd = half ^ self.odd_are_old
                counts = [n // s + int(self.closed * (1 - o)) for n, s, o in zip(self.shape, stride, odd, strict=True)]
                yield counts, stride, odd

    def _part(self, counts: list[int], stride: np.ndarray, offset: np.ndarray, start: int, stop: int) -> np.ndarray:
        """Points start..stop of a uniform part: those of the lines along the last axis that hold them."""
        *others, along = (
            ((o + s * np.arange(n) + shift) / points)[:, None] * edge
            for n, s, o, shift, points, edge in zip(
                counts, stride, offset, self.shift, self.shape, self.span, strict=True
            )
        )
        first, last = start // len(along), -(-stop // len(along))
        lines = np.tile(self.origin, (last - first, 1))
        if others:
            places = np.unravel_index(np.arange(first, last), counts[:-1])
            lines += sum(steps[place] for steps, place in zip(others, places, strict=True))
        k = np.empty((len(lines), len(along), self.dim))
        for i in range(self.dim):  # numpy is slow where the innermost loop is short
            np.add(lines[:, i, None], along[:, i], out=k[..., i])
        return k.reshape(-1, self.dim)[start - first * len(along) : stop - first * len(along)]

    def index(self) -> pd.MultiIndex:
        """The points by k1[, k2[, k3]], in units of the sides of the region: ``k = origin + sum_a k_a span_a``."""
        import pandas as pd

        parts = [
            np.indices(counts, np.int32).reshape(self.dim, -1) * stride[:, None] + offset[:, None]
            for counts, stride, offset in self._uniform_parts()
        ]
        lines = [(np.arange(n + self.closed) + shift) / n for n, shift in zip(self.shape, self.shift, strict=True)]
        codes = np.concatenate(parts, axis=1, dtype=np.int32)[:, self.start : self.stop]
        return pd.MultiIndex(lines, list(codes), names=[f"k{a + 1}" for a in range(self.dim)], verify_integrity=False)

    @property
    def attributes(self) -> dict[str, object]:
        """What a dataset says of its grid; lists as JSON."""
        points = PointSet(self.shape, self.only_new, self.shift, self.coarse_shift)
        return {
            "grid": json.dumps(self.shape),
            "shift": json.dumps(self.shift),
            "closed": int(self.closed),
            "pieces": json.dumps([piece_entries(points, self.start, self.stop)]),
            "k_span": json.dumps(self.span.tolist()),
            "k_origin": json.dumps(self.origin.tolist()),
            "measure": self.measure,
            "longest_step": self.longest_step,
        }

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, Any]) -> KGrid:
        """The grid of a dataset that is one piece."""
        span, origin, shift, pieces = (json.loads(attributes[key]) for key in ("k_span", "k_origin", "shift", "pieces"))
        ((points, start, stop),) = map(piece_of, pieces)
        shape, only_new, _, coarse_shift = points
        closed = bool(attributes["closed"])
        return cls(np.array(span), np.array(origin), shape, tuple(shift), only_new, closed, start, stop, coarse_shift)


def region_of(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Span (dim, dim) and origin (dim,) of what grids of a model fill, 1/angstrom (`KGrid`)."""
    if model.k_max is None:
        return np.asarray(model.reciprocal, float), np.zeros(model.dim)
    return 2 * model.k_max * np.eye(model.dim), np.full(model.dim, -model.k_max)


def number_of_points(shape: Sequence[int], closed: bool) -> int:
    """Points of a whole grid."""
    return math.prod(n + closed for n in shape)


def points_text(shape: Sequence[int], form: str = "d") -> str:
    """Points per axis in words: 64, or 64 x 64 x 1."""
    return " x ".join(format(n, form) for n in (shape if len(set(shape)) > 1 else shape[:1]))


def face_weights(k: np.ndarray, k_max: float) -> np.ndarray:
    """Weights (points,) of a closed grid at k (points, dim): a half for each face of the box that a point lies on."""
    return 0.5 ** (abs(k) > k_max * (1 - 1e-9)).sum(-1)


def _per_axis(key: str, value: Any, dim: int, allowed: str, check: Callable[[str, object, str], float]) -> tuple:
    """One number for all axes, or one per axis, each checked."""
    is_list = isinstance(value, list | tuple | np.ndarray) and checks.shape_of(key, value, allowed) != ()
    values = tuple(value) if is_list else (value,) * dim
    if len(values) != dim:
        raise InputError(key, value, allowed)
    try:
        return tuple(check(key, one, allowed) for one in values)
    except InputError as error:  # the message names the whole value
        raise InputError(key, value, error.allowed) from None
