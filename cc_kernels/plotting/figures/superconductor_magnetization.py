"""Orbital magnetization of a superconductor over bands with a Berry curvature, against pairing and temperature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.cancellation import MAGNETIZATION_PARTS
from cc_kernels.plotting.families import draw_against, draw_family
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult

NEEDS = Needs(any_of=("superconductor", "equilibrium"))
CAPTION = (
    "Orbital magnetization of Bogoliubov quasiparticles, Eq. (7), over bands with a Berry curvature of their own. "
    "First panel: against the swept parameter, at several temperatures. Second: its three parts at the lowest "
    "temperature, the circulation of the charge current about the centre of a wave packet and the travelling charge "
    "dipole, the two terms of Eq. (8), and the global circuit of the Berry curvature; and their sum. Third: against "
    "temperature, for several values of the swept parameter. Filled squares, where a study of the normal state is "
    "shown along: twice its charge orbital magnetization, Eq. (6) with s = 1, to which the superconductor tends as "
    "the pairing vanishes; twice, for the two spins, while the normal model has one."
)


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Three panels per superconductor with a sweep; a study of a normal state belongs to those before it."""
    superconductors = [result for result in results if result.is_superconductor and result.sweep]
    if not superconductors:
        raise InputError(
            "studies",
            stated([result.name for result in results]),
            "a superconductor with a sweep, for superconductor_magnetization",
        )
    normal = next((result for result in results if not result.is_superconductor), None)
    data = side_by_side(
        results, {result.name: _plotted(result) for result in results}, "orbital magnetization, Eq. (7)"
    )
    figure, axes = style.panels(3 * len(superconductors), height=2.7, columns=3)
    for number, result in enumerate(superconductors):
        (first,), (second,), (third,) = axes[3 * number : 3 * number + 3]
        total = curve_of(data, result, "magnetization")
        sweep, temperature = dim_of(result, result.sweep), dim_of(result, "temperature")
        draw_family(first, total, temperature, "T (K)")
        coldest = int(np.argmin(total[temperature].values))
        for name, role in MAGNETIZATION_PARTS.items():
            style.curve(second, curve_of(data, result, name).isel({temperature: coldest}), role)
        style.reference_line(second, 0)
        draw_family(third, total, sweep, result.sweep)
        units = style.pretty_units(total.attrs.get("units", ""))
        value = float(total[temperature][coldest])
        words = ("sum of the parts", f"parts at {value:.4g} K", "sum of the parts")
        along = (result.sweep, result.sweep, "temperature")
        for index, (ax, name) in enumerate(zip((first, second, third), along, strict=True)):
            draw_against(ax, name)
            ax.set_ylabel(f"magnetization ({units})" if index == 0 else "")
            style.title_panel(ax, 3 * number + index, f"{result.name}, {words[index]}")
        if normal is not None:
            _draw_normal_state(first, third, data, normal, result)
    style.shared_legend(figure)
    return figure, data


def _draw_normal_state(first: Axes, third: Axes, data: xr.Dataset, normal: StudyResult, paired: StudyResult) -> None:
    """At zero pairing, in the colours of the temperatures; and against temperature."""
    twice = curve_of(data, normal, "twice_magnetization")
    kelvin = twice[twice.dims[0]].values
    shown = style.spread(paired.response.sizes["temperature"])
    for place, options in zip(shown, style.family(len(shown)), strict=True):
        same = np.flatnonzero(np.isclose(kelvin, paired.response["temperature"].values[place]))
        for index in same:
            first.plot([0], twice.values[index], "s", color=options["color"], clip_on=False, zorder=3, label="_limit")
    style.curve(third, twice, "normal_state", label=r"2 $\times$ normal state", zorder=3)


def _plotted(result: StudyResult) -> xr.Dataset:
    response = result.response
    if result.is_superconductor:
        return response[list(MAGNETIZATION_PARTS)] if result.sweep else response[["magnetization"]]
    normal = response["magnetization"]
    if normal.sizes["mu"] != 1 or normal.ndim != 2:
        given = stated(f"{result.name} with {normal.sizes['mu']} chemical potentials")
        raise InputError(
            "studies", given, "a normal state in two dimensions at one chemical potential, without a sweep"
        )
    twice = 2 * normal.isel(mu=0)
    twice.attrs = {"units": normal.attrs.get("units", "1"), "long_name": "twice the normal state's magnetization"}
    return xr.Dataset({"twice_magnetization": twice})
