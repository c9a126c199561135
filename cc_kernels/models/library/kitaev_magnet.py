"""A Kitaev ferromagnet on the honeycomb lattice, such as CrI3."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models import upright_honeycomb as honeycomb
from cc_kernels.models.magnet import unit_vectors
from cc_kernels.models.spin_waves import spin_waves
from cc_kernels.models.symmetry import Symmetry
from cc_kernels.models.symmetry_of_bosons import magnon_symmetry
from cc_kernels.models.tight_binding import TightBinding

CRYSTAL_AXES = unit_vectors(np.array([[1.0, 1.0, -2.0], [-1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
"""x, y, z of the model along the cubic axes, by which K and Gamma are defined."""
KINDS = (2, 0, 1)
"""Of the three bonds from A, in the order of `NEIGHBOUR_CELLS`: z along y, then x, then y."""
A, B = 0, 1


def build(
    *,
    J: float = -2e-4,
    K: float = -5.2e-3,
    Gamma: float = -6.75e-5,
    S: Annotated[float, "hbar"] = 1.5,
    field: float = 0.0,
) -> TightBinding:
    """Magnons of a Kitaev ferromagnet on the honeycomb lattice with moments along [111], the z axis here.

    On bonds of kind c: J S_i.S_j + K S_i^c S_j^c + Gamma (S_i^a S_j^b + S_i^b S_j^a), a, b, c the cubic axes (eV), and
    -field S_z on each site. Cubic [11-2], [-110] and [111] are x, y and z; bonds along y are of kind z, those at
    (-1/2, ...) of kind x and at (1/2, ...) of kind y. A at 0, B at (0, 1/sqrt(3)).
    Source: Lee et al., arXiv:1902.00077 (CrI3), values of its abstract.
    """
    S = checks.half_integer("S", S)
    bonds = []
    for R, c in zip(honeycomb.NEIGHBOUR_CELLS, KINDS, strict=True):
        cubic = J * np.eye(3)
        a, b = (c + 1) % 3, (c + 2) % 3
        cubic[c, c] += K
        cubic[a, b] = cubic[b, a] = Gamma
        bonds.append((A, B, R, CRYSTAL_AXES @ cubic @ CRYSTAL_AXES.T))
    moments = S * np.array([[0, 0, 1], [0, 0, 1]])
    return spin_waves(honeycomb.LATTICE, honeycomb.POSITIONS, moments, bonds, fields=[0, 0, -field])


def symmetries(model: TightBinding) -> list[Symmetry]:
    """-3m' about the centre of a hexagon."""
    directions = np.array([[0, 0, 1], [0, 0, 1]])
    names = ("C3", "P", "S6", "My T", "C2y T")
    return [magnon_symmetry(name, directions, honeycomb.exchange_of_sites(name)).of_pairs() for name in names]
