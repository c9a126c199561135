"""First-Born scattering between states on the Fermi contours: rates, distribution, coordinate shifts.

For all pairs (k', k): the transferred wave vector q = k' - k (on a lattice its shortest image q + G, with the state at
that image), the overlap <u'|u>, and the rate P = 2 pi |V(q)|^2 |<u'|u>|^2 (density of scatterers 1; the delta function
of energy is in the weights).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError, solve
from scipy.sparse.csgraph import connected_components

from cc_kernels.models.zone import shortest_images
from cc_kernels.scattering.potentials import Potential
from cc_kernels.scattering.states import FermiStates

if TYPE_CHECKING:
    from cc_kernels.models import Model

_COUPLED = 1e-12
"""States whose mutual scattering is below this fraction of the largest are not connected."""


@dataclass(frozen=True)
class Pairs:
    """All pairs of states, before there is a potential; first index k', second k.

    Attributes
    ----------
    q : (N, N) length of the transferred wave vector, 1/angstrom.
    overlap : (N, N) |<u'|u>|.
    shift : (2, N, N) |<u'|u>|^2 (delta_sj r)_{k'k}, finite where the overlap vanishes.
    """

    q: np.ndarray
    overlap: np.ndarray
    shift: np.ndarray


@dataclass(frozen=True)
class Scattering:
    """Scattering by one potential; first index k', second k.

    Attributes
    ----------
    rate : (N, N) P_{k'k}.
    side_jump : (N, 2) sum over k' of w' P (delta_sj r)_{k'k}: the side-jump current of each state.
    side_jump_bound : (N,) what it could be at most, for each unit of the operator.
    """

    rate: np.ndarray
    side_jump: np.ndarray
    side_jump_bound: np.ndarray


def state_pairs(model: Model, states: FermiStates) -> Pairs:
    """What all potentials share; phase-independent:

    (delta_sj r)_{k'k} = -s' Im[<D u'|u>/<u'|u>] - s Im[<u'|D u>/<u'|u>].
    """
    q, images = _transfer(model, states.k)
    u, D = states.states, states.derivatives
    overlap = np.zeros(q.shape[:2], complex)
    before = np.zeros((2, *overlap.shape), complex)  # <D_i u'|u>
    after = np.zeros_like(before)  # <u'|D_i u>
    for phase, chosen in images:
        bra, bra_derivative = (u * phase).conj(), (D * phase).conj()
        overlap = np.where(chosen, bra @ u.T, overlap)
        for i in range(2):
            before[i] = np.where(chosen, bra_derivative[:, i] @ u.T, before[i])
            after[i] = np.where(chosen, bra @ D[:, i].T, after[i])
    # |<u'|u>|^2 Im[x/<u'|u>] = Im[x <u'|u>^*]
    shift = -states.operator[:, None] * (before * overlap.conj()).imag - states.operator * (after * overlap.conj()).imag
    return Pairs(np.linalg.norm(q, axis=-1), abs(overlap), shift)


def scattering(states: FermiStates, pairs: Pairs, potential: Potential) -> Scattering:
    """Rates and side jumps of one potential."""
    w = states.weight
    strength = 2 * np.pi * potential(pairs.q) ** 2
    side_jump = np.einsum("p,pk,ipk->ki", w, strength, pairs.shift)
    reached = strength * pairs.overlap
    bound = reached.T @ (w * states.spread) + (reached.T @ w) * states.spread
    return Scattering(strength * pairs.overlap**2, side_jump, bound)


def distribution(states: FermiStates, rate: np.ndarray) -> tuple[np.ndarray, float]:
    """phi_l(k) with v_l = sum_k' w' P (phi' - phi); sum w phi = 0 on each set of states that scatter into each other.

    Returns
    -------
    phi (N, 2), and the largest residual relative to the largest velocity.
    """
    w = states.weight
    exchange = w[:, None] * rate * w
    balance = np.diag(exchange.sum(0)) - exchange  # symmetric; its null vectors are constant on connected sets
    stiffness = balance.copy()
    for members in _connected_sets(exchange):
        conserved = np.where(members, w, 0)
        stiffness += np.outer(conserved, conserved) * (np.trace(exchange) / (conserved @ conserved))
    try:
        phi = solve(stiffness, -w[:, None] * states.velocity, assume_a="pos")
    except LinAlgError:  # states so weakly scattered that rounding is more: none of the force is balanced
        return np.zeros_like(states.velocity), 1.0
    residual = abs(balance @ phi / w[:, None] + states.velocity).max() / abs(states.velocity).max()
    return phi, float(residual)


def _connected_sets(exchange: np.ndarray) -> list[np.ndarray]:
    """(N,) masks of the sets of states between which the disorder scatters, directly or through others.

    Mostly whole contours; where bands of conserved spin cross, a line of one band changes its spin.
    """
    number, label = connected_components(exchange > _COUPLED * exchange.max(), directed=False)
    return [label == one for one in range(number)]


def _transfer(model: Model, k: np.ndarray) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """q (N, N, 2), and for each reciprocal vector G in use the phases of u(k' + G) and the pairs that it serves."""
    q = k[:, None] - k
    if model.reciprocal is None:
        return q, [(np.ones(model.num_bands), np.ones(q.shape[:2], bool))]
    q, G = shortest_images(q, model.reciprocal)
    images = []
    whole = G.astype(np.int64)
    first, count = whole.min((0, 1)), np.ptp(whole, axis=(0, 1)) + 1
    code = (whole[..., 0] - first[0]) * count[1] + whole[..., 1] - first[1]  # one number for each G
    for value in np.flatnonzero(np.bincount(code.ravel())):
        vector = first + np.array(divmod(value, count[1]))
        # u(k + G) = exp(-i G.tau) u(k), for H(k) whose Bloch phases contain the positions
        images.append((np.exp(-1j * (model.positions @ (vector @ model.reciprocal))), code == value))
    return q, images
