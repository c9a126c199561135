"""What scatters in a model: its sites, and how a random potential acts on them together.

On a lattice a smooth potential at a random place scatters from k to k' by all q + G, q = k' - k, incoherently:
sum_G V(q+G)^2 |<u'|exp(iG.tau)|u>|^2. With the projector Pi_a on the orbitals of site a and M_a = <u'|Pi_a|u> this is
sum_ab M_a^* C_ab M_b, and C_ab(q) = sum_G V(q+G)^2 exp(-iG.(tau_a - tau_b)) the correlation of the disorder on two
sites. For scatterers on the sites, C_ab = delta_ab; in a continuum there is one site and C = V(q)^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.models.zone import reduction
from cc_kernels.scattering.images import images
from cc_kernels.scattering.potentials import Delta, Potential

if TYPE_CHECKING:
    from cc_kernels.models import Model

_SAME_PLACE = 1e-9
"""Orbitals closer than this (of the primitive vectors) are on one site: far above rounding."""


@dataclass(frozen=True)
class Scatterers:
    """Scatterers of one potential in one model.

    Attributes
    ----------
    potential : V(q).
    site : (nb,) number of each orbital's site.
    positions : (nS, 2) of the sites, angstrom.
    reciprocal : (2, 2), rows as short as possible, 1/angstrom; None in a continuum.
    images : (nG, 2), 1/angstrom; None for scatterers on the sites.
    """

    potential: Potential
    site: np.ndarray
    positions: np.ndarray
    reciprocal: np.ndarray | None
    images: np.ndarray | None

    @property
    def numbers_per_pair(self) -> int:
        """The most numbers that `correlation` holds for one q."""
        return max(2 * len(self.positions) ** 2, 0 if self.images is None else len(self.images))

    def phases(self, k: np.ndarray) -> np.ndarray:
        """exp(ik.tau) of each orbital's site (N, nb), with which states are the same at k and k + G."""
        return np.exp(1j * (k @ self.positions.T))[:, self.site]

    def correlation(self, q: np.ndarray) -> np.ndarray:
        """C_ab(q) exp(-iq.(tau_a - tau_b)) (nS, nS, ...), the same at q and q + G; q (..., 2)."""
        sites = len(self.positions)
        if self.images is None:
            return np.eye(sites).reshape(sites, sites, *[1] * (q.ndim - 1))
        if self.reciprocal is not None:
            q = q - np.rint(q @ np.linalg.inv(self.reciprocal)) @ self.reciprocal
        x, y = (self.images[:, i].reshape(-1, *[1] * (q.ndim - 1)) + q[..., i] for i in range(2))
        squared = (self.potential(np.sqrt(x**2 + y**2).ravel()) ** 2.0).reshape(len(self.images), -1)
        apart = self.positions[:, None] - self.positions
        phase = np.exp(-1j * (apart @ self.images.T)).reshape(sites**2, -1)
        summed = phase.real @ squared + 1j * (phase.imag @ squared)
        along = np.exp(-1j * np.moveaxis(q @ self.positions.T, -1, 0))
        return along[:, None] * summed.reshape(sites, sites, *q.shape[:-1]) * along.conj()


def scatterers_of(model: Model, potential: Potential) -> Scatterers:
    """The scatterers of a potential in a two-dimensional model.

    Raises
    ------
    InputError : a potential whose square has no sum over the images of a lattice.
    """
    if model.reciprocal is None:
        one, origin = np.zeros(model.num_bands, int), np.zeros((1, 2))
        return Scatterers(potential, one, origin, None, origin)
    site, positions = _sites(model.positions, model.lattice)
    reciprocal = reduction(model.reciprocal) @ model.reciprocal
    between = None if isinstance(potential, Delta) else images(potential, reciprocal)
    return Scatterers(potential, site, positions, reciprocal, between)


def _sites(positions: np.ndarray, lattice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each orbital's site, and the places of the sites; orbitals a lattice vector apart are on one site."""
    apart = (positions[:, None] - positions) @ np.linalg.inv(lattice)
    first = (abs(apart - np.rint(apart)).max(-1) < _SAME_PLACE).argmax(1)
    chosen, site = np.unique(first, return_inverse=True)
    return site, positions[chosen]
