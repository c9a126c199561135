"""Additive sums of one shard of a stage: the first three grids of a study, or one further grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xarray as xr

from cc_kernels.grid import KGrid
from cc_kernels.study.study_models import StudyModels
from cc_kernels.study.sweep import along_sweep
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid


def shard_sums(
    study: StudyModels,
    names: Sequence[str],
    operator: str | Sequence[str] | None,
    points_per_axis: Sequence[int],
    shift: float,
    only_new: bool,
    shard: int,
    shards: int,
    mesh: str,
    degeneracy_tolerance: float | None,
    chunk: int,
    symmetry: str | Mapping[str, str | bool] = "auto",
) -> list[xr.Dataset]:
    """Sums over the shard's points of each level, with the sweep as the leading dim.

    Parameters
    ----------
    names : state sums.
    points_per_axis : of the stage's levels, which double; each adds to the one before.
    only_new : of the first level, too, leave out the points of the grid with half the points per axis.
    shard, shards : this part (from 0) and the number of parts.
    mesh : the energy mesh as JSON.
    chunk : k-points per dask chunk.
    symmetry : as in `cc_kernels.transport`.
    """

    def summed(model: object, number: int) -> xr.Dataset:
        is_part = only_new or number > 0
        grid = KGrid.of(model, points_per_axis[number], shift, is_part, closed=True).shard(shard, shards)
        return sums_on_grid(
            model,
            names,
            operator,
            grid,
            EnergyMesh.from_json(mesh),
            degeneracy_tolerance=degeneracy_tolerance,
            symmetry=symmetry,
            chunks=chunk,
        )

    return [
        along_sweep(study, [summed(model, number) for model in study.models]) for number in range(len(points_per_axis))
    ]
