"""Charge current of quasiparticles from a temperature gradient, Eq. (11) with s = e tau_z."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.families import draw_against, draw_family
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult

NEEDS = Needs(responses=("superconductor",), variables=("alpha_intrinsic",))
CAPTION = (
    "Transverse charge current of Bogoliubov quasiparticles from a temperature gradient, J_x = -alpha_xy d_y T: the "
    "thermal coefficient alpha_xy of Eq. (11), with s the charge of a quasiparticle. Against temperature, for several "
    "values of the swept parameter, and against that parameter at several temperatures. Below the gap no "
    "quasiparticles carry entropy, and alpha_xy vanishes exponentially."
)


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study without a sweep, two per study with one."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "thermal coefficient, Eq. (11)")
    shown = [(result, name) for result in results for name in ("temperature", result.sweep) if name]
    figure, axes = style.panels(len(shown), height=2.5)
    for index, ((result, name), (ax,)) in enumerate(zip(shown, axes, strict=True)):
        alpha = curve_of(data, result, "alpha_intrinsic")
        style.reference_line(ax, 0)
        if result.sweep is None:
            style.curve(ax, alpha, "thermal", label="_alpha")
        elif name == "temperature":
            draw_family(ax, alpha, dim_of(result, result.sweep), result.sweep)
        else:
            draw_family(ax, alpha, dim_of(result, "temperature"), "T (K)")
        draw_against(ax, name)
        style.title_panel(ax, index, result.name)
        ax.set_ylabel(rf"$\alpha_{{xy}}$ ({style.pretty_units(alpha.attrs.get('units', ''))})")
    return figure, data


def _plotted(result: StudyResult) -> xr.Dataset:
    return result.response[["alpha_intrinsic"]].sel(i="x", l="y", drop=True)
