"""Honeycomb magnets with moments along z, antiferromagnetic or ferromagnetic."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from cc_kernels import checks
from cc_kernels.models import upright_honeycomb as honeycomb
from cc_kernels.models.bosons import with_operators
from cc_kernels.models.exchange_tensor import exchange
from cc_kernels.models.spin_waves import spin_waves
from cc_kernels.models.symmetry import Symmetry
from cc_kernels.models.symmetry_of_bosons import magnon_symmetry
from cc_kernels.models.tight_binding import TightBinding

A, B = 0, 1


def build(
    *,
    J1: float = 1.54e-3,
    J2: float = 1.4e-4,
    J3: float = 3.6e-4,
    D: float = 3e-4,
    K: float = 8.6e-6,
    S: Annotated[float, "hbar"] = 2.5,
    order: Literal["neel", "ferro"] = "neel",
) -> TightBinding:
    """Magnons of a honeycomb magnet with moments along z: the two sites antiparallel ("neel") or parallel ("ferro").

    J1, J2, J3 between first, second and third neighbours, D nu_ij z.(S_i x S_j) between second ones, -K S_z^2 (eV);
    nu = 1 for A -> A and -1 for B -> B along a1, a2 - a1, -a2. A at 0, B at (0, 1/sqrt(3)), bonds along y.
    Neel order: E = (A^2 - |B|^2)^(1/2) + S D sn(k), twice, sn = 2 sum of sin k.R; D moves the levels of eta H alone.
    Sources: J and K after Wildes et al., J. Phys.: Condens. Matter 10, 6417 (1998), MnPS3; for the spin Nernst effect,
    which changes its sign with temperature, Cheng, Okamoto, and Xiao, Phys. Rev. Lett. 117, 217202 (2016). D is an own
    choice, and so is a ferromagnet with J1=-1e-3, J2=J3=0, D=1e-4, K=5e-5, S=1.5.
    """
    S = checks.half_integer("S", S)
    bonds: list[tuple] = [(A, B, R, J1) for R in honeycomb.NEIGHBOUR_CELLS]
    bonds += [(A, B, R, J3) for R in honeycomb.OPPOSITE_CELLS]
    for site, nu in ((A, 1), (B, -1)):
        second = exchange(J2, dzyaloshinskii_moriya=[0, 0, nu * D])
        bonds += [(site, site, R, second) for R in honeycomb.AROUND_CELLS]
    moments = S * np.array([[0, 0, 1], [0, 0, -1 if order == "neel" else 1]])
    easy_axis = np.diag([0, 0, -K])
    return with_operators(
        spin_waves(honeycomb.LATTICE, honeycomb.POSITIONS, moments, bonds, anisotropy=easy_axis), "spin_z"
    )


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Of D6h and time reversal, about the centre of a hexagon, what leaves the moments as they are."""
    sites = -model.operators["spin_z"].matrix.diagonal()[:2].real
    directions = sites[:, None] * np.array([0, 0, 1])
    neel = ("C3", "My", "C2 T", "C6 T", "Mx T", "P T")
    names = neel if sites[0] != sites[1] else ("C2", "C3", "C6", "P", "Mx T", "My T")
    return [magnon_symmetry(name, directions, honeycomb.exchange_of_sites(name)).of_pairs() for name in names]
