"""A spinless p + ip superconductor on the square lattice."""

from __future__ import annotations

import numpy as np

from cc_kernels.models.fourier import SINE_X_PLUS_I_SINE_Y, add
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge
from cc_kernels.models.pauli import SX, SZ
from cc_kernels.models.symmetry import Symmetry, along_z, magnetic, operation, particle_hole, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(*, t: float = 1.0, mu: float = -1.0, d: float = 0.4) -> TightBinding:
    """A spinless p + ip superconductor on the square lattice, Nambu basis with two particle-hole copies.

    xi = -2t(cos kx + cos ky) - mu, Delta = d(sin kx + i sin ky) (eV), lattice constant 1 angstrom.
    """
    square = Hoppings(lattice=[[1, 0], [0, 1]], num_bands=1)
    for R in ((1, 0), (0, 1)):
        square.hop(0, 0, R, -t)
    pairing = add((d, SINE_X_PLUS_I_SINE_Y))
    return nambu(square.build(), pairing, mu, operators=nambu_charge(1), particle_hole_copies=2)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C4 with the angular momentum 1 of a pair, J = -charge/2; mirrors and time reversal, which turn it round."""
    J = along_z(-model.operators["charge"].matrix / 2)
    turns = [operation(name, J) for name in ("C2", "C4")]
    mirrors = [operation("My", orbital=np.eye(2)), operation("Mx", orbital=SZ)]
    mirrors.append((turns[1] @ mirrors[0]).named("Mxy"))
    chiral = np.array([0, 0, model.parameters["d"]])
    found = magnetic([*turns, *mirrors], time_reversal(orbital=SZ))
    return [*(one.in_field(chiral) for one in found), particle_hole(SX)]
