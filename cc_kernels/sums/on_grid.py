"""From a model and a grid to additive sums: dask maps `block_sums` over the grid, and adds up in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import dask
import numpy as np
import xarray as xr

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import Operators, check_tolerance
from cc_kernels.grid import (
    DEFAULT_CHUNK,
    KGrid,
    check_chunk,
    check_number_of_chunks,
    face_weights,
    points_per_chunk,
)
from cc_kernels.sums.block import LEAST_OF_A_TASK, MOST_TASKS, Sums, block_sums, refuse_infinite, work_of
from cc_kernels.sums.directions import directions_of
from cc_kernels.sums.folding import Folding, check_symmetry, folding_of
from cc_kernels.sums.labelled import labelled
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.plan import Plan, plan_of
from cc_kernels.sums.rotated_columns import NO_IMAGES

if TYPE_CHECKING:
    from cc_kernels.models import Model, Operator


def sums_on_grid(
    model: Model,
    names: Sequence[str],
    operator: object,
    grid: int | Sequence[int] | KGrid,
    mesh: EnergyMesh,
    *,
    shift: float | Sequence[float] = 0.0,
    degeneracy_tolerance: float | None = None,
    chunks: int = DEFAULT_CHUNK,
    symmetry: object = "off",
    implementation: str | None = None,
) -> xr.Dataset:
    """Sums of the state quantities `names` on a grid, or on a shard of one.

    Parameters
    ----------
    operator : a name, a matrix, or a list of these, which becomes the dim `operator`.
    grid, shift, degeneracy_tolerance : as in `band_geometry`.
    chunks : k-points per chunk, at most (`grid.points_per_chunk`): memory grows with it, results do not change.
    symmetry : as in `transport`: "auto", "off", or what is asserted.
    implementation : of `block_sums`.

    Raises
    ------
    InputError : for any argument out of its range, and for a model whose energies are not numbers.
    """
    checks.model(model)
    operators = Operators.of(model, operator)
    tolerance = check_tolerance(model, degeneracy_tolerance)
    chunks = check_chunk(chunks)
    check_symmetry(symmetry)
    if not isinstance(grid, KGrid):
        grid = KGrid.of(model, grid, shift, closed=True)
    elif np.any(shift):
        raise InputError("shift", shift, "nothing beside a KGrid, which has its own")
    elif not grid.same_region(KGrid.of(model, 1)):
        allowed = f"points per axis, or KGrid.of({model.name}, ...)"
        raise InputError("grid", stated("a KGrid of another model"), allowed)
    check_number_of_chunks(len(grid), points_per_chunk(chunks, model.num_bands), limits.CHUNKS)
    plan = plan_of(names, model.dim)
    distinct, places = operators.distinct
    folding = folding_of(work_of(model, distinct, plan, mesh, tolerance), grid, symmetry)
    total = _total(model, distinct, grid, plan, mesh, tolerance, chunks, folding, implementation)
    refuse_infinite(model, total.fastest)
    attributes = operators.attributes(model, tolerance) | grid.attributes | {"points": len(grid)}
    if folding is not None:
        attributes |= folding.attributes | {"symmetry_points": int(total.points)}
    if not operators.are_axis:
        return labelled(total, plan, mesh, attributes, None)
    sums = labelled(total, plan, mesh, attributes, [operators.labels[places.index(n)] for n in range(len(distinct))])
    return sums.isel(operator=places).assign_coords(operator=list(operators.labels))


def _total(
    model: Model,
    operators: Sequence[Operator],
    grid: KGrid,
    plan: Plan,
    mesh: EnergyMesh,
    tolerance: float,
    chunks: int,
    folding: Folding | None,
    implementation: str | None,
) -> Sums:
    """Sums over the grid, in an order that depends on the chunks alone: two runs give identical bytes."""
    if folding is not None and folding.order == 1:
        folding = None
    images = NO_IMAGES if folding is None else folding.images
    directions = directions_of(grid) if folding is None else folding.directions

    def over(ranges: list[tuple[int, int]]) -> Sums:
        total = None
        for start, stop in ranges:
            for k, weights in points_of(grid, start, stop, folding):
                total = block_sums(
                    model,
                    operators,
                    k,
                    weights * face_weights(k, model.k_max) if grid.closed else weights,
                    plan,
                    mesh,
                    degeneracy_tolerance=tolerance,
                    implementation=implementation,
                    images=images,
                    directions=directions,
                    total=total,
                )
        return Sums.zeros(plan.columns(len(operators)), mesh) if total is None else total

    order = 1 if folding is None else folding.order
    ranges = list(grid.chunks(points_per_chunk(chunks, model.num_bands) * order))
    tasks = min(len(ranges), MOST_TASKS, max(1, len(grid) // order * model.num_bands**2 // LEAST_OF_A_TASK))
    edges = [len(ranges) * task // tasks for task in range(tasks + 1)] if tasks else [0]
    task = dask.delayed(over, pure=False, traverse=False)
    parts = [task(ranges[start:stop]) for start, stop in pairwise(edges)]
    if not parts:
        return Sums.zeros(plan.columns(len(operators)), mesh)
    (total,) = dask.compute(tree_sum(parts))
    return total if folding is None else folding.symmetrized(total)


def points_of(grid: KGrid, start: int, stop: int, folding: Folding | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The k (points, dim) of a range of flat indices that are evaluated, and how many each stands for."""
    if folding is None:
        k = grid.points(start, stop)
        yield k, np.ones(len(k))
    else:
        yield from folding.points(start, stop)


def tree_sum(parts: list) -> object:
    """Pairwise sum of delayed `Sums`, in an order that depends on their number only."""
    add = dask.delayed(Sums.__add__, pure=False)
    while len(parts) > 1:
        pairs = [add(parts[i], parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[len(parts) - len(parts) % 2 :]
    return parts[0]
