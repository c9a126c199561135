"""A singlet superconductor whose normal state is a kagome lattice with flux."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models import kagome
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge, nambu_spin
from cc_kernels.models.pauli import IDENTITY, SY
from cc_kernels.models.symmetry import Symmetry, magnetic, operation, particle_hole, site_permutation, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding


def build(
    *, t: float = 1.0, phi: Annotated[float, "radian"] = np.pi / 6, mu: float = -2.0, pairing: float = 0.3
) -> TightBinding:
    """An on-site singlet superconductor over the kagome lattice with flux (Chern bands).

    First neighbours <A|H|B> = <B|H|C> = <C|H|A> = -t exp(i phi): a flux 3 phi through each triangle and -6 phi through
    each hexagon. A at 0, B at a1/2, C at a2/2, a1 and a2 as on the honeycomb. Both spins have the same Hamiltonian;
    Nambu basis (A, B, C up, then A, B, C down holes), energies in eV, phi in radians; illustrative values, mu in the
    lowest band.
    Source of the normal state: Ohgushi, Murakami, and Nagaosa, Phys. Rev. B 62, R6065 (2000).
    """
    return nambu(
        normal_state(t, phi), {(0, 0): pairing * np.eye(3)}, mu, operators={**nambu_charge(3), **nambu_spin(3)}
    )


def normal_state(t: float, phi: float) -> TightBinding:
    """Return one spin of the kagome lattice with flux."""
    phi = checks.radians("phi", phi)
    lattice = Hoppings(kagome.LATTICE, positions=kagome.POSITIONS)
    for i, j, R in kagome.BONDS:
        lattice.hop(i, j, R, -t * np.exp(1j * phi))
    return lattice.build()


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Of C6v x T about the centre of a hexagon: the flux turns round as a field along z does. And particle-hole."""
    p = model.parameters
    names = ("C2", "C3", "C6", "Mx", "My")
    sites = [site_permutation(name, kagome.POSITIONS, kagome.LATTICE, kagome.CENTRE) for name in names]
    plane = [operation(name, orbital=np.kron(IDENTITY, exchange)) for name, exchange in zip(names, sites, strict=True)]
    flux = np.array([0, 0, p["t"] * np.sin(p["phi"])])
    found = magnetic(plane, time_reversal(orbital=np.eye(6)))
    return [*(one.in_field(flux) for one in found), particle_hole(np.kron(SY, np.eye(3)))]
