"""Side jump of massive Dirac electrons: half of the published side-jump anomalous Hall conductivity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import potential_labels as potentials
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.size import FLOOR_COMMENT, epsilon_line, floored, size_axis
from cc_kernels.plotting.study_result import StudyResult, number_text

NEEDS = Needs(responses=("disorder",))
CAPTION = (
    "Side jump of massive Dirac electrons, H = v(kx s_x + ky s_y) + m s_z, for s = 1, against chemical potential, at "
    "zero temperature. (a) Symbols: sigma_xy from the shifts of position upon scattering, above Eq. (14), for delta "
    "scatterers, V(q) = const. Lines: half of the published side-jump anomalous Hall conductivity [Sinitsyn et al., "
    "Phys. Rev. B 75, 045315 (2007)], in magnitude 2 m (v k_F)^2/(4 pi mu [4 m^2 + (v k_F)^2]); the other half comes "
    "from the anomalous distribution. Below, their difference relative to the sum of absolute contributions: rounding "
    "(dotted line: the unit of double precision; exact zeros are drawn at 1e-18). (b) The side jump, unlike the change "
    "of the dipole, depends on the potential of the scatterers: one mass, several potentials. Below, relative to that "
    "of delta scatterers."
)

_MODEL, _OPERATOR, _SHORT = "massive_dirac", "charge", "delta"


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Two stacks of two axes per study."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "side jump")
    figure, stacks = style.panels(2 * len(results), height=3.6, ratios=(1.8, 1), columns=2)
    for number, result in enumerate(results):
        left, right = stacks[2 * number], stacks[2 * number + 1]
        _draw_masses(left, data, result)
        style.title_panel(left[0], 2 * number, f"{result.name}, delta scatterers")
        case = len(result.cases()) // 2 if result.sweep else None
        _draw_potentials(right, data, result, case)
        title = f"{result.name}, mass = {number_text(result.parameter('mass', case))} eV"
        style.title_panel(right[0], 2 * number + 1, title)
        units = style.pretty_units(data[dim_of(result, "side_jump")].attrs["units"])
        for upper, lower in (left, right):
            style.reference_line(upper, 0)
            upper.set_ylabel(rf"side jump $\sigma_{{xy}}$ ({units})")
            upper.sharex(lower)
            upper.tick_params(labelbottom=False)
            lower.set_xlabel(style.parameter_label("mu"))
            lower.margins(x=0)
        _share_height(left[0], right[0])
    style.shared_legend(figure)
    return figure, data


def _draw_masses(stack: Sequence[Axes], data: xr.Dataset, result: StudyResult) -> None:
    upper, lower = stack
    place = potentials.labels_of(result).index(_SHORT)
    chosen = style.spread(len(result.cases()))
    for case, look in zip(chosen, style.family(len(chosen)), strict=True):
        at = case if result.sweep else None
        mass = f"mass = {number_text(result.parameter('mass', at))} eV"
        symbols = {"linestyle": "none", "markevery": 1, "color": look["color"], "marker": look["marker"]}
        side_jump = curve_of(data, result, "side_jump", at).isel({dim_of(result, "potential"): place})
        style.curve(
            upper, curve_of(data, result, "published", at), "published", color=look["color"], label="_published"
        )
        style.curve(upper, side_jump, "side_jump", label=mass, **symbols)
        style.curve(lower, curve_of(data, result, "difference", at), "difference", label="_difference", **symbols)
    upper.legend(loc="best")
    for line in upper.get_lines():
        line.set_label(f"_{line.get_label()}")  # not for the legend of all panels
    upper.plot([], [], color=style.GREY, linewidth=1, label="half of the published side-jump conductivity")
    upper.plot([], [], "o", color=style.GREY, markerfacecolor="white", label="computed side jump")
    epsilon_line(lower)
    size_axis(lower)
    lower.set_ylabel("|difference| / scale")


def _draw_potentials(stack: Sequence[Axes], data: xr.Dataset, result: StudyResult, case: int | None) -> None:
    upper, lower = stack
    side_jump, ratio = curve_of(data, result, "side_jump", case), curve_of(data, result, "ratio", case)
    potential = dim_of(result, "potential")
    styles = ("-", (0, (5, 2)), (0, (6, 1.6, 1.2, 1.6)), (0, (1.2, 1.2)), (0, (2, 3)))
    for number, label in enumerate(potentials.labels_of(result)):
        look = {"color": potentials.COLORS[number], "marker": potentials.MARKERS[number], "linestyle": styles[number]}
        style.curve(upper, side_jump.isel({potential: number}), "side_jump", label=potentials.in_print(label), **look)
        style.curve(lower, ratio.isel({potential: number}), "side_jump", label="_ratio", **look)
    lower.set_ylabel("relative to\ndelta")


def _share_height(first: Axes, second: Axes) -> None:
    limits = [*first.get_ylim(), *second.get_ylim()]
    for ax in (first, second):
        ax.set_ylim(min(limits), max(limits))


def _plotted(result: StudyResult) -> xr.Dataset:
    """Side jump for all masses and potentials, the published half, and how far apart they are."""
    _check(result)
    response = result.response.sel(i="x", l="y", drop=True)
    side_jump, mu = response["sigma_side_jump"], response["mu"]
    mass = response["mass"] if result.sweep == "mass" else result.parameter("mass", None)
    published = half_of_the_published(mu, mass, result.parameter("v", None))
    short = side_jump.sel(potential=_SHORT, drop=True)
    scale = response["sigma_side_jump_scale"].sel(potential=_SHORT, drop=True)
    difference = floored(abs(short - published) / scale.where(scale > 0, 1))
    part = xr.Dataset(
        {
            "side_jump": side_jump,
            "published": published,
            "difference": difference,
            "ratio": side_jump / short.where(scale > 0),
        }
    ).drop_attrs(deep=False)
    units = side_jump.attrs.get("units", "e^2")
    words = {
        "side_jump": (units, "side jump, xy"),
        "published": (units, "half of the published side-jump anomalous Hall conductivity, xy"),
        "difference": ("1", "|side jump of delta scatterers - published| / sum of absolute contributions"),
        "ratio": ("1", "side jump / side jump of delta scatterers"),
    }
    for name, (unit, long_name) in words.items():
        part[name].attrs = {"units": unit, "long_name": long_name}
    part["difference"].attrs["comment"] = FLOOR_COMMENT
    part["published"].attrs["formula"] = "-2 mass (v k_F)^2/(4 pi |mu| [4 mass^2 + (v k_F)^2]), k_F^2 = mu^2 - mass^2"
    order = [dim for dim in (result.sweep, "potential", "mu") if dim]
    return part.transpose(*order)


def half_of_the_published(mu: xr.DataArray, mass: xr.DataArray | float, v: float) -> xr.DataArray:
    """Sinitsyn et al. (2007), sigma_xy in units of e^2, with the sign of the intrinsic part; zero in the gap.

    `v` (eV angstrom) enters through (v k_F)^2 = mu^2 - mass^2 only.
    """
    square = (mu**2 - mass**2).clip(min=0) * np.sign(abs(v))
    return -2 * mass * square / (4 * np.pi * abs(mu) * (4 * mass**2 + square))


def _check(result: StudyResult) -> None:
    if result.model != _MODEL or result.response.attrs.get("operator") != _OPERATOR:
        given = stated(f"{result.name}: {result.model}, operator {result.response.attrs.get('operator')}")
        raise InputError("studies", given, f"the model {_MODEL} with the operator {_OPERATOR}, for side_jump")
    if result.sweep not in (None, "mass"):
        raise InputError("studies", stated(f"{result.name} with a sweep of {result.sweep}"), "a sweep of mass, or none")
    if _SHORT not in potentials.labels_of(result):
        raise InputError("studies", stated(f"{result.name} without {_SHORT}"), f"potentials with {_SHORT} among them")
