"""Fermi contours: found on a grid, polished onto the exact contour, with high-order integration weights.

Marching squares gives a rough line; each point is moved along the band's velocity onto eps_n(k) = mu. A periodic
quintic spline spreads the points at equal distances, and the trapezoidal rule on the closed line, with line elements
from the Fourier series of the points, converges faster than any power of their number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from contourpy import contour_generator
from scipy.interpolate import make_interp_spline

from cc_kernels.errors import InputError, phrase

if TYPE_CHECKING:
    from cc_kernels.models import Model

_OFFSET = np.array([0.3713, 0.1279])
"""Of a grid step: keeps the seams of the zone and the grid points away from lines of high symmetry."""
_NEWTON_STEPS = 30
_SPACING_STEPS = 3
_TRACED = 96
"""Points with which a line is traced at least: a spline through fewer may leave a bent line."""
_BLOCK = 4096
"""k-points whose matrices are in memory at once."""


@dataclass(frozen=True)
class Contour:
    """One closed Fermi line.

    Attributes
    ----------
    band : index of its band.
    k : (M, 2) points, 1/angstrom, in order along the line.
    line : (M,) line elements dl, 1/angstrom: sum line X(k) is the line integral.
    """

    band: int
    k: np.ndarray
    line: np.ndarray


@dataclass(frozen=True)
class EnergyGrid:
    """Energies on the search grid of Fermi lines: the same for every chemical potential.

    Attributes
    ----------
    origin, span : k = origin + fraction @ span.
    ticks : (N + 1, 2) fractions along each axis.
    energies : (N + 1, N + 1, bands), eV.
    """

    origin: np.ndarray
    span: np.ndarray
    ticks: np.ndarray
    energies: np.ndarray


def energy_grid(model: Model, grid: int = 128) -> EnergyGrid:
    """Energies of a two-dimensional model on `grid` steps per axis, the seam included.

    Raises
    ------
    InputError : not two-dimensional.
    """
    if model.dim != 2:
        raise InputError("model", phrase(f"{model.name} in {model.dim} dimensions"), "a two-dimensional model")
    periodic = model.reciprocal is not None
    span = model.reciprocal if periodic else 2 * model.k_max * np.eye(2)
    origin = np.zeros(2) if periodic else np.full(2, -model.k_max)
    ticks = (np.arange(grid + 1)[:, None] + (_OFFSET if periodic else np.zeros(2))) / grid  # (grid + 1, 2)
    k = origin + np.stack(np.meshgrid(ticks[:, 0], ticks[:, 1], indexing="ij"), axis=-1).reshape(-1, 2) @ span
    energies = [np.linalg.eigvalsh(model.hamiltonian(k[start : start + _BLOCK])) for start in range(0, len(k), _BLOCK)]
    return EnergyGrid(origin, span, ticks, np.concatenate(energies).reshape(grid + 1, grid + 1, -1))


def fermi_contours(model: Model, mu: float, grid: int | EnergyGrid = 128, points: int = 256) -> list[Contour]:
    """All Fermi lines of a two-dimensional model at T = 0.

    Parameters
    ----------
    mu : eV.
    grid : steps per axis of the search, or the energies on such a grid; a pocket smaller than a step can be missed.
    points : on the longest line; others have their share, at least half as many. So all lines double together.

    Raises
    ------
    InputError : not two-dimensional, or a line of a continuum model that leaves the box +-k_max.
    """
    search = grid if isinstance(grid, EnergyGrid) else energy_grid(model, grid)
    ticks = search.ticks
    if model.reciprocal is None:
        _refuse_lines_outside(search.energies, mu, model.k_max)
    rough = []
    for band in range(model.num_bands):
        lines = contour_generator(ticks[:, 1], ticks[:, 0], search.energies[..., band] - mu).lines(0.0)
        lines = [line[:, ::-1] for line in lines]  # contourpy speaks of (x, y) = (column, row)
        closed = _closed(lines, model.reciprocal is not None, model, mu)
        rough += [(band, search.origin + line @ search.span) for line in closed]
    lengths = [np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for _, line in rough]
    return [
        _refined(model, mu, band, line, max(points // 2, int(np.ceil(points * length / max(lengths)))))
        for (band, line), length in zip(rough, lengths, strict=True)
    ]


def _refuse_lines_outside(energies: np.ndarray, mu: float, k_max: float) -> None:
    """A band that is below mu and still rises everywhere at the edge of the box has its Fermi line beyond it."""
    edges = [(energies[0], energies[1]), (energies[-1], energies[-2]), (energies[:, 0], energies[:, 1])]
    edges.append((energies[:, -1], energies[:, -2]))
    filled = np.array([[(edge < mu).all(0), (edge > inner).all(0)] for edge, inner in edges]).all((0, 1))
    if filled.any():
        given = phrase(f"a Fermi line outside the box at mu = {mu:g}")
        raise InputError("mu", given, f"one inside |k| <= k_max = {k_max}")


def _closed(lines: list[np.ndarray], periodic: bool, model: Model, mu: float) -> list[np.ndarray]:
    """Join lines that end at the seam of the zone with their continuation on the other side (fractional units)."""
    closed = [line for line in lines if np.allclose(line[0], line[-1], atol=1e-12)]
    open_ = [line for line in lines if not np.allclose(line[0], line[-1], atol=1e-12)]
    if open_ and not periodic:
        given = phrase(f"a Fermi line that leaves the box at mu = {mu:g}")
        raise InputError("mu", given, f"one inside |k| <= k_max = {model.k_max}")
    while open_:
        line = open_.pop()
        while not _same(line[-1], line[0]):
            follower = next((n for n, other in enumerate(open_) if _same(line[-1], other[0])), None)
            if follower is None:  # against the common orientation: by rounding at a corner
                follower = next(n for n, other in enumerate(open_) if _same(line[-1], other[-1]))
                open_[follower] = open_[follower][::-1]
            other = open_.pop(follower)
            line = np.concatenate([line, other[1:] + np.round(line[-1] - other[0])])
        closed.append(line)
    return closed


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """The same point of the zone, up to a reciprocal lattice vector."""
    difference = a - b
    return bool(abs(difference - np.round(difference)).max() < 1e-9)


def _refined(model: Model, mu: float, band: int, line: np.ndarray, points: int) -> Contour:
    """Points at equal distances on the exact contour, and the line element at each.

    line : (P, 2), the last point is the first or its periodic image.
    """
    period = line[-1] - line[0]
    multiple = -(-_TRACED // points)
    traced = points * multiple
    k = _polished(model, mu, band, _equidistant(line, traced))
    for _ in range(_SPACING_STEPS):
        spline = _periodic_spline(k, period)
        fine = spline(np.linspace(0, traced, 16 * traced + 1))
        k = _polished(model, mu, band, _equidistant(fine, traced))
    length = np.linalg.norm(_tangent(k, period), axis=1)
    return Contour(band, k[::multiple], multiple * length[::multiple])


def _equidistant(line: np.ndarray, points: int) -> np.ndarray:
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.arange(points) / points * length[-1]
    return np.stack([np.interp(at, length, line[:, axis]) for axis in range(2)], axis=1)


def _periodic_spline(k: np.ndarray, period: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """k(t) through k at t = 0, 1, ..., with k(t + points) = k(t) + period."""
    t = np.arange(len(k) + 1)[:, None] / len(k)
    spline = make_interp_spline(t[:, 0], np.concatenate([k, k[:1] + period]) - t * period, k=5, bc_type="periodic")
    return lambda at: spline(at / len(k)) + at[:, None] / len(k) * period


def _tangent(k: np.ndarray, period: np.ndarray) -> np.ndarray:
    """dk/dt at the points, from the Fourier series of the part that closes."""
    count = len(k)
    frequency = np.fft.fftfreq(count, 1 / count)
    frequency[count // 2] *= count % 2  # the highest frequency of an even number of points has no derivative
    closing = np.fft.fft(k - np.arange(count)[:, None] / count * period, axis=0)
    return (np.fft.ifft(2j * np.pi * frequency[:, None] * closing, axis=0).real + period) / count


def _polished(model: Model, mu: float, band: int, k: np.ndarray) -> np.ndarray:
    """Newton steps along the velocity onto eps_band(k) = mu."""
    k = k.copy()
    previous = np.inf
    for _ in range(_NEWTON_STEPS):
        hamiltonian, velocity = model.hamiltonian_and_velocity(k)
        energies, states = np.linalg.eigh(hamiltonian)
        state = states[:, :, band]
        v = np.einsum("xa,xiab,xb->xi", state.conj(), velocity, state).real
        step = ((energies[:, band] - mu) / (v**2).sum(1))[:, None] * v
        k -= step
        largest = abs(step).max()
        if largest < 1e-15 or (largest < 1e-10 and largest >= previous):
            return k
        previous = largest
    given = phrase(f"a Fermi line of band {band} at mu = {mu} that cannot be followed (a band edge or a crossing)")
    raise InputError("mu", given, "a chemical potential away from band edges and crossings")
