"""Responses of one variable on doubling grids, made up."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import xarray as xr


def series(
    values: Sequence[float], scale: float = 1.0, points: Sequence[int] | None = None, resolution: float = 0.5
) -> list[xr.Dataset]:
    """The responses of x, at two mu and one temperature."""
    points = points or [8 << level for level in range(len(values))]
    return [
        xr.Dataset(
            {
                "x": (("mu", "temperature"), np.full((2, 1), value)),
                "x_scale": (("mu", "temperature"), np.array([[scale / 2], [scale]])),
                "temperature_resolution": (("mu", "temperature"), np.full((2, 1), resolution)),
            },
            attrs={"grid": json.dumps([n, n])},
        )
        for value, n in zip(values, points, strict=True)
    ]
