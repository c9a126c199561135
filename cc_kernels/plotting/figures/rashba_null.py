"""Spin Hall conductivity of Rashba models: conventional, intrinsic (Eq. 11) and band (Eq. 15), which is zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, side_by_side
from cc_kernels.plotting.rashba import universal_value
from cc_kernels.plotting.study_result import StudyResult, all_cases

NEEDS = Needs(responses=("transport",), drawn=("sigma_conventional", "sigma_intrinsic", "sigma_hall"))
CAPTION = (
    "Spin Hall conductivity, the response of the current along x to a field along y, against chemical potential, "
    "in units of e/8pi, at the lowest temperature of the study. Dashed: the conventional current, e times the sum "
    "of the spin Berry curvature over occupied states. Solid: the intrinsic part of the conserved current, Eq. "
    "(11). Dash-dotted: the band current of Eq. (15), the Hall part alone, which remains after scattering cancels "
    "the dipole part of the intrinsic current for every weak disorder potential, Eq. (14). In Rashba models the "
    "spin expectation value vanishes in each state, and so does the band current. Thin lines, for models with winding "
    "and spin: the universal values of the clean continuum models with both bands occupied, -1 for linear Rashba "
    "coupling and spin 1/2, -9 for k-cubic coupling and spin 3/2, and their opposites, which a lattice shows near the "
    "top of its bands; the conventional value is not universal on a lattice."
)

_SHOWN = {"sigma_conventional": "conventional", "sigma_intrinsic": "intrinsic", "sigma_hall": "hall"}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study and sweep value."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "spin Hall conductivity")
    cases = all_cases(results)
    figure, axes = style.panels(len(cases), height=2.2)
    for index, ((result, label, case), (ax,)) in enumerate(zip(cases, axes, strict=True)):
        universal = universal_value(result, case)
        for value in {-universal, 0, universal}:
            style.reference_line(ax, value, f"{value:+.3g}".replace("-", "−") if value else "")
        for name, role in _SHOWN.items():
            style.curve(ax, curve_of(data, result, name, case), role)
        temperature = float(data[f"{result.name}__temperature"])
        style.title_panel(ax, index, f"{label}, T = {temperature:.4g} K")
        ax.set_xlabel("chemical potential μ (eV)")
        ax.set_ylabel(rf"$\sigma_{{xy}}$ ({_unit(result)})")
        ax.margins(x=0)
    style.shared_legend(figure)
    return figure, data


def _plotted(result: StudyResult) -> xr.Dataset:
    response = result.coldest()
    part = response[list(_SHOWN)].sel(i="x", l="y", drop=True) * (8 * np.pi)
    for name in _SHOWN:
        attrs = response[name].attrs
        part[name].attrs = {
            "units": _unit(result).replace("π", "pi"),
            "long_name": f"{attrs.get('long_name', name)}, xy",
            "formula": attrs.get("formula", ""),
        }
    return part


def _unit(result: StudyResult) -> str:
    """e/8pi for a spin, whose hbar the kernel's units absorb; else the kernel's own units/8pi."""
    return f"{result.response['sigma_intrinsic'].attrs.get('units', 'e')}/8π"
