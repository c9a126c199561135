"""Orbital magnetization of a superconductor (Eq. 7): its parts cancel for geometrically trivial bands."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.cancellation import MAGNETIZATION_PARTS, Panel, draw_cancellation, relative_size
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import side_by_side
from cc_kernels.plotting.study_result import StudyResult

NEEDS = Needs(responses=("superconductor",))
CAPTION = (
    "Orbital magnetization of Bogoliubov quasiparticles, Eq. (7), against temperature (or against the swept parameter, "
    "where a study has one temperature). Above: its three parts, the circulation of the charge current about the "
    "centre of a wave packet and the travelling charge dipole, the two terms of Eq. (8), and the global circuit of the "
    "Berry curvature; and their sum. Below: the size of the sum relative to the sum of the absolute contributions of "
    "all states; the dotted line is the rounding unit of double precision, exact zeros are drawn at 1e-18. With one "
    "geometrically trivial band that is even in k, as in a d + id superconductor on the square lattice, dipole and "
    "Berry curvature cancel at every temperature; over bands with a Berry curvature of their own, as in Haldane's "
    "model, the sum is not zero."
)


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One stack of two axes per study and, where there are several temperatures, per sweep value."""
    data = side_by_side(
        results, {result.name: _plotted(result) for result in results}, "orbital magnetization, Eq. (7)"
    )
    shown = []
    for result in results:
        units = style.pretty_units(result.response["magnetization"].attrs.get("units", ""))
        y_label = f"magnetization ({units})"
        if _against_sweep(result):
            temperature = float(result.response["temperature"].values[0])
            title = f"{result.name}, T = {temperature:.4g} K"
            shown.append(Panel(result, None, title, style.parameter_label(result.sweep), y_label))
        else:
            shown += [Panel(result, case, label, "temperature (K)", y_label) for label, case in result.cases()]
    figure = draw_cancellation(data, shown, MAGNETIZATION_PARTS, "relative_size")
    for panel, ax in zip(shown, figure.axes, strict=False):
        if not _against_sweep(panel.result):
            style.temperature_axis(ax, panel.result.response["temperature"].values)
    return figure, data


def _against_sweep(result: StudyResult) -> bool:
    return result.sweep is not None and result.response.sizes["temperature"] == 1


def _plotted(result: StudyResult) -> xr.Dataset:
    response = result.response.isel(temperature=0) if _against_sweep(result) else result.response
    part = response[list(MAGNETIZATION_PARTS)]
    return part.assign(relative_size=relative_size(part["magnetization"], response["magnetization_scale"]))
