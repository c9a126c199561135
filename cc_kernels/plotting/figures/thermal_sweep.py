"""Response to a temperature gradient against a model parameter: what crossings give, and what a gap leaves."""

from __future__ import annotations

import json
from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.families import draw_against
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult, number_text
from cc_kernels.plotting.thermal_curves import SHOWN, definitions, draw_definitions

NEEDS = Needs(responses=("thermal",), drawn=("alpha_intrinsic_sea",))
CAPTION = (
    "Response J_i = -alpha_il d_l T of the current of an operator to a temperature gradient against a parameter of "
    "the model, at some temperatures; the largest component. Squares: the conventional current. Circles: the "
    "conserved current of Eq. (11) in the form of energies, value by value, which keeps what exact crossings of bands "
    "hold. Grey: its antisymmetric part in the sea form, the limit of a gap that closes. Where both agree there is no "
    "crossing; where they differ, the difference is -S/8 pi^2 times the circulation of the dipole around each "
    "crossing."
)
_MOST = 2
"""Temperatures that are shown."""


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """A panel for the first and the last temperature of each study."""
    parts = {result.name: _plotted(result) for result in results}
    data = side_by_side(results, {name: part for name, (part, _) in parts.items()}, "thermal coefficient, Eq. (11)")
    data.attrs["notes"] = json.dumps({name: choice.note for name, (_, choice) in parts.items()}, ensure_ascii=False)
    shown = [(one, place) for one in results for place in style.spread(one.response.sizes["temperature"], _MOST)]
    figure, axes = style.panels(len(shown), height=2.5, columns=min(2, len(shown)))
    for index, (result, place) in enumerate(shown):
        ax, temperature = axes[index][0], dim_of(result, "temperature")
        part, choice = parts[result.name]
        curves = {name: curve_of(data, result, name).isel({temperature: place}) for name in SHOWN if name in part}
        draw_definitions(ax, curves, choice.drawn[0], linestyle="none", markersize=4.5, clip_on=False)
        draw_against(ax, str(result.sweep))
        kelvin = number_text(data[temperature].values[place])
        style.title_panel(ax, index, f"{result.name}, T = {kelvin} K")
    style.shared_legend(figure)
    return figure, data


def _plotted(result: StudyResult) -> tuple[xr.Dataset, object]:
    several = [name for name in ("operator", "mu") if result.response.sizes.get(name, 1) > 1]
    if several or result.sweep is None:
        what = f"several values of {several[0]}" if several else "no sweep"
        given = stated(f"{result.name} with {what}")
        raise InputError("studies", given, "a study with a sweep, of one operator, at one chemical potential at most")
    coefficients, choice = definitions(result)
    i, l = choice.drawn[0]
    part = coefficients.sel(i=i, l=l, drop=True).transpose("temperature", result.sweep)
    for name in part:
        part[name].attrs["long_name"] = f"{part[name].attrs.get('long_name', name)}, {i}{l}"
    return part, choice
