"""Maps over the zone: phase of the gap function with the charge dipole of the lower band, and its Berry curvature."""

from __future__ import annotations

import json
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.plotting.zone_maps import centred_kpoints, colour_bar, colour_map, zone_centred, zone_shape

NEEDS = Needs(
    responses=("superconductor",),
    map_variables=("kpoint", "operator_expectation", "s_dipole", "berry_curvature", "pairing"),
)
CAPTION = (
    "Over the Brillouin zone: the phase theta of the gap function (of its first element, where there are several "
    "orbitals), with the charge dipole of the lower quasiparticle band (the highest below zero energy) as arrows. "
    "With two bands d = (e/2)(rho^2 - 1) dtheta/dk, rho the band's charge in units of e: the dipole lies along "
    "the phase gradient and is largest where electrons and holes mix; arrows below 12 percent of the longest are "
    "left out. Beside it, the Berry curvature Omega^xy of the same band, (d rho x d theta)/2, which the winding "
    "of the phase makes around the Fermi contour. Dashed line: where the band's charge crosses zero; with two "
    "bands, the Fermi contour xi = 0 of the normal state. Eqs. (7) and (8) are sums over these two fields."
)
_ARROWS = 28  # per axis, at most
_SHORTEST = 0.12  # of the longest arrow; shorter ones would be dots


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Two panels per study."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "maps over the Brillouin zone")
    figure, axes = style.panels(2 * len(results), height=2.85, columns=2)
    for number, result in enumerate(results):
        (phase_ax,), (curvature_ax,) = axes[2 * number], axes[2 * number + 1]
        fields = {name: curve_of(data, result, name) for name in _FIELDS}
        grid = " × ".join(str(n) for n in json.loads(result.maps.attrs["grid"]))
        _draw_phase(phase_ax, fields)
        _draw_curvature(curvature_ax, fields)
        style.title_panel(phase_ax, 2 * number, f"{result.name}: gap phase and charge dipole")
        style.title_panel(curvature_ax, 2 * number + 1, f"{result.name}: Berry curvature, {grid} map")
    return figure, data


def _draw_phase(ax: Axes, fields: dict[str, xr.DataArray]) -> None:
    image = colour_map(ax, fields, "gap_phase", cmap=_pale_twilight(), vmin=-np.pi, vmax=np.pi)
    bar = colour_bar(ax, image, r"$\theta = \arg\,\Delta$")
    bar.set_ticks(np.pi * np.array([-1, -0.5, 0, 0.5, 1]))
    bar.ax.set_yticklabels(["−π", "−π/2", "0", "π/2", "π"])
    kx, ky, x, y = (fields[f"arrow_{name}"].values for name in ("kx", "ky", "dipole_x", "dipole_y"))
    longest = float(np.hypot(x, y).max())
    seen = np.hypot(x, y) > _SHORTEST * longest
    spacing = np.hypot(kx[1, 0] - kx[0, 0], ky[1, 0] - ky[0, 0])
    quiver = ax.quiver(
        kx[seen], ky[seen], x[seen], y[seen], angles="xy", scale_units="xy", scale=longest / (2.5 * spacing) or 1.0,
        pivot="mid", width=0.008, headwidth=3.4, headlength=3.8, headaxislength=3.4, minlength=0.5,
        facecolor="black", edgecolor="white", linewidth=0.4,
    )  # fmt: skip
    key = _round_down(longest)
    units = style.pretty_units(fields["dipole_x"].attrs.get("units", ""))
    place = {"labelpos": "W", "labelsep": 0.06, "fontproperties": {"size": 7}}
    ax.quiverkey(quiver, 0.93, -0.13, key, rf"$d$ = {key:g} {units}", **place)
    _draw_contour(ax, fields)


def _pale_twilight() -> ListedColormap:
    """A cyclic colour map without its darkest tones, on which black arrows are seen."""
    colors = mpl.colormaps["twilight"](np.linspace(0, 1, 512))
    return ListedColormap(1 - 0.7 * (1 - colors), name="pale_twilight")


