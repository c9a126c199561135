"""The Kane-Mele model of a quantum spin Hall insulator."""

from __future__ import annotations

import numpy as np

from cc_kernels.models import honeycomb
from cc_kernels.models.operators import charge, spins
from cc_kernels.models.pauli import IDENTITY, SX, SY, SZ
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, spin_vector, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding

A, B = slice(0, 2), slice(2, 4)  # up and down on each


def build(*, t: float = 1.0, lambda_so: float = 0.06, lambda_r: float = 0.05, lambda_v: float = 0.1) -> TightBinding:
    """The Kane-Mele quantum spin Hall insulator on the honeycomb lattice.

    First neighbours t + i lambda_r (s_x d_y - s_y d_x), d the unit vector from A to B; second neighbours
    i lambda_so s_z around A and -i lambda_so s_z around B; +lambda_v on A, -lambda_v on B (eV). Basis A up, A down,
    B up, B down. Source: Kane and Mele, Phys. Rev. Lett. 95, 146802 (2005).
    """
    sites = [honeycomb.POSITION_A, honeycomb.POSITION_A, honeycomb.POSITION_B, honeycomb.POSITION_B]
    honey = Hoppings(honeycomb.LATTICE, positions=sites)
    honey.onsite(A, lambda_v)
    honey.onsite(B, -lambda_v)
    for R in honeycomb.NEIGHBOUR_CELLS:
        dx, dy = honeycomb.neighbour_direction(R)
        honey.hop(A, B, R, t * IDENTITY + 1j * lambda_r * (SX * dy - SY * dx))
    for R in honeycomb.AROUND_CELLS:
        honey.hop(A, A, R, 1j * lambda_so * SZ)
        honey.hop(B, B, R, -1j * lambda_so * SZ)
    return honey.build(operators={**spins(0.5, sites=2), **charge(4)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Of D6h and time reversal, about the centre of a hexagon: lambda_v tells A from B, lambda_r above from below."""
    p = model.parameters
    J = spin_vector(model)

    def about_centre(name: str) -> Symmetry:
        sites = np.kron(honeycomb.exchange(name), IDENTITY)
        return operation(name, J, sites).broken(p["lambda_v"] * sites[0, 2].real)

    plane = [about_centre(name) for name in ("C2", "C3", "C6", "Mx", "My")]
    upside_down = [about_centre(name).broken(p["lambda_r"]) for name in ("P", "Mz", "C2x", "C2y")]
    return magnetic([*plane, *upside_down], time_reversal(J))
