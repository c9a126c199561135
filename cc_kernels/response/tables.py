"""The responses by name: their variables, and the state sums that these are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError
from cc_kernels.response import equilibrium, superconductor, transport
from cc_kernels.spectral.state_sums import WEIGHTS
from cc_kernels.spectral.variables import Variable
from cc_kernels.units import unit_attributes

if TYPE_CHECKING:
    import xarray as xr

RESPONSES: dict[str, Callable[[int], dict[str, Variable]]] = {
    "equilibrium": equilibrium.variables,
    "transport": transport.variables,
    "superconductor": superconductor.variables,
}


def table(response: str, dim: int) -> dict[str, Variable]:
    """The variables of a response in `dim` dimensions."""
    if response not in RESPONSES:
        raise InputError("response", response, "any of " + ", ".join(RESPONSES))
    return RESPONSES[response](dim)


def state_sums_of(responses: Sequence[str], dim: int) -> list[str]:
    """State sums that the responses are made of, each once, in a fixed order."""
    names = {term.quantity: None for name in responses for v in table(name, dim).values() for term in v.terms}
    return list(names | dict.fromkeys(WEIGHTS))


def described(response: str, sums: xr.Dataset) -> dict[str, Variable]:
    """The variables of a response, with units for the operator of `sums`."""
    variables = table(response, int(sums.attrs["dimension"]))
    return {name: replace(v, attrs=_with_units(v.attrs, sums.attrs["operator_unit"])) for name, v in variables.items()}


def _with_units(attrs: Mapping[str, object], operator_unit: str) -> dict[str, object]:
    plain = {key: value for key, value in attrs.items() if key not in ("kind", "length")}
    return plain | (unit_attributes(operator_unit, attrs["kind"], attrs["length"]) if "kind" in attrs else {})
