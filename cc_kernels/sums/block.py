"""`block_sums`: a chunk of k-points becomes additive sums. Everything fast is behind it, everything labelled before it.

Three implementations, equal to rounding (tests/identities/test_seam.py): the formulas on arrays, compiled sums over
pairs of any number of levels, and the closed form of two bands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.groups import closeness
from cc_kernels.grid import KGrid
from cc_kernels.models.base import FERMI
from cc_kernels.models.operators_at_k import OperatorsAtK
from cc_kernels.sums import by_formulas
from cc_kernels.sums.directions import directions_of
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.plan import Plan, padded
from cc_kernels.sums.rotated_columns import NO_IMAGES, Images

if TYPE_CHECKING:
    from cc_kernels.models import Model, Operator


BLOCK = 2**16
"""Matrix elements of one operator at the k-points that are prepared together: they stay in the second cache."""
MOST_TASKS = 64
"""A dask task adds its chunks into one set of sums; so many tasks keep as many cores busy."""
LEAST_OF_A_TASK = 2**19
"""Matrix elements of one operator: to make a set of sums and to add it to the others takes some percent of that."""
_LINE = 8
"""Numbers in a cache line."""


@dataclass(frozen=True)
class Sums:
    """Additive sums as arrays; columns are those of a plan, first the shared ones, then those of each operator, and
    zeros up to the number of `padded`.

    Attributes
    ----------
    nodes : (nodes, columns) B-spline weighted.  absolute : (bins, columns).
    below : (2, columns), X and X eps of the states below the mesh.  fastest : (bins,), the largest
        speed along the steps of the grid (`directions`), eV angstrom.
    points : (), how many k-points were evaluated.
    """

    nodes: np.ndarray
    absolute: np.ndarray
    below: np.ndarray
    fastest: np.ndarray
    points: np.ndarray

    @classmethod
    def zeros(cls, columns: int, mesh: EnergyMesh) -> Sums:
        """Nothing yet."""
        columns = padded(columns)
        return cls(
            _zeros((2 * mesh.half + 1, columns)),
            _zeros((mesh.bins, columns)),
            np.zeros((2, columns)),
            np.zeros(mesh.bins),
            np.zeros((), np.int64),
        )

    def __add__(self, other: Sums) -> Sums:
        # Not in place: what another process has sent may be read-only, and a lost worker's task is done again.
        return Sums(
            self.nodes + other.nodes,
            self.absolute + other.absolute,
            self.below + other.below,
            np.maximum(self.fastest, other.fastest),
            self.points + other.points,
        )


def _zeros(shape: tuple[int, int]) -> np.ndarray:
    """Zeros from the start of a cache line on: vectors of its size that cross lines take a fifth longer."""
    size = math.prod(shape)
    numbers = np.zeros(size + _LINE)
    start = -(numbers.ctypes.data // numbers.itemsize) % _LINE
    return numbers[start : start + size].reshape(shape)


@dataclass(frozen=True)
class Work:
    """What an implementation is given.

    Attributes
    ----------
    model, k, weights, plan, mesh, images, directions : as in `block_sums`.
    operators : as matrices at k.
    tolerances : energy differences (eV) below which levels are one group, are close (`groups.closeness`), and are near
        pairs (`quantities.DIVIDED`), these also relative to the energy (`EnergyMesh.relative_near`).
    """

    model: Model
    operators: OperatorsAtK
    k: np.ndarray
    weights: np.ndarray
    plan: Plan
    mesh: EnergyMesh
    tolerances: tuple[float, float, float, float]
    directions: np.ndarray
    images: Images = NO_IMAGES

    def at(self, k: np.ndarray) -> Work:
        """The same elsewhere."""
        return replace(self, k=k, weights=np.ones(len(k)))


def block_sums(
    model: Model,
    operators: Sequence[Operator | np.ndarray],
    k: np.ndarray,
    weights: np.ndarray,
    plan: Plan,
    mesh: EnergyMesh,
    *,
    degeneracy_tolerance: float | None = None,
    implementation: str | None = None,
    images: Images = NO_IMAGES,
    directions: np.ndarray | None = None,
    total: Sums | None = None,
) -> Sums:
    """Additive sums over the bands of a model at k-points.

    Parameters
    ----------
    operators : Hermitian (bands, bands) matrices that commute with the position operator, or `Operator`s of the model.
    k : (points, dim) Cartesian, 1/angstrom.  weights : (points,), how much each counts.
    plan : of `plan_of`: which columns to fill.
    degeneracy_tolerance : eV; default the model's own.
    implementation : "formulas", "bands" or "two bands"; default the fastest that the model and the plan allow.
    images : whose sizes a state's size is the mean of; default its own.
    directions : (directions, dim), along which speeds are measured; default those of a grid of equal numbers.
    total : sums to which these are added in place; default a new one.

    Raises
    ------
    InputError : for an implementation that there is not, or that cannot do this.
    """
    total = Sums.zeros(plan.columns(len(operators)), mesh) if total is None else total
    work = work_of(model, operators, plan, mesh, degeneracy_tolerance)
    add = _chosen(implementation, model, plan, work.operators.is_constant)
    directions = work.directions if directions is None else directions
    add(replace(work, k=k, weights=weights, images=images, directions=directions), total)
    total.points[...] += len(k)
    return total


def work_of(
    model: Model, operators: Sequence[np.ndarray], plan: Plan, mesh: EnergyMesh, degeneracy_tolerance: float | None
) -> Work:
    """What is to be summed, at no k-points yet; arguments as in `block_sums`."""
    tolerance = model.degeneracy_tolerance if degeneracy_tolerance is None else degeneracy_tolerance
    at_k = OperatorsAtK(model, operators)
    tolerances = (tolerance, closeness(tolerance), mesh.near, mesh.relative_near)
    directions = directions_of(KGrid.of(model, 2))
    return Work(model, at_k, np.empty((0, model.dim)), np.empty(0), plan, mesh, tolerances, directions)


def refuse_infinite(model: Model, numbers: np.ndarray) -> None:
    """Refuse a model where numbers at its k-points, such as levels or speeds, are not finite."""
    if not np.isfinite(numbers).all():
        given = stated(f"{model.name}, with energies that are not finite")
        raise InputError("model", given, "finite numbers at every k")


def _chosen(name: str | None, model: Model, plan: Plan, is_constant: bool) -> Callable:
    is_hermitian = model.statistics == FERMI
    if "projector_increment" in plan.quantities and not is_hermitian:
        given = stated(f"{model.name}, a model of bosons")
        raise InputError("model", given, "electrons, for the trace over a set of occupied levels")
    has_closed_form = model.num_bands == 2 and is_hermitian and is_constant and not plan.needs_companions
    possible = ["formulas", "bands"] + (["two bands"] if has_closed_form else [])
    if name is None:
        name = possible[-1]
    if name not in possible:
        raise InputError("implementation", name, "one of " + ", ".join(possible))
    if name == "formulas":
        return by_formulas.add_formulas
    from cc_kernels.sums import compiled  # numba, and its kernels

    return {"bands": compiled.add_bands, "two bands": compiled.add_two_bands}[name]
