"""Massive Dirac electrons in the continuum."""

from __future__ import annotations

from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import SX, SY, SZ


def build(*, v: float = 1.0, mass: float = 0.5, k_max: float = 5.0) -> KDotP:
    """Massive Dirac electrons in the continuum: H = v(kx s_x + ky s_y) + mass s_z.

    v in eV angstrom, mass in eV, k_max in 1/angstrom.
    """
    operators = {**charge(2), "spin_z": spins(0.5)["spin_z"]}
    return KDotP([(1, 0), (0, 1), (0, 0)], [v * SX, v * SY, mass * SZ], k_max, operators)
