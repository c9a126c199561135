"""Eq. (5): the conventional current and the torque dipole density cancel in equilibrium."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.geometry.attributes import WITHOUT_MU
from cc_kernels.plotting import style
from cc_kernels.plotting.cancellation import Panel, draw_cancellation, relative_size
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import side_by_side
from cc_kernels.plotting.study_result import StudyResult, all_cases

NEEDS = Needs(responses=("equilibrium",), drawn=("conventional_current", "torque_dipole_density", "net_current"))
CAPTION = (
    "Equilibrium currents against chemical potential, or, of superconductors and bosons, which have none to choose, "
    "against temperature. Above, at the lowest temperature of the study or along all of them: the "
    "conventional current, the sum over occupied states of J = (v s + s v)/2 [Eq. (1)], the torque dipole density "
    "D [Eq. (3)] with its Berry curvature term, and their sum, the net flow of the conserved current, which Eq. "
    "(5) says is zero. Of the Cartesian components the one with the largest conventional current is shown. Below, "
    "for every temperature: the size of the sum relative to the sum of the absolute contributions of all states; "
    "the dotted line is the rounding unit of double precision. What is left falls exponentially with grid density "
    "and temperature."
)

_PARTS = {
    "conventional_current": "conventional_current",
    "torque_dipole_density": "torque_dipole",
    "net_current": "sum",
}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One stack of two axes per study and sweep value."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "equilibrium currents, Eq. (5)")
    shown = []
    for result, label, case in all_cases(results):
        component = str(data[f"{result.name}__i"].values)
        units = style.pretty_units(result.response["net_current"].attrs.get("units", ""))
        title, along = label, "temperature (K)"
        if has_mu(result):
            temperature = float(data[f"{result.name}__lowest_temperature"])
            title, along = f"{label}, T = {temperature:.4g} K", "chemical potential μ (eV)"
        shown.append(Panel(result, case, title, along, f"current along {component} ({units})"))
    return draw_cancellation(data, shown, _PARTS, "relative_size"), data


def has_mu(result: StudyResult) -> bool:
    """Is there a chemical potential to draw against?"""
    return WITHOUT_MU not in result.response.attrs


def _plotted(result: StudyResult) -> xr.Dataset:
    response = result.response
    signal = abs(response["conventional_current"])
    largest = str(response["i"].values[int(signal.max([dim for dim in signal.dims if dim != "i"]).argmax("i"))])
    chosen = response[list(_PARTS)].sel(i=largest)
    # The net current's own scale is that of its parts; the largest over mu, as in the verdict.
    scale = response["net_current_scale"].max("mu")
    if has_mu(result):
        part = result.coldest(chosen).rename(temperature="lowest_temperature")
    else:
        chosen = chosen.isel(mu=0, drop=True)
        part, scale = chosen.copy(), scale.max("temperature")
    part["relative_size"] = relative_size(chosen["net_current"], scale)
    return part
