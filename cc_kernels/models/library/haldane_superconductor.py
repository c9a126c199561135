"""A singlet superconductor whose normal state is Haldane's model."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from cc_kernels.models.library import haldane
from cc_kernels.models.nambu import nambu
from cc_kernels.models.operators import nambu_charge, nambu_spin
from cc_kernels.models.pauli import SY
from cc_kernels.models.symmetry import Symmetry, particle_hole
from cc_kernels.models.tight_binding import TightBinding


def build(
    *,
    t: float = 1.0,
    t2: float = 0.15,
    phi: Annotated[float, "radian"] = np.pi / 2,
    delta: float = 0.2,
    mu: float = -0.5,
    pairing: float = 0.3,
) -> TightBinding:
    """An on-site singlet superconductor over Haldane's model (geometrically non-trivial bands).

    Both spins have the same Haldane Hamiltonian; Nambu basis (A up, B up, A down hole, B down hole); energies in eV.
    """
    normal = haldane.build(t=t, t2=t2, phi=phi, delta=delta)
    return nambu(normal, {(0, 0): pairing * np.eye(2)}, mu, operators={**nambu_charge(2), **nambu_spin(2)})


def symmetries(model: TightBinding) -> list[Symmetry]:
    """Those of the normal state, and particle-hole symmetry."""
    return [*(one.of_pairs() for one in haldane.symmetries(model)), particle_hole(np.kron(SY, np.eye(2)))]
