"""Convergence of a variable at every mu, temperature and swept value: error, rate, law, extrapolated value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from cc_kernels.verdict.laws import EXPONENTIAL, LAWS, NOISE, POWER, decay

_OF_UNITS = ("units", "si_factor", "si_units", "charge_convention")


def pointwise(
    levels: Sequence[xr.Dataset], points: np.ndarray, name: str, scale: xr.Variable
) -> dict[str, xr.Variable]:
    """Variables `<name>_error`, `_rate`, `_law` and `_extrapolated` of a study's verdict.

    Parameters
    ----------
    levels : responses on grids of increasing density.
    points : (L,) points per axis.
    name : of the variable; its Cartesian components share a rate, the largest change of them counts.
    scale : of the variable, broadcasting against it; changes are relative to it.

    Returns
    -------
    name -> Variable; errors in the variable's units. The extrapolated value is that of Richardson where a power law
    is clear and all changes of a component have one sign, the value on the finest grid where the error falls
    exponentially or is rounding, and NaN elsewhere.
    """
    series = xr.Variable.concat([level.variables[name] for level in levels], "level")
    steps = series.isel(level=slice(1, None)) - series.isel(level=slice(None, -1))
    parts = [dim for dim in ("i", "l") if dim in series.dims]
    unit = scale.where(scale != 0, 1.0)
    relative = (abs(steps) / unit).max(parts, skipna=False).transpose("level", ...)
    dims, found = relative.dims[1:], decay(points, relative.values)
    of_variable = levels[-1].variables[name].attrs
    about = {key: of_variable[key] for key in _OF_UNITS if key in of_variable}

    def labelled(values: np.ndarray, long_name: str, **attrs: object) -> xr.Variable:
        return xr.Variable(dims, values, {"long_name": long_name, "units": "1", **attrs})

    rate = labelled(found.rate, f"rate at which {name} converges", comment="exponent of 1/N, or e-folds per point")
    error = labelled(found.error, "") * unit
    law = labelled(
        found.law.astype(np.int8),
        f"law of the changes of {name}",
        flag_values=np.arange(len(LAWS), dtype=np.int8),
        flag_meanings=" ".join(law.replace(" ", "_") for law in LAWS),
    )
    about_error = {"long_name": f"estimated error of {name} on the finest grid", **about}
    result = {
        f"{name}_error": xr.Variable(dims, error.transpose(*dims).values, about_error),
        f"{name}_rate": rate,
        f"{name}_law": law,
    }
    finest = series.isel(level=-1)
    if len(levels) > 1:
        clear = labelled(found.clear, "")
        exact = (law == NOISE) | ((law == EXPONENTIAL) & clear)
        one_sign = abs(np.sign(steps).sum("level")) == steps.sizes["level"]
        richardson = finest + steps.isel(level=-1) / (2**rate - 1)
        usable = (law == POWER) & clear & one_sign
        value = finest.where(exact, richardson.where(usable)).transpose(*finest.dims)
    else:
        value = xr.full_like(finest, np.nan)
    about_value = {
        "long_name": f"{name}, extrapolated in grid density where its law is clear",
        **about,
        "formula": of_variable.get("formula", ""),
    }
    result[f"{name}_extrapolated"] = xr.Variable(value.dims, value.values, about_value)
    return result
