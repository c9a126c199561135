"""Haldane's model of a Chern insulator."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models import honeycomb
from cc_kernels.models.base import Operator
from cc_kernels.models.operators import charge
from cc_kernels.models.pauli import SZ
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding

A, B = 0, 1


def build(
    *, t: float = 1.0, t2: float = 0.15, phi: Annotated[float, "radian"] = np.pi / 2, delta: float = 0.2
) -> TightBinding:
    """Haldane's Chern insulator on the honeycomb lattice; the lower band of the defaults has int Omega^xy/2pi = -1.

    First neighbours -t; second neighbours t2 exp(i phi) around A and t2 exp(-i phi) around B; +delta on A, -delta on B
    (eV, phi in radians). Source: Haldane, Phys. Rev. Lett. 61, 2015 (1988).
    """
    phi = checks.radians("phi", phi)
    honey = Hoppings(honeycomb.LATTICE, positions=[honeycomb.POSITION_A, honeycomb.POSITION_B])
    honey.onsite(A, delta)
    honey.onsite(B, -delta)
    for R in honeycomb.NEIGHBOUR_CELLS:
        honey.hop(A, B, R, -t)
    for R in honeycomb.AROUND_CELLS:
        honey.hop(A, A, R, t2 * np.exp(1j * phi))
        honey.hop(B, B, R, t2 * np.exp(-1j * phi))
    return honey.build(operators={**charge(2), "sublattice": Operator(SZ, "1", "+1 on A, -1 on B")})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Of C6v x T about the centre of a hexagon: delta tells A from B; the flux turns round as a field along z does."""
    p = model.parameters
    names = ("C2", "C3", "C6", "Mx", "My")
    plane = [operation(name, orbital=honeycomb.exchange(name)) for name in names]
    flux = np.array([0, 0, p["t2"] * np.sin(p["phi"])])
    found = magnetic(plane, time_reversal(orbital=np.eye(2)))
    return [one.in_field(flux).broken(p["delta"] * one.unitary[0, 1]) for one in found]
