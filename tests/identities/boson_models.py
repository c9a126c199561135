"""Bosons for the tests: random ones with each kind of operator, and two magnets whose matrices are written by hand."""

from __future__ import annotations

import numpy as np

from cc_kernels.models import TightBinding
from cc_kernels.models.base import BOSE
from cc_kernels.models.bosons import bosons
from tests.identities.random_models import random_bosons

MODES = [(dim, modes) for dim in (1, 2, 3) for modes in (1, 2, 3)]
OPERATORS = ("diagonal", "number conserving", "anomalous")
MEV = 1e-3


def bosons_of(dim: int, modes: int, operator: str) -> TightBinding:
    """Random bosons with an operator "s" that is not conserved, of one of the kinds."""
    model = random_bosons(10 * dim + modes, modes, dim, anomalous_operator=operator == "anomalous")
    if operator != "diagonal":
        return model
    return with_operator(model, np.diag(np.diag(model.operators["s"].matrix)))


def with_operator(model: TightBinding, s: np.ndarray) -> TightBinding:
    """The same bosons with that operator "s"."""
    kind = {"statistics": BOSE, "particle_hole_copies": 2, "degeneracy_tolerance": model.degeneracy_tolerance}
    return TightBinding(model.lattice, model.R, model.hoppings, model.positions, {"s": s}, **kind)


def pair_square() -> TightBinding:
    """One magnon, spin 1 up, on the square lattice: -J S.S, -K Sz^2, D z.(S_i x S_j) on x bonds, and anisotropic
    exchange, d1 (SxSx - SySy) on x and d2 (SxSy + SySx) on y bonds; J, K, D, d1, d2 = 1, 0.8, 0.4, 0.3, 0.25 meV.

    With Sx + iSy = sqrt(2) b, per bond: -J - iD of b_i^+ b_j on x, -J on y; d1 of b_i^+ b_j^+ on x, i d2 on y.
    """
    R = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]
    normal = MEV * np.array([4 + 2 * 0.8, -1 - 0.4j, -1 + 0.4j, -1, -1])
    anomalous = MEV * np.array([0, 0.3, 0.3, 0.25j, 0.25j])
    operators = {"spin_z": -np.eye(1)}
    return bosons(
        np.eye(2), R, normal[:, None, None], anomalous[:, None, None], operators=operators, name="pair_square"
    )


def honeycomb_ferromagnet() -> TightBinding:
    """Two magnons: -J S.S, D nu z.(S_i x S_j) between second neighbours, -K Sz^2; A at 0, B at (0, 1/sqrt(3)).

    nu = 1 from A to A and -1 from B to B along a1, a2 - a1 and -a2. S = 3/2; J, D, K = 1, 0.1, 0.05 meV.
    """
    S, D, K = 1.5, 0.1, 0.05
    lattice = np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    turns = [(1, 0), (-1, 1), (0, -1)]
    cells = {R: np.zeros((2, 2), complex) for R in [(0, 0), *turns, *[(-a, -b) for a, b in turns]]}
    cells[0, 0] += (3 * S + 2 * K * S) * np.eye(2)
    for a, b in ((0, 0), (0, -1), (1, -1)):  # from A to B above, and below on either side
        cells[a, b][0, 1] -= S
        cells[-a, -b][1, 0] -= S
    for a, b in turns:
        cells[a, b] -= 1j * D * S * np.diag([1, -1])
        cells[-a, -b] += 1j * D * S * np.diag([1, -1])
    matrices, positions = MEV * np.array(list(cells.values())), [[0, 0], [0, np.sqrt(1 / 3)]]
    operators = {"spin_z": -np.eye(2)}
    return bosons(lattice, list(cells), matrices, positions=positions, operators=operators, name="honeycomb_fm")
