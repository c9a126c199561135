"""Responses of the levels of a stage, from the sums of its shards and of the level before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.responses.diagnosed import RESIDUAL, diagnosed_responses
from cc_kernels.responses.superconductor import per_nambu_band
from cc_kernels.sums.merging import merge
from cc_kernels.verdict.box import BOTTOM

if TYPE_CHECKING:
    from cc_kernels.models import Model


def stage_sums(coarser: xr.Dataset | None, shards: Sequence[Sequence[xr.Dataset]]) -> list[xr.Dataset]:
    """Sums of all points of each level of a stage: those of the level before, then those of its shards in their order.

    Parameters
    ----------
    coarser : of all points of the level before the stage, if any.
    shards : the sums of each shard (`shards.shard_sums`).
    """
    before = [] if coarser is None else [coarser]
    levels = []
    for parts in zip(*shards, strict=True):
        before = [merge([*before, *parts])]
        levels += before
    return levels


def level_responses(
    sums: xr.Dataset,
    models: Sequence[Model],
    operator: str | Sequence[str] | None,
    responses: Sequence[str],
    mu: Sequence[float],
    temperature: Sequence[float],
    has_spin: bool,
    variables: Sequence[str] | None = None,
    with_gaps: bool = True,
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
    with_gaps : look for narrow gaps, too; of a series the verdict asks only the last level.
    """

    def evaluated(index: int, one: xr.Dataset) -> xr.Dataset:
        result = diagnosed_responses(
            one, responses, mu, temperature, models[index], operator, variables, with_gaps=with_gaps
        )
        if "superconductor" in responses:
            result = per_nambu_band(result.isel(mu=0, drop=True), has_spin)
        return result

    return each_of_sweep(sums, evaluated)


def each_of_sweep(sums: xr.Dataset, form: Callable[[int, xr.Dataset], xr.Dataset]) -> xr.Dataset:
    """Apply `form` to the number and the sums of every value of the sweep."""
    name = sums.attrs.get("sweep")
    if name is None:
        return form(0, sums)
    parts = [form(index, sums.isel({name: index}, drop=True)) for index in range(sums.sizes[name])]
    joined = xr.concat(parts, sums[name], combine_attrs="override", join="outer")
    if RESIDUAL in joined.attrs:
        joined.attrs[RESIDUAL] = max(part.attrs[RESIDUAL] for part in parts)
    if BOTTOM in joined.attrs:
        joined.attrs[BOTTOM] = min(part.attrs[BOTTOM] for part in parts)
    return joined
