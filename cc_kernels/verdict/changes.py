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
        scale = scale_of(last, name)
        unit = scale.where(scale != 0, 1)  # a variable whose every contribution is zero cannot change
        each = [_of_temperature(abs(b[name] - a[name]) / unit, kelvin) for a, b in pairwise(levels)]
        first = xr.full_like(_of_temperature(last[name] / unit, kelvin), np.nan)
        other = [dim for dim in first.dims if dim != TEMPERATURE]
        sizes.append(xr.concat([one.max(other, skipna=False) for one in (first, *each)], "level"))
        places.append(_place([first, *each][-1]))
    variable, scale = _variable(names), scales_of(last, names)
    like = scale.isel(variable=0, drop=True)
    dims = list(dict.fromkeys(dim for place in places for dim in place))
    return Changes(
        xr.concat(sizes, variable).transpose("level", "variable", TEMPERATURE),
        scale,
        {dim: xr.concat([_known(place, dim, places, like) for place in places], variable) for dim in dims},
    )


def scales_of(level: xr.Dataset, names: Sequence[str]) -> xr.DataArray:
    """(variable, temperature) scales, the largest of a sweep."""
    scales = [_of_temperature(scale_of(level, name), temperatures(level)) for name in names]
    largest = [scale.max([dim for dim in scale.dims if dim != TEMPERATURE]) for scale in scales]
    return xr.concat(largest, _variable(names)).transpose("variable", TEMPERATURE)


def with_least_scale(levels: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """The levels, the last with the smaller of its scale and that of the level before.

    By accident a point of one grid can come close to where levels meet, and hold 1/distance^2 of a scale.
    """
    *before, last = levels
    names = [name for name in last.data_vars if str(name).endswith("_scale") and before and name in before[-1]]
    least = {name: last[name].copy(data=np.minimum(last[name], before[-1][name])) for name in names}
    return [*before, last.assign(least)]


def _variable(names: Sequence[str]) -> xr.DataArray:
    return xr.DataArray(np.array(names, dtype="U64"), dims="variable", name="variable")


def _known(place: Mapping[str, xr.DataArray], dim: str, places: Sequence[Mapping], like: xr.DataArray) -> xr.DataArray:
    """The place along a dim; of a variable that has it not, NaN, or no text where places are texts."""
    if dim in place:
        return place[dim]
    is_text = next(one[dim].dtype.kind for one in places if dim in one) in "UO"
    return xr.full_like(like, "", dtype="U64") if is_text else xr.full_like(like, np.nan)


def temperatures(level: xr.Dataset) -> xr.DataArray:
    """The temperatures of a response, kelvin; NaN where nothing depends on one."""
    if TEMPERATURE in level.coords and level[TEMPERATURE].ndim:
        return level[TEMPERATURE]
    size = level.sizes.get(TEMPERATURE, 1)
    return xr.DataArray(np.full(size, np.nan), dims=TEMPERATURE, name=TEMPERATURE)


def _of_temperature(values: xr.DataArray, kelvin: xr.DataArray) -> xr.DataArray:
    values = values.drop_vars([name for name in values.coords if name not in values.dims])
    if TEMPERATURE not in values.dims:
        values = values.expand_dims({TEMPERATURE: kelvin.size})
    return values.assign_coords({TEMPERATURE: kelvin.values})


def _place(change: xr.DataArray) -> dict[str, xr.DataArray]:
    """Where the largest change is, at each temperature."""
    other = [dim for dim in change.dims if dim not in (TEMPERATURE, "i", "l")]
    if not other:
        return {}
    largest = change.max([dim for dim in ("i", "l") if dim in change.dims]).fillna(np.inf)
    where = largest.argmax(other)
    return {dim: change[dim][where[dim]].drop_vars(dim, errors="ignore") for dim in other}
