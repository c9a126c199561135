"""A ferromagnet on the square lattice that does not conserve the number of its magnons."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np

from cc_kernels import checks
from cc_kernels.models.bosons import with_operators
from cc_kernels.models.exchange_tensor import exchange
from cc_kernels.models.spin_waves import spin_waves
from cc_kernels.models.symmetry import Symmetry, operation
from cc_kernels.models.tight_binding import TightBinding


def build(
    *,
    J: float = 1e-3,
    K: float = 8e-4,
    D: float = 4e-4,
    d1: float = 3e-4,
    d2: float = 2.5e-4,
    S: Annotated[float, "hbar"] = 1.0,
) -> TightBinding:
    """Magnons of a ferromagnet on the square lattice with pair terms: one mode with a net flow in equilibrium.

    -J S_i.S_j on all bonds, D z.(S_i x S_j) and d1 (S_i^x S_j^x - S_i^y S_j^y) on those along +x,
    d2 (S_i^x S_j^y + S_i^y S_j^x) on those along y, -K S_z^2 (eV); lattice constant 1 angstrom, moments along z.
    With A_e and A_o the even and odd parts of A(k): E = A_o + (A_e^2 - |B|^2)^(1/2), s_n = -A_e/(E - A_o).
    Own choice: the least model whose spin current in equilibrium does not vanish.
    """
    S = checks.half_integer("S", S)
    along_x = exchange(-J, dzyaloshinskii_moriya=[0, 0, D]) + d1 * np.diag([1, -1, 0])
    along_y = exchange(-J) + d2 * np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    bonds = [(0, 0, (1, 0), along_x), (0, 0, (0, 1), along_y)]
    easy_axis = np.diag([0, 0, -K])
    return with_operators(spin_waves(np.eye(2), np.zeros((1, 2)), [[0, 0, S]], bonds, anisotropy=easy_axis), "spin_z")


def symmetries(model: TightBinding) -> list[Symmetry]:
    """y -> -y of the lattice alone: pair terms fix the phase of a magnon, D the sense of x."""
    return [replace(operation("My", orbital=np.eye(2)), spin=np.eye(3)).named("My'")]
