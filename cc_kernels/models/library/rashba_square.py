"""Rashba electrons on the square lattice, with any winding of the spin-orbit field."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models.fourier import SINE_X_PLUS_I_SINE_Y, power
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import DOWN, IDENTITY, SX, SY, SZ, UP
from cc_kernels.models.symmetry import Symmetry, spin_vector
from cc_kernels.models.tight_binding import Hoppings, TightBinding
from cc_kernels.models.winding import winding_symmetries


def build(
    *,
    t: float = 1.0,
    alpha: float = 0.5,
    winding: int = 1,
    spin: Annotated[float, "hbar"] = 0.5,
    bx: float = 0.0,
    by: float = 0.0,
    bz: float = 0.0,
) -> TightBinding:
    """Rashba electrons on the square lattice; the spin-orbit field winds `winding` times around Gamma.

    H = 2t(2 - cos kx - cos ky) + h.s + b.s with h_x + i h_y = -i alpha (sin kx + i sin ky)^winding, lattice constant
    1 angstrom, basis (up, down). t, alpha, b in eV; spin_x, spin_y, spin_z = spin times the Pauli matrices, spin being
    1/2, 1, 3/2, ...
    """
    winding = checks.integer("winding", winding, "a positive whole number, 20 at most", minimum=1, maximum=20)
    spin = checks.half_integer("spin", spin)
    square = Hoppings(lattice=[[1, 0], [0, 1]], num_bands=2)
    square.onsite(slice(2), 4 * t * IDENTITY + bx * SX + by * SY + bz * SZ)
    for R in ((1, 0), (0, 1)):
        square.hop(slice(2), slice(2), R, -t)
    # h.s has h_x + i h_y in its (down, up) element
    for R, coefficient in power(SINE_X_PLUS_I_SINE_Y, winding).items():
        square.hop(DOWN, UP, R, -1j * alpha * coefficient)
    return square.build(operators={**spins(spin), **charge(2)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C4v x T, of a spin that turns `winding` times as far as k; a field leaves what leaves it in place."""
    p = model.parameters
    field = np.array([p["bx"], p["by"], p["bz"]])
    return winding_symmetries(("C2", "C4"), spin_vector(model, p["spin"]), p["winding"], p["alpha"], field)
