"""Phonons of the honeycomb lattice with two masses."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels.models import upright_honeycomb as honeycomb
from cc_kernels.models.phonons import phonons
from cc_kernels.models.springs import springs
from cc_kernels.models.symmetry import Symmetry, magnetic, time_reversal
from cc_kernels.models.symmetry_of_bosons import phonon_symmetry
from cc_kernels.models.tight_binding import TightBinding

MASS = "hbar^2/(eV angstrom^2)"
A, B = 0, 1


def build(
    *,
    KL: Annotated[float, "eV/angstrom^2"] = 1.0,
    KT: Annotated[float, "eV/angstrom^2"] = 0.25,
    mA: Annotated[float, MASS] = 1.0,
    mB: Annotated[float, MASS] = 1.2,
    pin: Annotated[float, "eV/angstrom^2"] = 0.05,
    h: float = 0.1,
) -> TightBinding:
    """Phonons of the honeycomb lattice in its plane: two masses, chiral at the corners of the zone.

    Springs KL along and KT across bonds between first neighbours, masses mA and mB, pin u^2/2 and -h l_z on each site;
    A at 0, B at (0, 1/sqrt(3)). Energies are in units of (KL/mA)^(1/2), whatever it is in eV. Needs pin/m > h^2.
    Source: after Zhang and Niu, Phys. Rev. Lett. 115, 115502 (2015); pin and h are own choices.
    """
    bonds = [(A, B, R, KL, KT) for R in honeycomb.NEIGHBOUR_CELLS]
    R, constants = springs(honeycomb.LATTICE, honeycomb.POSITIONS, bonds, pin=pin)
    return phonons(honeycomb.LATTICE, honeycomb.POSITIONS, [mA, mB], R, constants, lorentz=h)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C6v and time reversal, about the centre of a hexagon; masses tell A from B, a Lorentz term left from right."""
    p = model.parameters
    names = ("C2", "C3", "C6", "Mx", "My")
    plane = [phonon_symmetry(name, honeycomb.exchange_of_sites(name)).of_pairs() for name in names]
    unlike = p["KL"] * (1 / p["mA"] - 1 / p["mB"]) / np.sqrt(p["KL"] / p["mA"])
    plane = [one.broken(unlike * one.unitary[2:4, :2].any()) for one in plane]
    lorentz = np.array([0, 0, p["h"]])
    return [one.in_field(lorentz) for one in magnetic(plane, time_reversal(orbital=np.eye(8)))]
