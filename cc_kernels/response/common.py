"""What all responses share: from a model and a grid to additive sums, from sums to labelled variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, phrase
from cc_kernels.spectral import EnergyMesh, Variable, evaluate, sums_on_grid
from cc_kernels.units import unit_attributes

if TYPE_CHECKING:
    from cc_kernels.models import Model

RESPONSES = ("equilibrium", "transport", "superconductor")


def table(response: str, dim: int) -> dict[str, Variable]:
    """The variables of a response, by its name."""
    if response not in RESPONSES:
        raise InputError("response", response, "any of " + ", ".join(RESPONSES))
    return import_module(f"cc_kernels.response.{response}").variables(dim)


def state_sums_of(responses: Sequence[str], dim: int) -> list[str]:
    """State sums that the responses are made of, each once, in a fixed order."""
    names = {term.quantity: None for name in responses for v in table(name, dim).values() for term in v.terms}
    return list(names)


def chemical_potentials(model: Model, mu: object) -> object:
    """mu as given; a superconductor's is inside its Hamiltonian, and occupations take 0."""
    if not model.is_superconductor:
        if mu is None:
            raise InputError("mu", mu, "one finite number, or a list of them, in eV")
        return mu
    if mu is not None and np.any(np.asarray(mu) != 0):
        raise InputError("mu", mu, "nothing, or 0: a superconductor's mu is a parameter of its model")
    return 0.0


def respond(
    response: str,
    model: Model,
    operator: str | np.ndarray | None,
    grid: int | Sequence[int],
    shift: float | Sequence[float],
    mu: object,
    temperature: object,
    degeneracy_tolerance: float | None,
    chunks: int,
) -> xr.Dataset:
    """Evaluate one response on one grid."""
    if grid is None:
        raise InputError("grid", grid, "points per axis")
    mu = chemical_potentials(model, mu)
    mesh = EnergyMesh.covering(mu, temperature)
    sums = sums_on_grid(model, state_sums_of([response], model.dim), operator, grid, mesh, shift, degeneracy_tolerance, chunks)
    return evaluate(sums, mu, temperature, described(response, sums))


def described(response: str, sums: xr.Dataset) -> dict[str, Variable]:
    """The variables of a response, with units for the operator of `sums`."""
    variables = table(response, int(sums.attrs["dimension"]))
    return {name: replace(v, attrs=_with_units(v.attrs, sums.attrs["operator_unit"])) for name, v in variables.items()}


def _with_units(attrs: Mapping[str, object], operator_unit: str) -> dict[str, object]:
    plain = {key: value for key, value in attrs.items() if key not in ("kind", "length")}
    return plain | (unit_attributes(operator_unit, attrs["kind"], attrs["length"]) if "kind" in attrs else {})


def require_superconductor(model: Model) -> None:
    if not model.is_superconductor:
        given = phrase(f"{model.name}, a model of normal electrons")
        raise InputError("model", given, "a superconductor (a model built by `models.nambu`)")
