"""Responses of one grid level, from the sums of its shards and of the level before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.response.evaluation import evaluate_responses
from cc_kernels.response.superconductor import finish
from cc_kernels.spectral.merging import merge
from cc_kernels.spectral.narrowest_gap import gaps_of
from cc_kernels.stages.sweep import each_of_sweep

if TYPE_CHECKING:
    from cc_kernels.models import Model


def merged_sums(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Sums of all points of a level: those of the coarser level, then those of its shards in their order."""
    return merge(parts)


def level_responses(
    sums: xr.Dataset,
    models: Sequence[Model],
    operator: str | None,
    responses: Sequence[str],
    mu: Sequence[float],
    temperature: Sequence[float],
    has_spin: bool,
) -> xr.Dataset:
    """All responses of a study on one grid.

    Parameters
    ----------
    sums : complete sums of the level.
    models, operator : along the sweep of the sums, and its name.
    responses : names.
    mu, temperature : eV, kelvin; a superconductor's mu is [0] and leaves no dim.
    has_spin : does the (superconducting) model conserve a spin?
    """

    def of(index: int, one: xr.Dataset) -> xr.Dataset:
        found = gaps_of(one, models[index], operator, mu, temperature)
        result = evaluate_responses(one, responses, mu, temperature, models[index], found)
        if "superconductor" in responses:
            result = finish(result.isel(mu=0, drop=True), has_spin)
        return result

    return each_of_sweep(sums, of)
