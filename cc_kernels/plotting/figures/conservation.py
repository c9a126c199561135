"""Conservation behind Eqs. (2)-(6): the dipole density of the current and the torque quadrupole make a circulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.cancellation import Panel, draw_cancellation
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import dim_of, side_by_side
from cc_kernels.plotting.size import FLOOR_COMMENT, floored
from cc_kernels.plotting.study_result import StudyResult, all_cases

NEEDS = Needs(responses=("equilibrium",), variables=("magnetization",))
CAPTION = (
    "Why the equilibrium current circulates, against chemical potential at the lowest temperature of the study. "
    "Above: the dipole density of the conventional current, D^li of Eq. (1); the same with its indices exchanged and "
    "its sign changed, with which it would agree if the conventional current were a circulation by itself; the "
    "torque quadrupole density Q^il of Eq. (3); and the sum of D^li and Q^il (line), which is -epsilon_ilk M_k "
    "(circles), the orbital magnetization of Eq. (6) computed on its own: antisymmetric, as for the current curl M. "
    "Of the pairs il the one with the largest M_k is shown. Below, for every temperature, the residual: the size of "
    "D^li + Q^il + epsilon_ilk M_k, the largest of all components (the diagonal ones, where D and Q cancel, among "
    "them), relative to the sum of the absolute contributions of all states; the dotted line is the rounding unit of "
    "double precision, exact zeros are drawn at 1e-18."
)

_PARTS = {
    "dipole_density": "dipole_density",
    "dipole_density_exchanged": "dipole_density_swapped",
    "torque_quadrupole": "torque_quadrupole",
    "dipole_and_quadrupole": "dipole_and_quadrupole",
    "circulation": "circulation",
}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One stack of two axes per study and sweep value."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "conservation, Eqs. (2)-(6)")
    shown = []
    for result, label, case in all_cases(results):
        pair = data[dim_of(result, "dipole_density")].attrs["indices"]
        units = style.pretty_units(result.response["current_dipole_density"].attrs.get("units", ""))
        temperature = float(data[dim_of(result, "lowest_temperature")])
        title = f"{label}, il = {pair}, T = {temperature:.4g} K"
        shown.append(Panel(result, case, title, style.parameter_label("mu"), f"density ({units})"))
    figure = draw_cancellation(data, shown, _PARTS, "relative_size", "residual / scale")
    for ax in figure.axes[: len(shown)]:
        ax.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
    return figure, data


def _plotted(result: StudyResult) -> xr.Dataset:
    response = result.response
    dipole, quadrupole = response["current_dipole_density"], response["torque_quadrupole_density"]
    circulation = _circulation(response)
    i, l = _largest_pair(circulation)
    variables = {
        "dipole_density": (dipole.sel(i=i, l=l), "dipole density of the current, D^li"),
        "dipole_density_exchanged": (-dipole.sel(i=l, l=i), "the same with exchanged indices, -D^il"),
        "torque_quadrupole": (quadrupole.sel(i=i, l=l), "torque quadrupole density, Q^il"),
        "dipole_and_quadrupole": ((dipole + quadrupole).sel(i=i, l=l), "D^li + Q^il"),
        "circulation": (circulation.sel(i=i, l=l), "-epsilon_ilk M_k"),
    }
    part = xr.Dataset({name: array.drop_vars(["i", "l"]) for name, (array, _) in variables.items()})
    for name, (_, words) in variables.items():
        part[name].attrs = {"units": dipole.attrs.get("units", "1"), "long_name": words, "indices": f"{i}{l}"}
    part = result.coldest(part).rename(temperature="lowest_temperature")
    left = abs(dipole + quadrupole - circulation).max(["i", "l"])
    scale = sum(response[f"{name}_scale"] for name in ("current_dipole_density", "torque_quadrupole_density")).max("mu")
    part["relative_size"] = floored(left / scale.where(scale > 0, 1))
    part["relative_size"].attrs = {
        "units": "1",
        "long_name": "largest |D^li + Q^il + epsilon_ilk M_k| / sum of absolute contributions",
        "comment": FLOOR_COMMENT,
    }
    return part


def _circulation(response: xr.Dataset) -> xr.DataArray:
    """-epsilon_ilk M_k; M is a number, its z component, in two dimensions."""
    axes = [str(name) for name in response["i"].values]
    magnetization = response["magnetization"]
    if "i" not in magnetization.dims:
        magnetization = magnetization.expand_dims(i=["z"])
    epsilon = np.zeros((3, 3, 3))
    for k in range(3):
        epsilon[(k + 1) % 3, (k + 2) % 3, k], epsilon[(k + 2) % 3, (k + 1) % 3, k] = 1, -1
    cartesian = ["x", "y", "z"]
    tensor = xr.DataArray(epsilon, {"i": cartesian, "l": cartesian, "k": cartesian}, ("i", "l", "k"))
    known = [str(name) for name in magnetization["i"].values]
    return -(tensor.sel(i=axes, l=axes, k=known) * magnetization.rename(i="k")).sum("k")


def _largest_pair(circulation: xr.DataArray) -> tuple[str, str]:
    """The pair il, in cyclic order, with the largest component; xy in two dimensions."""
    axes = [str(name) for name in circulation["i"].values]
    pairs = [pair for pair in (("x", "y"), ("y", "z"), ("z", "x")) if set(pair) <= set(axes)]
    return max(pairs, key=lambda pair: float(abs(circulation.sel(i=pair[0], l=pair[1])).max()))
