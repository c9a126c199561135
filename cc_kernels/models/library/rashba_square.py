"""Rashba electrons on the square lattice, with any winding of the spin-orbit field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cc_kernels import checks
from cc_kernels.models.fourier import SINE_X_PLUS_I_SINE_Y, power
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import DOWN, IDENTITY, SX, SY, SZ, UP
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, spin_vector, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(
    *,
    t: float = 1.0,
    alpha: float = 0.5,
    winding: int = 1,
    spin: float = 0.5,
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


def winding_symmetries(
    turns: tuple[str, ...], J: np.ndarray, winding: int, alpha: float, field: np.ndarray
) -> list[Symmetry]:
    """Those of h_x + i h_y ~ alpha (kx + i ky)^N: where k turns by an angle, the spin turns by N times that angle.

    turns : names of the rotations that the lattice allows, "C2" among them. J : (3, 2, 2), spin 1/2. field : (3,), eV.
    An even N breaks time reversal, but not its product with a half turn of the spin alone, T' = s_x K.
    """
    rotations = {name: turning(name, J, winding) for name in turns}
    My, P, Mz, T = operation("My", J), operation("P", J), operation("Mz", J), time_reversal(J)
    mirrors = {name: (rotations[turn] @ My).named(name) for name, turn in (("Mx", "C2"), ("Mxy", "C4"))}
    plane = [*rotations.values(), My, *mirrors.values()]
    if winding % 2:
        found = [*magnetic(plane, T), *(one.broken(alpha) for one in (P, P @ T, Mz))]
    else:
        half_turn = replace(operation("C2", J), space=np.eye(3))
        found = [*magnetic(plane, (half_turn @ T).named("T'")), P, *(one.broken(alpha) for one in (T, P @ T, Mz))]
    return [one.in_field(field) for one in found]


def turning(name: str, J: np.ndarray, winding: int) -> Symmetry:
    """Return a rotation about z that turns the spin `winding` times as far as k, U = exp(-i angle winding J_z)."""
    once = operation(name, J)
    return replace(operation(name, winding * J), spin=np.linalg.matrix_power(once.spin, winding))
