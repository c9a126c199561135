"""One insulator, four definitions of its spin Hall conductivity, against a model parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult

NEEDS = Needs(responses=("transport", "companions"), variables=("sigma_hall_projector", "sigma_torque_kubo"))
CAPTION = (
    "Four answers to one question: the Hall conductivity sigma_xy of an insulator, in units of e/2pi, against a model "
    "parameter, at the lowest temperature of the study and the chemical potential at which the Fermi surface "
    "contributes least. Dashed: the conventional current, e times the sum of the spin Berry curvature over occupied "
    "states. Solid: the Hall part of the conserved current, -e times the sum of Omega_n s_n over occupied bands, Eq. "
    "(12). Dash-dotted: the same with all occupied bands as one group, which no mixing among them can change. Dotted: "
    "the Kubo response of the current together with its torque part in the limit of long waves, which in a gap "
    "follows from the charge magnetization. Where spin is conserved all four agree. Where it is not, they answer "
    "different questions, and Eq. (12) depends on how the occupied bands share the curvature: it jumps where a "
    "degeneracy of theirs is lifted, in the Kane-Mele model from 1 to 0.75 at lambda_r = 0."
)

_SHOWN = {
    "sigma_conventional": ("conventional", "conventional current"),
    "sigma_hall": ("intrinsic", r"$\Omega_n s_n$ of single bands, Eq. (12)"),
    "sigma_hall_projector": ("projector", "occupied bands as one group"),
    "sigma_kubo": ("kubo", "Kubo response, current + torque"),
}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study, which has a sweep."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "definitions in an insulator")
    figure, axes = style.panels(len(results), height=2.7)
    for index, (result, (ax,)) in enumerate(zip(results, axes, strict=True)):
        style.reference_line(ax, 0)
        for name, (role, label) in _SHOWN.items():
            style.curve(ax, curve_of(data, result, name), role, label=label, markevery=1)
        mu, temperature = (float(data[dim_of(result, name)]) for name in ("mu", "temperature"))
        style.title_panel(ax, index, f"{result.name}, μ = {mu:.4g} eV, T = {temperature:.4g} K".replace("-", "−"))
        ax.set_xlabel(style.parameter_label(result.sweep))
        ax.set_ylabel(rf"$\sigma_{{xy}}$ ({style.pretty_units(data[dim_of(result, 'sigma_hall')].attrs['units'])})")
        ax.margins(x=0)
    style.shared_legend(figure)
    return figure, data


def _plotted(result: StudyResult) -> xr.Dataset:
    if result.sweep is None:
        raise InputError("studies", stated(f"{result.name} without a sweep"), "a study with a sweep")
    coldest = result.coldest()
    surface = coldest["sigma_dipole_scale"].max(result.sweep).values
    least = np.flatnonzero(surface == surface.min())
    response = coldest.isel(mu=int(least[len(least) // 2])).sel(i="x", l="y", drop=True)
    response["sigma_kubo"] = response["sigma_conventional"] + response["sigma_torque_kubo"]
    part = response[list(_SHOWN)] * (2 * np.pi)
    units = f"{coldest['sigma_hall'].attrs.get('units', 'e')}/2pi"
    for name, (_, words) in _SHOWN.items():
        long_name = coldest[name].attrs.get("long_name", name) if name in coldest else words
        part[name].attrs = {"units": units, "long_name": f"{long_name}, xy"}
    return part
