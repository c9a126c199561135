"""`accumulate`: additive sums over the states of a set of k-points.

A sums dataset holds, for each state quantity X, `X` on the mesh nodes (B-spline weighted), `X_absolute` on coarse
bins (sums of |X| with a floor, which set the scale of a null result), `X_below` (X and X eps of states below the
mesh), the largest speed per bin along the steps of the grid, and the identity of the points. Sums of disjoint sets of
points add.
"""

from __future__ import annotations

from collections.abc import Sequence

import dask
import dask.array as da
import numpy as np
import xarray as xr

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.quantities import PACKED
from cc_kernels.grid import KGrid, face_weights
from cc_kernels.sums import products
from cc_kernels.sums.block import Sums
from cc_kernels.sums.by_formulas import add_block
from cc_kernels.sums.directions import directions_of
from cc_kernels.sums.labelled import labelled
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import tree_sum
from cc_kernels.sums.plan import Plan, plan_of


def accumulate(chunk: xr.Dataset, quantities: Sequence[str], mesh: EnergyMesh) -> xr.Dataset:
    """Sum state quantities over the k-points and bands of a `band_geometry` dataset.

    Parameters
    ----------
    chunk : from `band_geometry` on a grid; dask-backed data are reduced chunk by chunk in bounded memory,
        in a fixed order, so that two runs give identical bytes.
    quantities : names of state sums (band quantities, or products of `products.PRODUCTS`).
    mesh : the energy mesh.

    Returns
    -------
    Additive sums, to be passed to `merge` and `evaluate`.

    Raises
    ------
    InputError : for what is not all bands at all points of a grid or shard, and for arguments of another kind.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> bands = cc.band_geometry(cc.build_model("rashba_square"), operator="spin_z", grid=16)
    >>> mesh = cc.EnergyMesh.covering(mu=[0.0, 2.0], temperature=3000.0)
    >>> sums = cc.accumulate(bands, ["s_dipole"], mesh)
    >>> density = cc.evaluate(sums, mu=1.0, temperature=3000.0).s_dipole  # int f d^is
    >>> density.dims
    ('mu', 'temperature', 'i')
    """
    _check_arguments(chunk, quantities, mesh)
    required = sorted(set(products.ALWAYS).union(*(products.needs(name) for name in quantities)))
    box = chunk.attrs["k_max"] if chunk.attrs.get("closed") else None
    required += [] if box is None else ["kpoint"]
    chunk = _with_all_pairs_far(chunk, required)
    missing = [name for name in ("kpoint", *required) if name not in chunk]
    if missing:
        raise InputError(
            "chunk", stated("a dataset without " + ", ".join(missing)), "all of kpoint, " + ", ".join(required)
        )
    _check_whole(chunk)

    norm, plan = chunk.attrs["operator_norm"], plan_of(quantities, int(chunk.attrs["dimension"]))
    directions = directions_of(KGrid.from_attributes(chunk.attrs))
    parts = [_block_sums(block, plan, mesh, norm, box, directions) for block in _blocks(chunk, required)]
    (total,) = dask.compute(tree_sum(parts))
    return labelled(total, plan, mesh, chunk.attrs | {"points": chunk.sizes["k"]}, None)


def _check_arguments(chunk: xr.Dataset, quantities: Sequence[str], mesh: EnergyMesh) -> None:
    allowed = "a dataset of `band_geometry(grid=...)`"
    if not isinstance(chunk, xr.Dataset) or "dimension" not in chunk.attrs:
        raise InputError("chunk", stated(f"a {type(chunk).__name__}"), allowed)
    if "pieces" not in chunk.attrs:
        raise InputError("chunk", stated("explicit k-points"), allowed)
    if "mesh" in chunk.attrs:
        raise InputError("chunk", stated("sums"), allowed)
    is_list = isinstance(quantities, list | tuple) and all(isinstance(name, str) for name in quantities)
    if not is_list or not quantities:
        raise InputError("quantities", quantities, "a list of names, at least one")
    known = {**products.PRODUCTS, **PACKED}
    for name in quantities:
        if name not in known:
            checks.unknown_name("quantities", name, known)
    if not isinstance(mesh, EnergyMesh):
        raise InputError("mesh", mesh, "an EnergyMesh, as from EnergyMesh.covering(mu, temperature)")


def _check_whole(chunk: xr.Dataset) -> None:
    """Refuse a selection, a repetition or another order of the bands and points of a grid."""
    bands = np.arange(chunk.attrs["num_bands"])
    if not np.array_equal(chunk.get("band", bands), bands) or chunk.sizes["band"] != len(bands):
        raise InputError("chunk", stated("a selection of bands"), "all bands of the model, each once")
    grid, points = KGrid.from_attributes(chunk.attrs), da.asarray(chunk["kpoint"].data)
    negligible = 1e-9 * np.abs(grid.span).max()

    def differs(block: np.ndarray, block_info: dict) -> np.ndarray:
        start, stop = (grid.start + index for index in block_info[0]["array-location"][0])
        return np.abs(block - grid.points(start, stop)).max(keepdims=True) > negligible

    same = points.shape == (len(grid), grid.dim)
    if not same or da.map_blocks(differs, points.rechunk({1: -1}), dtype=bool, chunks=(1, 1)).any().compute():
        raise InputError(
            "chunk", stated("a selection of k-points"), "all points of the grid, each once, in their order"
        )


def _with_all_pairs_far(chunk: xr.Dataset, required: Sequence[str]) -> xr.Dataset:
    """Band data that were not split into near and far pairs of levels have far ones only."""
    whole = {
        "far_torque_curvature": "torque_berry_curvature",
        "far_current_dipole": "current_dipole",
        "far_s_curvature": "s_berry_curvature",
    }
    none = {
        "near_torque": "torque_dipole",
        "near_torque_correction": "torque_dipole",
        "near_current_dipole": "current_dipole",
        "near_s_curvature": "s_berry_curvature",
    }
    absent = [name for name in required if name not in chunk]
    added = {name: chunk[whole[name]] for name in absent if whole.get(name) in chunk}
    added |= {name: xr.zeros_like(chunk[none[name]]) for name in absent if none.get(name) in chunk}
    return chunk.assign(added)


def _blocks(chunk: xr.Dataset, required: list[str]) -> list[dict]:
    """Arrays of each block over k: delayed where the data are lazy."""
    if not chunk.chunks:
        return [{name: chunk[name].data for name in required}]
    unified = chunk[required].unify_chunks()
    # Optimizing each variable alone would evaluate the chunk that they share once per variable.
    columns = {
        name: unified[name].data.to_delayed(optimize_graph=False).reshape(len(unified.chunks["k"])) for name in required
    }
    return [{name: column[index] for name, column in columns.items()} for index in range(len(unified.chunks["k"]))]


@dask.delayed(pure=False)
def _block_sums(
    block: dict, plan: Plan, mesh: EnergyMesh, operator_norm: float, box: float | None, directions: np.ndarray
) -> Sums:
    """Sums over the states of a block, weighted in a closed box of the half width `box`."""
    weights = np.ones(len(block["group_energy"])) if box is None else face_weights(block["kpoint"], box)
    total = Sums.zeros(plan.columns(1), mesh)
    add_block(block, [*plan.shared, *plan.own], operator_norm, weights, mesh, directions, total)
    return total
