"""The intrinsic conductivity of any study and its parts: the neutral figure for a model of one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import components, style
from cc_kernels.plotting.families import draw_against
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult, number_text

NEEDS = Needs(responses=("transport",), drawn=("sigma_conventional", "sigma_intrinsic", "sigma_hall", "sigma_dipole"))
CAPTION = (
    "Conductivities sigma_il, the current along i in a field along l, against chemical potential (or against the swept "
    "parameter, or temperature, where a study has one chemical potential). Dashed: the conventional current, e times "
    "the sum of the s-Berry curvature over occupied states. Solid: the intrinsic part of the conserved current, Eq. "
    "(11), and its two parts: the Hall part (dash-dotted), e times the sum of Omega_n s_n, which is what remains of "
    "it after scattering, Eq. (15), and the dipole part (dotted), which scattering cancels, Eq. (14). Components that "
    "vanish, or repeat another one, have no panel; they are named under the figure."
)

_SHOWN = {
    "sigma_conventional": ("conventional", "conventional"),
    "sigma_intrinsic": ("intrinsic", "intrinsic, Eq. (11)"),
    "sigma_hall": ("hall", "Hall part, Eq. (15)"),
    "sigma_dipole": ("dipole", "dipole part, Eq. (14)"),
}
_MOST = 3  # components of one study


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study, sweep value and component."""
    choices = {result.name: _choice(result) for result in results}
    data = side_by_side(
        results, {result.name: _plotted(result, choices[result.name].drawn) for result in results}, "conductivity"
    )
    notes = {name: choice.note for name, choice in choices.items()}
    shown = []
    for result in results:
        choice = choices[result.name]
        for label, case in _cases(result):
            drawn = [name for name in choice.drawn if _size(data, result, case, name) > choice.limit]
            shown += [(result, label, case, component) for component in drawn or choice.drawn[:1]]
            if drawn and (absent := [name for name in choice.drawn if name not in drawn]):
                at = label.removeprefix(f"{result.name}, ")
                notes[result.name] += f"; at {at} {', '.join(absent)} vanish{'es' * (len(absent) == 1)}, too"
    data.attrs["notes"] = json.dumps(notes, ensure_ascii=False)
    figure, axes = style.panels(len(shown), height=2.2)
    for index, ((result, label, case, component), (ax,)) in enumerate(zip(shown, axes, strict=True)):
        style.reference_line(ax, 0)
        for name, (role, words) in _SHOWN.items():
            array = curve_of(data, result, name, case).sel({dim_of(result, "component"): component}, drop=True)
            style.curve(ax, array, role, label=words)
        settings = [label, *_settings(data, result)]
        style.title_panel(ax, index, ", ".join(settings))
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


def _settings(data: xr.Dataset, result: StudyResult) -> list[str]:
    """The one chemical potential or temperature of the panel."""
    named = {"mu": ("μ", "eV"), "temperature": ("T", "K")}
    return [
        f"{symbol} = {number_text(float(data[dim_of(result, name)]))} {unit}".replace("-", "−")
        for name, (symbol, unit) in named.items()
        if data[dim_of(result, name)].ndim == 0
    ]


def _chosen(result: StudyResult) -> xr.Dataset:
    abscissa = _abscissa(result)
    response = result.response if abscissa == "temperature" else result.coldest()
    return response if abscissa == "mu" else response.isel(mu=0)


def _choice(result: StudyResult) -> components.Choice:
    response = _chosen(result)
    scales = {name: response[f"{name}_scale"] for name in _SHOWN}
    return components.choose({name: response[name] for name in _SHOWN}, scales, result.tolerance, _MOST)


def _plotted(result: StudyResult, drawn: Sequence[str]) -> xr.Dataset:
    response = _chosen(result)[list(_SHOWN)]
    parts = [response.sel(i=name[0], l=name[1], drop=True) for name in drawn]
    return xr.concat(parts, xr.IndexVariable("component", list(drawn)), data_vars="all")
