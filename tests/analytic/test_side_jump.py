"""The coordinate shift of a scattering event by two further ways: the paper's formula, phases and all, and the
disorder-induced coherence between bands with which note [46] identifies it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from cc_kernels import KDotP
from cc_kernels.scattering.contours import fermi_contours
from cc_kernels.scattering.pairs import scattering
from cc_kernels.scattering.potentials import Delta, potential_of
from cc_kernels.scattering.scatterers import scatterers_of
from cc_kernels.scattering.states import fermi_states
from tests.identities.random_models import hermitian

MU = 0.6
POTENTIALS = {"delta": {}, "gaussian": {"range": 1.5}, "screened_coulomb": {"kappa": 0.7}}


def random_electrons(seed: int, blocks: tuple[int, ...]) -> KDotP:
    """k^2/2 and random terms of first order in k; H is block diagonal, so that a number per block is conserved."""
    rng = np.random.default_rng(seed)
    bands = sum(blocks)
    inside = np.zeros((bands, bands))
    edges = np.cumsum((0, *blocks))
    for start, stop in pairwise(edges):
        inside[start:stop, start:stop] = 1
    powers = [[0, 0], [1, 0], [0, 1], [2, 0], [0, 2]]
    matrices = [inside * hermitian(rng, bands) * size for size in (0.2, 0.25, 0.25)] + [np.eye(bands) / 2] * 2
    return KDotP(powers, matrices, k_max=6.0)


def on_the_contours(model: KDotP, s: np.ndarray, points: int = 48):
    contours = fermi_contours(model, MU, 64, points)
    assert len(contours) > 1
    return fermi_states(model, s, contours, 1e-6)


@pytest.mark.parametrize("potential", POTENTIALS)
@pytest.mark.parametrize("blocks", [(2,), (3,), (2, 2)])
def test_side_jump_is_the_coherence_between_bands(blocks, potential):
    """Note [46] where the current operator is local in k, that is for conserved s: the expectation value of v s in a
    scattering state to second order in V, its part between different bands (Eq. 15 needs no more)::

        -2 pi sum_l' delta(eps_l - eps_l') Im [ sum_{n2 != n'} V_ll' O_l'l2 V_l2l/(eps_l' - eps_l2)
                                                - sum_{n2 != n} O_ll2 V_l2l' V_l'l/(eps_l - eps_l2) ]
    """
    model = random_electrons(7, blocks)
    s = np.diag(np.repeat(np.linspace(1, -0.4, len(blocks)), blocks)).astype(complex)
    states = on_the_contours(model, s)
    V = potential_of(potential, POTENTIALS[potential])
    side_jump = scattering(states, scatterers_of(model, V)).side_jump

    H, velocity = model.hamiltonian_and_velocity(states.k)
    energies, basis = np.linalg.eigh(H)
    current = np.einsum("kam,kiab,bc,kcn->kimn", basis.conj(), velocity, s, basis)
    band = np.argmax(abs(np.einsum("kam,ka->km", basis.conj(), states.states)), axis=1)
    count = np.arange(len(states))
    u = basis[count, :, band]
    omega = energies[count, band][:, None] - energies
    inverse = np.where(abs(omega) > 1e-9, 1 / np.where(omega == 0, 1, omega), 0)
    inverse[count, band] = 0
    q = np.linalg.norm(states.k[:, None] - states.k, axis=-1)
    between = np.einsum("pam,ka->pmk", basis.conj(), u)  # <u_m(k')|u(k)>
    overlap = between[count, band]  # (k', k)
    # (k', k): Im sum_m <u|u'> O'_n'm <u'_m|u>/omega'_m, and the same with the roles of k and k' exchanged
    outward = np.einsum("pk,pim,pm,pmk->ipk", overlap.conj(), current[count, :, band], inverse, between).imag
    inward = np.einsum("kim,km,kmp,pk->ipk", current[count, :, band], inverse, between, overlap).imag
    expected = -2 * np.pi * np.einsum("p,pk,ipk->ki", states.weight, V(q) ** 2, outward - inward)
    # both are the same sums of products of order one, in another order
    assert abs(side_jump - expected).max() < 1e-12 * abs(expected).max()


@pytest.mark.parametrize("seed", range(3))
def test_side_jump_as_the_paper_writes_it(seed):
    """s' A' - s A - (s' d' + s d) arg V_k'k for any s, in a gauge: the largest component of u is real."""
    model = random_electrons(seed, (3,))
    s = hermitian(np.random.default_rng(seed), 3)
    states = on_the_contours(model, s, points=24)
    size = abs(states.states.conj() @ states.states.T)
    band = np.array([0, 1, 2])[np.argmin(abs(np.linalg.eigvalsh(model.hamiltonian(states.k)) - MU), axis=1)]
    fixed = np.argmax(abs(states.states), axis=1)
    count = np.arange(len(states))

    def u(shift: np.ndarray) -> np.ndarray:
        """States at k + shift in the gauge of k."""
        basis = np.linalg.eigh(model.hamiltonian(states.k + shift))[1][count, :, band]
        return basis * np.exp(-1j * np.angle(basis[count, fixed]))[:, None]

    step, at = 1e-3, u(np.zeros(2))
    connection, phase = np.zeros((len(states), 2)), np.zeros((2, 2, len(states), len(states)))
    for i, e in enumerate(np.eye(2) * step):
        moved = {n: u(n * e) for n in (-2, -1, 1, 2)}
        weights = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}
        slope = sum(weights[n] * moved[n] for n in moved) / step
        connection[:, i] = (1j * np.einsum("ka,ka->k", at.conj(), slope)).real
        overlap = at.conj() @ at.T
        # d' arg<u'|u> and d arg<u'|u>, relative to the phase at the pair itself: no branch is crossed
        phase[0, i] = sum(w * np.angle(moved[n].conj() @ at.T / overlap) for n, w in weights.items()) / step
        phase[1, i] = sum(w * np.angle(at.conj() @ moved[n].T / overlap) for n, w in weights.items()) / step
    s_n = states.operator
    scatterers = scatterers_of(model, Delta())
    into_one = (replace(states, weight=row / (2 * np.pi)) for row in np.eye(len(states)))
    value = np.array([scattering(one, scatterers).side_jump for one in into_one])  # (k', k, i)
    for i in range(2):
        shift = (s_n * connection[:, i])[:, None] - s_n * connection[:, i]
        shift -= s_n[:, None] * phase[0, i] + s_n * phase[1, i]
        # step^4/30 of a fifth derivative; where <u'|u> is small its phase is steep, hence the weight of the rate
        expected = size**2 * shift
        steep = size > 0.2
        assert abs(value[..., i] - expected)[steep].max() < 1e-7 * abs(expected).max()
