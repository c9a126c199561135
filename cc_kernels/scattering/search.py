"""The search for Fermi lines: marching squares on a grid of energies, small pockets on finer ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.zone import reduction
from cc_kernels.scattering.pockets import all_lines, with_pockets

if TYPE_CHECKING:
    from cc_kernels.models import Model

_OFFSET = np.array([0.3713, 0.1279])
"""Of a grid step: keeps the seams of the zone and the grid points away from lines of high symmetry."""
_BLOCK = 4096
"""k-points whose matrices are in memory at once."""


@dataclass(frozen=True)
class EnergyGrid:
    """Energies on the search grid of Fermi lines: the same for every chemical potential.

    Attributes
    ----------
    model : whose energies they are.
    origin, step : (2,) and (2, 2) rows: a place of (i, j) grid steps is k = origin + (i, j) @ step, 1/angstrom.
    energies : (N + 1, N + 1, bands), eV; on a lattice, the last are the first.
    """

    model: Model
    origin: np.ndarray
    step: np.ndarray
    energies: np.ndarray

    def k(self, places: np.ndarray) -> np.ndarray:
        return self.origin + places @ self.step

    def at(self, places: np.ndarray) -> np.ndarray:
        """Energies (..., bands) at places (..., 2) in grid steps."""
        return _energies(self.model, self.k(places))


def energy_grid(model: Model, grid: int = 128) -> EnergyGrid:
    """Energies of a two-dimensional model on `grid` steps per axis, the seam included.

    Raises
    ------
    InputError : not two-dimensional.
    """
    if model.dim != 2:
        raise InputError("model", stated(f"{model.name} in {model.dim} dimensions"), "a two-dimensional model")
    if model.reciprocal is None:
        step, origin = 2 * model.k_max * np.eye(2) / grid, np.full(2, -model.k_max)
    else:
        step = reduction(model.reciprocal) @ model.reciprocal / grid
        origin = _OFFSET @ step
    places = np.stack(np.indices((grid + 1, grid + 1)), axis=-1)
    return EnergyGrid(model, origin, step, _energies(model, origin + places @ step))


def _energies(model: Model, k: np.ndarray) -> np.ndarray:
    """(..., bands) at k (..., 2)."""
    flat = k.reshape(-1, 2)
    blocks = (flat[start : start + _BLOCK] for start in range(0, len(flat), _BLOCK))
    return np.concatenate([model.levels(one) for one in blocks]).reshape(*k.shape[:-1], -1)


def rough_lines(search: EnergyGrid, mu: float) -> list[tuple[int, np.ndarray]]:
    """Band and points (P, 2), 1/angstrom, of each Fermi line; the last point is the first or its periodic image.

    Raises
    ------
    InputError : a line of a continuum model that leaves the box +-k_max, or one that no grid here can find.
    """
    periodic = search.model.reciprocal is not None
    if not periodic:
        _refuse_lines_outside(search.energies, mu, search.model.k_max)
    rough = []
    for band in range(search.model.num_bands):
        nodes = search.energies[..., band]
        lines = _closed(all_lines(nodes, mu), len(nodes) - 1 if periodic else None, search.model, mu)
        lines = with_pockets(lines, nodes, mu, lambda places, band=band: search.at(places)[..., band], periodic)
        rough += [(band, search.k(line)) for line in lines]
    return rough


def _refuse_lines_outside(energies: np.ndarray, mu: float, k_max: float) -> None:
    """A band that is below mu and still rises everywhere at the edge of the box has its Fermi line beyond it."""
    edges = [(energies[0], energies[1]), (energies[-1], energies[-2]), (energies[:, 0], energies[:, 1])]
    edges.append((energies[:, -1], energies[:, -2]))
    filled = np.array([[(edge < mu).all(0), (edge > inner).all(0)] for edge, inner in edges]).all((0, 1))
    if filled.any():
        given = stated(f"a Fermi line outside the box at mu = {mu:g}")
        raise InputError("mu", given, f"one inside |k| <= k_max = {k_max}")


def _closed(lines: list[np.ndarray], period: int | None, model: Model, mu: float) -> list[np.ndarray]:
    """Join lines that end at the seam of the zone with their continuation on the other side (all in grid steps)."""
    closed = [line for line in lines if np.allclose(line[0], line[-1], atol=1e-12)]
    open_ = [line for line in lines if not np.allclose(line[0], line[-1], atol=1e-12)]
    if open_ and period is None:
        given = stated(f"a Fermi line that leaves the box at mu = {mu:g}")
        raise InputError("mu", given, f"one inside |k| <= k_max = {model.k_max}")
    while open_:
        line = open_.pop()
        while not _same(line[-1], line[0], period):
            follower = next((n for n, other in enumerate(open_) if _same(line[-1], other[0], period)), None)
            if follower is None:  # against the common orientation: by rounding at a corner
                follower = next(n for n, other in enumerate(open_) if _same(line[-1], other[-1], period))
                open_[follower] = open_[follower][::-1]
            other = open_.pop(follower)
            line = np.concatenate([line, other[1:] + period * np.round((line[-1] - other[0]) / period)])
        closed.append(line)
    return closed


def _same(a: np.ndarray, b: np.ndarray, period: int) -> bool:
    """The same point of the zone, up to a reciprocal lattice vector."""
    difference = (a - b) / period
    return bool(abs(difference - np.round(difference)).max() < 1e-9)
