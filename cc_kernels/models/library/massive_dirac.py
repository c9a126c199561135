"""Massive Dirac electrons in the continuum."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import SX, SY, SZ
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, time_reversal


def build(
    *, v: Annotated[float, "eV angstrom"] = 1.0, mass: float = 0.5, k_max: Annotated[float, "1/angstrom"] = 5.0
) -> KDotP:
    """Massive Dirac electrons in the continuum: H = v(kx s_x + ky s_y) + mass s_z.

    v in eV angstrom, mass in eV, k_max in 1/angstrom.
    """
    operators = {**charge(2), "spin_z": spins(0.5)["spin_z"]}
    return KDotP([(1, 0), (0, 1), (0, 0)], [v * SX, v * SY, mass * SZ], k_max, operators)


def symmetries(model: KDotP) -> list[Symmetry]:
    """Rotations about z; k.s goes with half turns about axes in the plane, not with mirrors. `mass` acts as a field."""
    v, mass = model.parameters["v"], model.parameters["mass"]
    J = np.array([SX / 2, SY / 2, model.operators["spin_z"].matrix])
    turns = [operation(name, J) for name in ("C2", "C3", "C4", "C6", "C2x", "C2y", "C2xy")]
    broken = [operation(name, J).broken(v) for name in ("P", "Mx", "My", "Mz")]
    return [one.in_field(np.array([0, 0, mass])) for one in magnetic([*turns, *broken], time_reversal(J))]
