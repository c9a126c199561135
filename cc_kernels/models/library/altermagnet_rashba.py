"""A d-wave altermagnet with Rashba coupling."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import IDENTITY, SX, SY, SZ
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, spin_vector, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(
    *,
    t: float = 1.0,
    alpha: float = 0.4,
    J: float = 0.3,
    theta: Annotated[float, "radian"] = 0.0,
    phi: Annotated[float, "radian"] = 0.0,
    bx: float = 0.0,
    by: float = 0.0,
    bz: float = 0.0,
) -> TightBinding:
    """A d-wave altermagnet with Rashba coupling on the square lattice, and a uniform exchange field b.

    H = 2t(2 - cos kx - cos ky) + alpha(sin ky s_x - sin kx s_y) + J(cos kx - cos ky) n.s + b.s, with
    n = (sin theta cos phi, sin theta sin phi, cos theta); lattice constant 1 angstrom, basis (up, down), energies in
    eV, angles in radians; illustrative values. With n along z and b = 0 a fourfold rotation times time reversal is a
    symmetry. A minimal model of one orbital, with the Rashba term of rashba_square; for d-wave altermagnets see
    Smejkal, Sinova, and Jungwirth, Phys. Rev. X 12, 031042 (2022).
    """
    theta, phi = checks.radians("theta", theta), checks.radians("phi", phi)
    n_dot_s = np.tensordot(direction(theta, phi), [SX, SY, SZ], 1)
    square = Hoppings(lattice=[[1, 0], [0, 1]], num_bands=2)
    both = slice(2)
    square.onsite(both, 4 * t * IDENTITY + bx * SX + by * SY + bz * SZ)
    square.hop(both, both, (1, 0), -t * IDENTITY + 0.5j * alpha * SY + J / 2 * n_dot_s)
    square.hop(both, both, (0, 1), -t * IDENTITY - 0.5j * alpha * SX - J / 2 * n_dot_s)
    return square.build(operators={**spins(0.5), **charge(2)})


def direction(theta: float, phi: float) -> np.ndarray:
    """Return the unit vector n (3,)."""
    return np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Of C4v x T, what leaves b and (cos kx - cos ky) n in place; C4 and Mxy turn the sign of the bracket."""
    p = model.parameters
    J, field = spin_vector(model), np.array([p["bx"], p["by"], p["bz"]])
    n = direction(p["theta"], p["phi"])
    plane = [operation(name, J) for name in ("C2", "C4", "Mx", "My", "Mxy")]
    found = magnetic([*plane, *(operation(name, J).broken(p["alpha"]) for name in ("P", "Mz"))], time_reversal(J))
    d_wave = [one.space[0, 0] ** 2 - one.space[0, 1] ** 2 for one in found]
    return [
        one.in_field(field).broken(p["J"] * np.linalg.norm(sign * one.spin @ n - n))
        for one, sign in zip(found, d_wave, strict=True)
    ]
