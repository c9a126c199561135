"""Several responses from one pass over a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.grid import DEFAULT_CHUNK
from cc_kernels.response import transport

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from cc_kernels.models import Model

TOGETHER = ("equilibrium", "transport")


def respond(
    model: Model,
    responses: Sequence[str],
    *,
    operator: str | np.ndarray | None = None,
    grid: int | Sequence[int] | None = None,
    shift: float | Sequence[float] = 0.0,
    mu: float | Sequence[float] | None = None,
    temperature: float | Sequence[float] = 300.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """The variables of `equilibrium` and `transport` together, from one diagonalization at each k.

    Parameters
    ----------
    model, operator, grid, shift, degeneracy_tolerance, chunks : as in `band_geometry`.
    responses : names, of "equilibrium" and "transport".
    mu, temperature : eV, kelvin.
    variables : names of those to compute, by default all of both; fewer are less work.

    Returns
    -------
    Dataset (mu, temperature, Cartesian): what the responses alone return, in one.
    """
    from cc_kernels.response.common import responses_of  # heavy, and needed only to compute

    checks.model(model)
    if isinstance(responses, str) or not len(responses) or not set(responses) <= set(TOGETHER):
        raise InputError("responses", responses, "a list of any of " + ", ".join(TOGETHER))
    if "transport" in responses:
        transport.check_model(model)
    return responses_of(
        list(dict.fromkeys(responses)),
        model,
        operator,
        grid,
        shift,
        mu,
        temperature,
        degeneracy_tolerance,
        chunks,
        variables,
    )
