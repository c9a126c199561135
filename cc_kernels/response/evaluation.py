"""Responses from sums, with what says how far they can be trusted: written once for the API and for studies."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import xarray as xr

from cc_kernels.response.tables import described
from cc_kernels.spectral import box, near_degeneracy, resolution
from cc_kernels.spectral.evaluation import evaluate


def evaluate_responses(sums: xr.Dataset, responses: Sequence[str], mu: object, temperature: object) -> xr.Dataset:
    """The variables of all responses, with `near_degeneracy_share` and `temperature_resolution`."""
    variables = {key: variable for name in responses for key, variable in described(name, sums).items()}
    result = near_degeneracy.with_share(evaluate(sums, mu, temperature, variables | near_degeneracy.DENSITIES))
    result[resolution.NAME] = resolution.temperature_resolution(sums, mu, temperature)
    return result


def warn_of(result: xr.Dataset) -> None:
    """Say to the caller of a response what its user should know."""
    for what in (resolution, near_degeneracy, box):
        if text := what.warning_of(result):
            warnings.warn(text, stacklevel=4)
