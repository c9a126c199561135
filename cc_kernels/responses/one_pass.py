"""Responses on one grid, in one pass: what all functions of the API share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.grid import DEFAULT_CHUNK
from cc_kernels.models.base import BOSE
from cc_kernels.responses.diagnosed import diagnosed_responses, warn_of
from cc_kernels.responses.registry import OF_QUASIPARTICLES, state_sums_of
from cc_kernels.sums.mesh import EnergyMesh, check_mu
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.verdict.box import check_box

if TYPE_CHECKING:
    from cc_kernels.arguments import Grid, Numbers, OneOperator, Shift, Symmetry
    from cc_kernels.models import Model


def check_superconductor(model: Model) -> None:
    checks.model(model)
    if not model.is_superconductor:
        given = stated(f"{model.name}, {model.quasiparticles or 'a model of normal electrons'}")
        raise InputError("model", given, "a superconductor (a model built by `models.nambu`)")
    if model.dim != 2:
        raise InputError("model", stated(f"{model.name} in {model.dim} dimensions"), "a two-dimensional superconductor")


def check_response(model: Model, response: str) -> None:
    """Refuse a response to a field that the quasiparticles of a model do not feel."""
    if response not in OF_QUASIPARTICLES and (what := model.quasiparticles):
        given = stated(f"{model.name}, {what}, for the response {response}")
        raise InputError("model", given, "a model of normal electrons; `thermal` has alpha_intrinsic")


def chemical_potentials(model: Model, mu: Numbers | None) -> Numbers:
    """mu as given; a superconductor's is inside its Hamiltonian, bosons have none, and occupations take 0."""
    if model.has_mu:
        if mu is None:
            raise InputError("mu", mu, "one finite number, or a list of them, in eV")
        return mu
    if mu is not None and check_mu(mu).any():
        reason = (
            "bosons have no mu" if model.statistics == BOSE else "a superconductor's mu is a parameter of its model"
        )
        raise InputError("mu", mu, f"nothing, or 0: {reason}")
    return 0.0


def responses_on_grid(
    responses: Sequence[str],
    model: Model,
    *,
    operator: OneOperator | Sequence[OneOperator] | None,
    grid: Grid | None,
    temperature: Numbers,
    mu: Numbers | None = None,
    shift: Shift = 0.0,
    variables: Sequence[str] | None = None,
    degeneracy_tolerance: float | None = None,
    symmetry: Symmetry = "auto",
    chunks: int = DEFAULT_CHUNK,
) -> xr.Dataset:
    """Responses on one grid, in one pass."""
    checks.model(model)
    for name in responses:
        check_response(model, name)
    names = state_sums_of(responses, model.dim, variables)
    if grid is None:
        raise InputError("grid", grid, "points per axis")
    mu = chemical_potentials(model, mu)
    check_box(model, mu)
    mesh = EnergyMesh.of(model, mu, temperature)
    sums = sums_on_grid(
        model,
        names,
        operator,
        grid,
        mesh,
        shift=shift,
        degeneracy_tolerance=degeneracy_tolerance,
        symmetry=symmetry,
        chunks=chunks,
    )
    result = diagnosed_responses(sums, responses, mu, temperature, model, operator, variables)
    warn_of(result)
    return result
