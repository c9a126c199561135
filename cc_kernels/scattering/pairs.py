"""First-Born scattering between states on the Fermi contours: rates, distribution, coordinate shifts.

For all pairs (k', k), with M_a = <u'|Pi_a|u> on each site and Y_a = sum_b C_ab M_b, C the correlation of the disorder
on two sites (see `scatterers`): the rate is P = 2 pi sum_a M_a^* Y_a (density of scatterers 1; the delta function of
energy is in the weights), and the same sum with <D u'|Pi_a|u> or <u'|Pi_a|D u> for M_a is what the coordinate shift
needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, solve
from scipy.sparse.csgraph import connected_components

from cc_kernels.errors import InputError, stated
from cc_kernels.scattering.images import COUPLED
from cc_kernels.scattering.potentials import ALLOWED
from cc_kernels.scattering.scatterers import Scatterers
from cc_kernels.scattering.states import FermiStates

_BLOCK = 2**18
"""Numbers of an array for all k' and some k that are in memory at once."""


@dataclass(frozen=True)
class Scattering:
    """Scattering by one potential.

    Attributes
    ----------
    rate : (N, N) P_{k'k}; first index k', second k.
    side_jump : (N, 2) sum over k' of w' P (delta_sj r)_{k'k}: the side-jump current of each state.
    side_jump_bound : (N,) what it could be at most, for each unit of the operator.
    """

    rate: np.ndarray
    side_jump: np.ndarray
    side_jump_bound: np.ndarray


def scattering(states: FermiStates, scatterers: Scatterers) -> Scattering:
    """Rates and side jumps of one potential.

    Raises
    ------
    InputError : V(q) = 0 between all states.
    """
    number = len(states)
    result = Scattering(np.empty((number, number)), np.empty((number, 2)), np.empty(number))
    step = max(1, _BLOCK // (number * scatterers.numbers_per_pair))
    for start in range(0, number, step):
        k = slice(start, start + step)
        result.rate[:, k], result.side_jump[k], result.side_jump_bound[k] = _out_of(states, k, scatterers)
    if not result.rate.any():
        raise InputError("potential", stated("V(q) = 0 between all states"), ALLOWED)
    return result


def _out_of(states: FermiStates, k: slice, scatterers: Scatterers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates (N, n), side jumps (n, 2) and bounds (n,) of n states.

    (delta_sj r)_{k'k} = -s' Im[<D u'|O|u>/<u'|O|u>] - s Im[<u'|O|D u>/<u'|O|u>] in each channel O; with its rate
    |<u'|O|u>|^2 and Im[x/y] |y|^2 = Im[x y^*], sums over channels are sums over sites.
    """
    w, s = states.weight, states.operator
    phases = scatterers.phases(states.k)
    u, D = phases * states.states, phases[:, None] * states.derivatives
    sites = [scatterers.site == a for a in range(len(scatterers.positions))]
    C = scatterers.correlation(states.k[:, None] - states.k[k])
    M = np.stack([u[:, a].conj() @ u[k][:, a].T for a in sites])
    Y = (C * M).sum(1)
    born = np.maximum((M.conj() * Y).real.sum(0), 0)  # rounding of a sum over sites that cancels

    shift = np.zeros((len(born[0]), 2))
    for a, y in zip(sites, Y, strict=True):
        before = np.tensordot(y, (w * s)[:, None, None] * D[:, :, a], (0, 0))  # sum of w' s' |D u'>
        after = np.tensordot(y, w[:, None] * u[:, a], (0, 0))  # sum of w' |u'>
        shift += np.einsum("kia,ka->ki", before, u[k][:, a].conj()).imag
        shift += s[k, None] * np.einsum("ka,kia->ki", after, D[k][:, :, a].conj()).imag
    # |sum_ab <D u'|Pi_a|u>^* C_ab M_b| is at most |D u'| (C_aa born)^(1/2)
    reached = np.sqrt(C[0, 0].real * born)
    bound = reached.T @ (w * states.spread) + (reached.T @ w) * states.spread[k]
    return 2 * np.pi * born, 2 * np.pi * shift, 2 * np.pi * bound


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
    number, label = connected_components(exchange > COUPLED * exchange.max(), directed=False)
    return [label == one for one in range(number)]
