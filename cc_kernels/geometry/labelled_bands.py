"""`band_geometry`: the labelled, lazy, dask-chunked view of the kernels."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np
import xarray as xr

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry import second_order
from cc_kernels.geometry.attributes import (
    check_tolerance,
    model_attributes,
    operator_attributes,
    operator_norm,
    resolve_operator,
    unit_text,
)
from cc_kernels.geometry.formulas import axial, cross
from cc_kernels.geometry.packed import packed_quantities
from cc_kernels.geometry.quantities import (
    COMPANIONS,
    DIVIDED,
    FIRST_ORDER,
    OCCUPATION,
    PACKED,
    QUANTITIES,
    SECOND_ORDER,
    Quantity,
    component_shape,
    layout,
    packed_for,
)
from cc_kernels.grid import DEFAULT_CHUNK, KGrid, check_chunk, check_number_of_chunks, points_per_chunk
from cc_kernels.models.base import FERMI
from cc_kernels.models.operators_at_k import OperatorsAtK

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import Grid, OneOperator, Shift
    from cc_kernels.models import Model

CARTESIAN = ("x", "y", "z")


def band_geometry(
    model: Model,
    *,
    operator: OneOperator | None = None,
    grid: Grid | KGrid | None = None,
    shift: Shift = 0.0,
    kpoints: ArrayLike | None = None,
    bands: Sequence[int] | None = None,
    chunks: int = DEFAULT_CHUNK,
    quantities: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    near_pairs: float = 0.0,
) -> xr.Dataset:
    """State-resolved band geometry (docs/theory.md, "State by state"), lazy and chunked over k.

    Parameters
    ----------
    model : a model of `build_model`, `load_model`, ...
    operator : a name that the model carries, or a Hermitian (bands, bands) matrix that commutes with the position
        operator; where position matrices spoil that, or an operator depends on R, a warning and the attributes
        `operator_position_commutator` and `equation_5` say so.
        The unit of a bare matrix is that of the model's operator with the same matrix, else "1"; `Operator` gives one.
        Default: a superconductor's charge, or a model's only operator.
    grid : points per axis (an int, or one per dimension; a continuum model's covers the box +-k_max), or a `KGrid`.
    shift : offset in grid steps; a `KGrid` has its own.
    kpoints : (N, dim) Cartesian k in 1/angstrom instead of a grid.
    bands : indices of the bands to keep (sums over intermediate states always run over all).
    chunks : k-points per dask chunk, at most: beyond 8 bands fewer, so that a chunk needs no more memory than there.
    quantities : names to keep, from `geometry.quantities`; default all but the parts of pair sums (`DIVIDED`) and the
        state-resolved companions of Eq. (12) (`COMPANIONS`). `torque_polarizability` needs second derivatives of H, and
        an operator that is constant in k.
    degeneracy_tolerance : levels closer than this (eV) form one group; default the model's own. Levels that only
        rounding tells apart are one group even at 0.
    near_pairs : pairs closer than this (eV) are the near ones of `DIVIDED`.

    Returns
    -------
    Dataset with dims k, band and Cartesian i, l; units with hbar = e = 1, eV, angstrom. Of a grid, k is an index of k1,
    k2, k3 in units of the reciprocal vectors (of the sides of a box, from its corner): `.unstack("k")` gives a map.

    Raises
    ------
    InputError : for any argument out of its range.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> model = cc.build_model("massive_dirac")
    >>> bands = cc.band_geometry(model, operator="spin_z", grid=16, quantities=["berry_curvature"])
    >>> curvature = bands.berry_curvature.sel(l="x", i="y", band=0)  # Omega^xy of the lower band, lazy
    >>> curvature.dims, curvature.units
    (('k',), 'angstrom^2')
    >>> round(float(curvature.max()), 3)  # v^2/2 m^2 at k = 0
    2.0
    """
    checks.model(model)
    resolved, label = resolve_operator(model, operator)
    at_k, unit = OperatorsAtK(model, [resolved]), resolved.unit
    tolerance = check_tolerance(model, degeneracy_tolerance)
    chunks = check_chunk(chunks)
    near_pairs = checks.energy("near_pairs", near_pairs)
    wanted = _check_quantities(quantities, model, at_k.is_constant)
    band_index = _check_bands(bands, model.num_bands)
    source = _point_source(model, grid, shift, kpoints)
    count, size = len(source), points_per_chunk(chunks, model.num_bands)
    check_number_of_chunks(count, size, limits.LAZY_CHUNKS)
    sizes = (tuple(min(size, count - start) for start in range(0, count, size)),)

    def evaluate(block_info: dict) -> np.ndarray:
        start, stop = block_info[None]["array-location"][0]
        return evaluate_chunk(model, at_k, source(start, stop), tolerance, needed, near_pairs)[:, band_index]

    def points(block_info: dict) -> np.ndarray:
        return source(*block_info[None]["array-location"][0])

    def dipole_derivative(block_info: dict) -> np.ndarray:
        start, stop = block_info[None]["array-location"][0]
        return _dipole_derivative_chunk(model, resolved.matrix, source(start, stop), tolerance)[:, band_index]

    needed = packed_for(wanted)
    parts = layout(model.dim, needed)
    blocks = (*sizes, (len(band_index),), (max(part.stop for part in parts.values()),))
    packed = da.map_blocks(evaluate, dtype=float, chunks=blocks, name=_fresh("geometry"))
    kpoint = da.map_blocks(points, dtype=float, chunks=(*sizes, (model.dim,)), name=_fresh("kpoint"))

    about = {"units": "1/angstrom", "long_name": "wave vector", "formula": "k"}
    variables: dict[str, tuple] = {"kpoint": (("k", "i"), kpoint, about)}

    def part(name: str) -> Any:  # dask's arrays go through the formulas that are written for numpy's
        shape = component_shape(PACKED[name], model.dim)
        return packed.map_blocks(
            lambda block, components: block[..., components].reshape(*block.shape[:2], *shape),
            parts[name],
            dtype=float,
            chunks=(*packed.chunks[:2], *((n,) for n in shape)),
            drop_axis=2,
            new_axis=range(2, 2 + len(shape)),
        )

    for name in wanted:
        data: Any
        if name == "magnetic_moment":
            data = (axial(part("current_dipole")) + cross(part("s_dipole"), part("velocity"))) / 2
            data = data.rechunk({2: -1}) if model.dim == 3 else data
        elif name == "torque_quadrupole":
            data = second_order.torque_quadrupole(part("current_dipole"), part("velocity"), part("s_dipole"))
        elif name == "torque_polarizability":
            blocks = (*sizes, (len(band_index),), (model.dim,), (model.dim,))
            derivative = da.map_blocks(dipole_derivative, dtype=float, chunks=blocks, name=_fresh("dipole-derivative"))
            data = derivative + part("berry_curvature_operator") - part("s_berry_curvature")
            data = data.swapaxes(-1, -2)
        else:
            data = part(name)
        quantity = (QUANTITIES | PACKED | SECOND_ORDER)[name]
        dims = ("k", "band", *(("i",) if quantity.indices == ("k",) else quantity.indices))[: data.ndim]
        variables[name] = (dims, data, _attributes(quantity, unit))
    cartesian = list(CARTESIAN[: model.dim])
    coords = source.coords.assign(band=band_index, i=cartesian, l=cartesian)
    attrs = {
        **model_attributes(model, label, unit, operator_norm(model, [resolved]), tolerance),
        **operator_attributes(model, [resolved], unit),
        **source.attributes,
        "conventions": "hbar = k_B = e = 1; A^i_mn = <m| i d/dk_i |n>; Omega^xy = d_x A_y - d_y A_x",
    }
    return xr.Dataset(variables, coords, attrs)


def evaluate_chunk(
    model: Model,
    operator: OperatorsAtK | np.ndarray,
    k: np.ndarray,
    tolerance: float,
    names: Sequence[str] = FIRST_ORDER,
    near_pairs: float = 0.0,
) -> np.ndarray:
    """Packed quantities (N, nb, components) of one operator at k (N, dim)."""
    solved = model.solve(k, phases=False)
    (s,) = operator(k) if isinstance(operator, OperatorsAtK) else operator[None]
    of_states = (solved.energies, solved.states, solved.velocity, s)
    return packed_quantities(*of_states, tolerance, names, near_pairs, solved.signs)


def _dipole_derivative_chunk(model: Model, operator: np.ndarray, k: np.ndarray, tolerance: float) -> np.ndarray:
    """d d_n^is/dk_l (N, nb, dim, dim) over l, i at k (N, dim)."""
    solved = model.solve(k)
    return second_order.dipole_derivative(
        solved.energies, solved.states, solved.velocity, model.hessian(k), operator, tolerance, solved.signs
    )


class _GridSource:
    """Points of a KGrid, relative to its first."""

    def __init__(self, grid: KGrid) -> None:
        self.grid = grid
        self.attributes = grid.attributes

    @property
    def coords(self) -> xr.Coordinates:
        """In memory, as indices are: not before all arguments are checked."""
        return xr.Coordinates.from_pandas_multiindex(self.grid.index(), "k")

    def __len__(self) -> int:
        return len(self.grid)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        return self.grid.points(self.grid.start + start, self.grid.start + stop)


class _ListSource:
    """An explicit list of points."""

    def __init__(self, kpoints: np.ndarray) -> None:
        self.kpoints = kpoints
        self.attributes = {"grid": "explicit k-points"}
        self.coords = xr.Coordinates()

    def __len__(self) -> int:
        return len(self.kpoints)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        return self.kpoints[start:stop]


def _point_source(
    model: Model, grid: Grid | KGrid | None, shift: Shift, kpoints: ArrayLike | None
) -> _GridSource | _ListSource:
    if (grid is None) == (kpoints is None):
        raise InputError("grid", grid, "either `grid` or `kpoints`, and only one of them")
    if grid is not None:
        return _GridSource(_grid_of(model, grid, shift))
    points = checks.array("kpoints", kpoints, np.float64, (None, model.dim), "Cartesian k in 1/angstrom")
    if not len(points):
        raise InputError("kpoints", kpoints, "at least one point")
    return _ListSource(points)


def _grid_of(model: Model, grid: Grid | KGrid, shift: Shift) -> KGrid:
    if not isinstance(grid, KGrid):
        return KGrid.of(model, grid, shift)
    if np.any(KGrid.of(model, 1, shift).shift):
        raise InputError("shift", shift, "nothing beside a KGrid, which has its own")
    if not grid.same_region(KGrid.of(model, 1)):
        raise InputError("grid", stated("a KGrid of another model"), f"points per axis, or KGrid.of({model.name}, ...)")
    return grid


def _check_quantities(quantities: Sequence[str] | None, model: Model, is_constant: bool) -> list[str]:
    default = [name for name in QUANTITIES if name != "magnetic_moment" or model.dim > 1]
    default += [name for name in SECOND_ORDER if name != "torque_polarizability"]
    if model.has_hessian and is_constant:
        default.append("torque_polarizability")
    if quantities is None:
        return default
    try:
        names = [] if isinstance(quantities, str) else list(quantities)
    except TypeError:
        names = []
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError("quantities", quantities, "a list of names, at least one")
    companions = COMPANIONS if model.statistics == FERMI else ()
    available = [*default, *OCCUPATION, *DIVIDED, *companions]
    for name in names:
        if name not in available:
            raise InputError("quantities", name, "any of " + ", ".join(available))
    return names


def _check_bands(bands: Sequence[int] | None, total: int) -> np.ndarray:
    if bands is None:
        return np.arange(total)
    allowed = f"integers from 0 to {total - 1}"
    index = checks.numbers("bands", bands, allowed)
    if (index != index.astype(int)).any() or index.min() < 0 or index.max() >= total:
        raise InputError("bands", bands, allowed)
    return index.astype(int)


def _attributes(quantity: Quantity, operator_unit: str) -> dict[str, str]:
    return {
        "units": unit_text(quantity.energy, quantity.length, quantity.operator, operator_unit),
        "long_name": quantity.long_name,
        "formula": quantity.formula,
    }


def _fresh(prefix: str) -> str:
    """A new graph name: hashing a model to reuse a name would cost more than it saves.

    New among all processes: a dask.distributed scheduler takes equal names of two clients for the same data.
    """
    return f"{prefix}-{uuid.uuid4().hex}"
