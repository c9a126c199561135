"""The Bernevig-Hughes-Zhang model of a HgTe/CdTe quantum well."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models.base import Operator
from cc_kernels.models.operators import charge
from cc_kernels.models.pauli import IDENTITY, SX, SY, SZ
from cc_kernels.models.symmetry import Symmetry, along_z, magnetic, operation, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(
    *,
    A: Annotated[float, "eV angstrom"] = 3.65,
    B: Annotated[float, "eV angstrom^2"] = -68.6,
    D: Annotated[float, "eV angstrom^2"] = -51.2,
    M: float = -0.01,
    delta0: float = 0.0016,
    a: Annotated[float, "angstrom"] = 20.0,
) -> TightBinding:
    """The Bernevig-Hughes-Zhang model of a HgTe/CdTe quantum well on the square lattice, with bulk inversion asymmetry.

    H = h(k) on (E1+, H1+) and h(-k)^* on (E1-, H1-), h = -D K + (A/a)(sin(kx a) s_x - sin(ky a) s_y) + (M - B K) s_z,
    K = 2(2 - cos(kx a) - cos(ky a))/a^2; delta0 couples the blocks: -delta0 between E1+ and H1-, +delta0 between
    H1+ and E1-. Basis E1+, H1+, E1-, H1-; inverted (a quantum spin Hall insulator) for 0 < M/B < 4/a^2,
    and with the opposite sign up to 8/a^2. A in eV angstrom, B, D in eV angstrom^2, M, delta0 in eV, a in angstrom.
    spin_z = +-1/2 on the blocks +-, conserved at delta0 = 0; j_z = +-1/2 on E1+-, +-3/2 on H1+-. A, B, D and M are the
    values in common use for an inverted HgTe well, as in the documentation of Kwant; delta0 and a are illustrative.

    In the gap of the defaults at delta0 = 0, sigma_hall xy is -1 (spin_z) and -2 (j_z), in e/2pi. Any delta0, however
    small, splits the double bands and makes it 0: a half turn with time reversal leaves every k in place and reverses
    spin_z, j_z and the Berry curvature, so that these vanish in each separate level. Only the invariant momenta, where
    the levels stay double, are left, with a weight that falls as one over the number of grid points (spin_z: -0.015
    e/2pi with 256 x 256 points, 0 on a grid that misses them). The projector value hardly feels it: -0.9987 (spin_z),
    -1.9973 (j_z) at the default delta0, mu = 0 and 4 K.

    Sources of the model: Bernevig, Hughes, and Zhang, Science 314, 1757 (2006); Koenig et al., J. Phys. Soc. Jpn. 77,
    031007 (2008).
    """
    a = checks.positive("a", a)
    square = Hoppings(lattice=[[a, 0], [0, a]], num_bands=4)
    curvature = (D * IDENTITY + B * SZ) / a**2
    plus, minus = slice(0, 2), slice(2, 4)
    # K = 4/a^2 - (2 cos(kx a) + 2 cos(ky a))/a^2; h(-k)^* conjugates the hoppings
    for block, conjugate in ((plus, False), (minus, True)):
        square.onsite(block, M * SZ - 4 * curvature)
        for R, matrix in (((1, 0), SX), ((0, 1), -SY)):
            hopping = curvature - 0.5j * (A / a) * matrix
            square.hop(block, block, R, hopping.conj() if conjugate else hopping)
    square.onsite(slice(4), delta0 * np.kron(SY, SY))  # -1 at (E1+, H1-), +1 at (H1+, E1-)
    operators = {
        "spin_z": Operator(np.kron(SZ, IDENTITY) / 2, "hbar", "1/2 times the Pauli matrix of the blocks + and -"),
        "j_z": Operator(np.diag([0.5, 1.5, -0.5, -1.5]), "hbar", "angular momentum: 1/2 on E1, 3/2 on H1"),
    }
    return square.build(operators={**operators, **charge(4)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """D4h; delta0 leaves D2d. E1 and H1 have opposite parities, H1 is m = +-3/2 of J = 3/2."""
    delta0 = model.parameters["delta0"]
    parity, jz = np.kron(IDENTITY, SZ), along_z(model.operators["j_z"].matrix)
    P, C2, C4 = operation("P", orbital=parity), operation("C2", jz), operation("C4", jz)
    C2x = operation("C2x", orbital=-1j * np.kron(SX, SZ))  # exp(-i pi J_x): -i s_x of J = 1/2, +i s_x of J = 3/2
    S4 = operation("S4", jz, parity)
    kept = (C2, C2x, S4, (C2 @ C2x).named("C2y"), (S4 @ C2x).named("Mxy"))
    broken = (C4, P, (P @ C2x).named("Mx"), (P @ C2).named("Mz"))
    T = time_reversal(orbital=-1j * np.kron(SY, IDENTITY))
    return magnetic([*kept, *(one.broken(delta0) for one in broken)], T)
