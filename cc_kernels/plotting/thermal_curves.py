"""The thermal coefficient by its definitions, drawn alike against temperature and against a model parameter."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr
from matplotlib.axes import Axes

from cc_kernels.plotting import components, style
from cc_kernels.plotting.study_result import StudyResult

SHOWN = {
    "alpha_intrinsic_sea": ("chern", "conserved, antisymmetric, sea form"),
    "alpha_conventional": ("conventional", "conventional"),
    "alpha_kubo": ("kubo", "Kubo response, current and torque"),
    "alpha_intrinsic": ("thermal", "conserved, Eq. (11)"),
}
"""What is drawn where a study has it: role and label. `alpha_kubo` is made here of two variables."""
_NOTHING = 1e-9
"""Of the scale: what is smaller vanishes by symmetry."""


def definitions(result: StudyResult) -> tuple[xr.Dataset, components.Choice]:
    """The coefficients of a study without mu, dims as in the study; and which of their components are worth drawing."""
    response = result.response
    if "mu" in response.dims:
        response = response.isel(mu=0, drop=True)
    shown = {name: response[name] for name in SHOWN if name in response}
    if "alpha_torque_kubo" in response:
        about = {"long_name": "conventional coefficient and Kubo response of the torque"}
        kubo = response["alpha_conventional"] + response["alpha_torque_kubo"]
        shown["alpha_kubo"] = kubo.assign_attrs(response["alpha_conventional"].attrs | about)
    scales = {name: response[f"{name}_scale"] for name in shown if name != "alpha_kubo"}
    choice = components.choose(shown, scales, _NOTHING, 1)
    if "alpha_intrinsic" in shown:
        i, l = choice.drawn[0]
        whole = shown["alpha_intrinsic"]
        antisymmetric = whole.sel(i=i, l=l, drop=True) - whole.sel(i=l, l=i, drop=True)
        if float(abs(antisymmetric).max()) <= choice.limit:  # a symmetric component has no sea form
            shown.pop("alpha_intrinsic_sea", None)
    return xr.Dataset(shown), choice


def draw_definitions(ax: Axes, curves: Mapping[str, xr.DataArray], component: str, **options: object) -> None:
    """Draw them against their one dim."""
    style.reference_line(ax, 0)
    for name, (role, label) in SHOWN.items():
        if name in curves:
            style.curve(ax, curves[name], role, label=label, **(options if name == "alpha_intrinsic" else {}))
    units = style.pretty_units(next(iter(curves.values())).attrs.get("units", ""))
    ax.set_ylabel(rf"$\alpha_{{{component}}}$ ({units})")
    ax.margins(x=0)
