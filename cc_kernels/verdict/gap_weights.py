"""What a gap that a grid does not resolve could hold of each variable, and what rounding makes beside a crossing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.grid import KGrid
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.products import ALONG_A_LINE, NARROW, dimension
from cc_kernels.sums.variables import Variable
from cc_kernels.sums.windows import WINDOWS
from cc_kernels.units import KELVIN
from cc_kernels.verdict.level_cones import resolved
from cc_kernels.verdict.level_minima import Minima, inside

if TYPE_CHECKING:
    from cc_kernels.models import Model

_LINE = 0.05
"""Ratio of slopes below which a cone is a line."""
_SAMPLES = 33
"""Points along a line at which its energy is looked at."""


def _nearest(minima: Minima, grid: KGrid) -> np.ndarray:
    """(M,) distance of the levels at the point of the grid that is nearest to each minimum, by its cone."""
    index = (minima.k - grid.origin) @ np.linalg.inv(grid.step) - np.array(grid.shift)
    away = index - np.round(index)
    q = away @ grid.step
    beside = np.sqrt(np.einsum("xi,xil,xl->x", q, minima.cone, q).clip(0))
    # A crossing on the grid is one group there; beside it the next point along an axis counts.
    next_one = np.sqrt(np.einsum("ai,xil,al->xa", grid.step, minima.cone, grid.step).clip(0)).min(1, initial=np.inf)
    return np.where((abs(away) < 1e-6).all(1), next_one, beside)


def weight_held(grid: KGrid, minima: Minima, step: np.ndarray, tolerance: float) -> Callable[[str], np.ndarray]:
    """Of a state sum: what it could hold at each unresolved minimum, spread/4 pi where it has Omega_n s_n.

    The curvature of two levels at a gap integrates to pi (half the sphere), with opposite signs, and s differs by at
    most its spread there; of levels that a tolerance above their gap makes one group, size/tolerance of it lies outside
    the group. A grid that begins to resolve a gap misses less: the Fourier components fall as exp(-a R), for each of
    four neighbours in real space, with a = size/slope at a cone and (size/curvature)^(1/2)/2^(1/2) where levels touch
    with equal slopes. In three dimensions a gap is that of a line, along which it opens. Along a line in two, or a
    surface, d_n is of the order of spread/gap over a width of gap/V, in both levels alike.
    """
    if grid.dim == 1:
        return lambda quantity: np.zeros(len(minima))
    zone = np.linalg.norm(grid.span, axis=1).max() / (2 * np.pi)
    slopes = np.sqrt(np.linalg.eigvalsh(minima.cone).clip(0))  # along the axes of the cone, the flattest first
    ratio = minima.size / step
    touch = 2 * resolved(minima.cone, grid.step) < step
    ratio = np.where(touch, np.minimum(ratio, np.sqrt(ratio / 2)), ratio)
    part = np.minimum(1, 4 * np.exp(-2 * np.pi * ratio)) * np.minimum(1, minima.size / max(tolerance, 1e-300))
    if grid.dim == 3:
        part *= np.minimum(zone, step / np.pi / np.maximum(slopes[:, 0], np.finfo(float).tiny))
    held = part * minima.spread / (4 * np.pi)
    line = ~touch & _is_line(minima)
    along = {1: line * held * slopes[:, -1] * zone * np.pi / 2, 0: line * held}  # by the power of eV, with v or without

    def at(quantity: str) -> np.ndarray:
        if quantity in NARROW:
            return held
        return along[dimension(quantity)[0]] if quantity in ALONG_A_LINE else np.zeros(len(minima))

    return at


def rounding_held(result: xr.Dataset, minima: Minima, grid: KGrid, largest: float) -> Callable[[str], np.ndarray]:
    """Of a state sum: its rounding at the point of the grid nearest to each minimum, times the cell.

    States omega apart are known to eps |H|/omega, and a quantity in eV^a angstrom^b is of the order of
    V^b omega^(a - b) there, V^2 = tr C/4. It grows as the grid does, like what a narrow gap leaves, but is none.
    Within the degeneracy tolerance (everywhere along a nodal line) they are one group and have no such rounding.
    """
    omega = _nearest(minima, grid)
    known = omega > float(result.attrs["degeneracy_tolerance"])
    omega = np.where(known, omega, 1)
    error = np.finfo(float).eps * largest / omega * grid.measure / np.prod(grid.shape)
    V = np.where(known, np.sqrt(np.trace(minima.cone, axis1=1, axis2=2) / 4), 1)

    def at(quantity: str) -> np.ndarray:
        energy, length, operator = dimension(quantity)
        return known * error * V**length * omega ** (energy - length) * minima.spread**operator

    return at


def _is_line(minima: Minima) -> np.ndarray:
    """(M,) Does the distance hardly rise along one axis of the cone?"""
    slopes = np.sqrt(np.linalg.eigvalsh(minima.cone).clip(0))  # along the axes of the cone, the flattest first
    return slopes[:, -2] < _LINE * slopes[:, -1] if slopes.shape[1] > 1 else np.zeros(len(minima), bool)


def energies_along(model: Model, minima: Minima, step: np.ndarray, grid: KGrid) -> np.ndarray:
    """(M, samples) energies of the lower level: at a minimum, or along the line of which it is one point.

    Where the least distance lies on a line is chance; what the line holds, it holds wherever mu and T reach it.
    """
    energies = np.repeat(minima.energy[:, None], _SAMPLES, axis=1)
    lines = np.flatnonzero(_is_line(minima))
    if not len(lines):
        return minima.energy[:, None]
    flattest = np.linalg.eigh(minima.cone[lines])[1][:, :, 0]
    length = np.linalg.norm(grid.span, axis=1).max()
    for sample, t in enumerate(np.linspace(-0.5, 0.5, _SAMPLES) * length):
        levels = model.levels(inside(model, minima.k[lines] + t * flattest))
        rows, band = np.arange(len(lines)), minima.band[lines]
        is_on_it = levels[rows, band + 1] - levels[rows, band] < step[lines]
        energies[lines, sample] = np.where(is_on_it, levels[rows, band], minima.energy[lines])
    return energies


def by_variable(
    result: xr.Dataset, variables: Mapping[str, Variable], energies: np.ndarray, held: Callable[[str], np.ndarray]
) -> tuple[xr.DataArray, np.ndarray]:
    """Sum over minima and terms of |window| x what each state sum holds: (variable, mu, temperature); and the minimum
    with the largest part (0 where there is none). Of the energies (M, samples) of a minimum the weightiest counts."""
    mu, temperature = result["mu"].values, result["temperature"].values
    windows = WINDOWS[EnergyMesh.from_json(result.attrs["mesh"]).statistics]
    total = np.zeros((len(variables), len(mu), len(temperature)))
    largest = np.zeros(total.shape, int)
    for row, variable in enumerate(variables.values()):
        terms = [(abs(term.factor) * held(term.quantity), term.window) for term in variable.terms]
        if not any(each.any() for each, _ in terms):
            continue
        for column, T in enumerate(temperature * KELVIN):
            x = (energies - mu[:, None, None]) / T
            parts = sum(abs(windows[window](x, T)).max(-1) * each for each, window in terms)
            total[row, :, column], largest[row, :, column] = parts.sum(1), parts.argmax(1)
    total /= result.attrs["particle_hole_copies"]
    coords = {
        "variable": np.array(list(variables), dtype="U64"),
        "mu": result["mu"],
        "temperature": result["temperature"],
    }
    about = {"units": "of each variable"}
    return xr.DataArray(total, coords, ("variable", "mu", "temperature"), attrs=about), largest
