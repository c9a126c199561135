"""The compiled implementations of `block_sums`: what they read, prepared with numpy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.geometry.quantities import places, wanted
from cc_kernels.models.base import pauli_components
from cc_kernels.sums.block import BLOCK
from cc_kernels.sums.n_bands import sum_n_bands
from cc_kernels.sums.two_bands import sum_two_bands

if TYPE_CHECKING:
    from cc_kernels.models import Model
    from cc_kernels.sums.block import Sums, Tolerances
    from cc_kernels.sums.mesh import EnergyMesh
    from cc_kernels.sums.plan import Plan

_STATES = 256
"""States of the lanes of a block, about: long enough for vector instructions, few enough for the first cache."""


def add_two_bands(
    model: Model,
    operators: np.ndarray,
    k: np.ndarray,
    weights: np.ndarray,
    plan: Plan,
    mesh: EnergyMesh,
    tolerances: Tolerances,
    total: Sums,
) -> None:
    """Arguments as in `block_sums`."""
    s, norms = pauli_components(operators), _norms(operators)
    common = _common(plan, mesh, tolerances)
    for part in _parts(len(k), 4):
        levels = model.pauli_levels(k[part])
        sum_two_bands(levels, s, norms, weights[part], *common, *_arrays(total))


def add_bands(
    model: Model,
    operators: np.ndarray,
    k: np.ndarray,
    weights: np.ndarray,
    plan: Plan,
    mesh: EnergyMesh,
    tolerances: Tolerances,
    total: Sums,
) -> None:
    """Arguments as in `block_sums`."""
    norms, bands = _norms(operators), model.num_bands
    first, *common = _common(plan, mesh, tolerances)
    lanes = max(1, _STATES // bands)
    needs = np.array([plan.needs_current, plan.needs_mixed, plan.needs_companions])
    for part in _parts(len(k), bands**2):
        solved = model.solve(k[part], phases=False)
        of_states = (solved.energies, solved.states, solved.velocity, operators, norms, weights[part])
        sum_n_bands(*of_states, first, lanes, needs, *common, *_arrays(total))


def _common(plan: Plan, mesh: EnergyMesh, tolerances: Tolerances) -> tuple:
    axis = np.array([mesh.centre, mesh.width, mesh.step, mesh.half], float)
    limits = np.array([tolerances.degeneracy, tolerances.close, tolerances.near])
    return limits, places(plan.dim), wanted(plan.quantities), plan.terms(plan.shared), plan.terms(plan.own), axis


def _arrays(total: Sums) -> tuple[np.ndarray, ...]:
    return total.nodes, total.absolute, total.below, total.fastest


def _norms(operators: np.ndarray) -> np.ndarray:
    return np.linalg.norm(operators, 2, axis=(-2, -1))


def _parts(points: int, size: int) -> Iterator[slice]:
    """Slices of k-points with `BLOCK` elements, `size` at each point."""
    step = max(1, BLOCK // size)
    for start in range(0, points, step):
        yield slice(start, start + step)
