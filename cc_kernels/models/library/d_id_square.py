"""A d + id superconductor on the square lattice."""

from __future__ import annotations

from cc_kernels.models.fourier import COSINE_X, COSINE_Y, SINE_X, SINE_Y, add, multiply
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge, nambu_spin
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(*, t: float = 1.0, mu: float = -1.0, d1: float = 0.4, d2: float = 0.3) -> TightBinding:
    """A d_{x2-y2} + i d_xy singlet superconductor on the square lattice, Nambu basis (c_up, c_down^dagger).

    xi = -2t(cos kx + cos ky) - mu, Delta = d1(cos kx - cos ky) + i d2 sin kx sin ky (eV), lattice constant 1 angstrom.
    """
    square = Hoppings(lattice=[[1, 0], [0, 1]], num_bands=1)
    for R in ((1, 0), (0, 1)):
        square.hop(0, 0, R, -t)
    pairing = add((d1, COSINE_X), (-d1, COSINE_Y), (1j * d2, multiply(SINE_X, SINE_Y)))
    return nambu(square.build(), pairing, mu, {**nambu_charge(1), **nambu_spin(1)})
