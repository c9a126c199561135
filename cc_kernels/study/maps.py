"""Band geometry over the zone, a plane, and lines through it: for figures, and for a user's own analysis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.geometry.labelled_bands import band_geometry
from cc_kernels.grid import KGrid
from cc_kernels.models.band_path import BandPath, band_path

if TYPE_CHECKING:
    from cc_kernels.models import Model

REGION, GRID, PATH = "region", "grid", "path"
"""The coordinate along k that says what a point belongs to, and its values."""


def zone_map(
    model: Model,
    operator: str,
    points_per_axis: int | Sequence[int] | None,
    quantities: Sequence[str] | None,
    degeneracy_tolerance: float | None,
    chunk: int,
    shift: float | Sequence[float] = 0.0,
    plane: Sequence[Sequence[float]] | None = None,
    path: int | None = None,
) -> xr.Dataset:
    """Lazy band geometry on a grid; to the map of a two-band superconductor belongs the gap function, `pairing`.

    Parameters
    ----------
    points_per_axis : of the grid, for all axes or one for each (not of a plane); None for a path alone.
    shift : of a grid of the zone, in its steps, likewise.
    quantities : variables of `band_geometry`, None for all.
    chunk : k-points per dask chunk.
    plane : the edges of the plane around k = 0 that the grid covers instead of the zone, in reciprocal lattice vectors.
    path : points along the standard path of the lattice, after those of the grid.

    Returns
    -------
    Dataset along k; the attribute `grid` has the points per axis. With a plane or a path its coordinate `region` tells
    "grid" from "path", whose `distance` (1/angstrom) and attribute `ticks` (JSON) are those of `band_path`.
    """
    line = None if path is None else band_path(model, points=path)
    is_zone = plane is None and line is None
    points = None if points_per_axis is None else _grid_points(model, points_per_axis, shift, plane)
    kpoints = None if is_zone else np.concatenate([one for one in (points, line and line.k) if one is not None])
    bands = band_geometry(
        model,
        operator=operator,
        grid=points_per_axis if is_zone else None,
        shift=shift if is_zone else 0.0,
        kpoints=kpoints,
        chunks=chunk,
        quantities=quantities,
        degeneracy_tolerance=degeneracy_tolerance,
    )
    if quantities is not None and model.is_superconductor and model.num_bands == 2 and is_zone:
        gap = model.hamiltonian(points)[:, 0, 1]
        attrs = {"units": "eV", "long_name": "gap function", "formula": "Delta(k) = H_12"}
        bands["pairing"] = (("k", "part"), np.stack([gap.real, gap.imag], -1), attrs)
        bands = bands.assign_coords(part=["real", "imag"])
    if points_per_axis is None:
        bands.attrs.pop("grid", None)
    else:
        is_list = isinstance(points_per_axis, Sequence)
        shape = points_per_axis if is_list else [points_per_axis] * (model.dim if plane is None else 2)
        bands.attrs["grid"] = json.dumps(list(shape))
    return bands if is_zone else _with_regions(bands, 0 if points is None else len(points), line)


def _grid_points(
    model: Model,
    points_per_axis: int | Sequence[int],
    shift: float | Sequence[float],
    plane: Sequence[Sequence[float]] | None,
) -> np.ndarray:
    """(points, dim) of the zone, or of a plane with both of its ends."""
    if plane is None:
        return KGrid.of(model, points_per_axis, shift).points()
    along = np.linspace(-0.5, 0.5, points_per_axis)
    one, other = np.meshgrid(along, along, indexing="ij")
    return np.stack([one.ravel(), other.ravel()], axis=1) @ np.asarray(plane, float) @ model.reciprocal


def _with_regions(bands: xr.Dataset, points: int, line: BandPath | None) -> xr.Dataset:
    """With the coordinates that tell a grid from a path."""
    on_path = 0 if line is None else len(line.k)
    region = np.repeat(np.array([GRID, PATH], dtype="U4"), [points, on_path])
    bands = bands.assign_coords({REGION: ("k", region)})
    if line is not None:
        distance = np.concatenate([np.full(points, np.nan), line.distance])
        about = {"units": "1/angstrom", "long_name": "distance along the path through the zone"}
        bands = bands.assign_coords(distance=("k", distance, about)).assign_attrs(ticks=json.dumps(line.ticks))
    return bands
