"""The intrinsic conductivity of any study and its parts: the neutral figure for a model of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import components, style
from cc_kernels.plotting.families import draw_against
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult, number_text

NEEDS = Needs(responses=("transport",), drawn=("sigma_conventional", "sigma_intrinsic", "sigma_hall", "sigma_dipole"))
CAPTION = (
    "Conductivities sigma_il, the current along i in a field along l, against chemical potential (or against the "
    "swept parameter, or temperature, where a study has one chemical potential), a panel for each temperature. "
    "Dashed: the conventional current, e times the sum of the s-Berry curvature over occupied states. Solid: the "
    "intrinsic part of the conserved current, Eq. (11), and its two parts: the Hall part (dash-dotted), e times the "
    "sum of Omega_n s_n, which is what remains of it after scattering, Eq. (15), and the dipole part (dotted), which "
    "scattering cancels, Eq. (14). Components that vanish, or repeat another one, have no panel; they are named under "
    "the figure."
)

_SHOWN = {
    "sigma_conventional": ("conventional", "conventional"),
    "sigma_intrinsic": ("intrinsic", "intrinsic, Eq. (11)"),
    "sigma_hall": ("hall", "Hall part, Eq. (15)"),
    "sigma_dipole": ("dipole", "dipole part, Eq. (14)"),
}
_MOST = 3  # components of one study
_MOST_TEMPERATURES = 6  # two rows of panels


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study, sweep value, component and temperature."""
    choices = {result.name: _choice(result) for result in results}
    panels = sum(len(_cases(result)) * len(choices[result.name].drawn) for result in results)
    most = max(1, min(_MOST_TEMPERATURES, style.MOST_PANELS // panels))
    data = side_by_side(
        results, {result.name: _plotted(result, choices[result.name].drawn, most) for result in results}, "conductivity"
    )
    notes = {name: choice.note for name, choice in choices.items()}
    shown = []
    for result in results:
        choice = choices[result.name]
        if absent := result.response.sizes["temperature"] - data.sizes.get(dim_of(result, "temperature"), 1):
            notes[result.name] = "; ".join(filter(None, [choice.note, f"{absent} more temperatures are not drawn"]))
        for label, case in _cases(result):
            drawn = [name for name in choice.drawn if _size(data, result, case, name) > choice.limit]
            places = [(label, case, name) for name in drawn or choice.drawn[:1]]
            shown += [(result, *place, at) for place in places for at in _temperatures(data, result)]
            if drawn and (absent := [name for name in choice.drawn if name not in drawn]):
                at = label.removeprefix(f"{result.name}, ")
                notes[result.name] += f"; at {at} {', '.join(absent)} vanish{'es' * (len(absent) == 1)}, too"
    data.attrs["notes"] = json.dumps(notes, ensure_ascii=False)
    figure, axes = style.panels(len(shown), height=2.2)
    for index, ((result, label, case, component, at), (ax,)) in enumerate(zip(shown, axes, strict=True)):
        style.reference_line(ax, 0)
        here = {dim_of(result, "component"): component} | at
        for name, (role, words) in _SHOWN.items():
            style.curve(ax, curve_of(data, result, name, case).sel(here, drop=True), role, label=words)
        style.title_panel(ax, index, ", ".join([label, *_settings(data, result, at)]))
        draw_against(ax, _abscissa(result))
        units = style.pretty_units(data[dim_of(result, "sigma_intrinsic")].attrs.get("units", ""))
        ax.set_ylabel(rf"$\sigma_{{{component}}}$ ({units})")
        ax.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
    style.shared_legend(figure)
    return figure, data


def _size(data: xr.Dataset, result: StudyResult, case: int | None, component: str) -> float:
    """The largest value of a component and its parts."""
    at = {dim_of(result, "component"): component}
    return max(float(abs(curve_of(data, result, name, case).sel(at)).max()) for name in _SHOWN)


def _abscissa(result: StudyResult) -> str:
    """What the conductivity is drawn against: the first of mu, the sweep and temperature that has several values."""
    names = [name for name in ("mu", result.sweep, "temperature") if name]
    return next((name for name in names if result.response.sizes[name] > 1), "mu")


def _cases(result: StudyResult) -> list[tuple[str, int | None]]:
    return [(result.name, None)] if _abscissa(result) == result.sweep else result.cases()


def _temperatures(data: xr.Dataset, result: StudyResult) -> list[dict[str, float]]:
    """The temperatures that have a panel each, as selections; one empty selection where there are none to choose."""
    dim = dim_of(result, "temperature")
    if _abscissa(result) == "temperature" or dim not in data.dims:
        return [{}]
    return [{dim: kelvin} for kelvin in data[dim].values]


def _settings(data: xr.Dataset, result: StudyResult, at: Mapping[str, float]) -> list[str]:
    """The one chemical potential and temperature of the panel."""
    named = {"mu": ("μ", "eV"), "temperature": ("T", "K")}
    values = {name: at.get(dim_of(result, name), data[dim_of(result, name)]) for name in named}
    return [
        f"{symbol} = {number_text(float(values[name]))} {unit}".replace("-", "−")
        for name, (symbol, unit) in named.items()
        if np.ndim(values[name]) == 0
    ]


def _chosen(result: StudyResult) -> xr.Dataset:
    response = result.response.sortby("temperature")
    return response if _abscissa(result) == "mu" else response.isel(mu=0)


def _choice(result: StudyResult) -> components.Choice:
    response = _chosen(result)
    scales = {name: response[f"{name}_scale"] for name in _SHOWN}
    return components.choose({name: response[name] for name in _SHOWN}, scales, result.tolerance, _MOST)


def _plotted(result: StudyResult, drawn: Sequence[str], most: int) -> xr.Dataset:
    """`most` : temperatures that have a panel, the lowest first."""
    response = _chosen(result)[list(_SHOWN)]
    if _abscissa(result) != "temperature":
        kept = style.spread(response.sizes["temperature"], most)
        response = response.isel(temperature=kept if len(kept) > 1 else kept[0])
    parts = [response.sel(i=name[0], l=name[1], drop=True) for name in drawn]
    return xr.concat(parts, xr.IndexVariable("component", list(drawn)), data_vars="all")
