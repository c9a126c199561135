"""Contour sums at one chemical potential, T = 0: the currents that weak disorder adds (Eqs. 13, 14), each with the sum
of its absolute contributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.scattering.contours import fermi_contours
from cc_kernels.scattering.pairs import Scattering, distribution, scattering
from cc_kernels.scattering.scatterers import Scatterers
from cc_kernels.scattering.search import EnergyGrid
from cc_kernels.scattering.states import FermiStates, fermi_states
from cc_kernels.sums.products import FLOOR
from cc_kernels.verdict.line_resolution import RATE_STEP, RESIDUAL, rate_step

if TYPE_CHECKING:
    from cc_kernels.models import Model

OF_POTENTIAL = ("sigma_dipole_scattering", "sigma_side_jump", "sigma_occupation")


def currents_at(
    model: Model,
    operator: np.ndarray,
    mu: float,
    potentials: Sequence[Scatterers],
    search: EnergyGrid,
    points: int,
    tolerance: float,
) -> dict[str, np.ndarray]:
    """All contour sums at one chemical potential; zero in a gap.

    Contours and states do not know the potential and are made once.

    Returns
    -------
    sigma_dipole (2, 2) and its scale (); for each of the P potentials, the sums `OF_POTENTIAL` (P, 2, 2), their
    scales (P,), the residual (P,) of the Boltzmann equation and the rate step (P,); contours (), states ().

    Raises
    ------
    InputError : lines that cannot be followed or are degenerate.
    """
    contours = fermi_contours(model, mu, search, points)
    if not contours:
        return _nothing(len(potentials))
    states = fermi_states(model, operator, contours, tolerance)
    norm = float(np.linalg.norm(operator, 2))
    # e int (-f') v^l d^i, the dipole part of the intrinsic conductivity
    dipole = _sums(states.weight, states.dipole, FLOOR * norm * states.spread, states.velocity)
    result = {"sigma_dipole": dipole[0], "sigma_dipole_scale": dipole[1]}
    rows = [_of_potential(states, scattering(states, potential), norm) for potential in potentials]
    result |= {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return result | {"contours": np.array(len(contours)), "states": np.array(len(states))}


def _of_potential(states: FermiStates, scattered: Scattering, norm: float) -> dict[str, np.ndarray]:
    phi, residual = distribution(states, scattered.rate)
    w, d, rate = states.weight, states.dipole, scattered.rate.T
    # sum over k' of w' P (d' - d): the dipole current of each state
    dipole_current = rate @ (w[:, None] * d) - (rate @ w)[:, None] * d
    dipole_bound = rate @ (w * states.spread) + (rate @ w) * states.spread
    currents = (
        (dipole_current, dipole_bound),
        (scattered.side_jump, scattered.side_jump_bound),
        (states.operator[:, None] * states.velocity, states.speed),
    )
    result = {RESIDUAL: residual, RATE_STEP: rate_step(states.contour, scattered.rate)}
    for name, (current, bound) in zip(OF_POTENTIAL, currents, strict=True):
        # int delta f X = -sum w phi_l X_i (e E_l = 1)
        result[name], result[f"{name}_scale"] = _sums(w, current, FLOOR * norm * bound, -phi)
    return result


def _sums(w: np.ndarray, current: np.ndarray, floor: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """sum w X_i phi_l over i, l, and the largest component of sum w |X_i| |phi_l|.

    X of each state counts at least `floor`, part of what its factors could give: a current that vanishes state by
    state has only rounding errors, which are small against this (as in `sums.by_formulas`).
    """
    size = np.maximum(abs(current), floor[:, None])
    scale = np.einsum("k,ki,kl->il", w, size, abs(phi)).max()
    return np.einsum("k,ki,kl->il", w, current, phi), scale


def _nothing(potentials: int) -> dict[str, np.ndarray]:
    zero = {"sigma_dipole": np.zeros((2, 2)), "sigma_dipole_scale": np.zeros(())}
    zero |= {name: np.zeros((potentials, 2, 2)) for name in OF_POTENTIAL}
    zero |= {f"{name}_scale": np.zeros(potentials) for name in OF_POTENTIAL}
    zero |= {name: np.zeros(potentials) for name in (RESIDUAL, RATE_STEP)}
    return zero | {"contours": np.array(0), "states": np.array(0)}
