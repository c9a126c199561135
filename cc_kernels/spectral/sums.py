"""`accumulate`: additive sums over the states of a set of k-points.

A sums dataset holds, for each state quantity X, `X` on the mesh nodes (B-spline weighted), `X_absolute` on coarse
bins (sums of |X| with a floor, which set the scale of a null result), `X_below` (X and X eps of states below the
mesh), the largest speed per bin, and the identity of the points. Sums of disjoint sets of points add.
"""

from __future__ import annotations

from collections.abc import Sequence

import dask
import dask.array as da
import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, phrase
from cc_kernels.geometry.dataset import CARTESIAN
from cc_kernels.geometry.quantities import PACKED
from cc_kernels.grid import KGrid, face_weights
from cc_kernels.spectral import state_sums
from cc_kernels.spectral.merging import GEOMETRY
from cc_kernels.spectral.mesh import EnergyMesh
from cc_kernels.spectral.splines import deposit


def accumulate(chunk: xr.Dataset, quantities: Sequence[str], mesh: EnergyMesh) -> xr.Dataset:
    """Sum state quantities over the k-points and bands of a `band_geometry` dataset.

    Parameters
    ----------
    chunk : from `band_geometry` on a grid; dask-backed data are reduced chunk by chunk in bounded memory,
        in a fixed order, so that two runs give identical bytes.
    quantities : names of state sums (band quantities, or products of `state_sums.PRODUCTS`).
    mesh : the energy mesh.

    Returns
    -------
    Additive sums, to be passed to `merge` and `evaluate`.

    Raises
    ------
    InputError : for what is not all bands at all points of a grid or shard, and for arguments of another kind.
    """
    _check_arguments(chunk, quantities, mesh)
    required = sorted(set(state_sums.ALWAYS).union(*(state_sums.needs(name) for name in quantities)))
    box = chunk.attrs["k_max"] if chunk.attrs.get("closed") else None
    required += [] if box is None else ["kpoint"]
    chunk = _with_all_pairs_far(chunk, required)
    missing = [name for name in ("kpoint", *required) if name not in chunk]
    if missing:
        raise InputError(
            "chunk", phrase("a dataset without " + ", ".join(missing)), "all of kpoint, " + ", ".join(required)
        )
    _check_whole(chunk)

    norm = chunk.attrs["operator_norm"]
    total = _tree_sum([_block_sums(block, quantities, mesh, norm, box) for block in _blocks(chunk, required)])
    (total,) = dask.compute(total)
    return _labelled(total, quantities, mesh, int(chunk.attrs["dimension"]), chunk)


def _check_arguments(chunk: object, quantities: object, mesh: object) -> None:
    allowed = "a dataset of `band_geometry(grid=...)`"
    if not isinstance(chunk, xr.Dataset) or "dimension" not in chunk.attrs:
        raise InputError("chunk", phrase(f"a {type(chunk).__name__}"), allowed)
    if "pieces" not in chunk.attrs:
        raise InputError("chunk", phrase("explicit k-points"), allowed)
    if "mesh" in chunk.attrs:
        raise InputError("chunk", phrase("sums"), allowed)
    is_list = isinstance(quantities, list | tuple) and all(isinstance(name, str) for name in quantities)
    if not is_list or not quantities:
        raise InputError("quantities", quantities, "a list of names, at least one")
    if not isinstance(mesh, EnergyMesh):
        raise InputError("mesh", mesh, "an EnergyMesh, as from EnergyMesh.covering(mu, temperature)")


