"""Changes from grid to grid: of every variable at every temperature the largest, relative to the scale, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xarray as xr

from cc_kernels.sums.evaluation import scale_of

TEMPERATURE = "temperature"


@dataclass(frozen=True)
class Changes:
    """Dims variable and temperature throughout; what has no temperature is the same at all of them.

    Attributes
    ----------
    size : with the leading dim level; NaN for the first level. Relative to the scale; where that is zero, as it is.
    scale : sums of absolute contributions, in each variable's units.
    place : dim -> its coordinate (or index) at the last of the changes: mu, the swept parameter, a potential.
    """

    size: xr.DataArray
    scale: xr.DataArray
    place: dict[str, xr.DataArray]


def changes_of(levels: Sequence[xr.Dataset], names: Sequence[str]) -> Changes:
    """Changes of responses on grids of increasing density."""
    last, kelvin = levels[-1], temperatures(levels[-1])
    sizes, places = [], []
    for name in names:
        scale = scale_of(last, name).variable
        unit = scale.where(scale != 0, 1)  # a variable whose every contribution is zero cannot change
        series = [level.variables[name] for level in levels]
        each = [abs(b - a) / unit for a, b in pairwise(series)]
        each = [_of_temperature(one, kelvin) for one in (xr.full_like(series[-1] / unit, np.nan), *each)]
        sizes.append([one.max(set(one.dims) - {TEMPERATURE}, skipna=False).values for one in each])
        places.append(_place(each[-1], last))
    scale = scales_of(last, names)
    dims = dict.fromkeys(dim for place in places for dim in place)
    return Changes(
        xr.DataArray(np.swapaxes(sizes, 0, 1), scale.coords, ("level", *scale.dims)),
        scale,
        {dim: scale.copy(data=[_known(place, dim, places, kelvin.size) for place in places]) for dim in dims},
    )


def scales_of(level: xr.Dataset, names: Sequence[str]) -> xr.DataArray:
    """(variable, temperature) scales, the largest of a sweep."""
    kelvin = temperatures(level)
    scales = [_of_temperature(scale_of(level, name).variable, kelvin) for name in names]
    largest = [scale.max(set(scale.dims) - {TEMPERATURE}).values for scale in scales]
    coords = {"variable": np.array(names, dtype="U64"), TEMPERATURE: kelvin}
    return xr.DataArray(np.array(largest), coords, ("variable", TEMPERATURE))


def with_least_scale(levels: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """The levels, the last with the smaller of its scale and that of the level before.

    By accident a point of one grid can come close to where levels meet, and hold 1/distance^2 of a scale.
    """
    *before, last = levels
    names = [name for name in last.data_vars if str(name).endswith("_scale") and before and name in before[-1]]
    least = {name: last[name].copy(data=np.minimum(last[name], before[-1][name])) for name in names}
    return [*before, last.assign(least)]


def temperatures(level: xr.Dataset) -> np.ndarray:
    """The temperatures of a response, kelvin; NaN where nothing depends on one."""
    if TEMPERATURE in level.coords and level[TEMPERATURE].ndim:
        return level[TEMPERATURE].values
    return np.full(level.sizes.get(TEMPERATURE, 1), np.nan)


def _of_temperature(values: xr.Variable, kelvin: np.ndarray) -> xr.Variable:
    """With a dim temperature, along which what has none is the same."""
    return values if TEMPERATURE in values.dims else values.set_dims({TEMPERATURE: kelvin.size, **values.sizes})


def _place(change: xr.Variable, level: xr.Dataset) -> dict[str, np.ndarray]:
    """Where the largest change is, at each temperature."""
    other = [dim for dim in change.dims if dim not in (TEMPERATURE, "i", "l")]
    if not other:
        return {}
    largest = change.max([dim for dim in ("i", "l") if dim in change.dims]).fillna(np.inf)
    return {dim: level[dim].values[where.values] for dim, where in largest.argmax(other).items()}


def _known(place: Mapping[str, np.ndarray], dim: str, places: Sequence[Mapping], size: int) -> np.ndarray:
    """The place along a dim; of a variable that has it not, NaN, or no text where places are texts."""
    if dim in place:
        return place[dim]
    is_text = next(one[dim].dtype.kind for one in places if dim in one) in "UO"
    return np.full(size, "" if is_text else np.nan)
