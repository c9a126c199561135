"""The responses by name: their variables, and the state sums that these are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cc_kernels.errors import InputError
from cc_kernels.response import equilibrium, superconductor, transport
from cc_kernels.spectral.variables import Variable

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
    return list(names)
