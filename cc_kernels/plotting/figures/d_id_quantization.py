"""Quantized spin and thermal Hall conductance of a topological superconductor, and its Chern number."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult

NEEDS = Needs(responses=("superconductor",))
CAPTION = (
    "Spin Hall conductance in units of hbar/8pi, the spin current along x in a Zeeman field that rises along y, J^s_x "
    "= sigma^s_xy d_y B, and thermal Hall conductance over temperature, kappa_xy/T, in units of pi^2 k_B^2/3h, the "
    "heat current along x in a temperature that rises along y, J^Q_x = -kappa_xy d_y T, from the Berry curvature of "
    "Bogoliubov quasiparticles. Against temperature, both approach the Chern number (thin line) exponentially below "
    "the gap. Against a swept parameter, at the lowest temperature of the study, both follow the steps of the Chern "
    "number (wide grey line), which changes where the gap closes: |C| = 2 for d + id pairing as long as there is a "
    "Fermi contour to pair on. With two particle-hole copies, as in a spinless p + ip superconductor, the thermal Hall "
    "conductance is half the Chern number."
)

_HALL = {"spin_hall_conductance": "spin_hall", "thermal_hall_over_T": "thermal_hall"}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study: against temperature, or against the sweep."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "quantized Hall conductances")
    figure, axes = style.panels(len(results), height=2.5)
    for index, (result, (ax,)) in enumerate(zip(results, axes, strict=True)):
        (_against_sweep if result.sweep else _against_temperature)(ax, result, data, index)
        ax.set_ylabel("Hall conductance (units above)")
        ax.margins(x=0)
    style.shared_legend(figure)
    return figure, data


def _against_temperature(ax: Axes, result: StudyResult, data: xr.Dataset, index: int) -> None:
    chern = float(curve_of(data, result, "chern_number"))
    style.reference_line(ax, 0)
    style.reference_line(ax, chern, f"C = {chern:.4g}")
    _draw_hall(ax, result, data)
    style.temperature_axis(ax, result.response["temperature"].values)
    style.title_panel(ax, index, result.name)
    ax.set_xlabel("temperature (K)")


def _against_sweep(ax: Axes, result: StudyResult, data: xr.Dataset, index: int) -> None:
    style.reference_line(ax, 0)
    style.curve(ax, curve_of(data, result, "chern_number"), "chern", drawstyle="steps-mid", alpha=0.6)
    _draw_hall(ax, result, data)
    temperature = float(curve_of(data, result, "temperature"))
    style.title_panel(ax, index, f"{result.name}, T = {temperature:.4g} K")
    ax.set_xlabel(style.parameter_label(result.sweep))


def _draw_hall(ax: Axes, result: StudyResult, data: xr.Dataset) -> None:
    labels = {
        "spin_hall_conductance": r"spin Hall conductance ($\hbar/8\pi$)",
        "thermal_hall_over_T": r"thermal Hall conductance$\,/\,T$ ($\pi^2 k_B^2/3h$)",
    }
    for name in _present(result):
        style.curve(ax, curve_of(data, result, name), _HALL[name], label=labels[name])


def _present(result: StudyResult) -> list[str]:
    """A model without a conserved spin has no spin Hall conductance."""
    return [name for name in _HALL if name in result.response]


def _plotted(result: StudyResult) -> xr.Dataset:
    response = result.coldest() if result.sweep else result.response
    return response[[*_present(result), "chern_number"]]
