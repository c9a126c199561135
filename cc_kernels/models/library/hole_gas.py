"""Holes in a quantum well: the four-band Luttinger model with a Rashba term."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.models.base import Operator
from cc_kernels.models.constants import HBAR_SQUARED_OVER_2M
from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.operators import charge
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, time_reversal

RAISE = np.diag(np.sqrt([3.0, 4.0, 3.0]), 1).astype(complex)  # J_+ in the basis 3/2, 1/2, -1/2, -3/2
JX = (RAISE + RAISE.T) / 2
JY = (RAISE - RAISE.T) / 2j
JZ = np.diag([1.5, 0.5, -0.5, -1.5]).astype(complex)


def build(
    *,
    gamma1: Annotated[float, "1"] = 6.98,
    gamma2: Annotated[float, "1"] = 2.06,
    gamma3: Annotated[float, "1"] = 2.93,
    alpha: Annotated[float, "eV angstrom"] = 0.05,
    width: Annotated[float, "angstrom"] = 100.0,
    k_max: Annotated[float, "1/angstrom"] = 0.25,
) -> KDotP:
    """Heavy and light holes in the lowest subband of a quantum well: four-band Luttinger model and Rashba coupling.

    H = (hbar^2/2m_0)[(gamma1 + 5/2 gamma2) k^2 - 2 gamma2 sum_i k_i^2 J_i^2 - 4 gamma3 kx ky {Jx, Jy}]
    + alpha(ky Jx - kx Jy), {A, B} = (AB + BA)/2, with kz -> 0 and kz^2 -> (pi/width)^2; J is the angular momentum 3/2,
    basis J_z = 3/2, 1/2, -1/2, -3/2. Holes count as particles, so energies (eV) grow with k; alpha in eV angstrom,
    width in angstrom, k_max in 1/angstrom. spin_x, spin_y, spin_z are J (the electrons' spin is J/3). The gammas are
    those of GaAs, alpha and width illustrative; below the light holes it is a heavy-hole gas with a k-cubic splitting.
    Sources: Luttinger, Phys. Rev. 102, 1030 (1956); Bernevig and Zhang, Phys. Rev. Lett. 95, 016801 (2005); gammas from
    Vurgaftman, Meyer, and Ram-Mohan, J. Appl. Phys. 89, 5815 (2001).
    """
    width = checks.positive("width", width)
    least = max(2 * abs(gamma2), np.hypot(gamma2, np.sqrt(3) * gamma3))  # along [100] and [110]
    if gamma1 <= least:
        raise InputError("gamma1", gamma1, f"above {least:.6g}, else the energy has no lower bound")
    isotropic = (gamma1 + 2.5 * gamma2) * np.eye(4)
    quadratic = [HBAR_SQUARED_OVER_2M * (isotropic - 2 * gamma2 * J @ J) for J in (JX, JY, JZ)]
    mixed = -2 * HBAR_SQUARED_OVER_2M * gamma3 * (JX @ JY + JY @ JX)
    terms = {
        (0, 0): (np.pi / width) ** 2 * quadratic[2],
        (2, 0): quadratic[0],
        (0, 2): quadratic[1],
        (1, 1): mixed,
        (1, 0): -alpha * JY,
        (0, 1): alpha * JX,
    }
    operators = {
        f"spin_{axis}": Operator(J, "hbar", f"angular momentum J_{axis} of spin 3/2")
        for axis, J in zip("xyz", (JX, JY, JZ), strict=True)
    }
    return KDotP(np.array(list(terms)), np.array(list(terms.values())), k_max, {**operators, **charge(4)})


def symmetries(model: KDotP) -> list[Symmetry]:
    """C4v and time reversal of spin 3/2; any rotation about z where gamma2 = gamma3."""
    p = model.parameters
    J = np.array([model.operators[f"spin_{axis}"].matrix for axis in "xyz"])
    square = [operation(name, J) for name in ("C2", "C4", "Mx", "My", "Mxy")]
    warped = [operation(name, J).broken(HBAR_SQUARED_OVER_2M * (p["gamma2"] - p["gamma3"])) for name in ("C3", "C6")]
    rashba = [operation(name, J).broken(p["alpha"]) for name in ("P", "Mz")]
    return magnetic([*square, *warped, *rashba], time_reversal(J))
