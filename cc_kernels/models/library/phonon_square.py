"""Phonons of the square lattice."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels.models.phonons import phonons
from cc_kernels.models.springs import springs
from cc_kernels.models.symmetry import Symmetry, magnetic, time_reversal
from cc_kernels.models.symmetry_of_bosons import phonon_symmetry
from cc_kernels.models.tight_binding import TightBinding


def build(
    *,
    KL: Annotated[float, "eV/angstrom^2"] = 1.0,
    KT: Annotated[float, "eV/angstrom^2"] = 0.25,
    K2: Annotated[float, "eV/angstrom^2"] = 0.3,
    pin: Annotated[float, "eV/angstrom^2"] = 0.05,
    h: float = 0.0,
) -> TightBinding:
    """Phonons of the square lattice in its plane, with one site: orbital currents from the crossings of two branches.

    Springs KL along and KT across bonds, K2 along diagonals, pin u^2/2 on each site, -h l_z; mass and lattice constant
    1, so that energies are in units of the root of KL, whatever it is in eV. Needs pin > h^2.
    Source: after Park and Yang, Nano Lett. 20, 7694 (2020); values are own choices.
    """
    bonds = [(0, 0, R, KL, KT) for R in ((1, 0), (0, 1))] + [(0, 0, R, K2, 0.0) for R in ((1, 1), (1, -1))]
    lattice, positions = np.eye(2), np.zeros((1, 2))
    return phonons(lattice, positions, [1.0], *springs(lattice, positions, bonds, pin=pin), lorentz=h)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C4v and time reversal, which a Lorentz term turns round as a field along z does."""
    plane = [phonon_symmetry(name, np.eye(1)).of_pairs() for name in ("C2", "C4", "Mx", "My", "Mxy")]
    lorentz = np.array([0, 0, model.parameters["h"]])
    return [one.in_field(lorentz) for one in magnetic(plane, time_reversal(orbital=np.eye(4)))]
