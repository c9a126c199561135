"""A Rashba superconductor in a Zeeman field, with Bogoliubov Fermi surfaces."""

from __future__ import annotations

import numpy as np

from cc_kernels.models.library import rashba_square
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge, nambu_spins
from cc_kernels.models.pauli import SX, SY
from cc_kernels.models.symmetry import Symmetry, particle_hole, spin_vector
from cc_kernels.models.tight_binding import TightBinding
from cc_kernels.models.winding import winding_symmetries


def build(
    *,
    t: float = 1.0,
    alpha: float = 0.5,
    mu: float = 1.0,
    pairing: float = 0.2,
    bx: float = 0.3,
    by: float = 0.0,
    bz: float = 0.0,
) -> TightBinding:
    """A Rashba superconductor in a Zeeman field b; in-plane fields beyond the pairing make Bogoliubov Fermi surfaces.

    The normal state is rashba_square, h = 2t(2 - cos kx - cos ky) + alpha(sin ky s_x - sin kx s_y) + b.s, with on-site
    singlet pairing Delta = pairing i s_y. Full Nambu basis (up, down, up hole, down hole), which counts every
    quasiparticle twice; energies in eV, illustrative values. charge = tau_z; spin_x, spin_y, spin_z = (s, -s^*)/2.
    Source: Yuan and Fu, Phys. Rev. B 97, 115139 (2018), arXiv:1801.03522.
    """
    normal = rashba_square.build(t=t, alpha=alpha, bx=bx, by=by, bz=bz)
    operators = {**nambu_charge(2), **nambu_spins(0.5)}
    return nambu(normal, {(0, 0): pairing * 1j * SY}, mu, operators=operators, particle_hole_copies=2)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Those of the normal state, and particle-hole symmetry."""
    p = model.parameters
    field = np.array([p.get(f"b{axis}", 0.0) for axis in "xyz"])
    normal = winding_symmetries(("C2", "C4"), spin_vector(model), 1, p["alpha"], field)
    return [*normal, particle_hole(np.kron(SX, np.eye(2)))]
