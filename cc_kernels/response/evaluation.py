"""Responses from sums, with what says how far they can be trusted: written once for the API and for studies."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.response.tables import described
from cc_kernels.spectral import band_range, box, narrowest_gap, near_degeneracy, resolution
from cc_kernels.spectral.evaluation import evaluate

if TYPE_CHECKING:
    from cc_kernels.models import Model
    from cc_kernels.spectral.gap_search import Search


def evaluate_responses(
    sums: xr.Dataset,
    responses: Sequence[str],
    mu: object,
    temperature: object,
    model: Model,
    found: Search,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """The variables of all responses, or those that are named, with all that diagnoses them.

    found : what `narrowest_gap.gaps_of` found.
    """
    wanted = described(responses, sums, variables)
    result = near_degeneracy.with_share(evaluate(sums, mu, temperature, wanted | near_degeneracy.DENSITIES))
    result[resolution.NAME] = resolution.temperature_resolution(sums, mu, temperature)
    return narrowest_gap.with_gaps(result, model, found, wanted)


def diagnostics(result: xr.Dataset) -> dict[str, xr.DataArray]:
    """What a response says of its own reliability: all but its variables and their scales."""
    variables = {str(name) for name in result.data_vars if f"{name}_scale" in result}
    return {name: result[name] for name in map(str, result.data_vars) if name.removesuffix("_scale") not in variables}


def warn_of(result: xr.Dataset) -> None:
    """Say to the caller of a response what its user should know."""
    for what in (resolution, narrowest_gap, near_degeneracy, box, band_range):
        if text := what.warning_of(result):
            warnings.warn(text, stacklevel=4)
