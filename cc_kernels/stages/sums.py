"""Additive sums of one shard of one grid level."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import xarray as xr

from cc_kernels.grid import KGrid
from cc_kernels.spectral.mesh import EnergyMesh
from cc_kernels.spectral.on_grid import sums_on_grid
from cc_kernels.stages.models import StudyModels


def shard_sums(
    study: StudyModels,
    names: Sequence[str],
    operator: str,
    points_per_axis: int,
    shift: float,
    only_new: bool,
    shard: int,
    shards: int,
    mesh: str,
    degeneracy_tolerance: float | None,
    chunk: int,
) -> xr.Dataset:
    """Sums over the shard's points, with the sweep as the leading dim.

    Parameters
    ----------
    names : state sums.
    only_new : leave out the points of the grid with half the points per axis.
    shard, shards : this part (from 0) and the number of parts.
    mesh : the energy mesh as JSON.
    chunk : k-points per dask chunk.
    """

    def of(model: object) -> xr.Dataset:
        grid = KGrid.of(model, points_per_axis, shift, only_new).shard(shard, shards)
        return sums_on_grid(
            model,
            names,
            operator,
            grid,
            EnergyMesh.from_json(mesh),
            degeneracy_tolerance=degeneracy_tolerance,
            chunks=chunk,
        )

    return along_sweep(study, [of(model) for model in study.models])


def along_sweep(study: StudyModels, parts: list[xr.Dataset]) -> xr.Dataset:
    """Datasets of the sweep's models as one, with the swept parameter as a dim."""
    if study.sweep_name is None:
        return parts[0]
    coordinate = xr.DataArray(study.sweep_values, dims=study.sweep_name, name=study.sweep_name)
    coordinate.attrs = {"long_name": f"model parameter {study.sweep_name}"}
    joined = xr.concat(parts, coordinate, combine_attrs="override")
    parameters = json.loads(parts[0].attrs["model_parameters"])
    parameters.pop(study.sweep_name, None)
    joined.attrs |= {"model_parameters": json.dumps(parameters, sort_keys=True), "sweep": study.sweep_name}
    return joined


def each_of_sweep(sums: xr.Dataset, form: Callable[[xr.Dataset], xr.Dataset]) -> xr.Dataset:
    """Apply `form` to the sums of every value of the sweep."""
    name = sums.attrs.get("sweep")
    if name is None:
        return form(sums)
    parts = [form(sums.isel({name: index}, drop=True)) for index in range(sums.sizes[name])]
    return xr.concat(parts, sums[name], combine_attrs="override")
