"""First-Born scattering between states on the Fermi contours: rates, distribution, coordinate shifts.

For all pairs (k', k): the transferred wave vector q = k' - k (on a lattice its shortest image q + G, with the state at
that image), the overlap <u'|u>, and the rate P = 2 pi |V(q)|^2 |<u'|u>|^2 (density of scatterers 1; the delta function
of energy is in the weights).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve
from scipy.sparse.csgraph import connected_components

from cc_kernels.models.zone import shortest_images
from cc_kernels.scattering.potentials import Potential
from cc_kernels.scattering.states import FermiStates

if TYPE_CHECKING:
    from cc_kernels.models import Model

_COUPLED = 1e-12
"""Contours whose mutual scattering is below this fraction of the largest are not connected."""


@dataclass(frozen=True)
class Scattering:
    """All pairs of states; first index k', second k.

    Attributes
    ----------
    rate : (N, N) P_{k'k}.
    side_jump : (N, 2) sum over k' of w' P (delta_sj r)_{k'k}: the side-jump current of each state.
    """

    rate: np.ndarray
    side_jump: np.ndarray


def scattering(model: Model, states: FermiStates, potential: Potential) -> Scattering:
    """Rates and side jumps, phase-independent:

    (delta_sj r)_{k'k} = -s' Im[<D u'|u>/<u'|u>] - s Im[<u'|D u>/<u'|u>].
    """
    q, images = _transfer(model, states.k)
    strength = 2 * np.pi * potential(np.linalg.norm(q, axis=-1)) ** 2
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
    # P Im[x/<u'|u>] = 2 pi V^2 Im[x <u'|u>^*] stays finite where the overlap vanishes
    shift = -states.operator[:, None] * (before * overlap.conj()).imag - states.operator * (after * overlap.conj()).imag
    side_jump = np.einsum("p,pk,ipk->ki", states.weight, strength, shift)
    return Scattering(strength * abs(overlap) ** 2, side_jump)


def distribution(states: FermiStates, rate: np.ndarray) -> tuple[np.ndarray, float]:
    """phi_l(k) with v_l = sum_k' w' P (phi' - phi), and sum w phi = 0 on each connected set of contours.

    Returns
    -------
    phi (N, 2), and the largest residual relative to the largest velocity.
    """
    w = states.weight
    exchange = w[:, None] * rate * w
    balance = np.diag(exchange.sum(0)) - exchange  # symmetric; its null vectors are constant on connected sets
    stiffness = balance.copy()
    for members in _connected_sets(states.contour, exchange):
        conserved = np.where(members, w, 0)
        stiffness += np.outer(conserved, conserved) * (np.trace(exchange) / (conserved @ conserved))
    phi = solve(stiffness, -w[:, None] * states.velocity, assume_a="pos")
    residual = abs(balance @ phi / w[:, None] + states.velocity).max() / abs(states.velocity).max()
    return phi, float(residual)


def _connected_sets(contour: np.ndarray, exchange: np.ndarray) -> list[np.ndarray]:
    """(N,) masks of the sets of contours between which the disorder scatters."""
    count = contour.max() + 1
    belongs = (contour == np.arange(count)[:, None]).astype(float)
    between = belongs @ exchange @ belongs.T
    number, label = connected_components(between > _COUPLED * between.max(), directed=False)
    return [label[contour] == one for one in range(number)]


def _transfer(model: Model, k: np.ndarray) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """q (N, N, 2), and for each reciprocal vector G in use the phases of u(k' + G) and the pairs that it serves."""
    q = k[:, None] - k
    if model.reciprocal is None:
        return q, [(np.ones(model.num_bands), np.ones(q.shape[:2], bool))]
    q, G = shortest_images(q, model.reciprocal)
    images = []
    for vector in np.unique(G.reshape(-1, 2), axis=0):
        # u(k + G) = exp(-i G.tau) u(k), for H(k) whose Bloch phases contain the positions
        images.append((np.exp(-1j * (model.positions @ (vector @ model.reciprocal))), (vector == G).all(-1)))
    return q, images
