"""Does a grid resolve the temperature? The largest |v.step| of the states that matter, against pi k_B T."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.geometry.groups import ROUNDING
from cc_kernels.grid import KGrid, points_per_chunk, points_text
from cc_kernels.sums.mesh import EnergyMesh, check_mu, check_temperature
from cc_kernels.units import KELVIN

if TYPE_CHECKING:
    from cc_kernels.models import Model

NAME = "temperature_resolution"
_REACH = 16
"""Occupations differ from a step by exp(-16) = 1e-7 at this many temperatures from mu."""
_BLIND = 2
"""So many points along an axis lie where k and -k are equal, and bands that are even in k have no velocity there."""
_BETWEEN, _BESIDE = 8, 8
"""Points along such an axis, half a step off the symmetric ones, and at most along each other axis, where its speeds
are looked at: of a cosine's largest speed that misses 8 percent at most."""
_CHUNK = 4096


def temperature_resolution(
    sums: xr.Dataset, mu: float | Sequence[float], temperature: float | Sequence[float], model: Model | None = None
) -> xr.DataArray:
    """Largest |v.step_a| / (pi k_B T) over the axes a of the grid, dims mu, temperature.

    f has poles at a distance pi k_B T from the real energies, so that along each axis a uniform grid converges as
    exp(-2 pi (pi k_B T)/|v.step_a|): above 1 it has hardly begun to. Only states whose grid cell reaches the energies
    where f varies count: an insulator resolves every temperature. Along an axis with one or two points the states of
    the sums need not show any velocity; there `model` is asked.
    """
    mu, temperature = check_mu(mu), check_temperature(temperature)
    T = temperature * KELVIN
    mesh, shape = EnergyMesh.from_json(sums.attrs["mesh"]), json.loads(sums.attrs["grid"])
    change = sums["fastest"].values * float(sums["longest_step"])
    # The far corner of a state's cell is half a step of each axis away.
    found = [_largest(mesh.bin_centres, change, change * sum(n > 1 for n in shape) / 2, mu, T)]
    if model is not None:
        found += [_largest(*_along(model, shape, axis), mu, T) for axis, n in enumerate(shape) if n <= _BLIND]
    attrs = {"long_name": "largest |v.step|/(pi k_B T)", "units": "1", "formula": "max |v.h|/(pi k_B T)"}
    return xr.DataArray(
        np.max(found, axis=0) / (np.pi * T), dims=("mu", "temperature"), attrs=attrs
    )  # its own mu would take the units off the others


def _largest(
    energy: np.ndarray, change: np.ndarray, half_cell: np.ndarray, mu: np.ndarray, T: np.ndarray
) -> np.ndarray:
    """(mu, temperature): the largest change over a step, of those whose cell reaches where f varies."""
    distance = abs(energy - mu[:, None, None])
    return np.where(distance <= _REACH * T[:, None] + half_cell, change, 0).max(-1)


def _along(model: Model, shape: Sequence[int], axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energies (states,) of states between the points of an axis, what they change by over a step along it, and over
    half of a cell."""
    numbers, shift = np.minimum(shape, _BESIDE), np.zeros(len(shape))
    numbers[axis], shift[axis] = _BETWEEN, 0.5
    grid = KGrid.of(model, numbers.tolist(), shift.tolist())
    steps = grid.step * (numbers / np.where(np.arange(grid.dim) == axis, shape, numbers))[:, None]
    each = [
        _changes(model, grid.points(*part), steps) for part in grid.chunks(points_per_chunk(_CHUNK, model.num_bands))
    ]
    energy, changes = (np.concatenate(one) for one in zip(*each, strict=True))
    changes = np.where(changes <= ROUNDING * np.abs(energy).max(), 0, changes)
    return energy, changes[:, axis], changes.sum(1) / 2


def _changes(model: Model, k: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Energies (states,) and |v.step| (states, steps) of all states at k (points, dim)."""
    solved = model.solve(k, lifted=True)
    v = np.einsum("xna,xiab,xbn->xni", solved.bra, solved.velocity, solved.states, optimize=True).real
    return solved.energies.ravel(), abs(v @ steps.T).reshape(-1, len(steps))


def of_temperature(result: xr.Dataset) -> np.ndarray:
    """The largest at each temperature, over mu and a sweep; one NaN is NaN."""
    ratio = result[NAME]
    return ratio.max([dim for dim in ratio.dims if dim != "temperature"], skipna=False).values.reshape(-1)


def warning_of(result: xr.Dataset) -> str:
    """A sentence where the grid is too coarse, or where that is not known, else empty."""
    ratio = float(result[NAME].max(skipna=False))
    if ratio <= 1:
        return ""
    shape = json.loads(result.attrs["grid"])
    flat = f"; {points_text(shape)} points are for bands that are flat along an axis with one" if 1 in shape else ""
    return f"the grid step does not resolve the temperature (|v.step|/(pi k_B T) = {ratio:.2g} > 1){flat}"
