"""`block_sums` by the formulas as the paper writes them, on arrays: the reference, and slow.

Its second half also sums the bands of `band_geometry` for a user's own quantities (`accumulate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.geometry.companion_formulas import companion_quantities
from cc_kernels.geometry.formulas import band_quantities, divided_quantities
from cc_kernels.sums.directions import speeds_along
from cc_kernels.sums.mesh import BIN, PAD
from cc_kernels.sums.plan import Column
from cc_kernels.sums.products import FLOOR

if TYPE_CHECKING:
    from cc_kernels.models.solved import Solved
    from cc_kernels.sums.block import Sums, Work
    from cc_kernels.sums.mesh import EnergyMesh
    from cc_kernels.sums.plan import Plan


def add_formulas(work: Work, total: Sums) -> None:
    """The formulas, on all k-points at once."""
    block, values, floors = state_columns(work)
    sizes = work.images.mean_sizes(values, floors)
    each = list(zip(np.moveaxis(values, -1, 0), np.moveaxis(sizes, -1, 0), strict=True))
    _deposit(block, each, work.weights, work.mesh, work.directions, total)


def state_columns(work: Work) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Every state on its own: the band quantities of the first operator, X and the least |X| (points, bands, columns).

    `work` has any k; its weights and its mesh are not looked at.
    """
    plan, solved = work.plan, work.model.solve(work.k)
    blocks = [_block(solved, s, plan, work.tolerances) for s in work.operators(work.k, phases=True)]
    columns = [(column, 0) for column in plan.shared] + [(c, n) for n in range(len(blocks)) for c in plan.own]
    norms = work.operators.norms
    each = [_value_and_floor(column, blocks[n], norms[n]) for column, n in columns]
    values, floors = (np.stack(one, -1) for one in zip(*each, strict=True))
    return blocks[0], values, floors


def add_block(
    block: dict[str, np.ndarray],
    columns: Sequence[Column],
    norm: float,
    weights: np.ndarray,
    mesh: EnergyMesh,
    directions: np.ndarray,
    total: Sums,
) -> None:
    """Add columns of one operator from band quantities (points, bands, ...)."""
    each = [_value_and_floor(column, block, norm) for column in columns]
    _deposit(block, [(value, np.maximum(abs(value), floor)) for value, floor in each], weights, mesh, directions, total)


def _block(
    solved: Solved, s: np.ndarray, plan: Plan, tolerances: tuple[float, float, float, float]
) -> dict[str, np.ndarray]:
    """The band quantities of one operator."""
    arguments = (solved.energies, solved.states, solved.velocity, s, tolerances[0])
    block = band_quantities(*arguments, solved.signs)
    block |= {"below_zero": (1 - np.sign(block["group_energy"])) / 2}
    block |= divided_quantities(*arguments, *tolerances[2:], solved.signs)
    return block | (companion_quantities(*arguments, solved.signs) if plan.needs_companions else {})


def _value_and_floor(column: Column, block: dict[str, np.ndarray], norm: float) -> tuple[np.ndarray, np.ndarray]:
    """X of every state, and the least that counts as |X|: `FLOOR` of what its factors could give.

    By dimension, a quantity in eV^a angstrom^b is at most of the order of V^a G^(b-a) |s|, with V^2 = <n|v^2|n> and
    G^2 the trace of the quantum metric. A quantity that vanishes state by state has only rounding errors, which are
    small against this and not against their own sum. Corrections of near pairs (a > b) are small against what they
    correct.
    """
    value = column.expression.value(lambda name, axes: block[name][(..., *axes)]) + np.zeros_like(block["group_energy"])
    if column.energy > column.length:
        return value, np.zeros_like(value)
    V, G = np.sqrt(block["velocity_squared"]), np.sqrt(block["quantum_metric"])
    floor = FLOOR * norm**column.operator * V**column.energy * G ** (column.length - column.energy)
    return value, floor


def _deposit(
    block: dict[str, np.ndarray],
    each: Sequence[tuple[np.ndarray, np.ndarray]],
    weights: np.ndarray,
    mesh: EnergyMesh,
    directions: np.ndarray,
    total: Sums,
) -> None:
    """Spread the (X, |X|) of states over the mesh; the columns come last."""
    energy, speed = block["group_energy"], speeds_along(directions, block["velocity"])
    nothing = np.zeros_like(energy)
    each = [*each, *[(nothing, nothing)] * (total.nodes.shape[1] - len(each))]
    values, sizes = (np.stack(one, -1) * weights[:, None, None] for one in zip(*each, strict=True))
    position = np.arcsinh((energy - mesh.centre) / mesh.width) * mesh.width / mesh.step + mesh.half
    last = 2 * mesh.half + 1 - PAD
    inside, under = (position >= PAD) & (position < last), position < PAD
    total.below[0] += values[under].sum(0)
    total.below[1] += (values[under] * energy[under][:, None]).sum(0)
    total.absolute[0] += sizes[under].sum(0)
    left = position[inside].astype(int)
    spline = _bspline(position[inside] - left)
    for node in range(8):
        np.add.at(total.nodes, left - 3 + node, spline[:, node, None] * values[inside])
    np.add.at(total.absolute, left // BIN, sizes[inside])
    np.maximum.at(total.fastest, left // BIN, speed[inside])


def _bspline(t: np.ndarray) -> np.ndarray:
    """(states, 8): the degree-7 cardinal B-splines at fractions t of an interval, from truncated powers."""
    x = t[:, None] + 7 - np.arange(8)  # the distance from the left end of each spline's support
    binomial = [1, -8, 28, -56, 70, -56, 28, -8, 1]
    return sum(c * np.maximum(x - j, 0) ** 7 for j, c in enumerate(binomial)) / 5040