def _check_whole(chunk: xr.Dataset) -> None:
    """Refuse a selection, a repetition or another order of the bands and points of a grid."""
    bands = np.arange(chunk.attrs["num_bands"])
    if not np.array_equal(chunk.get("band", bands), bands) or chunk.sizes["band"] != len(bands):
        raise InputError("chunk", phrase("a selection of bands"), "all bands of the model, each once")
    grid, points = KGrid.from_attributes(chunk.attrs), da.asarray(chunk["kpoint"].data)
    negligible = 1e-9 * np.abs(grid.span).max()

    def differs(block: np.ndarray, block_info: dict) -> np.ndarray:
        start, stop = (grid.start + index for index in block_info[0]["array-location"][0])
        return np.abs(block - grid.points(start, stop)).max(keepdims=True) > negligible

    same = points.shape == (len(grid), grid.dim)
    if not same or da.map_blocks(differs, points.rechunk({1: -1}), dtype=bool, chunks=(1, 1)).any().compute():
        raise InputError(
            "chunk", phrase("a selection of k-points"), "all points of the grid, each once, in their order"
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
    block: dict, quantities: Sequence[str], mesh: EnergyMesh, operator_norm: float, box: float | None
) -> list[np.ndarray]:
    """Sums over the states of a block, weighted in a closed box of the half width `box`."""
    energy = np.ascontiguousarray(block["group_energy"]).reshape(-1)
    speed = np.sqrt((block["velocity"] ** 2).sum(-1)).reshape(-1)
    each = [state_sums.value(name, block) for name in quantities]
    sizes = [
        state_sums.magnitude(name, value, block, operator_norm) for name, value in zip(quantities, each, strict=True)
    ]
    values, sizes = (np.concatenate([x.reshape(energy.size, -1) for x in some], axis=1) for some in (each, sizes))
    if box is not None:
        weights = np.repeat(face_weights(block["kpoint"], box), energy.size // len(block["kpoint"]))[:, None]
        values, sizes = values * weights, sizes * weights
    columns = values.shape[1]
    sums = np.zeros((2 * mesh.half + 1, columns))
    absolute, below, fastest = np.zeros((mesh.bins, columns)), np.zeros((2, columns)), np.zeros(mesh.bins)
    deposit(energy, speed, values, sizes, mesh.centre, mesh.width, mesh.step, mesh.half, sums, absolute, below, fastest)
    return [sums, absolute, below, fastest]


@dask.delayed(pure=False)
def _add(a: list[np.ndarray], b: list[np.ndarray]) -> list[np.ndarray]:
    # Not in place: what another process has sent may be read-only, and a lost worker's task is done again.
    return [*(x + y for x, y in zip(a[:3], b[:3], strict=True)), np.maximum(a[3], b[3])]


def _tree_sum(parts: list) -> object:
    """Pairwise sum in an order that depends on the number of parts only."""
    while len(parts) > 1:
        pairs = [_add(parts[i], parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[len(parts) - len(parts) % 2 :]
    return parts[0]


def _labelled(total: list, quantities: Sequence[str], mesh: EnergyMesh, dim: int, chunk: xr.Dataset) -> xr.Dataset:
    sums, absolute, below, fastest = total
    variables, start = {}, 0
    for name in quantities:
        dims = state_sums.dims_of(name, dim)
        shape = (dim,) * len(dims)
        size = int(np.prod(shape, dtype=int)) if state_sums.indices(name) != ("k",) or dim > 1 else 0
        part = slice(start, start + size)
        start += size
        if not size:
            continue
        attrs = {
            "formula": state_sums.formula(name),
            "long_name": PACKED[name].long_name if name in PACKED else name,
        }
        variables[name] = (("node", *dims), sums[:, part].reshape(-1, *shape), attrs)
        variables[f"{name}_absolute"] = (
            ("bin", *dims),
            absolute[:, part].reshape(-1, *shape),
            {"formula": "sum of |X|"},
        )
        variables[f"{name}_below"] = (
            ("moment", *dims),
            below[:, part].reshape(-1, *shape),
            {"formula": "sums of X, X eps"},
        )
    variables["fastest"] = (("bin",), fastest, {"long_name": "largest speed", "units": "eV angstrom"})
    coords = {"i": list(CARTESIAN[:dim]), "l": list(CARTESIAN[:dim])}
    variables["measure"] = (
        (),
        chunk.attrs["measure"],
        {"long_name": "k volume/(2 pi)^dim", "units": f"angstrom^-{dim}"},
    )
    variables["longest_step"] = (
        (),
        chunk.attrs["longest_step"],
        {"long_name": "longest grid step", "units": "1/angstrom"},
    )
    attrs = {key: value for key, value in chunk.attrs.items() if key not in GEOMETRY}
    attrs |= {"mesh": mesh.to_json(), "points": chunk.sizes["k"]}
    return xr.Dataset(variables, coords, attrs)
