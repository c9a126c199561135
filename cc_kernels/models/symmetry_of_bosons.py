"""What an operation of space, with or without time reversal ("Mx T"), does with magnons and with phonons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cc_kernels.models.magnet import transverse_axes
from cc_kernels.models.symmetry import Symmetry, without_spin


def magnon_symmetry(name: str, directions: np.ndarray, sites: np.ndarray) -> Symmetry:
    """Return a symmetry of ordered moments, for the b of `spin_waves`; that for (b, b^+) is its `of_pairs`.

    directions : (N, 3), n_i, which the operation takes to the moment of the image of site i.
    sites : (N, N), of `site_permutation`, with a row for the image of each site.

    It takes u_i of `transverse_axes` to a phase times u of the image (u^* if time is reversed), b_i to the conjugate
    phase times b.
    """
    one = without_spin(name, sites)
    u = transverse_axes(directions)
    overlaps = (u if one.antiunitary else u.conj()) @ (u @ one.spin.T).T / 2
    return replace(one, unitary=sites * (overlaps if one.antiunitary else overlaps.conj()))


def phonon_symmetry(name: str, sites: np.ndarray, components: int = 2) -> Symmetry:
    """Return a symmetry for the a of `phonons`: displacements turn as vectors and go with their sites.

    sites : as in `magnon_symmetry`.
    """
    one = without_spin(name, sites)
    return replace(one, unitary=np.kron(sites, one.space[:components, :components]))
