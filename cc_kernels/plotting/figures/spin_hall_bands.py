"""Where the spin Hall conductivity comes from: bands along the standard path and a plane, coloured by their share."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, SymmetricalLogLocator

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.needs import Needs
from cc_kernels.plotting.plotted import curve_of, dim_of, side_by_side
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.study.maps import GRID, PATH

NEEDS = Needs(
    responses=("transport",),
    drawn=("sigma_conventional",),
    map_variables=("kpoint", "energy", "s_berry_curvature"),
)
CAPTION = (
    "Where the conventional spin Hall conductivity comes from. (a) Bands along the standard path of the lattice around "
    "the chemical potential of the study that is nearest to zero (grey line), coloured by the spin Berry curvature "
    "Omega^lis of each level, of the component with the largest conductivity; levels that are degenerate share theirs. "
    "(b) The sum over the occupied levels in a plane around k = 0, at zero temperature. The colours are linear near "
    "zero and logarithmic beyond, the same for both signs, up to what all but a hundredth of the values stay below."
)
_LINEAR = 0.01
"""Part of the largest value below which colours are linear."""
_WINDOW = 6.0
"""eV on either side of the chemical potential, unless all bands lie closer."""


def draw(results: Sequence[StudyResult]) -> tuple[Figure, xr.Dataset]:
    """Two panels per study: path and plane."""
    data = side_by_side(results, {result.name: _plotted(result) for result in results}, "spin Berry curvature")
    figure, axes = style.panels(2 * len(results), height=2.9, columns=2)
    for number, result in enumerate(results):
        (left,), (right,) = axes[2 * number], axes[2 * number + 1]
        _draw_path(left, data, result)
        _draw_plane(right, data, result)
        mu = float(data[dim_of(result, "mu")])
        style.title_panel(left, 2 * number, f"{result.name}: bands, μ = {mu:.4g} eV".replace("-", "−"))
        style.title_panel(right, 2 * number + 1, f"{result.name}: occupied, in a plane")
    return figure, data


def _draw_path(ax: Axes, data: xr.Dataset, result: StudyResult) -> None:
    values = curve_of(data, result, "curvature_on_path")
    energies, distance = (curve_of(data, result, name) for name in ("energy", "distance"))
    mu = float(data[dim_of(result, "mu")])
    x = np.broadcast_to(distance.values[:, None], values.shape)
    ax.axhline(mu, color=style.GREY, linewidth=0.6, zorder=0.5)
    dots = ax.scatter(
        x, energies.values, c=values.values, s=1.6, linewidths=0, cmap=_COLOURS, norm=_norm(values), rasterized=True
    )
    dots.set_gid(str(values.name))
    _colour_bar(ax, dots, values)
    ticks = json.loads(values.attrs["ticks"])
    for at, _ in ticks:
        ax.axvline(at, color=style.GREY, linewidth=0.4, zorder=0.4)
    ax.set_xticks([at for at, _ in ticks], style.apart(ticks))
    near = energies.values[abs(energies.values - mu) <= _WINDOW]
    low, high = (near.min(), near.max()) if near.size else (mu - _WINDOW, mu + _WINDOW)
    ax.set(xlim=(distance.values[0], distance.values[-1]), ylabel="energy (eV)")
    ax.set_ylim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    ax.tick_params(axis="x", length=0)


def _draw_plane(ax: Axes, data: xr.Dataset, result: StudyResult) -> None:
    values = curve_of(data, result, "curvature_in_plane")
    x, y = (curve_of(data, result, name) for name in ("k_1", "k_2"))
    options = {"shading": "flat", "rasterized": True, "cmap": _COLOURS, "norm": _norm(values)}
    image = ax.pcolormesh(_corners(x.values), _corners(y.values), values.values, **options)
    image.set_gid(str(values.name))
    _colour_bar(ax, image, values)
    ax.set_aspect("equal")
    for axis, one in ((ax.xaxis, x), (ax.yaxis, y)):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_label_text(rf"k along {one.attrs['direction']} (Å$^{{-1}}$)")


def _corners(places: np.ndarray) -> np.ndarray:
    """(n + 1, m + 1) corners of the cells around the points (n, m) of an oblique grid."""
    one, other = (np.diff(places, axis=axis)[0, 0] for axis in (0, 1))
    first, second = np.ogrid[: places.shape[0] + 1, : places.shape[1] + 1]
    return places[0, 0] + (first - 0.5) * one + (second - 0.5) * other


_COLOURS = "RdBu_r"


def _norm(values: xr.DataArray) -> SymLogNorm:
    """Up to what all but the largest hundredth stay below: near a crossing there is no limit."""
    largest = float(np.quantile(abs(values), 0.99)) or float(abs(values).max()) or 1.0
    return SymLogNorm(linthresh=_LINEAR * largest, vmin=-largest, vmax=largest)


def _colour_bar(ax: Axes, shown: ScalarMappable, values: xr.DataArray) -> None:
    """As high as the panel, with decades."""
    units, component = style.pretty_units(values.attrs["units"]), values.attrs["component"]
    label = rf"$\Omega^{{{component[1]}{component[0]}s}}$ ({units})"
    bar = ax.figure.colorbar(shown, cax=ax.inset_axes([1.04, 0, 0.05, 1]), label=label, extend="both")
    bar.locator = SymmetricalLogLocator(base=10, linthresh=shown.norm.linthresh)
    bar.minorticks_off()
    bar.update_ticks()


def _plotted(result: StudyResult) -> xr.Dataset:
    """Levels along the path, and the sum over occupied ones in the plane."""
    maps = result.maps
    if "region" not in maps.coords or {*maps["region"].values} != {GRID, PATH}:
        given = stated(f"maps of {result.name} without both a plane and a path")
        raise InputError("maps", given, "maps: {grid: ..., plane: ..., path: ...}, for spin_hall_bands")
    response = result.coldest()
    response = response if result.sweep is None else response.isel({result.sweep: 0})
    at_mu = response.isel(mu=int(np.argmin(abs(response["mu"].values))))
    mu, sigma = float(at_mu["mu"]), abs(at_mu["sigma_conventional"])
    i, l = (str(at_mu[dim].values[place]) for dim, place in sigma.argmax(["i", "l"]).items())
    over, along = (maps.isel(k=np.flatnonzero(maps["region"] == region)) for region in (GRID, PATH))
    units, component = maps["s_berry_curvature"].attrs.get("units", "1"), {"component": f"{i}{l}"}
    path, plane = (one["s_berry_curvature"].sel(i=i, l=l, drop=True).transpose("k", "band") for one in (along, over))
    occupied = plane.where(over["energy"].transpose("k", "band") < mu, 0.0).sum("band")
    shape = tuple(json.loads(maps.attrs["grid"]))
    if len(shape) != 2 or min(shape) < 2:
        raise InputError(
            "maps", stated(f"maps of {result.name} over the zone"), "those of a plane, for spin_hall_bands"
        )
    x, y, directions = _in_plane(over["kpoint"].values.reshape(*shape, -1))
    about = {"units": units, **component}
    ticks = {"ticks": maps.attrs["ticks"]}
    return xr.Dataset(
        {
            "energy": (("point", "level"), along["energy"].transpose("k", "band").values, _about("energy", "eV")),
            "curvature_on_path": (("point", "level"), path.values, _about("spin Berry curvature", **about, **ticks)),
            "distance": (("point",), along["distance"].values, _about("distance along the path", "1/angstrom")),
            "curvature_in_plane": (
                ("k1", "k2"),
                occupied.values.reshape(shape),
                _about("spin Berry curvature of the levels below mu", **about),
            ),
            "k_1": (("k1", "k2"), x, _about("in-plane wave vector", "1/angstrom", direction=directions[0])),
            "k_2": (("k1", "k2"), y, _about("in-plane wave vector", "1/angstrom", direction=directions[1])),
            "mu": ((), mu, _about("chemical potential", "eV")),
        }
    )


def _about(long_name: str, units: str, **more: str) -> dict[str, str]:
    return {"long_name": long_name, "units": units, **more}


def _in_plane(k: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Coordinates along the first edge of a plane and across it, with the directions of both in words."""
    one, other = k[-1, 0] - k[0, 0], k[0, -1] - k[0, 0]
    u = one / np.linalg.norm(one)
    across = other - (other @ u) * u
    w = across / np.linalg.norm(across)
    names = ["(" + ", ".join(f"{np.round(c / abs(v).max(), 3) + 0.0:.3g}" for c in v) + ")" for v in (u, w)]
    return k @ u, k @ w, [name.replace("-", "−") for name in names]
