"""Responses from sums, with what says how far they can be trusted: written once for the API and for studies."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.geometry.attributes import IS_APPROXIMATE, are_several
from cc_kernels.responses.registry import variables_of
from cc_kernels.sums.products import dimension
from cc_kernels.verdict import diagnostics

if TYPE_CHECKING:
    from cc_kernels.models import Model
    from cc_kernels.sums.variables import Variable


RESIDUAL = "equation_5_residual"
"""Attribute: the largest net current of Eq. (5) over its scale, where that equation is approximate."""


def diagnosed_responses(
    sums: xr.Dataset,
    responses: Sequence[str],
    mu: object,
    temperature: object,
    model: Model,
    operator: object,
    variables: Sequence[str] | None = None,
    *,
    with_gaps: bool = True,
) -> xr.Dataset:
    """The variables of all responses, or those that are named, with all that diagnoses them.

    operator : a name, a matrix, or the list of these that the axis `operator` of the sums stands for.
    with_gaps : look for narrow gaps, which takes longer than all else on a coarse grid.
    """
    wanted = variables_of(responses, sums, variables)

    def diagnosed(one: xr.Dataset, operator: object) -> xr.Dataset:
        return diagnostics.diagnosed(one, model, operator, mu, temperature, wanted, with_gaps)

    return _with_residual(_once_without_operator(each_operator(sums, operator, diagnosed), wanted))


def _once_without_operator(result: xr.Dataset, wanted: Mapping[str, Variable]) -> xr.Dataset:
    """What knows no operator, such as the thermal Hall effect, is not told for each of them."""
    free = [
        name for name, variable in wanted.items() if not any(dimension(term.quantity)[2] for term in variable.terms)
    ]
    both = [name + kind for name in free for kind in ("", "_scale") if "operator" in result[name + kind].dims]
    return result.assign({name: result[name].isel(operator=0, drop=True) for name in both})


def _with_residual(result: xr.Dataset) -> xr.Dataset:
    """Where Eq. (5) is approximate, by how much it fails here."""
    if IS_APPROXIMATE not in result.attrs or "net_current" not in result:
        return result
    scale = float(result["net_current_scale"].max())
    residual = float(abs(result["net_current"]).max()) / scale if scale else 0.0
    return result.assign_attrs({RESIDUAL: residual})


def each_operator(sums: xr.Dataset, operator: object, form: Callable[[xr.Dataset, object], xr.Dataset]) -> xr.Dataset:
    """Apply `form` to the sums of every operator; their results along the dim `operator`."""
    if not are_several(operator):
        return form(sums, operator)
    parts = [form(sums.isel(operator=index, drop=True), one) for index, one in enumerate(operator)]
    first = parts[0]
    own = [n for n in first.data_vars if n in diagnostics.OF_OPERATOR or _is_variable_or_scale(str(n), first)]
    joined = xr.concat([part[own] for part in parts], sums["operator"], combine_attrs="override", join="outer")
    joined = joined.assign({name: first[name] for name in first.data_vars if name not in own})
    for name in own:  # after mu and temperature
        before = [dim for dim in ("variable", "mu", "temperature") if dim in joined[name].dims]
        joined[name] = joined[name].transpose(*before, "operator", ...)
    return joined.assign_attrs(first.attrs | sums.attrs)


def _is_variable_or_scale(name: str, result: xr.Dataset) -> bool:
    return f"{name}_scale" in result or (name.endswith("_scale") and name.removesuffix("_scale") in result)


def diagnostics_in(result: xr.Dataset) -> dict[str, xr.DataArray]:
    """All of a response but its variables and their scales."""
    return {str(name): result[name] for name in result.data_vars if not _is_variable_or_scale(str(name), result)}


def warn_of(result: xr.Dataset) -> None:
    """Say to the caller of a response what its user should know."""
    for text in diagnostics.warnings_of(result):
        warnings.warn(text, stacklevel=4)
