"""A three-dimensional topological insulator of the Bi2Se3 family."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models.base import Operator
from cc_kernels.models.operators import charge
from cc_kernels.models.pauli import IDENTITY, SX, SY, SZ
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, spin_vector, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(
    *,
    M: float = 0.28,
    A1: Annotated[float, "eV angstrom"] = 2.2,
    A2: Annotated[float, "eV angstrom"] = 4.1,
    B1: Annotated[float, "eV angstrom^2"] = 10.0,
    B2: Annotated[float, "eV angstrom^2"] = 56.6,
    C: float = -0.0068,
    D1: Annotated[float, "eV angstrom^2"] = 1.3,
    D2: Annotated[float, "eV angstrom^2"] = 19.6,
    a: Annotated[float, "angstrom"] = 4.14,
    c: Annotated[float, "angstrom"] = 9.55,
) -> TightBinding:
    """The four-band model of Bi2Se3 on a tetragonal lattice (a, a, c); inversion and time reversal double every band.

    H = C + D1 Kz + D2 K + (M - B1 Kz - B2 K) tau_z + [A1 Sz s_z + A2(Sx s_x + Sy s_y)] tau_x, regularised by
    Sx = sin(kx a)/a, Sz = sin(kz c)/c, K = 2(2 - cos(kx a) - cos(ky a))/a^2, Kz = 2(1 - cos(kz c))/c^2; cubic
    for c = a. Basis (1+ up, 2- up, 1+ down, 2- down), s on the spin and tau on the orbital; A in eV angstrom, B, D in
    eV angstrom^2, M, C in eV, a, c in angstrom. Strong topological insulator for 0 < M < 4 B1/c^2, 4 B2/a^2. spin_x,
    spin_y, spin_z = s/2, the effective spin of both orbitals. The defaults are the set in common use for Bi2Se3, with
    the in-plane lattice constant and the thickness of one quintuple layer. Sources of the model: H. Zhang et al.,
    Nature Phys. 5, 438 (2009); C.-X. Liu et al., Phys. Rev. B 82, 045122 (2010), who also give other parameters.
    """
    a, c = checks.positive("a", a), checks.positive("c", c)
    everything = slice(4)
    crystal = Hoppings(lattice=np.diag([a, a, c]), num_bands=4)
    mass = np.kron(IDENTITY, SZ)
    crystal.onsite(everything, C * np.eye(4) + M * mass)
    for axis, (A, B, D, length, spin) in enumerate(((A2, B2, D2, a, SX), (A2, B2, D2, a, SY), (A1, B1, D1, c, SZ))):
        curvature = (D * np.eye(4) - B * mass) / length**2
        crystal.onsite(everything, 2 * curvature)
        crystal.hop(everything, everything, np.eye(3)[axis], -curvature - 0.5j * A / length * np.kron(spin, SX))
    operators = {
        f"spin_{axis}": Operator(np.kron(spin, IDENTITY) / 2, "hbar", f"1/2 times the Pauli matrix s_{axis}")
        for axis, spin in zip("xyz", (SX, SY, SZ), strict=True)
    }
    return crystal.build(operators={**operators, **charge(4)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """D4h and time reversal; the cubic group where x, y and z have the same parameters."""
    p = model.parameters
    J, parity = spin_vector(model), np.kron(IDENTITY, SZ)
    turns = [operation(name, J) for name in ("C2", "C4", "C2x", "C2y", "C2xy")]
    mirrors = [operation(name, J, parity) for name in ("P", "S4", "Mx", "My", "Mz", "Mxy")]
    a, c = p["a"], p["c"]
    unequal = (p["A1"] / c - p["A2"] / a, p["B1"] / c**2 - p["B2"] / a**2, p["D1"] / c**2 - p["D2"] / a**2, a - c)
    cubic = operation("C3d", J).broken(np.abs(unequal).max())
    return magnetic([*turns, *mirrors, cubic], time_reversal(J))
