"""Rashba electrons in the continuum, linear (winding 1) or of higher order in k (winding 3: k-cubic)."""

from __future__ import annotations

from math import comb
from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import IDENTITY, SX, SY, SZ
from cc_kernels.models.symmetry import Symmetry
from cc_kernels.models.winding import winding_symmetries


def build(
    *,
    mass: Annotated[float, "1/(eV angstrom^2)"] = 1.0,
    alpha: Annotated[float, "eV angstrom^winding"] = 0.7,
    winding: int = 1,
    spin: Annotated[float, "hbar"] = 0.5,
    bz: float = 0.0,
    k_max: Annotated[float, "1/angstrom"] = 5.0,
) -> KDotP:
    """Rashba electrons in the continuum; the spin-orbit field winds `winding` times around k = 0.

    H = k^2/2m + h.s + bz s_z with h_x + i h_y = -i alpha (kx + i ky)^winding; mass in 1/(eV angstrom^2), alpha in
    eV angstrom^winding, bz in eV, k_max in 1/angstrom. For winding >= 2 the lower band may turn over: a k_max beyond
    the turning point (taken at bz = 0, where it is nearest) is an error, since the model is unbounded below there.
    A chemical potential above the lower band's lowest energy on the edge of the k box is refused, since its Fermi lines
    would leave the box.
    """
    mass, k_max = checks.positive("mass", mass), checks.positive("k_max", k_max)
    winding = checks.integer("winding", winding, "a positive whole number, 20 at most", minimum=1, maximum=20)
    spin = checks.half_integer("spin", spin)
    _refuse_turning_point(mass, alpha, winding, k_max)
    terms = {(0, 0): bz * SZ, (2, 0): IDENTITY / (2 * mass), (0, 2): IDENTITY / (2 * mass)}
    for n in range(winding + 1):
        h = -1j * alpha * comb(winding, n) * 1j**n
        power = (winding - n, n)
        terms[power] = terms.get(power, np.zeros((2, 2))) + h.real * SX + h.imag * SY
    operators = {"spin_z": spins(spin)["spin_z"], **charge(2)}
    return KDotP(np.array(list(terms)), np.array(list(terms.values())), k_max, operators)


def _refuse_turning_point(mass: float, alpha: float, winding: int, k_max: float) -> None:
    """The lower band k^2/2m - |alpha| k^N turns over where N m |alpha| k^(N-2) = 1."""
    slope = winding * mass * abs(alpha)
    if winding == 2 and slope >= 1:
        raise InputError(
            "alpha", alpha, f"|alpha| mass below 1/2 for winding 2 (mass is {mass:g}), else no lower bound"
        )
    if winding > 2 and slope * k_max ** (winding - 2) > 1:
        largest = slope ** (-1 / (winding - 2))
        raise InputError("k_max", k_max, f"at most {largest:.6g}, where the lower band turns over")


def symmetries(model: KDotP) -> list[Symmetry]:
    """Any rotation about z; otherwise as `rashba_square`."""
    p = model.parameters
    J = np.array([SX / 2, SY / 2, model.operators["spin_z"].matrix * (0.5 / p["spin"])])
    turns = ("C2", "C3", "C4", "C6")
    return winding_symmetries(turns, J, p["winding"], p["alpha"], np.array([0, 0, p["bz"]]))
