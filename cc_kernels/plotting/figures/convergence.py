"""How the error falls with grid density: against exact answers where the theory gives them, else upon doubling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.size import FLOOR_COMMENT, floored, rounding_band, size_axis
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.verdict import ROUNDING

NEEDS = Needs(any_of=("transport", "disorder", "equilibrium", "superconductor", "thermal"), levels=True)
CAPTION = (
    "Error against grid points per axis, relative to the sum of the absolute contributions of all states; the "
    "largest over chemical potentials, temperatures, components and swept parameters. Filled symbols: the "
    "distance from the exact answer, which is zero for the net current [Eq. (5)] and for the magnetization of a "
    "superconductor with one geometrically trivial band [Eq. (7)], an integer for the Chern number, and, for the "
    "d + id and p + ip models at the lowest temperature of the study, the quantized value for the spin and "
    "thermal Hall conductances (temperature itself leaves exp(-gap/T)). Swept values at which the gap closes have "
    "no integer to be compared with and are left out. Open symbols: the change upon doubling the grid. Dashed "
    "line: the tolerance of the verdict. Grey: rounding; exact zeros are drawn at 1e-18."
)

WIDE_GAP = ("d_id_square", "p_ip_square")
"""Superconductors of one normal band with h(k) = h(-k): no magnetization for any pairing, and a gap far above T."""
_TRANSITION = 0.01  # a Chern number farther from an integer belongs to a closing gap

# variable: (role, words, marker where the role has none)
_EXACT = {
    "net_current": ("sum", "net current (exact: 0)", "o"),
    "magnetization": ("sum", "magnetization (exact: 0)", "D"),
    "chern_number": ("chern", "Chern number (exact: integer)", "o"),
    "spin_hall_conductance": ("spin_hall", "spin Hall (exact: quantized)", "o"),
    "thermal_hall_over_T": ("thermal_hall", "thermal Hall (exact: quantized)", "s"),
}
_CHANGES = {
    "conventional_current": ("conventional_current", "conventional current, change", "v"),
    "sigma_conventional": ("conventional", "conventional conductivity, change", "s"),
    "sigma_intrinsic": ("intrinsic", "intrinsic conductivity, change", "^"),
    "sigma_side_jump": ("side_jump", "side jump, change", "v"),
    "sigma_occupation": ("occupation", "shifted occupation, change", "D"),
    "sigma_band": ("hall", "band current, Eq. (15), change", "<"),
    "magnetization": ("sum", "magnetization, change", "D"),
    "spin_hall_conductance": ("spin_hall", "spin Hall, change", "o"),
    "thermal_hall_over_T": ("thermal_hall", "thermal Hall, change", "s"),
}
# Two conventional quantities, and the Hall responses of electrons and of quasiparticles, may share one legend.
_APART = {
    "conventional_current": {"linestyle": ":", "color": style.PURPLE},
    "sigma_intrinsic": {"linestyle": "-.", "color": style.GREEN},
}
_NESTED = {
    "chern_number": {"linewidth": 5, "markersize": 8, "alpha": 0.5, "zorder": 1.5},
    "spin_hall_conductance": {"linewidth": 1.8, "markersize": 5},
}


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """One panel per study, over one and the same range of errors."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "error against grid density")
    figure, axes = style.panels(len(results), height=2.9)
    for index, (result, (ax,)) in enumerate(zip(results, axes, strict=True)):
        tolerance = float(result.verdict.attrs["tolerance"])
        rounding_band(ax, ROUNDING)
        ax.axhline(tolerance, color=style.GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0.5)
        _note(ax, ROUNDING, -9, "rounding")
        for (name, how), (role, words, marker) in _shown(result).items():
            options = {"label": words, "marker": marker, "markevery": 1, "linewidth": 1.3}
            if how == "error":
                options["markerfacecolor"] = style.ROLES[role].color
            # The invariants fall together: the widest lies behind, so that all can be seen.
            options |= _NESTED.get(name, {}) | _APART.get(name, {})
            style.curve(ax, curve_of(data, result, f"{name}_{how}"), role, **options)
        _note(ax, tolerance, 2, "tolerance", right=_clearer_at_right(ax, tolerance))
        _set_axes(ax, data[dim_of(result, "points_per_axis")].values)
        style.title_panel(ax, index, result.name)
    style.shared_legend(figure)
    return figure, data


