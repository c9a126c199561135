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
from scipy.interpolate import make_interp_spline

from cc_kernels.errors import InputError, stated
from cc_kernels.scattering.search import EnergyGrid, energy_grid, rough_lines

if TYPE_CHECKING:
    from cc_kernels.models import Model

_NEWTON_STEPS = 30
_SPACING_STEPS = 3
_TRACED = 96
"""Points with which a line is traced at least: a spline through fewer may leave a bent line."""
_FOLDED = 0.05
"""Of the length of a line, missing for it to close: 1e-9 where it is right, 1e-6 beside a van Hove point, 0.7 where it
is folded."""
_TURN, _SLOW = 0.9, 0.1
"""At a right-angled corner the velocity changes by itself or more; beside lines of 96 points that pass a van Hove point
at a distance of 1e-3 of the band width by less, or where it is not slow."""


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


def fermi_contours(model: Model, mu: float, grid: int | EnergyGrid = 128, points: int = 256) -> list[Contour]:
    """All Fermi lines of a two-dimensional model at T = 0.

    Parameters
    ----------
    mu : eV.
    grid : steps per axis of the search, or the energies on such a grid; it finds pockets smaller than a step, too.
    points : on the longest line; others have their share, at least half as many. So all lines double together.

    Raises
    ------
    InputError : not two-dimensional; a line of a continuum model that leaves the box +-k_max; mu at a band edge, a
        crossing or a van Hove point.
    """
    search = grid if isinstance(grid, EnergyGrid) else energy_grid(model, grid)
    rough = rough_lines(search, mu)
    lengths = [np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for _, line in rough]
    return [
        _refined(model, mu, band, line, max(points // 2, int(np.ceil(points * length / max(lengths)))))
        for (band, line), length in zip(rough, lengths, strict=True)
    ]


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
    tangent = _tangent(k, period)
    length = np.linalg.norm(tangent, axis=1)
    _, velocity = _band(model, band, k)
    _refuse_folded(length, velocity, period, band, mu)
    _refuse_corner(velocity, band, mu)
    return Contour(band, k[::multiple], multiple * length[::multiple])


def _refuse_folded(length: np.ndarray, velocity: np.ndarray, period: np.ndarray, band: int, mu: float) -> None:
    """Around a line, the sum of its elements times normals is its period, turned by 90 degrees: zero if it closes."""
    normal = velocity / np.linalg.norm(velocity, axis=1)[:, None]
    turned = np.array([-period[1], period[0]])
    missing = min(np.linalg.norm(length @ normal - sign * turned) for sign in (1, -1))
    if missing > _FOLDED * length.sum():
        given = stated(f"a Fermi line of band {band} at mu = {mu:g} that folds back on itself")
        raise InputError("grid", given, "a larger search grid, or a mu away from van Hove points and band edges")


def _refuse_corner(velocity: np.ndarray, band: int, mu: float) -> None:
    """At a van Hove point the velocity vanishes, and turns between neighbouring points however many there are."""
    speed = np.linalg.norm(velocity, axis=1)
    following = np.roll(velocity, -1, axis=0)
    faster = np.maximum(speed, np.roll(speed, -1))
    corner = np.linalg.norm(following - velocity, axis=1) > _TURN * faster
    if (corner & (faster < _SLOW * speed.max())).any():
        given = stated(f"a Fermi line of band {band} at mu = {mu:g} with a corner (a van Hove point)")
        raise InputError("mu", given, "a chemical potential away from van Hove points")


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
        energies, v = _band(model, band, k)
        step = ((energies - mu) / (v**2).sum(1))[:, None] * v
        k -= step
        largest = abs(step).max()
        if largest < 1e-15 or (largest < 1e-10 and largest >= previous):
            return k
        previous = largest
    given = stated(f"a Fermi line of band {band} at mu = {mu} that cannot be followed (a band edge or a crossing)")
    raise InputError("mu", given, "a chemical potential away from band edges and crossings")


def _band(model: Model, band: int, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Energies (N,) and velocities (N, 2) of one band."""
    solved = model.solve(k, phases=False)
    energies, velocity, state = solved.energies, solved.velocity, solved.states[:, :, band]
    return energies[:, band], np.einsum("xa,xiab,xb->xi", state.conj(), velocity, state).real
