"""Response to a temperature gradient against temperature: conventional, conserved, and Kubo's."""

from __future__ import annotations

import json
from collections.abc import Sequence

import xarray as xr
from matplotlib.figure import Figure

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import side_by_side
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.plotting.thermal_curves import SHOWN, definitions, draw_definitions

NEEDS = Needs(responses=("thermal",), drawn=("alpha_intrinsic_sea",))
CAPTION = (
    "Response J_i = -alpha_il d_l T of the current of an operator to a temperature gradient (of a spin: the spin "
    "Nernst effect), against temperature; of each operator the largest component. Squares: the conventional current, "
    "the entropy times the Berry curvature of the conventional current. Circles: the conserved current of Eq. (11). "
    "Grey: its antisymmetric part in the form without energy-axis terms, which converges where levels nearly touch, "
    "and differs from it by what exact crossings hold. Dotted, where a study has it: the Kubo response of current and "
    "torque in the limit of long waves, which agrees with the conserved current in the symmetric part of the tensor; "
    "in the antisymmetric part it need not (docs/bosons.md)."
)


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study and operator."""
    shown, parts, notes = [], {}, {}
    for result in results:
        parts[result.name], cases, notes[result.name] = _plotted(result)
        shown += [(result, *case) for case in cases]
    data = side_by_side(results, parts, "thermal coefficient, Eq. (11)")
    data.attrs["notes"] = json.dumps(notes, ensure_ascii=False)
    figure, axes = style.panels(len(shown), height=2.4)
    for index, (result, label, key, component) in enumerate(shown):
        ax = axes[index][0]
        curves = {name: data[result.prefixed(f"{name}{key}")] for name in SHOWN if f"{name}{key}" in parts[result.name]}
        draw_definitions(ax, curves, component)
        ax.set_xlabel("temperature (K)")
        style.title_panel(ax, index, label)
    style.shared_legend(figure)
    return figure, data


def _plotted(result: StudyResult) -> tuple[xr.Dataset, list[tuple[str, str, str]], str]:
    """Curves against temperature; label, suffix and component of each panel; what is said of other components."""
    for name, few in (("temperature", False), ("mu", True)):
        number = result.response.sizes.get(name, 1)
        if (number > 1) == few:
            given = stated(f"{result.name} with {number} values of {name}")
            raise InputError("studies", given, "a study with several temperatures, at one chemical potential at most")
    curves, cases, said = {}, [], []
    for label, number in result.cases():
        one = result.of_case(number)
        coefficients, choice = definitions(one)
        component, key = choice.drawn[0], "" if number is None else f"_{number}"
        for name, values in coefficients.items():
            curve = values.sel(i=component[0], l=component[1], drop=True)
            about = f"{curve.attrs.get('long_name', name)}, {component}, {label}"
            curves[f"{name}{key}"] = curve.assign_attrs(long_name=about)
        cases.append((label, key, component))
        which = label.removeprefix(result.name).removeprefix(", ")
        said += [f"{which}: {choice.note}" if which else choice.note] if choice.note else []
    return xr.Dataset(curves), cases, "; ".join(said)
