"""The distance of two neighbouring levels around one k, to first order of H: a cone, however small the gap."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.geometry.groups import group_starts

if TYPE_CHECKING:
    from cc_kernels.models import Model
    from cc_kernels.models.operators_at_k import OperatorsAtK


@dataclass
class Cones:
    """Distance of two levels at k (M, dim), the energy of the lower one, the slope (M, dim), and C of `Minima`."""

    k: np.ndarray
    size: np.ndarray
    energy: np.ndarray
    slope: np.ndarray
    cone: np.ndarray

    def put(self, rows: np.ndarray, other: Cones, chosen: np.ndarray) -> None:
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)[chosen]


def cones_of(model: Model, band: np.ndarray, k: np.ndarray, tolerance: float) -> Cones:
    """What is known of a pair of levels, or of two groups of degenerate ones, from one k.

    Half the distance is |d|, with derivatives d_i = (Re v^i_12, -Im v^i_12, (v^i_22 - v^i_11)/2): C = 4 d_i.d_l.
    """
    energies, v, _ = solved(model, k)
    rows = np.arange(len(band))
    lower, upper = _members(energies, band, tolerance)
    below, above = (np.einsum("xinn,xn->xi", v.real, x) / x.sum(1)[:, None] for x in (lower, upper))
    slope = above - below
    between = np.einsum("xm,ximn,xlnm,xn->xil", lower, v, v, upper, optimize=True).real
    between /= np.sqrt(lower.sum(1) * upper.sum(1))[:, None, None]
    cone = 4 * between + slope[:, :, None] * slope[:, None, :]
    return Cones(k.copy(), energies[rows, band + 1] - energies[rows, band], energies[rows, band], slope, cone)


def spreads(model: Model, operator: OperatorsAtK, band: np.ndarray, k: np.ndarray, tolerance: float) -> np.ndarray:
    """Largest less smallest value of the operator within the two levels, or groups."""
    energies, _, states = solved(model, k)
    members = np.add(*_members(energies, band, tolerance)) > 0
    inside = [state[:, chosen] for state, chosen in zip(states, members, strict=True)]
    s = np.broadcast_to(operator(k, phases=True)[0], states.shape)
    return np.array([np.ptp(np.linalg.eigvalsh(u.conj().T @ one @ u)) for u, one in zip(inside, s, strict=True)])


def solved(model: Model, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energies, velocities between states, and states; also at a zero mode of bosons."""
    solution = model.solve(k, lifted=True)
    return solution.energies, solution.bra[:, None] @ solution.velocity @ solution.states[:, None], solution.states


def _members(energies: np.ndarray, band: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """(M, bands) ones for the levels that are degenerate with `band`, and for those with `band` + 1; of two that
    are degenerate with each other, each alone."""
    rows, number = np.arange(len(band)), np.arange(energies.shape[1])
    starts = group_starts(energies, tolerance)
    crossing = (starts[rows, band] == starts[rows, band + 1])[:, None]
    pair = (band, band + 1)
    lower, upper = (np.where(crossing, number == n[:, None], starts == starts[rows, n][:, None]) for n in pair)
    return lower.astype(float), upper.astype(float)


def resolved(cone: np.ndarray, step: np.ndarray) -> np.ndarray:
    """(M,) change of the distance over a step, away from the minimum: the largest over the axes."""
    return np.sqrt(np.einsum("ai,xil,al->xa", step, cone, step).clip(0)).max(1, initial=0)


def inside(model: Model, k: np.ndarray) -> np.ndarray:
    """k, or, beyond the box of a continuum model, the point of its surface."""
    return k if model.k_max is None else np.clip(k, -model.k_max, model.k_max)
