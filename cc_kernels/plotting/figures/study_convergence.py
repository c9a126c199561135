"""One study, variable by variable: how far each grid is from the next, where, and what the error of the finest is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.families import draw_against
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, side_by_side
from cc_kernels.plotting.size import FLOOR_COMMENT, floored, rounding_band, size_axis
from cc_kernels.plotting.study_result import OPERATOR, StudyResult, number_text
from cc_kernels.sums.evaluation import scale_of
from cc_kernels.verdict import ROUNDING

NEEDS = Needs(
    any_of=(
        "transport",
        "companions",
        "disorder",
        "equilibrium",
        "superconductor",
        "thermal",
        "thermal_companions",
    ),
    drawn=(),
    levels=True,
)
CAPTION = (
    "Convergence of one study, a panel for each variable. With one temperature: thin lines, the change from each grid "
    "to the next, relative to the sum of the absolute contributions, from light (coarse) to dark (fine), labelled by "
    "the points per axis of the finer grid; thick blue line, the estimated error on the finest grid, from the law with "
    "which the changes fall. With several: the last two changes at the lowest, the highest and the worst "
    "temperature, the last but one dotted. Each "
    "is the largest over components and over what is not on the axis. Dashed: the tolerance of the verdict, which the "
    "last two changes have to meet. Grey: rounding. The title says the law of the largest changes (an exponent of 1/N, "
    "or e-folds per grid point) and the temperature at which they are worst; it is red where the variable has not "
    "converged."
)


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Small panels, three in a row; one study."""
    if len(results) != 1:
        raise InputError("studies", stated(f"{len(results)} studies"), "one study for the figure study_convergence")
    (result,) = results
    data = side_by_side(results, {result.name: _plotted(result)}, "convergence of a study")
    names = [str(name) for name in result.verdict["variable"].values]
    figure, axes = style.panels(len(names), height=1.75, columns=min(3, len(names)))
    tolerance = float(result.verdict.attrs["tolerance"])
    for name, (ax,) in zip(names, axes, strict=True):
        rounding_band(ax, ROUNDING)
        ax.axhline(tolerance, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0.5, label="tolerance")
        change, error = (curve_of(data, result, f"{name}_{kind}") for kind in ("change", "error"))
        kelvin = result.prefixed("temperature")
        if kelvin in change.dims and change.dims[-1] != kelvin:
            _temperatures(ax, change, kelvin, _shown(result.verdict))
        else:
            _curves(ax, change, error)
        _title(ax, result.verdict.sel(variable=name))
        size_axis(ax, decades=8)
        draw_against(ax, _axis(result))
    for ax in figure.axes:
        spec = ax.get_subplotspec()
        if spec.is_first_col():
            ax.set_ylabel("change / scale")
        if len(names) > 3 and not _lowest_of_its_column(ax, figure):
            ax.set_xlabel("")
    style.shared_legend(figure)
    return figure, data


def _title(ax: Axes, verdict: xr.Dataset) -> None:
    """The variable, and the law at the temperature at which it is worst; red where it has not converged."""
    row = verdict.isel(temperature=int(np.argmax(np.nan_to_num(verdict.error_estimate.values, nan=np.inf))))
    rate = f" {float(row.rate):.2g}" if row.rate.notnull() else ""
    where = f", {float(row.temperature):g} K" if verdict.sizes["temperature"] > 1 else ""
    failed = not verdict.variable_converged.values.all()
    title = f"{row['variable'].item()}\n{row.law.item()}{rate}{where}"
    ax.set_title(title, fontsize=7, color=style.ALARM if failed else "black", weight="bold" if failed else "normal")


def _shown(verdict: xr.Dataset) -> list[int]:
    """Which temperatures are drawn: the first, the last, and the one that is worst."""
    worst = np.argmax(np.nan_to_num(verdict.error_estimate.max("variable", skipna=False).values, nan=np.inf))
    return sorted({0, int(worst), verdict.sizes["temperature"] - 1})


