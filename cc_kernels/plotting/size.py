"""The logarithmic axis of what should be zero: sizes relative to a scale, from rounding to one."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from cc_kernels.plotting import style

FLOOR = 1e-18
"""Where exact zeros are drawn."""
FLOOR_COMMENT = f"exact zeros are stored as {FLOOR:g}"
EPSILON = float(np.finfo(float).eps)
Sizes = TypeVar("Sizes", np.ndarray, xr.DataArray)


def floored(size: Sizes) -> Sizes:
    """Sizes that a logarithmic axis can show; NaN stays."""
    return np.maximum(size, FLOOR)


def size_axis(ax: Axes, decades: int = 4, top: float = 30.0) -> None:
    """Make the y axis logarithmic, from `FLOOR` to `top`, with a tick every so many decades."""
    ax.set_yscale("log")
    ax.set_ylim(FLOOR / 3, top)
    ax.set_yticks(10.0 ** np.arange(-16, 1, decades))
    ax.yaxis.set_minor_locator(style.no_minor_ticks())


def epsilon_line(ax: Axes) -> None:
    """The rounding of one number."""
    ax.axhline(EPSILON, color=style.GREY, linewidth=0.6, linestyle=(0, (2, 2)))


def rounding_band(ax: Axes, rounding: float) -> None:
    """Grey where changes are rounding."""
    ax.axhspan(FLOOR / 10, rounding, color="#EEEEEE", linewidth=0, zorder=0)
