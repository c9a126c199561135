"""A canted kagome antiferromagnet, such as iron jarosite."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models import kagome
from cc_kernels.models.exchange_tensor import exchange
from cc_kernels.models.spin_waves import spin_waves
from cc_kernels.models.symmetry import Symmetry, rotation_matrix, site_permutation
from cc_kernels.models.symmetry_of_bosons import magnon_symmetry
from cc_kernels.models.tight_binding import TightBinding

THIRDS = [rotation_matrix(np.array([0.0, 0.0, 1.0]), 2 * np.pi / 3 * n) for n in range(3)]
START = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6), 0.0])
"""Of the first moment: towards the middle of the triangle, where the energy of Dp is least."""


def build(
    *,
    J1: float = 3.18e-3,
    J2: float = 1.1e-4,
    Dp: float = 1.97e-4,
    Dz: float = -1.96e-4,
    S: Annotated[float, "hbar"] = 2.5,
) -> TightBinding:
    """Magnons of a kagome antiferromagnet with Dzyaloshinskii-Moriya coupling, three canted moments (q = 0).

    J1 between first, J2 between second neighbours, and D_ij.(S_i x S_j) with D = Dz z + Dp n_ij for
    1 -> 2 -> 3 -> 1 counter-clockwise in both triangles, n_12 = -y and turned by 120 degrees for the next (eV). Sites
    at 0, a1/2, a2/2. Moments at 120 degrees to each other with positive chirality, for which Dz is below 0, canted out
    of the plane by Dp to the minimum of the energy: 1.9 degrees at the defaults, which are those of iron jarosite.
    Source: after Matan et al., Phys. Rev. Lett. 96, 247201 (2006). An own choice, with bands that stay apart, is S=1,
    J1=1e-3, J2=1e-4, Dp=6e-4, Dz=-1e-4.
    """
    S = checks.half_integer("S", S)
    bonds = []
    for number, (i, j, R) in enumerate(kagome.BONDS):
        D = THIRDS[number % 3] @ [0.0, -Dp, Dz]
        bonds.append((i, j, R, exchange(J1, dzyaloshinskii_moriya=D)))
    bonds += [(i, j, R, J2) for i, j, R in kagome.SECOND_BONDS]
    moments = S * np.array([third @ START for third in THIRDS])
    return spin_waves(kagome.LATTICE, kagome.POSITIONS, moments, bonds, relax=True)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """-3m' about the centre of a hexagon: the moments lie in the mirrors, which time reversal has to go with."""
    directions = np.array([-model.operators[f"spin_{axis}"].matrix.diagonal()[:3].real for axis in "xyz"]).T
    found = []
    for name in ("C3", "P", "S6", "Mx T", "C2x T"):
        sites = site_permutation(name, kagome.POSITIONS, kagome.LATTICE, kagome.CENTRE)
        found.append(magnon_symmetry(name, directions, sites).of_pairs())
    return found
