"""Magnons and phonons of a honeycomb ferrimagnet, coupled by Dzyaloshinskii-Moriya vectors that move with the bonds."""

from __future__ import annotations

from itertools import product
from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models import upright_honeycomb as honeycomb
from cc_kernels.models.base import Operator
from cc_kernels.models.bosons import with_operators
from cc_kernels.models.coupled_bosons import couple_bosons
from cc_kernels.models.magnet import transverse_axes
from cc_kernels.models.phonons import phonons
from cc_kernels.models.spin_waves import spin_waves
from cc_kernels.models.springs import springs
from cc_kernels.models.symmetry import Symmetry
from cc_kernels.models.symmetry_of_bosons import magnon_symmetry, phonon_symmetry
from cc_kernels.models.tight_binding import TightBinding

A, B = 0, 1
DIRECTIONS = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])


def build(
    *,
    J: float = 1e-3,
    SA: Annotated[float, "hbar"] = 1.5,
    SB: Annotated[float, "hbar"] = 1.0,
    K: float = 5e-5,
    D: float = 2e-3,
    w_ph: float = 8e-3,
    ratio: Annotated[float, "1"] = 0.25,
    mu_ratio: Annotated[float, "1"] = 1.2,
    xi: Annotated[float, "angstrom"] = 0.1,
    pin: Annotated[float, "1"] = 0.02,
    h: float = 5e-4,
) -> TightBinding:
    """Coupled magnons and phonons of a honeycomb ferrimagnet: neither the spin nor the lattice's l_z is conserved.

    Spins: J S_i.S_j between first neighbours, -K S_z^2, SA up and SB down. Lattice, in its plane: springs w_ph^2/3
    along and `ratio` times that across bonds, masses 1 and mu_ratio, pinned by pin w_ph^2, -h l_z. The vector D z x R
    of Dzyaloshinskii and Moriya, R a unit vector, turns with its bond: (D/b) w_perp.(SA delta_B + SB delta_A), with b
    the bond's length, w_perp the part of u_B - u_A across it and delta_i that of a spin across z; at rest its terms
    cancel. Displacements are u_A = (A + A^+) xi/sqrt(2) and u_B = (B + B^+) xi/sqrt(2 mu_ratio). Energies in eV; A at
    0, B at (0, 1/sqrt(3)); total = spin_z + l_z.
    Source of the mechanism: Park, Nagaosa, and Yang, Nano Lett. 20, 2741 (2020), derived anew; values are own choices.
    """
    SA, SB = checks.half_integer("SA", SA), checks.half_integer("SB", SB)
    xi, mu_ratio = checks.number("xi", xi), checks.positive("mu_ratio", mu_ratio)
    lattice, sites, cells = honeycomb.LATTICE, honeycomb.POSITIONS, honeycomb.NEIGHBOUR_CELLS
    magnons = spin_waves(
        lattice,
        sites,
        np.array([[SA], [SB]]) * DIRECTIONS,
        [(A, B, R, J) for R in cells],
        anisotropy=np.diag([0, 0, -K]),
    )
    stiffness = w_ph**2 / 3
    constants = springs(lattice, sites, [(A, B, R, stiffness, ratio * stiffness) for R in cells], pin=pin * w_ph**2)
    vibrations = phonons(lattice, sites, [1.0, mu_ratio], *constants, lorentz=h, reference=w_ph)
    R, coupling = _coupling(D, np.array([SA, SB]), xi / np.sqrt([1.0, mu_ratio]))
    sz, lz = magnons.operators["spin_z"].matrix, vibrations.operators["l_z"].matrix
    total = np.block([[sz[:2, :2], np.zeros((2, 4))], [np.zeros((4, 2)), lz[:4, :4]]])
    return couple_bosons(
        with_operators(magnons, "spin_z"),
        vibrations,
        R,
        coupling,
        coupling,  # of A + A^+
        operators={"total": Operator(total, "hbar", "spin along z and angular momentum of the lattice, spin_z + l_z")},
    )


def _coupling(D: float, spins: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells (nR, 2), and X (nR, 2, 4) of b_i^+ X (A_j + A_j^+) with components x, y of j."""
    u = transverse_axes(DIRECTIONS)[:, :2]
    blocks: dict[tuple[int, int], np.ndarray] = {}
    for cell in honeycomb.NEIGHBOUR_CELLS:
        bond = honeycomb.bond_vector(cell)
        across = np.eye(2) - np.outer(bond, bond) / (bond @ bond)
        place = {A: np.zeros(2, int), B: np.array(cell)}
        for i, j in product((A, B), repeat=2):
            sign = 1 if j == B else -1
            moved = D / np.linalg.norm(bond) * spins[1 - i] * sign * sizes[j] / np.sqrt(2) * across
            R = tuple((place[j] - place[i]).tolist())
            block = blocks.setdefault(R, np.zeros((2, 2, 2), dtype=complex))
            block[i, j] += np.sqrt(spins[i] / 2) * u[i] @ moved
    return np.array(list(blocks)), np.array(list(blocks.values())).reshape(-1, 2, 4)


def symmetries(model: TightBinding) -> list[Symmetry]:
    """3m' about the centre of a hexagon: a mirror turns the moments round, and time reversal turns them back."""
    found = []
    for name in ("C3", "Mx T"):
        sites = honeycomb.exchange_of_sites(name)
        found.append(magnon_symmetry(name, DIRECTIONS, sites).beside(phonon_symmetry(name, sites)).of_pairs())
    return found
