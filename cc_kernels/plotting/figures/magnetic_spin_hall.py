"""The magnetic spin Hall effect, Eq. (13): the spin current of a shifted occupation, odd under time reversal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import components, style
from cc_kernels.plotting import potential_labels as potentials
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult, number_text

NEEDS = Needs(responses=("disorder",))
CAPTION = (
    "Magnetic spin Hall effect: the spin current of the shifted occupation, sigma_occupation of Eq. (13), against "
    "chemical potential at zero temperature, for several potentials of the scatterers (colours). It is odd under time "
    "reversal: with the sign of the magnetic order, the swept parameter, it reverses (solid and dashed). Where a study "
    "of the charge in the same model is shown along, the spin current is given relative to the charge current along "
    "the field, in units of hbar/2e: strength and density of the scatterers drop out, and 1 would be a current of one "
    "spin only. Components that vanish, or repeat another one, are named under the figure. In axes turned by 45 "
    "degrees a component xx = -yy is a transverse one, x'y' = y'x' = -xx: a spin current across the charge current."
)
_STYLES = ("-", (0, (5, 2)), (0, (1.2, 1.2)), (0, (6, 1.6, 1.2, 1.6)))
_MOST = 2


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study of a spin and component; a study of the charge is the reference of the one before it."""
    pairs = _pairs(results)
    choices = {spin.name: _choice(spin) for spin, _ in pairs}
    parts = {spin.name: _plotted(spin, charge, choices[spin.name].drawn) for spin, charge in pairs}
    parts |= {charge.name: _longitudinal(charge) for _, charge in pairs if charge is not None}
    data = side_by_side(results, parts, "magnetic spin Hall effect, Eq. (13)")
    data.attrs["notes"] = json.dumps({name: choice.note for name, choice in choices.items()}, ensure_ascii=False)
    shown = [(spin, charge, name) for spin, charge in pairs for name in choices[spin.name].drawn]
    relative = all(charge is not None for _, charge in pairs)
    figure, axes = style.panels(len(shown), height=2.7, sharey=relative)
    for index, ((spin, charge, component), (ax,)) in enumerate(zip(shown, axes, strict=True)):
        _draw(ax, data, spin, component)
        style.title_panel(ax, index, ", ".join([spin.name, *_setting(spin)]))
        ax.set_xlabel(style.parameter_label("mu"))
        if ax.get_subplotspec().is_first_col() or not relative:
            ax.set_ylabel(_label(data, spin, charge, component))
        ax.margins(x=0)
    _add_legend(figure, results)
    return figure, data


def _draw(ax: Axes, data: xr.Dataset, result: StudyResult, component: str) -> None:
    style.reference_line(ax, 0)
    array = curve_of(data, result, "spin_current").sel({dim_of(result, "component"): component}, drop=True)
    for number in range(len(potentials.labels_of(result))):
        for case in range(len(result.cases())):
            one = array.isel({dim_of(result, "potential"): number})
            one = one.isel({dim_of(result, result.sweep): case}) if result.sweep else one
            look = {"color": potentials.COLORS[number], "marker": potentials.MARKERS[number]}
            style.curve(ax, one, "occupation", label="_occupation", linestyle=_STYLES[case], **look)


def _add_legend(figure: Figure, results: Sequence[StudyResult]) -> None:
    """Colours for potentials, line styles for values of the sweep."""
    ax = figure.axes[0]
    every = list(dict.fromkeys(label for result in results for label in potentials.labels_of(result)))
    for handle, color in zip(potentials.marker_handles(every), potentials.COLORS, strict=False):
        handle.set(color=color, linestyle="-", linewidth=1.3)
        ax.add_line(handle)
    if results[0].sweep:
        for value, linestyle in zip(results[0].response[results[0].sweep].values, _STYLES, strict=False):
            words = f"{results[0].sweep} = {number_text(value)}".replace("-", "−")
            ax.add_line(Line2D([], [], color=style.GREY, linestyle=linestyle, label=words))
    style.shared_legend(figure)


def _setting(result: StudyResult) -> list[str]:
    """Parameters in which studies of one model differ most, if the model has them."""
    return [f"{name} = {number_text(result.parameters[name])} eV" for name in ("alpha",) if name in result.parameters]


def _label(data: xr.Dataset, spin: StudyResult, charge: StudyResult | None, component: str) -> str:
    if charge is None:
        units = style.pretty_units(data[dim_of(spin, "spin_current")].attrs["units"])
        return rf"$\sigma^{{s}}_{{{component}}}$, occupation ({units})"
    l = component[1]
    return rf"$\sigma^{{s}}_{{{component}}}$ / $\sigma^{{e}}_{{{l}{l}}}$ (ħ/2e)"


def _pairs(results: Sequence[StudyResult]) -> list[tuple[StudyResult, StudyResult | None]]:
    """Each study of a spin with the study of the charge in the same model, mu and potentials, if there is one."""
    charges = [result for result in results if result.response.attrs.get("operator") == "charge"]
    spins = [result for result in results if result not in charges]
    if not spins:
        given = stated(", ".join(result.name for result in results))
        raise InputError("studies", given, "a study of a spin, for magnetic_spin_hall")
    for result in spins:
        if len(result.cases()) > len(_STYLES):
            given = stated(f"{result.name} with {len(result.cases())} values of {result.sweep}")
            raise InputError("studies", given, f"at most {len(_STYLES)} values in one panel")
    return [(spin, next((charge for charge in charges if _same(spin, charge)), None)) for spin in spins]


def _same(spin: StudyResult, charge: StudyResult) -> bool:
    axes = [name for name in (spin.sweep, "potential", "mu") if name]
    return (spin.model, spin.parameters, spin.sweep) == (charge.model, charge.parameters, charge.sweep) and all(
        spin.response[name].equals(charge.response[name]) for name in axes
    )


def _choice(result: StudyResult) -> components.Choice:
    """Of the values relative to the largest one, whose size, unlike theirs, depends on the scatterers."""
    array = result.response["sigma_occupation"]
    array = array / float(abs(array).max() or 1)
    choice = components.choose({"a": array}, {"a": abs(array).max(["i", "l"])}, max(result.tolerance, 1e-6), _MOST)
    return replace(choice, note=choice.note.replace("(below", "(relative size below"))


def _longitudinal(result: StudyResult) -> xr.Dataset:
    occupation = result.response["sigma_occupation"]
    diagonal = [occupation.sel(i=name, l=name, drop=True) for name in occupation["i"].values]
    along = xr.concat(diagonal, occupation["l"], combine_attrs="drop_conflicts")
    return xr.Dataset({"charge_current": along.assign_attrs(long_name="charge current along the field, Eq. (13)")})


def _plotted(spin: StudyResult, charge: StudyResult | None, drawn: Sequence[str]) -> xr.Dataset:
    occupation = spin.response["sigma_occupation"]
    parts = [occupation.sel(i=name[0], l=name[1], drop=True) for name in drawn]
    attrs = {"units": occupation.attrs.get("units", "1"), "long_name": "spin current of the shifted occupation"}
    if charge is not None:
        reference = charge.response["sigma_occupation"]
        # twice: in units of hbar/2
        parts = [
            2 * part / reference.sel(i=name[1], l=name[1], drop=True) for part, name in zip(parts, drawn, strict=True)
        ]
        attrs = {
            "units": "hbar/2e",
            "long_name": "spin current of the shifted occupation / charge current along the field",
        }
    array = xr.concat(parts, xr.IndexVariable("component", list(drawn)), combine_attrs="drop")
    return xr.Dataset({"spin_current": array.assign_attrs(attrs)})
