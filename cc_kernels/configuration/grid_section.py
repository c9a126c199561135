"""The grids of a study: where they begin, how far they may double, what counts as converged."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Self

from pydantic import AfterValidator, Discriminator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from cc_kernels import limits
from cc_kernels.configuration.values import Problem, Section, marked, refuse
from cc_kernels.grid import points_text

LEAST_PER_AXIS = 4
"""Points along an axis that is to converge; a flat one has 1."""

Points = Annotated[
    Annotated[int, Field(le=limits.POINTS_PER_AXIS), marked("number")]
    | Annotated[
        list[Annotated[int, Field(ge=1, le=limits.POINTS_PER_AXIS)]], Field(min_length=1, max_length=3), marked("list")
    ],
    Discriminator(lambda given: "<list>" if isinstance(given, list) else "<number>"),
]
"""Points along all axes, or along each."""
_FRACTION = "^-?[0-9]{1,9}/0{0,8}[1-9][0-9]{0,8}$"


def _fraction(given: str) -> str:
    if not re.fullmatch(_FRACTION, given) or abs(Fraction(given)) > limits.SHIFT:
        raise PydanticCustomError("fraction", 'a number, or a fraction such as "2/3", from -1 to 1')
    return given


_Number = Annotated[float, Field(ge=-limits.SHIFT, le=limits.SHIFT), marked("number")]
_Text = Annotated[
    str, AfterValidator(_fraction), WithJsonSchema({"type": "string", "pattern": _FRACTION}), marked("fraction")
]
_OneShift = Annotated[
    _Number | _Text, Discriminator(lambda given: "<fraction>" if isinstance(given, str) else "<number>")
]
Shift = Annotated[
    Annotated[_OneShift, marked("one")] | Annotated[list[_OneShift], Field(min_length=1, max_length=3), marked("list")],
    Discriminator(lambda given: "<list>" if isinstance(given, list) else "<one>"),
]
"""Grid steps along all axes, or along each, as they are written."""


def exact(shift: float | str | list[float | str], dim: int) -> list[Fraction]:
    """A shift along each of `dim` axes; of a number, its decimals."""
    return [Fraction(str(one)) for one in (shift if isinstance(shift, list) else [shift] * dim)]


class Grid(Section):
    """Grids that double from `start` until the result has converged, at most to `largest`."""

    start: Points = Field(
        description="Points per axis of the coarsest grid, a whole number of at least 4; or a list of one for each "
        "axis, such as `[64, 64, 1]` for a slab: an axis along which bands are flat has 1, and does not double.",
    )
    largest: Points = Field(
        description="Points per axis of the finest grid that may be used: `start` x 2^n, a list where `start` is one; "
        f"{limits.POINTS:.2g} points in all at most.",
    )
    tolerance: float = Field(
        ge=limits.TOLERANCE,
        lt=1,
        description="Converged means: the last two changes are below this fraction of the sum of absolute "
        f"contributions; from {limits.TOLERANCE:g}, where rounding begins, to 1.",
    )
    shift: Shift = Field(
        default=0.0,
        description="Offset of the coarsest grid in its steps, from -1 to 1: a number, a fraction such as `2/3`, or "
        "a list of one for each axis. It doubles modulo 1 with the grid, so that each grid is part of the next; flat "
        "axes keep it. `[2/3, 1/3]` keeps the threefold axis of a hexagonal lattice and, with `start` divisible by 3, "
        "misses Gamma, K and K'. In the box of a continuum model only where `start` = `largest`.",
    )

    @model_validator(mode="after")
    def _doubles(self) -> Self:
        start = self.start if isinstance(self.start, list) else [self.start]
        if isinstance(self.start, int) and self.start < LEAST_PER_AXIS:
            refuse([("start", self.start, f"greater than or equal to {LEAST_PER_AXIS}")])
        if max(start) == 1 or any(1 < n < LEAST_PER_AXIS for n in start):
            refuse(
                [("start", self.start, f"numbers of at least {LEAST_PER_AXIS}, or 1 along flat axes but not along all")]
            )
        problems: list[Problem] = []
        end = max(self.largest) if isinstance(self.largest, list) else self.largest
        ratio, rest = divmod(end, max(start))
        if rest or ratio < 1 or ratio & (ratio - 1) or self.largest != self.shape(end):
            series = ", ".join(str(self.shape(max(start) << n)) for n in range(4))
            axes = ", 1 along the same axes" if 1 in start else ""
            problems.append(("largest", self.largest, f"start x 2^n{axes}: {series}, ..."))
        refuse(problems)
        return self

    @property
    def levels(self) -> list[int]:
        """The points along the longest axis of every grid: start, 2 start, ..., largest. They name its files."""
        start, largest = (max(one) if isinstance(one, list) else one for one in (self.start, self.largest))
        return [start << n for n in range((largest // start).bit_length())]

    def shape(self, level: int) -> int | list[int]:
        """The points per axis of one of the levels, as `start` has them."""
        if isinstance(self.start, int):
            return level
        times = level // max(self.start)
        return [n if n == 1 else n * times for n in self.start]

    def shape_in(self, dim: int, level: int) -> list[int]:
        """The same, along each of `dim` axes."""
        shape = self.shape(level)
        return shape if isinstance(shape, list) else [shape] * dim

    def shift_in(self, dim: int, level: int) -> list[float]:
        """The shift of one of the levels in its steps, along each of `dim` axes; of a single grid as it is written."""
        first = exact(self.shift, dim)
        if len(self.levels) > 1:
            start, shape = (self.shape_in(dim, one) for one in (self.levels[0], level))
            first = [one * (m // n) % 1 for one, n, m in zip(first, start, shape, strict=True)]
        return list(map(float, first))

    @property
    def names(self) -> list[str]:
        """The levels as a reader knows them: 64, or 64 x 64 x 1."""
        return [points_text(self.shape_in(1, level)) for level in self.levels]

    @property
    def stages(self) -> dict[int, list[int]]:
        """The levels that one job computes, under the last of them: the first three, without which there is no verdict,
        then one by one."""
        stages = [self.levels[:3], *([n] for n in self.levels[3:])]
        return {stage[-1]: stage for stage in stages}
