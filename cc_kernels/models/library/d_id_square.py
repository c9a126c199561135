"""A d + id superconductor on the square lattice."""

from __future__ import annotations

import numpy as np

from cc_kernels.models.fourier import COSINE_X, COSINE_Y, SINE_X, SINE_Y, add, multiply
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge, nambu_spin
from cc_kernels.models.pauli import SY, SZ
from cc_kernels.models.symmetry import Symmetry, along_z, magnetic, operation, particle_hole, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(*, t: float = 1.0, mu: float = -1.0, d1: float = 0.4, d2: float = 0.3) -> TightBinding:
    """A d_{x2-y2} + i d_xy singlet superconductor on the square lattice, Nambu basis (c_up, c_down^dagger).

    xi = -2t(cos kx + cos ky) - mu, Delta = d1(cos kx - cos ky) + i d2 sin kx sin ky (eV), lattice constant 1 angstrom.
    """
    square = Hoppings(lattice=[[1, 0], [0, 1]], num_bands=1)
    for R in ((1, 0), (0, 1)):
        square.hop(0, 0, R, -t)
    pairing = add((d1, COSINE_X), (-d1, COSINE_Y), (1j * d2, multiply(SINE_X, SINE_Y)))
    return nambu(square.build(), pairing, mu, operators={**nambu_charge(1), **nambu_spin(1)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C4 with the angular momentum of a pair, +-2, so J = charge; mirrors and time reversal, which turn it round.

    They reverse d2 against d1; d_xy alone keeps them, with a phase of its own.
    """
    p, J = model.parameters, along_z(model.operators["charge"].matrix)
    turns = [operation(name, J) for name in ("C2", "C4")]
    phase = np.eye(2) if p["d1"] else SZ
    mirrors = [operation("Mx", orbital=phase), operation("My", orbital=phase), operation("Mxy", orbital=SZ @ phase)]
    chiral = np.array([0, 0, p["d2"] if p["d1"] else 0.0])
    found = magnetic([*turns, *mirrors], time_reversal(orbital=phase))
    return [*(one.in_field(chiral) for one in found), particle_hole(SY)]
