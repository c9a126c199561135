"""What all responses share: from a model and a grid to additive sums, from sums to labelled variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.response.evaluation import evaluate_responses, warn_of
from cc_kernels.response.tables import state_sums_of
from cc_kernels.spectral.box import check_box
from cc_kernels.spectral.mesh import EnergyMesh, check_mu
from cc_kernels.spectral.narrowest_gap import gaps_of
from cc_kernels.spectral.on_grid import sums_on_grid

if TYPE_CHECKING:
    import numpy as np

    from cc_kernels.models import Model


def chemical_potentials(model: Model, mu: object) -> object:
    """mu as given; a superconductor's is inside its Hamiltonian, and occupations take 0."""
    if not model.is_superconductor:
        if mu is None:
            raise InputError("mu", mu, "one finite number, or a list of them, in eV")
        return mu
    if mu is not None and check_mu(mu).any():
        raise InputError("mu", mu, "nothing, or 0: a superconductor's mu is a parameter of its model")
    return 0.0


def responses_of(
    responses: Sequence[str],
    model: Model,
    operator: str | np.ndarray | None,
    grid: int | Sequence[int] | None,
    shift: float | Sequence[float],
    mu: object,
    temperature: object,
    degeneracy_tolerance: float | None,
    chunks: int,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """Evaluate responses on one grid, in one pass; the variables that are named, or all."""
    checks.model(model)
    names = state_sums_of(responses, model.dim, variables)
    if grid is None:
        raise InputError("grid", grid, "points per axis")
    mu = chemical_potentials(model, mu)
    check_box(model, mu)
    mesh = EnergyMesh.covering(mu, temperature)
    sums = sums_on_grid(model, names, operator, grid, mesh, shift, degeneracy_tolerance, chunks)
    found = gaps_of(sums, model, operator, mu, temperature)
    result = evaluate_responses(sums, responses, mu, temperature, model, found, variables)
    warn_of(result)
    return result
