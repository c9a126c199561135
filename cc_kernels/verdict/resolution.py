"""Does a grid resolve the temperature? The largest |v| x step of the states that matter, against pi k_B T."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import xarray as xr

from cc_kernels.sums.mesh import EnergyMesh, check_mu, check_temperature
from cc_kernels.units import KELVIN

NAME = "temperature_resolution"
_REACH = 16
"""Occupations differ from a step by exp(-16) = 1e-7 at this many temperatures from mu."""
_FLAT_AT = 2
"""So many points per axis lie where k and -k are equal, and bands that are even in k have no velocity."""


def temperature_resolution(
    sums: xr.Dataset, mu: float | Sequence[float], temperature: float | Sequence[float]
) -> xr.DataArray:
    """Largest |v| x (grid step) / (pi k_B T), dims mu, temperature.

    f has poles at a distance pi k_B T from the real energies, so that a uniform grid of step h converges as
    exp(-2 pi (pi k_B T)/(|v| h)): above 1 it has hardly begun to. Only states whose grid cell reaches the energies
    where f varies count: an insulator resolves every temperature.
    """
    mu, temperature = check_mu(mu), check_temperature(temperature)
    T = temperature * KELVIN
    mesh = EnergyMesh.from_json(sums.attrs["mesh"])
    fastest, step = sums["fastest"].values, float(sums["longest_step"])
    dim = len(json.loads(sums.attrs["grid"]))
    # The far corner of a state's cell is half a diagonal away.
    reach = _REACH * T[:, None] + fastest * step * np.sqrt(dim) / 2
    distance = abs(mesh.bin_centres - mu[:, None, None])
    speed = np.where(distance <= reach, fastest, 0).max(-1)
    ratio = speed * step / (np.pi * T)
    attrs = {"long_name": "largest |v| x grid step / (pi k_B T)", "units": "1", "formula": "max |v| h/(pi k_B T)"}
    return xr.DataArray(
        ratio, dims=("mu", "temperature"), attrs=attrs
    )  # its own mu would take the units off the others


def of_temperature(result: xr.Dataset) -> np.ndarray:
    """The largest at each temperature, over mu and a sweep; one NaN is NaN."""
    ratio = result[NAME]
    return ratio.max([dim for dim in ratio.dims if dim != "temperature"], skipna=False).values.reshape(-1)


def warning_of(result: xr.Dataset) -> str:
    """A sentence where the grid is too coarse, or where that is not known, else empty."""
    ratio = float(result[NAME].max(skipna=False))
    if not ratio <= 1:
        return f"the grid step does not resolve the temperature (|v| step/(pi k_B T) = {ratio:.2g} > 1)"
    points = max(json.loads(result.attrs["grid"]))
    if points > _FLAT_AT:
        return ""
    return f"the grid step does not resolve the temperature, or nobody knows: {points} per axis show no velocity"
