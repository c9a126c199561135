"""Response to a temperature gradient, and what Mott's relation says from the conductivity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult, all_cases, number_text
from cc_kernels.units import KELVIN

NEEDS = Needs(responses=("transport",))
CAPTION = (
    "Transverse response to a temperature gradient, J_x = -alpha_xy d_y T (a spin Nernst effect, where the operator is "
    "a spin). Left: the thermal coefficient alpha_xy of Eq. (11) against chemical potential at several temperatures "
    "(lines), and Mott's value (pi^2 k_B^2 T/3e) dsigma_xy/dmu (open symbols, same colours) from the intrinsic "
    "conductivity at the lowest temperature of the study, by central differences. Right: their difference divided by "
    "temperature, root mean square over the chemical potentials, relative to that of Mott's value: to first order it "
    "grows as T^2 - (5/7) T_0^2 (thin line, through the first point) with T_0 the lowest temperature, which gives "
    "Mott's value, as long as temperature is small against the energies over which sigma_xy varies."
)
_REFERENCE = 5 / 7
"""Sommerfeld's expansion: alpha/T gains 7 pi^2 T^2/30 of the third derivative, the slope at T_0 pi^2 T_0^2/6."""
_T_SQUARED = r"$\propto T^2 - 5T_0^2/7$"


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Two panels per study and sweep value."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "Mott relation, Eq. (11)")
    cases = all_cases(results)
    figure, axes = style.panels(2 * len(cases), height=2.6, columns=2)
    for number, (result, label, case) in enumerate(cases):
        (left,), (right,) = axes[2 * number], axes[2 * number + 1]
        _draw_coefficient(left, data, result, case)
        style.title_panel(left, 2 * number, f"{label}, thermal coefficient")
        _draw_deviation(right, curve_of(data, result, "deviation", case))
        style.title_panel(right, 2 * number + 1, f"{label}, deviation from Mott's value")
    return figure, data


def _draw_coefficient(ax: Axes, data: xr.Dataset, result: StudyResult, case: int | None) -> None:
    alpha, mott = curve_of(data, result, "alpha_intrinsic", case), curve_of(data, result, "mott", case)
    over = dim_of(result, "temperature")
    style.reference_line(ax, 0)
    chosen = style.spread(alpha.sizes[over], 4)
    for place, options in zip(chosen, style.family(len(chosen)), strict=True):
        every = max(1, alpha.sizes[dim_of(result, "mu")] // 45)
        symbols = {"linestyle": "none", "markersize": 2.6, "markevery": every, "markeredgewidth": 0.6}
        style.curve(ax, mott.isel({over: place}), "thermal", label="_mott", **(options | symbols))
        label = f"{number_text(alpha[over].values[place])} K"
        style.curve(ax, alpha.isel({over: place}), "thermal", label=label, **(options | {"marker": ""}))
    ax.set_xlabel(style.parameter_label("mu"))
    ax.set_ylabel(rf"$\alpha_{{xy}}$ ({style.pretty_units(alpha.attrs.get('units', ''))})")
    ax.margins(x=0)
    ax.legend(loc="best", title="lines: Eq. (11), symbols: Mott", title_fontsize=7)


def _draw_deviation(ax: Axes, deviation: xr.DataArray) -> None:
    kelvin = deviation[deviation.dims[0]].values
    style.curve(ax, deviation, "difference", marker="o", label="_deviation")
    known = np.isfinite(deviation.values) & (deviation.values > 0)
    ax.set_xscale("log")
    if known.any():  # a response that vanishes deviates by nothing
        ax.set_yscale("log")
        first = int(np.flatnonzero(known)[0])
        law = kelvin**2 - _REFERENCE * kelvin[0] ** 2
        guide = deviation.values[first] * law / law[first]
        ax.plot(kelvin[first:], guide[first:], color=style.GREY, linewidth=0.7, zorder=0.5)
        place = first + (len(kelvin) - first) // 2
        ax.annotate(
            _T_SQUARED, (kelvin[place], guide[place]), xytext=(5, -5), textcoords="offset points", va="top",
            fontsize=7, color="#505050",
        )  # fmt: skip
    ticks = kelvin[style.spread(len(kelvin), 8)]
    ax.set_xticks(ticks, [number_text(value) for value in ticks])
    ax.xaxis.set_minor_locator(style.no_minor_ticks())
    ax.set_xlabel("temperature (K)")
    ax.set_ylabel("deviation / Mott's value")


def _plotted(result: StudyResult) -> xr.Dataset:
    if result.response.sizes["temperature"] < 2 or result.response.sizes["mu"] < 3:
        given = stated(f"{result.name} with fewer")
        raise InputError("studies", given, "a study with at least 2 temperatures and 3 chemical potentials")
    response = result.response.sel(i="x", l="y", drop=True).sortby("temperature")
    alpha = response["alpha_intrinsic"]
    inside = np.isin(response["mu"], response["mu"][1:-1])
    slope = response["sigma_intrinsic"].isel(temperature=0, drop=True).differentiate("mu").where(inside)
    mott = np.pi**2 / 3 * KELVIN * alpha["temperature"] * slope
    deviation = np.sqrt(((alpha - mott) ** 2).mean("mu")) / np.sqrt((mott**2).mean("mu"))
    warmer = alpha["temperature"] > alpha["temperature"].min()
    part = xr.Dataset(
        {"alpha_intrinsic": alpha, "mott": mott.transpose(*alpha.dims), "deviation": deviation.where(warmer)}
    )
    part["mott"].attrs = {
        "units": alpha.attrs.get("units", "1"),
        "long_name": "Mott's value (pi^2 k_B^2 T/3e) dsigma_xy/dmu, sigma_xy at the lowest temperature",
    }
    part["deviation"].attrs = {
        "units": "1",
        "long_name": "root mean square over mu of alpha_xy - Mott's value / that of Mott's value",
    }
    return part