def _note(ax: Axes, height: float, offset: float, text: str, right: bool = False) -> None:
    """Small text at an edge of the panel, by a height of the axis."""
    place = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "ha": "right" if right else "left"}
    shift = (-3 if right else 3, offset)
    note = ax.annotate(text, (1 if right else 0, height), xytext=shift, fontsize=7, color="#505050", **place)
    note.set_path_effects([patheffects.withStroke(linewidth=2, foreground="white")])


def _clearer_at_right(ax: Axes, tolerance: float) -> bool:
    """Whether the curves keep farther from a label just above the tolerance at the right end than at the left."""
    label, distance = np.log10(4 * tolerance), {0: np.inf, -1: np.inf}
    for line in ax.get_lines():
        values = np.asarray(line.get_ydata(), dtype=float)
        values = values[np.isfinite(values) & (values > 0)]
        if line.get_gid() and len(values):
            for end in distance:
                distance[end] = min(distance[end], abs(np.log10(values[end]) - label))
    return tolerance < 1e3 * ROUNDING or distance[-1] >= distance[0]


def _set_axes(ax: Axes, points: np.ndarray) -> None:
    ax.set_xscale("log", base=2)
    ax.set_xticks(points, [str(n) for n in points])
    ax.xaxis.set_minor_locator(style.no_minor_ticks())
    size_axis(ax)
    ax.set_xlabel("grid points per axis")
    ax.set_ylabel("error / scale")


def _shown(result: StudyResult) -> dict[tuple[str, str], tuple[str, str, str]]:
    """(variable, "error" or "change") -> how it is drawn."""
    response = result.response
    allowed = {"net_current", "chern_number"}
    if result.model in WIDE_GAP:
        # Somewhere in a sweep the gap may be as small as the temperature.
        allowed |= {"magnetization"} if result.sweep else set(_EXACT)
    known = [name for name in _EXACT if name in response and name in allowed]
    changing = [name for name in _CHANGES if name in response and name not in known]
    if not result.is_superconductor and "magnetization" in changing:
        changing.remove("magnetization")  # that of a spin belongs to another story
    exact = {(name, "error"): _EXACT[name] for name in known}
    return exact | {(name, "change"): _CHANGES[name] for name in changing}


def _plotted(result: StudyResult) -> xr.Dataset:
    points = result.verdict["points_per_axis"].values
    part = xr.Dataset(coords={"points_per_axis": ("points_per_axis", points, {"long_name": "grid points per axis"})})
    for name, how in _shown(result):
        if how == "error":
            values, meaning = [_error(result, name, level) for level in result.levels], "distance from the exact answer"
        else:
            values = result.verdict["change"].sel(variable=name).max("temperature", skipna=False).values
            meaning = "change upon doubling the grid"
        attrs = {"units": "1", "long_name": f"{name}: {meaning} / scale", "comment": FLOOR_COMMENT}
        part[f"{name}_{how}"] = ("points_per_axis", floored(values), attrs)
    return part


def _error(result: StudyResult, name: str, level: xr.Dataset) -> float:
    """Largest distance from the exact answer, relative to the scale on the finest grid."""
    finest = result.response
    value, scale = level[name], finest[f"{name}_scale"]
    if name in ("spin_hall_conductance", "thermal_hall_over_T"):
        value, scale = result.coldest(value), result.coldest(scale)
    if result.is_superconductor:
        chern = finest["chern_number"]
        value = value.where(abs(chern - chern.round()) < _TRANSITION)
        scale = scale.max()  # in a trivial phase nothing contributes
    elif "mu" in scale.dims:
        scale = scale.max("mu")
    error = abs(value - _exact(name, finest)) / scale.where(scale > 0, 1)
    return float(error.max())


def _exact(name: str, finest: xr.Dataset) -> xr.DataArray | float:
    if name in ("net_current", "magnetization"):
        return 0.0
    chern = finest["chern_number"].round()
    return chern / finest.attrs.get("particle_hole_copies", 1) if name == "thermal_hall_over_T" else chern
