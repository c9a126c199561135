"""The whole Rashba story: what the clean model has, what scattering adds part by part, and that nothing is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.plotting import potential_labels as potentials
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.rashba import coupling, universal_value
from cc_kernels.plotting.size import FLOOR_COMMENT, epsilon_line, floored, size_axis
from cc_kernels.plotting.study_result import StudyResult, all_cases, number_text

NEEDS = Needs(responses=("transport", "disorder"))
CAPTION = (
    "Spin Hall conductivity of Rashba electrons with weak disorder, part by part: the response of the current along x "
    "to a field along y against chemical potential, in units of e/8pi. Above: the conventional current (at the lowest "
    "temperature of the study); the intrinsic part of the conserved current, Eq. (11), its dipole part on the Fermi "
    "lines of zero temperature; what scattering adds, on the same lines: the change of the dipole, Eq. (14), the side "
    "jump, and the shifted occupation, Eq. (13); and their sum with the intrinsic part, which is what flows. Markers "
    "tell the potentials of the scatterers apart: the curves are the same for all. Thin lines: the universal values, "
    "1 for linear coupling and spin 1/2, 9 for cubic coupling and spin 3/2. Below: the size of the sum; the dotted "
    "line is the rounding unit of double precision, exact zeros are drawn at 1e-18."
)

_CLEAN = {"sigma_conventional": "conventional", "sigma_intrinsic_contour": "intrinsic"}
_SCATTERED = {
    "sum": "sum",
    "sigma_dipole_scattering": "dipole_scattering",
    "sigma_side_jump": "side_jump",
    "sigma_occupation": "occupation",
}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One stack of two axes per study and sweep value."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "Rashba electrons, disorder")
    cases = all_cases(results)
    figure, stacks = style.panels(len(cases), height=3.6, ratios=(2, 1))
    for index, ((result, label, case), (upper, lower)) in enumerate(zip(cases, stacks, strict=True)):
        _draw_parts(upper, data, result, case)
        settings = [f"{name} {number_text(value)}" for name, value in coupling(result, case).items()]
        style.title_panel(upper, index, ", ".join([label, *settings]))
        _draw_size(lower, data, result, case)
        lower.sharex(upper)
        upper.tick_params(labelbottom=False)
    every = list(dict.fromkeys(label for result in results for label in potentials.labels_of(result)))
    for handle in potentials.marker_handles(every):
        figure.axes[0].add_line(handle)
    style.shared_legend(figure)
    return figure, data


def _draw_parts(ax: Axes, data: xr.Dataset, result: StudyResult, case: int | None) -> None:
    universal = universal_value(result, case)
    for value in {-universal, 0, universal}:
        style.reference_line(ax, value)
    for name, role in _CLEAN.items():
        style.curve(ax, curve_of(data, result, name, case), role, marker="", linewidth=1.8)
    potential = dim_of(result, "potential")
    # Markers of potentials and of parts alternate along the curves, so that all of them are seen.
    period = data.sizes[potential] * len(_SCATTERED)
    for part, (name, role) in enumerate(_SCATTERED.items()):
        array = curve_of(data, result, name, case)
        for number in range(array.sizes[potential]):
            options = {
                "marker": potentials.MARKERS[number],
                "markevery": (part * data.sizes[potential] + number, period),
            }
            options |= {"linestyle": "none", "label": f"_{name}", "markersize": 4, "zorder": 3}
            style.curve(ax, array.isel({potential: number}), role, **options)
        width = {"linewidth": 3.4} if name == "sum" else {}  # seen beside what coincides with it
        style.curve(ax, array.isel({potential: 0}), role, marker="", **width)
    ax.set_ylabel(rf"$\sigma_{{xy}}$ ({style.pretty_units(data[dim_of(result, 'sum')].attrs['units'])})")
    if universal:
        ax.set_ylim(-1.2 * universal, 1.2 * universal)
        ax.set_yticks(universal * np.array([-1, -0.5, 0, 0.5, 1]))
    ax.margins(x=0)


def _draw_size(ax: Axes, data: xr.Dataset, result: StudyResult, case: int | None) -> None:
    size = curve_of(data, result, "sum_size", case)
    potential = dim_of(result, "potential")
    for number, marker in zip(range(size.sizes[potential]), potentials.MARKERS, strict=False):
        look = {"marker": marker, "linewidth": 0.6, "markevery": 1, "label": "_size"}
        style.curve(ax, size.isel({potential: number}), "difference", **look)
    epsilon_line(ax)
    size_axis(ax)
    ax.set_xlabel(style.parameter_label("mu"))
    ax.set_ylabel(f"|sum| ({style.pretty_units(size.attrs['units'])})")


def _plotted(result: StudyResult) -> xr.Dataset:
    """Parts xy in units/8pi; all but the first at zero temperature, where the Hall part vanishes."""
    response = result.coldest().sel(i="x", l="y", drop=True)
    potentials.labels_of(result)
    response["sigma_intrinsic_contour"] = response["sigma_hall"] + response["sigma_dipole_contour"]
    scattered = [response[name] for name in _SCATTERED if name != "sum"]
    response["sum"] = response["sigma_intrinsic_contour"] + sum(scattered)
    part = response[[*_CLEAN, *_SCATTERED]] * (8 * np.pi)
    part["sum_size"] = floored(abs(part["sum"]))
    units = f"{response['sigma_conventional'].attrs.get('units', 'e')}/8pi"
    words = {
        "sigma_intrinsic_contour": "intrinsic conductivity: Hall part, and dipole part on the Fermi lines at T = 0",
        "sum": "intrinsic + dipole change upon scattering + side jump + shifted occupation",
        "sum_size": f"|sum|; {FLOOR_COMMENT}",
    }
    for name in part.data_vars:
        known = result.response[name].attrs if name in result.response else {}
        long_name = words.get(str(name), known.get("long_name", name))
        part[name].attrs = {"units": units, "long_name": f"{long_name}, xy", "formula": known.get("formula", "")}
    order = [dim for dim in (result.sweep, "potential", "mu") if dim]
    return part.transpose(*order)
