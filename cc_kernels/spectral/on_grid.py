"""From a model and a grid straight to additive sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.geometry.dataset import band_geometry
from cc_kernels.grid import DEFAULT_CHUNK, KGrid
from cc_kernels.spectral import state_sums
from cc_kernels.spectral.box import edge_attributes
from cc_kernels.spectral.mesh import EnergyMesh
from cc_kernels.spectral.sums import accumulate

if TYPE_CHECKING:
    from cc_kernels.models import Model


def sums_on_grid(
    model: Model,
    names: Sequence[str],
    operator: str | np.ndarray | None,
    grid: int | Sequence[int] | KGrid,
    mesh: EnergyMesh,
    shift: float | Sequence[float] = 0.0,
    degeneracy_tolerance: float | None = None,
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Sums of the state quantities `names` on a grid, or on a shard of one; other arguments as in `band_geometry`."""
    quantities = sorted(set(state_sums.ALWAYS).union(*(state_sums.needs(name) for name in names)))
    if not isinstance(grid, KGrid):
        grid, shift = KGrid.of(model, grid, shift, closed=True), 0.0
    bands = band_geometry(
        model,
        operator,
        grid,
        shift,
        chunks=chunks,
        quantities=quantities,
        degeneracy_tolerance=degeneracy_tolerance,
        near=mesh.near,
    )
    return accumulate(bands, names, mesh).assign_attrs(edge_attributes(model))