def _temperatures(ax: Axes, change: xr.DataArray, kelvin: str, positions: Sequence[int]) -> None:
    """The last two changes, which the verdict judges, at each of some temperatures."""
    level, axis = change.dims[0], change.dims[-1]
    for place, options in zip(positions, style.family(len(positions)), strict=True):
        last = change.isel({kelvin: place})
        label = f"{number_text(change[kelvin].values[place])} K, to"
        for number, width in ((-2, 0.7), (-1, 1.6)):
            if last.sizes[level] >= -number:
                row = last.isel({level: number})
                marker = "." if row.size == 1 else ""
                text = f"{label} {number_text(row[level].item())} points"
                line = options | {"linewidth": width, "marker": marker, "label": text, "gid": str(change.name)}
                line |= {"linestyle": ":"} if number == -2 else {}
                ax.plot(row[axis], row, **line)


def _curves(ax: Axes, change: xr.DataArray, error: xr.DataArray) -> None:
    level = change.dims[0]
    shades = np.linspace(0.75, 0.15, change.sizes[level])
    for number, shade in enumerate(shades):
        row = change.isel({level: number})
        label = f"to {number_text(row[level].item())} points"
        marker = "." if row.sizes[row.dims[0]] == 1 else ""
        ax.plot(
            row[row.dims[0]], row, color=str(shade), linewidth=0.9, marker=marker, label=label, gid=str(change.name)
        )
    marker = "o" if error.size == 1 else ""
    options = {"color": style.SKY, "linewidth": 2.4, "marker": marker, "gid": str(error.name), "zorder": 1.5}
    ax.plot(error[error.dims[0]], error, label="estimated error", **options)


def _lowest_of_its_column(ax: Axes, figure: Figure) -> bool:
    here = ax.get_subplotspec()
    below = [other.get_subplotspec() for other in figure.axes]
    return not any(o.colspan.start == here.colspan.start and o.rowspan.start > here.rowspan.start for o in below)


def _axis(result: StudyResult) -> str:
    """What the errors are drawn against: the longest of mu, temperature and the sweep, not one operator by another."""
    names = [name for name in (result.sweep, "mu", "temperature") if name in result.response.sizes and name != OPERATOR]
    return max(names, key=lambda name: (result.response.sizes[name], name == "mu"))


def _plotted(result: StudyResult) -> xr.Dataset:
    axis, verdict = _axis(result), result.verdict
    points = xr.DataArray(verdict["points_per_axis"].values[1:], dims="points_per_axis", name="points_per_axis")
    points.attrs = {"long_name": "points per axis of the finer grid"}
    several = axis != "temperature" and result.response.sizes.get("temperature", 1) > 1
    part = xr.Dataset()
    for name in (str(name) for name in verdict["variable"].values):
        values = xr.concat([level[name] for level in result.levels], "points_per_axis")
        change = abs(values.diff("points_per_axis")).assign_coords(points_per_axis=points)
        own_temperature = several and "temperature" in values.dims
        kept = ("points_per_axis", *(["temperature"] if own_temperature else []), axis)
        scale = scale_of(result.levels[-1], name)  # as the verdict has it
        scale = scale.where(scale != 0, 1)
        for kind, array in (("change", change), ("error", verdict[f"{name}_error"])):
            relative = array / scale
            largest = relative.max([dim for dim in relative.dims if dim not in kept], skipna=False)
            if axis not in largest.dims:
                largest = largest.expand_dims({axis: result.response[axis].values[:1]}, -1)
            largest = largest.transpose(*(dim for dim in kept if dim in largest.dims))
            what = "change upon doubling the grid" if kind == "change" else "estimated error on the finest grid"
            part[f"{name}_{kind}"] = floored(largest).assign_attrs(
                units="1", long_name=f"{name}: {what} / scale", comment=FLOOR_COMMENT, formula=""
            )
    return part
