"""The maps of a study: band data over the zone, a plane, a path, for figures."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from cc_kernels import limits
from cc_kernels.configuration.grid_section import Shift, exact
from cc_kernels.configuration.values import SafeName, Section, refuse


class Maps(Section):
    """Band data over the zone, over a plane through it, and along its lines of high symmetry, for figures."""

    grid: int | None = Field(
        default=None,
        ge=1,
        le=limits.POINTS_PER_AXIS,
        description="Points per axis of the one grid on which the maps are computed, "
        f"{limits.STORED_POINTS:.2g} points in all at most.",
    )
    shift: Shift = Field(
        default=0.0,
        description="Offset of that grid in its steps, from -1 to 1, as that of `grid`: bosons have no states where a "
        "mode has no energy.",
    )
    plane: list[Annotated[list[float], Field(min_length=3, max_length=3)]] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="In three dimensions: the two edges of the plane around k = 0 that the grid covers instead of the "
        "zone, in units of the reciprocal lattice vectors.",
    )
    path: int | None = Field(
        default=None,
        ge=2,
        le=limits.POINTS_PER_AXIS,
        description="So many points, about, along the standard path of the lattice (`cc.band_path`), too.",
    )
    quantities: list[SafeName] = Field(
        min_length=1, description="Variables of `cc_kernels.band_geometry`, such as `torque_dipole`."
    )

    @model_validator(mode="after")
    def _known_quantities(self) -> Self:
        from cc_kernels.geometry.quantities import QUANTITIES

        problems = [
            (f"quantities[{index}]", name, f"one of {', '.join(QUANTITIES)}")
            for index, name in enumerate(self.quantities)
            if name not in QUANTITIES
        ]
        if self.grid is None and (self.path is None or self.plane is not None):
            problems.append(("grid", self.grid, "points per axis; without them a path alone"))
        refuse(problems)
        return self

    def shift_in(self, dim: int) -> list[float]:
        """The shift along each axis of the zone, or of the plane."""
        return list(map(float, exact(self.shift, dim if self.plane is None else 2)))

    def points(self, dim: int) -> int:
        """k-points in all, of a model in so many dimensions."""
        over = 0 if self.grid is None else self.grid ** (dim if self.plane is None else 2)
        return over + (self.path or 0)
