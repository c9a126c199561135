"""Convergence of a variable at every mu, temperature and swept value: error, rate, law, extrapolated value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from cc_kernels.verdict.laws import EXPONENTIAL, LAWS, NOISE, POWER, decay


def pointwise(levels: Sequence[xr.Dataset], points: np.ndarray, name: str, scale: xr.DataArray) -> dict:
    """Variables `<name>_error`, `_rate`, `_law` and `_extrapolated` of a study's verdict.

    Parameters
    ----------
    levels : responses on grids of increasing density.
    points : (L,) points per axis.
    name : of the variable; its Cartesian components share a rate, the largest change of them counts.
    scale : of the variable, broadcasting against it; changes are relative to it.

    Returns
    -------
    name -> DataArray; errors in the variable's units. The extrapolated value is that of Richardson where a power law
    is clear and all changes of a component have one sign, the value on the finest grid where the error falls
    exponentially or is rounding, and NaN elsewhere.
    """
    series = xr.concat([level[name] for level in levels], "level")
    steps = series.diff("level")
    parts = [dim for dim in ("i", "l") if dim in series.dims]
    unit = scale.where(scale != 0, 1.0)
    relative = (abs(steps) / unit).max(parts, skipna=False)
    order = ("level", *(dim for dim in relative.dims if dim != "level"))
    relative = relative.transpose(*order)
    found = decay(points, relative.values)
    template = series.isel(level=-1).max(parts).transpose(*order[1:])

    def labelled(values: np.ndarray, long_name: str, **attrs: object) -> xr.DataArray:
        return template.copy(data=values).assign_attrs({"long_name": long_name, "units": "1", **attrs})

    units = levels[-1][name].attrs.get("units", "1")
    rate = labelled(found.rate, f"rate at which {name} converges", comment="exponent of 1/N, or e-folds per point")
    error = labelled(found.error, f"estimated error of {name} on the finest grid") * unit
    law = labelled(
        found.law.astype(np.int8),
        f"law of the changes of {name}",
        flag_values=np.arange(len(LAWS), dtype=np.int8),
        flag_meanings=" ".join(law.replace(" ", "_") for law in LAWS),
    )
    finest = series.isel(level=-1)
    result = {
        f"{name}_error": error.transpose(*template.dims).assign_attrs(
            long_name=f"estimated error of {name} on the finest grid", units=units
        ),
        f"{name}_rate": rate,
        f"{name}_law": law,
    }
    if len(levels) > 1:
        exact = (law == NOISE) | ((law == EXPONENTIAL) & labelled(found.clear, ""))
        one_sign = abs(np.sign(steps).sum("level")) == steps.sizes["level"]
        richardson = finest + steps.isel(level=-1) / (2**rate - 1)
        usable = (law == POWER) & labelled(found.clear, "") & one_sign
        value = xr.where(exact, finest, xr.where(usable, richardson, np.nan)).transpose(*finest.dims)
    else:
        value = xr.full_like(finest, np.nan)
    value.attrs = {
        "long_name": f"{name}, extrapolated in grid density where its law is clear",
        "units": units,
        "formula": levels[-1][name].attrs.get("formula", ""),
    }
    result[f"{name}_extrapolated"] = value
    return result
