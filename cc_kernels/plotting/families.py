"""Curves of one quantity for several values of a parameter, the values said in a legend of the panel."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cc_kernels.plotting import style
from cc_kernels.plotting.study_result import number_text


def draw_family(
    ax: Axes, array: xr.DataArray, over: str, title: str, role: str = "sum", positions: Sequence[int] | None = None
) -> None:
    """Draw a two-dimensional array against one of its dims, one curve for each of some values of the dim `over`.

    At most `style.MOST_CURVES` values are drawn; `positions` chooses them.
    """
    positions = style.spread(array.sizes[over]) if positions is None else positions
    for place, options in zip(positions, style.family(len(positions)), strict=True):
        label = number_text(array[over].values[place])
        style.curve(ax, array.isel({over: place}), role, label=label, zorder=2, linewidth=1.3, **options)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.5 * (high - low))  # room for the legend
    ax.legend(title=title, title_fontsize=7, loc="upper center", ncols=2, handlelength=2.4, columnspacing=1.2)
    for line in ax.get_lines():
        line.set_label(f"_{line.get_label()}")  # not for the legend of all panels


def draw_against(ax: Axes, name: str) -> None:
    """Label the horizontal axis: "mu", "temperature" or a model parameter."""
    ax.set_xlabel("temperature (K)" if name == "temperature" else style.parameter_label(name))
    ax.margins(x=0)
    # Long numbers, as of small energies, must not touch each other in a narrow panel.
    ax.xaxis.set_major_locator(MaxNLocator(4 if ax.get_subplotspec().get_gridspec().ncols > 2 else 7))
