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
    points_per_axis: Sequence[int | Sequence[int]],
    shift: Sequence[float | Sequence[float]],
    coarse_shift: float | Sequence[float] | None,
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
    points_per_axis : of the stage's levels (a number, or one for each axis), which double; each adds to the one before.
    shift : of each of these, in its steps (a number, or one for each axis), which doubles modulo 1.
    coarse_shift : of the level before the stage, whose points the first one leaves out; None where that is the study's
        first.
    shard, shards : this part (from 0) and the number of parts.
    mesh : the energy mesh as JSON.
    chunk : k-points per dask chunk.
    symmetry : as in `cc_kernels.transport`.
    """

    before = [coarse_shift, *shift]

    def summed(model: object, number: int) -> xr.Dataset:
        coarse, only_new = (0.0, False) if before[number] is None else (before[number], True)
        grid = KGrid.of(model, points_per_axis[number], shift[number], only_new, closed=True, coarse_shift=coarse)
        grid = grid.shard(shard, shards)
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
