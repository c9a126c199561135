"""Disorder on a lattice a second time: channel by channel, with projectors, and its own Boltzmann equation.

A channel O scatters with V^2 |<u'|O|u>|^2 = V^2 Tr P' O P O^+ (P and P' project on the states at k and k'), and shifts
by -s' Im Tr P' d'P' O P O^+ - s Im Tr P' O dP P O^+ (times V^2 / rate). Derivatives of P are finite differences: no
velocity matrix, no phase of a state and no sum over bands enters. From the package come the Fermi points and weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from cc_kernels.models import Model
from cc_kernels.scattering.contours import fermi_contours
from cc_kernels.scattering.states import fermi_states

STEP = 2e-3
"""Of k (1/angstrom) for the seven-point difference: its error, STEP^6/140 of a seventh derivative, is rounding."""
_SEVEN = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}


class Channels:
    """States on the Fermi lines of a model at mu, and what scatters them."""

    def __init__(self, model: Model, operator: np.ndarray, mu: float, points: int) -> None:
        contours = fermi_contours(model, mu, 128, points)
        states = fermi_states(model, operator, contours, 1e-9)
        band = np.repeat([one.band for one in contours], [len(one.k) for one in contours])
        self.model, self.k, self.weight, self.velocity = model, states.k, states.weight, states.velocity

        def projector(shift: np.ndarray) -> np.ndarray:
            basis = np.linalg.eigh(model.hamiltonian(self.k + shift))[1]
            u = basis[np.arange(len(band)), :, band]
            return u[:, :, None] * u[:, None].conj()

        P = projector(np.zeros(2))
        self.operator = np.einsum("kab,ba->k", P, operator).real
        column = np.argmax(abs(P[:, np.arange(len(operator)), np.arange(len(operator))]), axis=1)
        u = P[np.arange(len(P)), :, column]  # of any phase
        self.u = u / np.linalg.norm(u, axis=1)[:, None]
        self.Du = np.zeros((2, *self.u.shape), complex)  # dP |u>
        for i, e in enumerate(np.eye(2) * STEP):
            dP = sum(weight * (projector(n * e) - projector(-n * e)) for n, weight in _SEVEN.items()) / STEP
            self.Du[i] = np.einsum("kab,kb->ka", dP, self.u)

    def on_sites(self) -> Iterator[tuple[np.ndarray, np.ndarray | float]]:
        """Diagonals of O, and V^2 of all pairs: the projector on each set of orbitals at one place."""
        places = np.round(self.model.positions @ np.linalg.inv(self.model.lattice), 9) % 1
        for place in np.unique(places, axis=0):
            yield (places == place).all(axis=1).astype(float), 1.0

    def by_images(self, V: Callable[[np.ndarray], np.ndarray], most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """O = exp(iG.tau) and V(k' - k + G)^2 for `most` reciprocal vectors to every side, k as the search found it."""
        q = self.k[:, None] - self.k
        for whole in product(range(-most, most + 1), repeat=2):
            G = np.array(whole) @ self.model.reciprocal
            yield np.exp(1j * self.model.positions @ G), V(np.linalg.norm(q + G, axis=-1)) ** 2

    def rate_and_shift(self, channels: Iterator) -> tuple[np.ndarray, np.ndarray]:
        """P (k', k), and P (delta_sj r)_{k'k} (2, k', k)."""
        rate = np.zeros((len(self.k), len(self.k)))
        shift = np.zeros((2, *rate.shape))
        for O, squared in channels:
            ket = O * self.u
            amplitude = self.u.conj() @ ket.T
            rate += squared * abs(amplitude) ** 2
            for i in range(2):
                before, after = self.Du[i].conj() @ ket.T, self.u.conj() @ (O * self.Du[i]).T
                moved = self.operator[:, None] * before + self.operator * after
                shift[i] -= squared * (moved * amplitude.conj()).imag
        return 2 * np.pi * rate, 2 * np.pi * shift

    def side_jump(self, channels: Iterator, sets: np.ndarray | None = None) -> np.ndarray:
        """sigma_side_jump (i, l) = -sum w phi_l sum' w' P delta_sj r_i; sets (N,): which states scatter into each
        other."""
        rate, shift = self.rate_and_shift(channels)
        w = self.weight
        collisions = rate.T * w - np.diag(w @ rate)  # v = C phi, from k' into k
        sets = np.zeros(len(w), int) if sets is None else sets
        conserved = [np.where(sets == one, w, 0) for one in np.unique(sets)]
        system = np.vstack([collisions, np.array(conserved) * abs(collisions).max() / w.max()])
        phi = np.linalg.lstsq(system, np.vstack([self.velocity, np.zeros((len(conserved), 2))]), rcond=None)[0]
        return -np.einsum("k,kl,p,ipk->il", w, phi, w, shift)
