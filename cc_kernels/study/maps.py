"""Band geometry over the zone: for figures, and for a user's own analysis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.geometry.labelled_bands import band_geometry
from cc_kernels.grid import KGrid

if TYPE_CHECKING:
    from cc_kernels.models import Model


def zone_map(
    model: Model,
    operator: str,
    points_per_axis: int,
    quantities: Sequence[str] | None,
    degeneracy_tolerance: float | None,
    chunk: int,
    shift: float = 0.0,
) -> xr.Dataset:
    """Lazy band geometry on a grid; to the map of a two-band superconductor belongs the gap function, `pairing`.

    Parameters
    ----------
    quantities : variables of `band_geometry`, None for all.
    chunk : k-points per dask chunk.
    """
    bands = band_geometry(
        model,
        operator=operator,
        grid=points_per_axis,
        shift=shift,
        chunks=chunk,
        quantities=quantities,
        degeneracy_tolerance=degeneracy_tolerance,
    )
    if quantities is not None and model.is_superconductor and model.num_bands == 2:
        grid = KGrid.of(model, points_per_axis, shift)
        gap = model.hamiltonian(grid.points())[:, 0, 1]
        attrs = {"units": "eV", "long_name": "gap function", "formula": "Delta(k) = H_12"}
        bands["pairing"] = (("k", "part"), np.stack([gap.real, gap.imag], -1), attrs)
        bands = bands.assign_coords(part=["real", "imag"])
    bands.attrs["grid"] = json.dumps([points_per_axis] * model.dim)
    return bands
