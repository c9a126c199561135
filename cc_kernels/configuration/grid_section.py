"""The grids of a study: where they begin, how far they may double, what counts as converged."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Discriminator, Field, model_validator

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
    shift: float = Field(
        default=0.0,
        ge=-limits.SHIFT,
        le=limits.SHIFT,
        description="Offset in grid steps, one at most; grids nest only without, so only where `start` = `largest`.",
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
        if self.shift and self.start != self.largest:
            problems.append(("shift", self.shift, "0, because shifted grids do not nest (or start = largest)"))
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
