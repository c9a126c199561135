"""Maps over a two-dimensional zone around k = 0: its fields, and a panel with colours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colorbar import Colorbar
from matplotlib.ticker import FuncFormatter, MultipleLocator

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting.study_result import StudyResult

_HALVES = {-4: "−2π", -3: "−3π/2", -2: "−π", -1: "−π/2", 0: "0", 1: "π/2", 2: "π", 3: "3π/2", 4: "2π"}


def zone_shape(result: StudyResult) -> tuple[int, int]:
    """Points per axis of a study's maps. `InputError` for maps on another grid."""
    maps = result.maps
    try:
        shape = tuple(json.loads(maps.attrs["grid"]))
    except (KeyError, ValueError):
        shape = ()
    if len(shape) != 2 or np.prod(shape) != maps.sizes["k"]:
        what = f"{len(shape)} axes" if shape else "no grid"
        given = stated(f"maps of {result.name} with {maps.sizes['k']} points, {what}")
        raise InputError("maps", given, "maps over a two-dimensional grid alone, without a path or a plane")
    return shape


def zone_centred(result: StudyResult) -> Callable[[xr.DataArray], np.ndarray]:
    """From a field over k to one on the zone around k = 0, both of whose edges are there: maps and contours close."""
    shape = zone_shape(result)
    return lambda field: np.pad(np.fft.fftshift(np.asarray(field.values, float).reshape(shape)), (0, 1), mode="wrap")


def zone_fields(
    result: StudyResult, fields: Mapping[str, xr.DataArray], about: Mapping[str, Mapping[str, object]]
) -> xr.Dataset:
    """Fields over k as maps with dims b1, b2 along the reciprocal vectors, and the Cartesian kx, ky of their points."""
    shape, centred = zone_shape(result), zone_centred(result)
    places = zip(("kx", "ky"), centred_kpoints(result.maps["kpoint"].values, shape), strict=True)
    variables = {name: (("b1", "b2"), centred(field), dict(about[name])) for name, field in fields.items()}
    for name, values in places:
        variables[name] = (("b1", "b2"), values, {"units": "1/angstrom", "long_name": f"wave vector, {name[1]}"})
    return xr.Dataset(variables)


def centred_kpoints(kpoints: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """kx and ky of the grid k = k0 + j1/N1 b1 + j2/N2 b2, moved to j/N in [-1/2, 1/2]."""
    grid = kpoints.reshape(*shape, 2)
    steps = (grid[-1, 0] - grid[0, 0]) / max(1, shape[0] - 1), (grid[0, -1] - grid[0, 0]) / max(1, shape[1] - 1)
    j1, j2 = np.meshgrid(*(np.arange(n + 1) - n // 2 for n in shape), indexing="ij")
    k = grid[0, 0] + j1[..., None] * steps[0] + j2[..., None] * steps[1]
    return k[..., 0], k[..., 1]


def colour_map(ax: Axes, fields: Mapping[str, xr.DataArray], name: str, **options: object) -> QuadMesh:
    """A field in colours over kx, ky."""
    kx, ky = fields["kx"].values, fields["ky"].values
    image = ax.pcolormesh(kx, ky, fields[name].values, shading="nearest", rasterized=True, **options)
    image.set_gid(str(fields[name].name))
    ax.set(aspect="equal", xlim=(kx.min(), kx.max()), ylim=(ky.min(), ky.max()))
    for axis, letter in ((ax.xaxis, "x"), (ax.yaxis, "y")):
        axis.set_major_locator(MultipleLocator(np.pi / 2))
        axis.set_major_formatter(FuncFormatter(lambda value, _: _HALVES.get(round(2 * value / np.pi), "")))
        axis.set_label_text(rf"$k_{letter}$ (Å$^{{-1}}$)")
    return image


def colour_bar(ax: Axes, image: QuadMesh, label: str, **options: object) -> Colorbar:
    """A colour bar as high as the panel."""
    return ax.figure.colorbar(image, cax=ax.inset_axes([1.04, 0, 0.05, 1]), label=label, **options)
