"""A classical magnet with bilinear couplings: its energy, the forces on its moments, and the nearest equilibrium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cc_kernels.errors import InputError, stated

EQUILIBRIUM = 1e-10
"""Of the exchange: a larger force across a moment leaves a linear term, and the magnons are none of this state."""
RELAXED = 1e-12
"""Of the exchange: from there on steps are taken until forces are rounding, and fall no more."""
LONGEST_STEP = 0.2
"""Radian, of the largest turn in one step, so that the minimum is the one next to the start."""
SOFT = 1e-8
"""Of the exchange: a softer mode is a rotation that costs no energy."""
MOST_STEPS = 2000


@dataclass(frozen=True, eq=False)
class Magnet:
    """E = (1/2) sum over i, j, R of S_i(0).J_ij(R).S_j(R) + sum over i of h_i.S_i, per magnetic cell.

    Attributes
    ----------
    R : (nR, dim) whole numbers, cells.
    exchange : (nR, N, N, 3, 3), J in eV, J_ji(-R) = J_ij(R)^T; an anisotropy S.A.S is the part 2 A of J_ii(0).
    fields : (N, 3), h in eV.
    lengths : (N,), the S_i.
    """

    R: np.ndarray
    exchange: np.ndarray
    fields: np.ndarray
    lengths: np.ndarray

    def forces(self, directions: np.ndarray) -> np.ndarray:
        """dE/dS_i (N, 3), eV, of moments along `directions` (N, 3), the same in all cells."""
        return np.einsum("rijab,jb->ia", self.exchange, self.moments(directions)) + self.fields

    def moments(self, directions: np.ndarray) -> np.ndarray:
        """S_i n_i (N, 3)."""
        return self.lengths[:, None] * directions

    @property
    def scale(self) -> float:
        """The largest force that there can be on a moment, eV."""
        pairs = np.linalg.norm(self.exchange, axis=(-2, -1)).sum(0)
        return float((pairs @ self.lengths + np.linalg.norm(self.fields, axis=1)).max())

    def check_equilibrium(self, directions: np.ndarray) -> None:
        """Refuse directions across which there is a force."""
        across = _across(self.forces(directions), transverse_axes(directions))
        worst = int(across.argmax())
        if across[worst] > EQUILIBRIUM * self.scale:
            given = stated(f"no equilibrium: a force of {across[worst]:.3g} eV across the moment of site {worst}")
            allowed = f"moments without forces across them (to {EQUILIBRIUM:g} of the exchange, {self.scale:.3g} eV); "
            raise InputError("moments", given, allowed + "or relax=True, which turns them to the nearest minimum")

    def relaxed(self, directions: np.ndarray) -> np.ndarray:
        """The directions (N, 3) of the minimum of the energy of the magnetic cell next to the given ones.

        Newton's method with the sizes of the stiffnesses, so that every step goes downhill.
        """
        before, soft = np.inf, SOFT * self.scale * self.lengths.max()
        for _ in range(MOST_STEPS):
            u = transverse_axes(directions)
            axes = np.stack([u.real, u.imag], axis=1)  # (N, 2, 3)
            forces = self.forces(directions)
            across = _across(forces, u).max()
            if across == 0 or before / 2 <= across <= RELAXED * self.scale:
                return directions
            before = across
            gradient = (self.lengths[:, None] * np.einsum("ixa,ia->ix", axes, forces)).ravel()
            stiffness, modes = np.linalg.eigh(self._stiffness(directions, axes, forces))
            along = -(modes.T @ gradient) / np.maximum(np.abs(stiffness), soft)
            turn = np.einsum("ix,ixa->ia", (modes @ along).reshape(-1, 2), axes)
            turn *= LONGEST_STEP / max(LONGEST_STEP, np.linalg.norm(turn, axis=1).max())
            directions = self._downhill(directions, turn)
        raise InputError("moments", stated(f"no minimum within {MOST_STEPS} steps"), "moments close to an equilibrium")

    def _stiffness(self, directions: np.ndarray, axes: np.ndarray, forces: np.ndarray) -> np.ndarray:
        """Second derivatives (2 N, 2 N) of the energy with the angles by which moments turn towards their two axes."""
        lengths, sites = self.lengths, len(self.lengths)
        between = np.einsum("i,ixa,rijab,jyb,j->ixjy", lengths, axes, self.exchange, axes, lengths, optimize=True)
        along = lengths * (forces * directions).sum(1)
        return between.reshape(2 * sites, -1) - np.diag(np.repeat(along, 2))

    def _downhill(self, directions: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """A step along `turn` (N, 3), halved until the energy falls, up to rounding."""
        start = self._energy(directions)
        rounding = 8 * np.finfo(float).eps * self.scale * self.lengths.sum()
        while True:
            moved = unit_vectors(directions + turn)
            if self._energy(moved) <= start + rounding:
                return moved
            turn = turn / 2

    def _energy(self, directions: np.ndarray) -> float:
        moments = self.moments(directions)
        return float((moments * (self.forces(directions) + self.fields)).sum() / 2)


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """(..., 3) divided by their lengths."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def transverse_axes(directions: np.ndarray) -> np.ndarray:
    """u = e1 + i e2 (N, 3) of unit vectors n (N, 3), e1, e2, n right-handed: e2 is horizontal, of n = +-z it is y."""
    horizontal = np.cross([0.0, 0.0, 1.0], directions)
    near_pole = np.linalg.norm(horizontal, axis=1) < 1e-8
    horizontal[near_pole] = [0.0, 1.0, 0.0]
    horizontal -= (horizontal * directions).sum(1, keepdims=True) * directions
    e2 = unit_vectors(horizontal)
    return np.cross(e2, directions) + 1j * e2


def _across(forces: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The parts (N,) of forces (N, 3) across the moments."""
    return np.abs((u * forces).sum(1))
