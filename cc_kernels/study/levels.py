"""Responses of one grid level, from the sums of its shards and of the level before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.responses.diagnosed import diagnosed_responses
from cc_kernels.responses.superconductor import per_nambu_band
from cc_kernels.study.sweep import each_of_sweep
from cc_kernels.sums.merging import merge

if TYPE_CHECKING:
    from cc_kernels.models import Model


def merged_sums(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Sums of all points of a level: those of the coarser level, then those of its shards in their order."""
    return merge(parts)


def level_responses(
    sums: xr.Dataset,
    models: Sequence[Model],
    operator: str | Sequence[str] | None,
    responses: Sequence[str],
    mu: Sequence[float],
    temperature: Sequence[float],
    has_spin: bool,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """All responses of a study on one grid.

    Parameters
    ----------
    sums : complete sums of the level.
    models, operator : along the sweep of the sums, and the name of the operator, or those of an axis of them.
    responses : names.
    mu, temperature : eV, kelvin; a superconductor's mu is [0] and leaves no dim.
    has_spin : does the (superconducting) model conserve a spin?
    variables : names of those to evaluate; default all.
    """

    def evaluated(index: int, one: xr.Dataset) -> xr.Dataset:
        result = diagnosed_responses(one, responses, mu, temperature, models[index], operator, variables)
        if "superconductor" in responses:
            result = per_nambu_band(result.isel(mu=0, drop=True), has_spin)
        return result

    return each_of_sweep(sums, evaluated)
