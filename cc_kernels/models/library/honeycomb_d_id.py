"""A chiral d + id superconductor on the honeycomb lattice."""

from __future__ import annotations

import numpy as np

from cc_kernels.models import honeycomb
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge, nambu_spin
from cc_kernels.models.pauli import IDENTITY, SY
from cc_kernels.models.symmetry import Symmetry, along_z, magnetic, operation, particle_hole, time_reversal
from cc_kernels.models.tight_binding import Hoppings, TightBinding

A, B = 0, 1


def build(*, t: float = 1.0, mu: float = -0.8, pairing: float = 0.4) -> TightBinding:
    """A chiral d + id singlet superconductor on the honeycomb lattice (doped graphene).

    First neighbours -t; singlet pairing on the same three bonds with the phases 0, 2 pi/3, 4 pi/3 in the order of the
    cells 0, -a1, -a2 of B, Delta_AB = Delta_BA = pairing exp(i phase). Nambu basis (A up, B up, A down hole, B down
    hole), energies in eV; illustrative values. The normal bands are trivial, but this pairing does not commute with h:
    it pairs within the bands and between them, and the part between them makes the magnetization finite.
    Sources: Black-Schaffer and Doniach, Phys. Rev. B 75, 134512 (2007), arXiv:cond-mat/0612158; Nandkishore, Levitov,
    and Chubukov, Nature Phys. 8, 158 (2012); for loop currents and the Hall effect of the same pairing, Brydon,
    Abergel, Agterberg, and Yakovenko, arXiv:1802.02280.
    """
    honey = Hoppings(honeycomb.LATTICE, positions=[honeycomb.POSITION_A, honeycomb.POSITION_B])
    delta: dict[tuple[int, int], np.ndarray] = {}
    for number, (n1, n2) in enumerate(honeycomb.NEIGHBOUR_CELLS):
        honey.hop(A, B, (n1, n2), -t)
        bond = pairing * np.exp(2j * np.pi / 3 * number)
        for R, i, j in (((n1, n2), A, B), ((-n1, -n2), B, A)):
            delta.setdefault(R, np.zeros((2, 2), dtype=complex))[i, j] = bond
    return nambu(honey.build(), delta, mu, operators={**nambu_charge(2), **nambu_spin(2)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """C6 with the angular momentum 2 of a pair, J = charge; mirrors and time reversal, which turn it round."""
    charge = model.operators["charge"].matrix
    turns = [
        operation(name, along_z(charge), np.kron(IDENTITY, honeycomb.exchange(name))) for name in ("C2", "C3", "C6")
    ]
    Mx = operation("Mx", orbital=np.eye(4))
    # Mx exchanges the first two bonds, so it takes the phases 0, w, 2w to w - (0, w, 2w), w = 2 pi/3
    T = time_reversal(orbital=np.diag(np.exp(1j * np.pi / 3 * np.diag(charge))))
    chiral = np.array([0, 0, model.parameters["pairing"]])
    found = magnetic([*turns, Mx, (turns[0] @ Mx).named("My")], T)
    return [*(one.in_field(chiral) for one in found), particle_hole(np.kron(SY, np.eye(2)))]
