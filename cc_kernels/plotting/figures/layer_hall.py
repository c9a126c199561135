"""Layer pseudospin Hall effect: parts at one displacement field, and the conductivity over mu and displacement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult, number_text

NEEDS = Needs(responses=("transport",))
CAPTION = (
    "Layer pseudospin Hall effect of a bilayer: the current of the layer polarization along x in a field along y, in "
    "units of e/2pi hbar = e/h, at the lowest temperature of the study. (a) At one displacement (the energy by which "
    "the layers differ): the intrinsic conductivity of Eq. (11) and its two parts, the Hall part, which is what weak "
    "disorder leaves of it, Eq. (15), and the dipole part, which scattering cancels, Eq. (14). (b) The intrinsic "
    "conductivity against chemical potential and displacement; the dashed line is the displacement of (a). It vanishes "
    "without a displacement, which alone makes the layers differ, and is odd in it. The model twisted_tmd has one "
    "valley. The other is its time-reversed partner, with the opposite sign: a bilayer with time-reversal symmetry has "
    "no net layer Hall current, and what is shown is that of a valley-polarized bilayer, or half the current of layer "
    "times valley."
)

_SHOWN = {
    "sigma_hall": ("hall", "Hall part, Eq. (15)"),
    "sigma_dipole": ("dipole", "dipole part, Eq. (14)"),
    "sigma_intrinsic": ("intrinsic", "intrinsic, Eq. (11)"),
}
_MILLI = 1000


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Two panels per study, which has a sweep."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "layer pseudospin Hall effect")
    figure, axes = style.panels(2 * len(results), height=2.8, columns=2)
    for ax in axes.ravel():
        ax.xaxis.set_major_locator(MaxNLocator(5))
    for number, result in enumerate(results):
        (left,), (right,) = axes[2 * number], axes[2 * number + 1]
        _draw_parts(left, data, result)
        _draw_map(right, data, result)
        value = _quantity(result, float(data[dim_of(result, "chosen")]))
        temperature = float(data[dim_of(result, "temperature")])
        style.title_panel(left, 2 * number, f"{result.name}, {value}, {temperature:.4g} K")
        style.title_panel(right, 2 * number + 1, f"{result.name}, intrinsic conductivity")
    style.shared_legend(figure)
    return figure, data


def _draw_parts(ax: Axes, data: xr.Dataset, result: StudyResult) -> None:
    style.reference_line(ax, 0)
    for name, (role, label) in _SHOWN.items():
        style.curve(ax, curve_of(data, result, name), role, label=label)
    ax.set_xlabel("chemical potential of the holes μ (meV)" if _of_holes(result) else "chemical potential μ (meV)")
    ax.set_ylabel(_symbol(data, result))
    ax.margins(x=0)


def _draw_map(ax: Axes, data: xr.Dataset, result: StudyResult) -> None:
    values = curve_of(data, result, "map")
    largest = float(abs(values).max()) or 1.0
    mu, sweep = (data[dim_of(result, name)] for name in ("mu", result.sweep))
    options = {"shading": "nearest", "rasterized": True, "cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
    image = ax.pcolormesh(mu.values, sweep.values, values.values, **options)
    image.set_gid(str(values.name))
    chosen = float(data[dim_of(result, "chosen")])
    ax.axhline(chosen, color="black", linewidth=0.8, linestyle=(0, (4, 3)))
    ax.figure.colorbar(image, cax=ax.inset_axes([1.04, 0, 0.05, 1]), label=_symbol(data, result))
    ax.set_xlabel("chemical potential of the holes μ (meV)" if _of_holes(result) else "chemical potential μ (meV)")
    unit = " (meV)" if result.sweep == "displacement" else ""
    ax.set_ylabel(f"{result.sweep}{unit}")


def _of_holes(result: StudyResult) -> bool:
    return result.model == "twisted_tmd"


def _symbol(data: xr.Dataset, result: StudyResult) -> str:
    units = style.pretty_units(data[dim_of(result, "map")].attrs["units"])
    return rf"$\sigma_{{xy}}${' of one valley' if _of_holes(result) else ''} ({units})"


def _quantity(result: StudyResult, value: float) -> str:
    return f"{result.sweep} {number_text(value)}" + (" meV" if result.sweep == "displacement" else "")


def _plotted(result: StudyResult) -> xr.Dataset:
    if result.sweep is None or result.response.sizes["mu"] < 2:
        given = stated(f"{result.name} without a sweep, or with one mu")
        raise InputError("studies", given, "a study with a sweep and several chemical potentials, for layer_hall")
    response = result.coldest().sel(i="x", l="y", drop=True)
    whole = response[list(_SHOWN)] * (2 * np.pi)
    chosen = _strongest(whole["sigma_intrinsic"].transpose(result.sweep, "mu"))
    part = whole.isel({result.sweep: chosen}).reset_coords(result.sweep).rename({result.sweep: "chosen"})
    part["map"] = whole["sigma_intrinsic"].transpose(result.sweep, "mu")
    numerator, *hbar = response["sigma_intrinsic"].attrs.get("units", "e").split("/")
    units = "/".join([numerator, " ".join(["2pi", *hbar])])  # e/2pi hbar is e/h
    for name in (*_SHOWN, "map"):
        known = response["sigma_intrinsic" if name == "map" else name].attrs
        part[name].attrs = {"units": units, "long_name": f"{known.get('long_name', name)}, xy"}
    energies = ["mu", *(["displacement"] if result.sweep == "displacement" else [])]
    for name in energies:
        coordinate = part[name] * _MILLI
        part = part.assign_coords({name: (name, coordinate.values, {"units": "meV", "long_name": name})})
    if result.sweep == "displacement":
        part["chosen"] = part["chosen"] * _MILLI
    unit = "meV" if result.sweep == "displacement" else "1"
    part["chosen"].attrs = {"units": unit, "long_name": f"{result.sweep} of the parts"}
    return part


def _strongest(values: xr.DataArray) -> int:
    """The swept value with the largest conductivity; of those that differ little, as of both signs, the last."""
    size = abs(values).max("mu").values
    return int(np.flatnonzero(size >= 0.99 * size.max())[-1])
