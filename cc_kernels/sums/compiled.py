"""The compiled implementations of `block_sums`: what they read, prepared with numpy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels._lanes import LANES
from cc_kernels.geometry.rotations import lanes_of
from cc_kernels.models.pauli import pauli_components
from cc_kernels.sums.block import BLOCK
from cc_kernels.sums.n_bands import sum_n_bands
from cc_kernels.sums.two_bands import sum_two_bands

if TYPE_CHECKING:
    from cc_kernels.sums.block import Sums, Work

_STATES = 256
"""States of the lanes of a block, about: long enough for vector instructions, few enough for the first cache."""


def add_two_bands(work: Work, total: Sums) -> None:
    """Two bands in closed form."""
    s, norms = pauli_components(work.operators(work.k)[:, 0]), work.operators.norms
    tolerances, images, directions, places, _, *terms_and_axis = _common(work)
    for part in _parts(len(work.k), 4 * (1 + work.model.dim)):
        levels = work.model.pauli_levels(work.k[part])
        of_levels = levels, s, norms, work.weights[part]
        sum_two_bands(*of_levels, tolerances, images, directions, places, *terms_and_axis, *_arrays(total))


def add_bands(work: Work, total: Sums) -> None:
    """Any number of bands, from energies and states."""
    bands, plan, norms = work.model.num_bands, work.plan, work.operators.norms
    tolerances, images, directions, *common = _common(work)
    lanes = lanes_of(_STATES, bands)
    needs = np.array([plan.needs_current, plan.needs_mixed, plan.needs_companions, plan.needs_divided])
    for part in _parts(len(work.k), bands**2):
        solved = work.model.solve(work.k[part], phases=False)
        operators = work.operators(work.k[part])
        of_states = solved.energies, solved.states, solved.velocity, solved.signs, operators, norms, work.weights[part]
        sum_n_bands(*of_states, tolerances, images, directions, lanes, needs, *common, *_arrays(total))


def _common(work: Work) -> tuple:
    plan, mesh = work.plan, work.mesh
    axis = np.array([mesh.centre, mesh.width, mesh.step, mesh.half], float)
    return np.array(work.tolerances), work.images.table, work.directions, *plan.kernel_tables, axis


def _arrays(total: Sums) -> tuple[np.ndarray, ...]:
    return total.nodes, total.absolute, total.below, total.fastest


def _parts(points: int, size: int) -> Iterator[slice]:
    """Slices of k-points with about `BLOCK` elements, `size` at each point, that fill all lanes."""
    step = max(1, BLOCK // (size * LANES)) * LANES
    for start in range(0, points, step):
        yield slice(start, start + step)
