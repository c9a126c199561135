"""The symmetries of a spin-orbit field that winds around k = 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cc_kernels.models.symmetry import Symmetry, magnetic, operation, time_reversal


def winding_symmetries(
    turns: tuple[str, ...], J: np.ndarray, winding: int, alpha: float, field: np.ndarray
) -> list[Symmetry]:
    """Return those of h_x + i h_y ~ alpha (kx + i ky)^N: where k turns by an angle, the spin turns N times as far.

    turns : names of the rotations that the lattice allows, C2 and C4 among them.
    J : (3, nb, nb), spin 1/2. field : (3,), eV, b of a term b.s.

    An even N breaks time reversal, but not its product with a half turn of the spin alone, T' = s_x K.
    """
    rotations = {name: turning(name, J, winding) for name in turns}
    My, P, Mz, T = operation("My", J), operation("P", J), operation("Mz", J), time_reversal(J)
    mirrors = {name: (rotations[turn] @ My).named(name) for name, turn in (("Mx", "C2"), ("Mxy", "C4"))}
    plane = [*rotations.values(), My, *mirrors.values()]
    if winding % 2:
        found = [*magnetic(plane, T), *(one.broken(alpha) for one in (P, P @ T, Mz))]
    else:
        half_turn = replace(operation("C2", J), space=np.eye(3))
        found = [*magnetic(plane, (half_turn @ T).named("T'")), P, *(one.broken(alpha) for one in (T, P @ T, Mz))]
    return [one.in_field(field) for one in found]


def turning(name: str, J: np.ndarray, winding: int) -> Symmetry:
    """Return a rotation about z that turns the spin `winding` times as far as k, U = exp(-i angle winding J_z)."""
    once = operation(name, J)
    return replace(operation(name, winding * J), spin=np.linalg.matrix_power(once.spin, winding))
