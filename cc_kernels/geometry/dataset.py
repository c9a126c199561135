"""`band_geometry`: the labelled, lazy, dask-chunked view of the kernels."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dask.array as da
import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, phrase
from cc_kernels.geometry import second_order
from cc_kernels.geometry.fast import packed_quantities
from cc_kernels.geometry.quantities import PACKED, SECOND_ORDER, component_shape, packing, tables_with
from cc_kernels.grid import DEFAULT_CHUNK, KGrid, points_per_chunk

if TYPE_CHECKING:
    from cc_kernels.models import Model, Operator

CARTESIAN = ("x", "y", "z")


def band_geometry(
    model: Model,
    operator: str | np.ndarray | None = None,
    grid: int | Sequence[int] | KGrid | None = None,
    shift: float | Sequence[float] = 0.0,
    kpoints: np.ndarray | None = None,
    bands: Sequence[int] | None = None,
    chunks: int = DEFAULT_CHUNK,
    quantities: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    near: float = 0.0,
) -> xr.Dataset:
    """State-resolved band geometry (theory section 1), lazy and chunked over k.

    Parameters
    ----------
    model : a model of `build_model`, `load_model`, ...
    operator : a name that the model carries, or a Hermitian (bands, bands) matrix that commutes with the position
        operator. Default: a superconductor's charge, or a model's only operator.
    grid : points per axis (an int, or one per dimension; a continuum model's covers the box +-k_max), or a `KGrid`.
    shift : offset in grid steps.
    kpoints : (N, dim) Cartesian k in 1/angstrom instead of a grid.
    bands : indices of the bands to keep (sums over intermediate states always run over all).
    chunks : k-points per dask chunk, at most: beyond 8 bands fewer, so that a chunk needs no more memory than there.
    quantities : names to keep, from `geometry.quantities`; default all but the parts of pair sums (`DIVIDED`) and the
        state-resolved companions of Eq. (12) (`COMPANIONS`).
    degeneracy_tolerance : levels closer than this (eV) form one group; default the model's own.
    near : pairs closer than this (eV) are the near ones of `DIVIDED`.

    Returns
    -------
    Dataset with dims k, band and Cartesian i, l; units with hbar = e = 1, eV, angstrom.

    Raises
    ------
    InputError : for any argument out of its range.
    """
    matrix_of, unit, label = resolve_operator(model, operator)
    tolerance = check_tolerance(model, degeneracy_tolerance)
    if isinstance(chunks, bool) or not isinstance(chunks, (int, np.integer)) or chunks < 1:
        raise InputError("chunks", chunks, "a positive integer (k-points per chunk)")
    wanted = _check_quantities(quantities, model)
    band_index = _check_bands(bands, model.num_bands)
    source = _point_source(model, grid, shift, kpoints)
    count = len(source)
    size = points_per_chunk(int(chunks), model.num_bands)
    sizes = (tuple(min(size, count - start) for start in range(0, count, size)),)

    def evaluate(block_info: dict) -> np.ndarray:
        start, stop = block_info[None]["array-location"][0]
        return evaluate_chunk(model, matrix_of, source(start, stop), tolerance, tables, near)[:, band_index]

    def points(block_info: dict) -> np.ndarray:
        return source(*block_info[None]["array-location"][0])

    def dipole_derivative(block_info: dict) -> np.ndarray:
        start, stop = block_info[None]["array-location"][0]
        return _dipole_derivative_chunk(model, matrix_of, source(start, stop), tolerance)[:, band_index]

    tables = tables_with(wanted)
    layout = packing(model.dim, tables)
    components = max(part.stop for part in layout.values())
    packed = da.map_blocks(
        evaluate, dtype=float, chunks=(*sizes, (len(band_index),), (components,)), name=_fresh("geometry")
    )
    kpoint = da.map_blocks(points, dtype=float, chunks=(*sizes, (model.dim,)), name=_fresh("kpoint"))

    variables = {"kpoint": (("k", "i"), kpoint, {"units": "1/angstrom", "long_name": "wave vector", "formula": "k"})}

    def part(name: str) -> da.Array:
        shape = component_shape(PACKED[name], model.dim)
        data = packed[..., layout[name]]
        return data.reshape((count, len(band_index), *shape)) if shape else data[..., 0]

    for name in wanted:
        if name == "torque_quadrupole":
            data = second_order.torque_quadrupole(part("current_dipole"), part("velocity"), part("s_dipole"))
        elif name == "torque_polarizability":
            blocks = (*sizes, (len(band_index),), (model.dim,), (model.dim,))
            derivative = da.map_blocks(dipole_derivative, dtype=float, chunks=blocks, name=_fresh("dipole-derivative"))
            data = derivative + part("berry_curvature_operator") - part("s_berry_curvature")
            data = data.swapaxes(-1, -2)
        else:
            data = part(name)
        quantity = (PACKED | SECOND_ORDER)[name]
        dims = ("k", "band", *(("i",) if quantity.indices == ("k",) else quantity.indices))[: data.ndim]
        variables[name] = (dims, data, _attributes(quantity, unit))
    cartesian = list(CARTESIAN[: model.dim])
    coords = {"band": band_index, "i": cartesian, "l": cartesian}
    attrs = {
        **model_attributes(model, label, unit, float(np.linalg.norm(matrix_of, 2)), tolerance),
        **source.attributes,
        "conventions": "hbar = k_B = e = 1; A^i_mn = <m| i d/dk_i |n>; Omega^xy = d_x A_y - d_y A_x",
    }
    return xr.Dataset(variables, coords, attrs)


def evaluate_chunk(
    model: Model,
    operator: np.ndarray,
    k: np.ndarray,
    tolerance: float,
    tables: Sequence[str] = ("first",),
    near: float = 0.0,
) -> np.ndarray:
    """Packed quantities (N, nb, components) at k (N, dim)."""
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    energies, states = np.linalg.eigh(hamiltonian)
    return packed_quantities(energies, states, velocity, operator, tolerance, tables, near)


def _dipole_derivative_chunk(model: Model, operator: np.ndarray, k: np.ndarray, tolerance: float) -> np.ndarray:
    """d d_n^is/dk_l (N, nb, dim, dim) over l, i at k (N, dim)."""
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    energies, states = np.linalg.eigh(hamiltonian)
    return second_order.dipole_derivative(energies, states, velocity, model.hessian(k), operator, tolerance)


def resolve_operator(model: Model, operator: str | np.ndarray | None) -> tuple[np.ndarray, str, str]:
    """Matrix, unit and label of an operator given by name or as a matrix."""
    if operator is None:
        charged = model.is_superconductor and "charge" in model.operators
        if not charged and len(model.operators) != 1:
            raise InputError("operator", operator, "one of " + ", ".join(model.operators) + ", or a Hermitian matrix")
        operator = "charge" if charged else next(iter(model.operators))
    resolved: Operator = model.operator(operator)
    return resolved.matrix, resolved.unit, operator if isinstance(operator, str) else "matrix"


def check_tolerance(model: Model, tolerance: float | None) -> float:
    """The degeneracy tolerance in eV: the argument, or the model's own."""
    if tolerance is None:
        return model.degeneracy_tolerance
    if (
        not np.isscalar(tolerance)
        or isinstance(tolerance, (str, bool))
        or not (np.isfinite(tolerance) and tolerance >= 0)
    ):
        raise InputError("degeneracy_tolerance", tolerance, "a finite energy in eV, zero or more")
    return float(tolerance)


def model_attributes(model: Model, operator: str, unit: str, norm: float, tolerance: float) -> dict[str, object]:
    """What a dataset says of the model that it was computed for."""
    return {
        "model": model.name,
        "model_parameters": json.dumps(model.parameters, sort_keys=True),
        "operator": operator,
        "operator_unit": unit,
        "operator_norm": norm,
        "dimension": model.dim,
        "num_bands": model.num_bands,
        "degeneracy_tolerance": tolerance,
        "particle_hole_copies": model.particle_hole_copies,
        **({"k_max": model.k_max} if model.k_max is not None else {}),
    }


class _GridSource:
    """Points of a KGrid, relative to its first."""

    def __init__(self, grid: KGrid) -> None:
        self.grid = grid
        self.attributes = {
            "grid": json.dumps(grid.shape),
            "shift": json.dumps(grid.shift),
            "pieces": json.dumps([grid.piece]),
            "measure": grid.measure,
            "longest_step": grid.longest_step,
        }

    def __len__(self) -> int:
        return len(self.grid)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        return self.grid.points(self.grid.start + start, self.grid.start + stop)


class _ListSource:
    """An explicit list of points."""

    def __init__(self, kpoints: np.ndarray) -> None:
        self.kpoints = kpoints
        self.attributes = {"grid": "explicit k-points"}

    def __len__(self) -> int:
        return len(self.kpoints)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        return self.kpoints[start:stop]


def _point_source(model: Model, grid: object, shift: object, kpoints: object) -> _GridSource | _ListSource:
    if (grid is None) == (kpoints is None):
        raise InputError("grid", grid, "either `grid` or `kpoints`, and only one of them")
    if kpoints is None:
        return _GridSource(grid if isinstance(grid, KGrid) else KGrid.of(model, grid, shift))
    try:
        array = np.asarray(kpoints, float)
    except (TypeError, ValueError):
        raise InputError("kpoints", kpoints, f"numbers in an array of shape (N, {model.dim})") from None
    if array.ndim != 2 or array.shape[1] != model.dim or not len(array):
        raise InputError("kpoints", phrase(f"an array of shape {array.shape}"), f"shape (N, {model.dim}), 1/angstrom")
    if not np.isfinite(array).all():
        raise InputError("kpoints", phrase("an array with NaN or infinity"), "finite numbers, 1/angstrom")
    return _ListSource(array)


def _check_quantities(quantities: Sequence[str] | None, model: Model) -> list[str]:
    default = [*packing(model.dim), *(name for name in SECOND_ORDER if name != "torque_polarizability")]
    if model.has_hessian:
        default.append("torque_polarizability")
    if quantities is None:
        return default
    available = [*default, *packing(model.dim, ("divided", "companions"))]
    for name in quantities:
        if name not in available:
            raise InputError("quantities", name, "any of " + ", ".join(available))
    return list(quantities)


def _check_bands(bands: Sequence[int] | None, total: int) -> np.ndarray:
    if bands is None:
        return np.arange(total)
    index = np.atleast_1d(np.asarray(bands))
    if index.dtype.kind not in "iu" or index.ndim != 1 or not len(index) or index.min() < 0 or index.max() >= total:
        raise InputError("bands", bands, f"integers from 0 to {total - 1}")
    return index


def _attributes(quantity: object, operator_unit: str) -> dict[str, str]:
    return {
        "units": unit_text(quantity.energy, quantity.length, quantity.operator, operator_unit),
        "long_name": quantity.long_name,
        "formula": quantity.formula,
    }


def unit_text(energy: int, length: int, operator: int, operator_unit: str) -> str:
    """Units such as "eV angstrom^2 hbar"."""
    parts = [(energy, "eV"), (length, "angstrom"), (operator if operator_unit != "1" else 0, operator_unit)]
    return " ".join(unit if power == 1 else f"{unit}^{power}" for power, unit in parts if power) or "1"


def _fresh(prefix: str) -> str:
    """A new graph name: hashing a model to reuse a name would cost more than it saves.

    New among all processes: a dask.distributed scheduler takes equal names of two clients for the same data.
    """
    return f"{prefix}-{uuid.uuid4().hex}"
