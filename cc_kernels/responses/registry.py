"""The responses by name: their variables, and the state sums that these are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.responses import (
    companions,
    equilibrium,
    fermi_sea,
    superconductor,
    thermal,
    thermal_companions,
    transport,
)
from cc_kernels.sums.products import WEIGHTS
from cc_kernels.sums.variables import Variable
from cc_kernels.units import unit_attributes

if TYPE_CHECKING:
    import xarray as xr

RESPONSES: dict[str, Callable[[int], dict[str, Variable]]] = {
    "equilibrium": equilibrium.table,
    "transport": transport.table,
    "companions": companions.table,
    "disorder": fermi_sea.table,
    "superconductor": superconductor.table,
    "thermal": thermal.table,
    "thermal_companions": thermal_companions.table,
}

OF_QUASIPARTICLES = ("equilibrium", "thermal", "thermal_companions", "superconductor")
"""Responses of quasiparticles without a chemical potential: others are to an electric field or a gradient of mu."""


def table(responses: Sequence[str], dim: int, variables: Sequence[str] | None = None) -> dict[str, Variable]:
    """The variables of responses in `dim` dimensions: those that are named, or all.

    Errors: `InputError` for the name of a response or variable that there is none of.
    """
    for response in responses:
        if response not in RESPONSES:
            checks.unknown_name("response", response, RESPONSES)
    known = {name: variable for response in responses for name, variable in RESPONSES[response](dim).items()}
    if variables is None:
        return known
    is_list = isinstance(variables, list | tuple | set | dict) and all(isinstance(name, str) for name in variables)
    if not is_list or not variables:
        raise InputError("variables", variables, "a list of names, at least one, or None for all")
    for name in variables:
        if name not in known:
            checks.unknown_name(f"variables of {', '.join(responses)}", name, known)
    # What the response `disorder` takes from the Fermi sea is no choice of the user's.
    kept = {*variables, *(RESPONSES["disorder"](dim) if "disorder" in responses else ())}
    return {name: known[name] for name in known if name in kept}


def names_of(responses: Sequence[str]) -> list[str]:
    """The variables that responses have in some dimension."""
    return list(dict.fromkeys(name for dim in (2, 3) for name in table(responses, dim)))


def state_sums_of(responses: Sequence[str], dim: int, variables: Sequence[str] | None = None) -> list[str]:
    """State sums that the variables of responses are made of, each once, in a fixed order."""
    names = {term.quantity: None for v in table(responses, dim, variables).values() for term in v.terms}
    return list(names | dict.fromkeys(WEIGHTS))


def variables_of(
    responses: Sequence[str], sums: xr.Dataset, variables: Sequence[str] | None = None
) -> dict[str, Variable]:
    """The variables of responses, with units for the operator of `sums`."""
    known, unit = table(responses, int(sums.attrs["dimension"]), variables), sums.attrs["operator_unit"]
    return {name: replace(v, attrs=_with_units(v.attrs, unit)) for name, v in known.items()}


def _with_units(attrs: Mapping[str, object], operator_unit: str) -> dict[str, object]:
    plain = {key: value for key, value in attrs.items() if key not in ("kind", "length")}
    return plain | (unit_attributes(operator_unit, attrs["kind"], attrs["length"]) if "kind" in attrs else {})
