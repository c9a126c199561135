"""Do the points on the Fermi lines resolve the scattering? Where they do not, the Boltzmann equation has another
solution, or none."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, stated

RESIDUAL, RATE_STEP = "residual", "rate_step"
IN_A_STUDY = {RESIDUAL: "disorder_residual", RATE_STEP: "disorder_rate_step"}
"""Their names beside the responses of a study."""
_NO_SOLUTION = 0.5
"""A residual above this: states that do not scatter balance none of the force, and the residual is 1. Kinks of a line
and few points make up to 0.05."""
_NOTABLE = {RESIDUAL: 1e-6, RATE_STEP: 0.5}
"""Above these a result is worth a warning: a Gaussian whose rate falls to a half per point makes errors of 1e-3."""


def rate_step(contour: np.ndarray, rate: np.ndarray) -> float:
    """The largest change of the rate from k to the next point on its line, relative to the largest rate.

    contour : (N,) number of each state's line. rate : (N, N).
    """
    first = np.searchsorted(contour, contour)
    last = np.searchsorted(contour, contour, side="right") - 1
    here = np.arange(len(contour))
    following = np.where(here == last, first, here + 1)
    return float(abs(rate[following, here] - rate[here, here]).max() / rate.max())


def refuse_no_solution(result: xr.Dataset) -> None:
    """Scattering that does not reach the next point leaves every state alone with the force."""
    worst = result.isel(result[RESIDUAL].argmax(...))
    if worst[RESIDUAL] > _NO_SOLUTION:
        where = f"{worst.potential.item()}, mu = {worst.mu.item():g}"
        given = stated(f"{worst.states.item()} on the Fermi lines, farther apart than V(q) reaches ({where})")
        raise InputError("points", given, "more, or a potential of shorter range")


def warning_of(result: xr.Dataset) -> str:
    """A sentence where the points are too few, else empty; `result` of `disorder` or of a study."""
    worst = {name: _worst(result, name) for name in _NOTABLE}
    if worst[RATE_STEP] > _NOTABLE[RATE_STEP]:
        cause = f"the scattering changes by {100 * worst[RATE_STEP]:.0f} % from one to the next"
    elif worst[RESIDUAL] > _NOTABLE[RESIDUAL]:
        cause = f"the residual of the Boltzmann equation is {worst[RESIDUAL]:.1e}"
    else:
        return ""
    return f"the points on the Fermi lines are too few for the disorder: {cause} (see {RATE_STEP}, {RESIDUAL})"


def _worst(result: xr.Dataset, name: str) -> float:
    return max((float(result[key].max()) for key in (name, IN_A_STUDY[name]) if key in result), default=0.0)