def _draw_curvature(ax: Axes, fields: dict[str, xr.DataArray]) -> None:
    largest = float(abs(fields["berry_curvature"]).max()) or 1.0
    image = colour_map(ax, fields, "berry_curvature", cmap="RdBu_r", vmin=-largest, vmax=largest)
    units = style.pretty_units(fields["berry_curvature"].attrs.get("units", ""))
    colour_bar(ax, image, rf"$\Omega^{{xy}}$ of the lower band ({units})")
    _draw_contour(ax, fields)


def _draw_contour(ax: Axes, fields: dict[str, xr.DataArray]) -> None:
    charge = fields["operator_expectation"].values
    if charge.min() < 0 < charge.max():
        kx, ky = fields["kx"].values, fields["ky"].values
        lines = ax.contour(kx, ky, charge, levels=[0], colors="black", linewidths=0.7, linestyles="--")
        lines.set_path_effects([patheffects.withStroke(linewidth=1.4, foreground="white")])


_FIELDS = {
    "gap_phase": "phase of the gap function, theta = arg Delta",
    "berry_curvature": "Berry curvature Omega^xy of the lower band",
    "operator_expectation": "charge rho of the lower band",
    "dipole_x": "charge dipole of the lower band, x",
    "dipole_y": "charge dipole of the lower band, y",
    "kx": "wave vector, x",
    "ky": "wave vector, y",
    "arrow_kx": "where arrows are drawn, x",
    "arrow_ky": "where arrows are drawn, y",
    "arrow_dipole_x": "arrows, x",
    "arrow_dipole_y": "arrows, y",
}


def _plotted(result: StudyResult) -> xr.Dataset:
    """Fields on the zone around k = 0, dims b1 and b2 along the reciprocal lattice vectors."""
    maps = result.maps
    lower = maps.isel(band=maps.sizes["band"] // 2 - 1)  # the highest below zero energy
    shape, centred = zone_shape(result), zone_centred(result)
    gap = maps["pairing"]
    kx, ky = centred_kpoints(maps["kpoint"].values, shape)
    fields = {
        "gap_phase": np.arctan2(centred(gap.sel(part="imag")), centred(gap.sel(part="real"))),
        "berry_curvature": centred(lower["berry_curvature"].sel(l="x", i="y")),
        "operator_expectation": centred(lower["operator_expectation"]),
        "dipole_x": centred(lower["s_dipole"].sel(i="x")),
        "dipole_y": centred(lower["s_dipole"].sel(i="y")),
        "kx": kx,
        "ky": ky,
    }
    step = [max(1, n // _ARROWS) for n in shape]
    chosen = tuple(slice(s // 2, n, s) for n, s in zip(shape, step, strict=True))
    arrows = {f"arrow_{name}": fields[name][chosen] for name in ("kx", "ky", "dipole_x", "dipole_y")}
    units = {name: maps[source].attrs.get("units", "1") for name, source in _SOURCES.items()} | {"gap_phase": "rad"}

    def labelled(name: str, field: np.ndarray, dims: tuple[str, str]) -> tuple:
        return dims, field, {"units": units[name.removeprefix("arrow_")], "long_name": _FIELDS[name]}

    variables = {name: labelled(name, field, ("b1", "b2")) for name, field in fields.items()}
    return xr.Dataset(
        variables | {name: labelled(name, field, ("arrow_b1", "arrow_b2")) for name, field in arrows.items()}
    )


_SOURCES = {
    "berry_curvature": "berry_curvature",
    "operator_expectation": "operator_expectation",
    "dipole_x": "s_dipole",
    "dipole_y": "s_dipole",
    "kx": "kpoint",
    "ky": "kpoint",
}


def _round_down(value: float) -> float:
    """1, 2 or 5 times a power of ten, not above the value."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(m for m in (1, 2, 5) if m <= value / power * (1 + 1e-12)) * power)
