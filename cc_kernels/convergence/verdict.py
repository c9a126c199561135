"""The verdict over grid density: is a study converged, how large is the error, and how fast does it fall?

Converged means that the last two changes upon doubling the grid, the maximum over mu, T and components, are below
tolerance x scale, and that the grid resolves the temperature. The scale of a variable is the sum of its absolute
contributions, the largest over mu (a superconductor's over temperature): a null quantity has no relative error. One
small change can be an accident: two coarse grids can miss a feature in one and the same way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import xarray as xr

from cc_kernels.convergence.laws import LAWS, decay
from cc_kernels.convergence.pointwise import pointwise
from cc_kernels.errors import InputError
from cc_kernels.scattering import resolution as points_on_lines
from cc_kernels.spectral import box, near_degeneracy
from cc_kernels.spectral.resolution import warning_of as too_coarse


def judge(levels: Sequence[xr.Dataset], tolerance: float) -> xr.Dataset:
    """The verdict on a series of responses.

    Parameters
    ----------
    levels : the responses on grids of increasing density, with `<name>_scale` beside each variable and
        `temperature_resolution`.
    tolerance : largest admissible change relative to the scale.

    Returns
    -------
    Dataset with dims level and variable: change (relative to the scale; NaN for the first level), resolution,
    points_per_axis, and for each variable error_estimate, rate, law, scale; the scalar `converged`; and of every
    variable at every mu, temperature and swept value `<name>_error`, `_rate`, `_law`, `_extrapolated`.
    `attrs["summary"]` says it in a sentence.
    """
    if not levels:
        raise InputError("levels", levels, "the responses on at least one grid")
    names = [name for name in levels[0].data_vars if f"{name}_scale" in levels[0]]
    points = [max(json.loads(level.attrs["grid"])) for level in levels]
    if any(a >= b for a, b in pairwise(points)):
        raise InputError("levels", points, "grids of increasing density")
    scale = {name: _scale(levels[-1], name) for name in names}
    change = np.full((len(levels), len(names)), np.nan)
    for index in range(1, len(levels)):
        for column, name in enumerate(names):
            difference = abs(levels[index][name] - levels[index - 1][name])
            # A variable whose every contribution is zero cannot change; one NaN is no convergence.
            relative = xr.where(scale[name] == 0, difference, difference / scale[name].where(scale[name] != 0))
            change[index, column] = float(relative.max(skipna=False))
    resolution = np.array([float(level["temperature_resolution"].max(skipna=False)) for level in levels])
    worst = change.max(axis=1)
    small = len(levels) > 2 and bool((worst[-2:] <= tolerance).all())
    coarse = too_coarse(levels[-1])
    found = decay(np.array(points), change[1:])
    slowest = names[int(np.argmax(np.where(np.isnan(change[-1]), np.inf, change[-1])))] if len(levels) > 1 else ""
    summary = _summary(points, worst, slowest, tolerance, small, coarse)
    known = (near_degeneracy, box, points_on_lines)
    summary += "".join(f"; {text}" for what in known if (text := what.warning_of(levels[-1])))
    details = {}
    for name in names:
        details |= pointwise(levels, np.array(points), name, scale[name])
    return xr.Dataset(
        {
            "converged": ((), np.int8(small and not coarse), {"long_name": "1 if the study has converged"}),
            "change": (
                ("level", "variable"),
                change,
                {"long_name": "largest change upon doubling / scale", "units": "1"},
            ),
            "resolution": (("level",), resolution, {"long_name": "largest |v| x step / (pi k_B T)", "units": "1"}),
            "points_per_axis": (("level",), np.array(points), {"long_name": "grid points per axis"}),
            "error_estimate": (
                ("variable",),
                change[-1],
                {"long_name": "the last change: bounds the error of anything that at least halves per doubling"},
            ),
            "rate": (
                ("variable",),
                found.rate,
                {"long_name": "observed rate: exponent of 1/N (power), e-folds per grid point (exponential)"},
            ),
            "law": (("variable",), np.array(LAWS, dtype="U32")[found.law], {"long_name": "law of the changes"}),
            "scale": (("variable",), np.array([float(scale[name].max()) for name in names]), {"long_name": "scale"}),
            **details,
        },
        {"variable": np.array(names, dtype="U64")},
        {
            "has_converged": int(small and not coarse),
            "tolerance": tolerance,
            "summary": summary,
            "grid": levels[-1].attrs["grid"],
        },
    )


def _scale(level: xr.Dataset, name: str) -> xr.DataArray:
    """The largest over mu; of a superconductor, which has none, over temperature: its thermally activated parts have
    no scale of their own where the gap has frozen them out."""
    scale = level[f"{name}_scale"]
    over = next((dim for dim in ("mu", "temperature") if dim in scale.dims), None)
    return scale if over is None else scale.max(over, skipna=False)


def _summary(
    points: list[int],
    worst: np.ndarray,
    slowest: str,
    tolerance: float,
    small: bool,
    coarse: str,
) -> str:
    if small and not coarse:
        changes = f"last changes {worst[-2]:.1e}, {worst[-1]:.1e} <= {tolerance:.1e}"
        return f"converged at {points[-1]} points per axis: {changes}"
    reasons = []
    if len(points) < 3:
        reasons.append(f"{len(points)} grid(s) evaluated, a verdict needs three")
    elif not small:
        reasons.append(f"last changes {worst[-2]:.1e}, {worst[-1]:.1e} ({slowest}), tolerance {tolerance:.1e}")
    if coarse:
        reasons.append(coarse)
    return f"NOT CONVERGED at {points[-1]} points per axis: " + "; ".join(reasons)
