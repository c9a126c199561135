"""Spin Hall conductivity of a material against mu: conventional, proper, and the conserved one with its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import components, style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.si import in_si

NEEDS = Needs(
    responses=("transport", "companions"),
    variables=("sigma_conventional", "sigma_torque_kubo", "sigma_intrinsic_sea"),
    drawn=(
        "sigma_conventional",
        "sigma_torque_kubo",
        "sigma_hall",
        "sigma_dipole",
        "sigma_intrinsic",
        "sigma_intrinsic_sea",
    ),
)
CAPTION = (
    "One response, several numbers: the spin Hall conductivity of a material against the chemical potential, at the "
    "lowest temperature of the study, in SI units with e = -|e|; the largest component. Squares: the conventional "
    "spin current, e times the sum of the spin Berry curvature. Triangles: the proper one, which adds the Kubo "
    "response of the torque in the limit of long waves. Solid: the intrinsic conserved one of the semiclassical "
    "theory, Eq. (11), with its Hall part, which is what weak disorder leaves, Eq. (15), and its dipole part, which "
    "scattering cancels, Eq. (14). Grey: the antisymmetric part of Eq. (11) in the form without a Fermi-surface term, "
    "which converges faster where levels nearly touch, and differs from it by what exact crossings hold. Where spin "
    "is conserved all of them agree but the dipole part, which vanishes."
)

_SHOWN = {
    "sigma_intrinsic_sea": ("chern", "intrinsic, antisymmetric, sea form"),
    "sigma_conventional": ("conventional", "conventional"),
    "sigma_proper": ("proper", "proper: conventional + torque (Kubo)"),
    "sigma_hall": ("hall", "Hall part, Eq. (15)"),
    "sigma_dipole": ("dipole", "dipole part, Eq. (14)"),
    "sigma_intrinsic": ("intrinsic", "intrinsic conserved, Eq. (11)"),
}
_NOTHING = 1e-6
"""Of the scale: what is smaller vanishes by symmetry, but for the errors of a model's symmetry."""
_PARTS = ("sigma_conventional", "sigma_intrinsic")


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study."""
    choices = {result.name: _choice(result) for result in results}
    parts = {result.name: _plotted(result, choices[result.name].drawn[0]) for result in results}
    data = side_by_side(results, parts, "spin Hall conductivity")
    notes = {name: choice.note for name, choice in choices.items()}
    data.attrs["notes"] = json.dumps(notes, ensure_ascii=False)
    figure, axes = style.panels(len(results), height=2.6)
    for index, (result, (ax,)) in enumerate(zip(results, axes, strict=True)):
        style.reference_line(ax, 0)
        for name, (role, label) in _SHOWN.items():
            style.curve(ax, curve_of(data, result, name), role, label=label)
        kelvin = float(data[dim_of(result, "temperature")])
        style.title_panel(ax, index, f"{result.name}, T = {kelvin:.4g} K")
        units = style.pretty_units(data[dim_of(result, "sigma_intrinsic")].attrs["units"])
        ax.set_xlabel(style.parameter_label("mu"))
        ax.set_ylabel(rf"$\sigma_{{{choices[result.name].drawn[0]}}}$ ({units})")
        ax.margins(x=0)
    style.shared_legend(figure)
    return figure, data


def _choice(result: StudyResult) -> components.Choice:
    response = in_si(_coldest(result))
    scales = {name: response[f"{name}_scale"] for name in _PARTS}
    return components.choose({name: response[name] for name in _PARTS}, scales, _NOTHING, 1)


def _coldest(result: StudyResult) -> xr.Dataset:
    """Of a sweep the first value."""
    response = result.coldest()
    return response if result.sweep is None else response.isel({result.sweep: 0})


def _plotted(result: StudyResult, component: str) -> xr.Dataset:
    response = in_si(_coldest(result)).sel(i=component[0], l=component[1], drop=True)
    proper = response["sigma_conventional"] + response["sigma_torque_kubo"]
    response["sigma_proper"] = proper.assign_attrs(
        response["sigma_conventional"].attrs | {"long_name": "conventional part and torque response", "formula": ""}
    )
    part = response[list(_SHOWN)]
    for name in _SHOWN:
        part[name].attrs["long_name"] = f"{part[name].attrs.get('long_name', name)}, {component}"
    return part
