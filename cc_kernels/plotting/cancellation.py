"""The picture of an exact cancellation: the parts and their sum, and below it the sum's size down to rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.plotted import curve_of
from cc_kernels.plotting.size import FLOOR_COMMENT, epsilon_line, floored, size_axis
from cc_kernels.plotting.study_result import StudyResult

MAGNETIZATION_PARTS = {
    "magnetization_moment": "moment",
    "magnetization_charge_dipole": "charge_dipole",
    "magnetization_berry": "berry",
    "magnetization": "sum",
}
"""The terms of Eqs. (7), (8) and their sum, with the roles in which they are drawn."""


@dataclass(frozen=True)
class Panel:
    """One stack: of which study and sweep value, its title, what is drawn against what."""

    result: StudyResult
    case: int | None
    title: str
    x_label: str
    y_label: str


def relative_size(total: xr.DataArray, scale: xr.DataArray) -> xr.DataArray:
    """|sum| / scale for a logarithmic axis; 0/0, where nothing contributes, counts as zero."""
    size = floored(abs(total) / scale.where(scale > 0, 1))
    size.attrs = {
        "units": "1",
        "long_name": f"|{total.attrs.get('long_name', total.name)}| / sum of absolute contributions",
        "comment": FLOOR_COMMENT,
    }
    return size


def draw_cancellation(
    data: xr.Dataset,
    shown: Sequence[Panel],
    parts: Mapping[str, str],
    relative: str,
    relative_label: str = "|sum| / scale",
) -> Figure:
    """Stacks of two axes: variables `parts` (name -> role) above, the variable `relative` on a log axis below.

    `relative` may have a temperature dim beside the one it is drawn against: one curve each.
    """
    figure, stacks = style.panels(len(shown), height=3.3, ratios=(1.7, 1))
    for index, (panel, (upper, lower)) in enumerate(zip(shown, stacks, strict=True)):
        style.reference_line(upper, 0)
        for name, role in parts.items():
            style.curve(upper, curve_of(data, panel.result, name, panel.case), role)
        style.title_panel(upper, index, panel.title)
        upper.set_ylabel(panel.y_label)
        upper.margins(x=0)
        _draw_sizes(lower, curve_of(data, panel.result, relative, panel.case), panel)
        lower.set_ylabel(relative_label)
        lower.sharex(upper)
        upper.tick_params(labelbottom=False)
    style.shared_legend(figure)
    return figure


def _draw_sizes(ax: Axes, size: xr.DataArray, panel: Panel) -> None:
    temperature = f"{panel.result.name}__temperature"
    several = size.ndim > 1 and size.sizes[temperature] > 1
    if not several:
        size = size.isel({temperature: 0}) if size.ndim > 1 else size
        style.curve(ax, size, "sum", label="_size", linewidth=1)
    else:
        shades = [style.BLACK, style.GREY, style.BLUE, style.SKY]
        for number, value in enumerate(size[temperature].values):
            options = {"color": shades[number % 4], "linestyle": ("-", "--", "-.", ":")[number % 4], "linewidth": 1}
            style.curve(ax, size.isel({temperature: number}), "sum", label=f"{value:.4g} K", **options)
        ax.legend(*ax.get_legend_handles_labels(), loc="upper right", ncols=size.sizes[temperature])
        for line in ax.get_lines():
            line.set_label(f"_{line.get_label()}")  # not for the legend of all panels
    epsilon_line(ax)
    size_axis(ax, top=1e5 if several else 30)  # room for the legend
    ax.set_xlabel(panel.x_label)
    ax.margins(x=0)
