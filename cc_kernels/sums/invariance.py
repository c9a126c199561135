"""Is an operation a symmetry of a model? All wanted integrands at random k are compared with those at their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.models.lattice_operations import Operation
from cc_kernels.sums.by_formulas import state_columns
from cc_kernels.sums.images import image_of_columns
from cc_kernels.sums.products import FLOOR

if TYPE_CHECKING:
    from cc_kernels.models import Model
    from cc_kernels.sums.block import Work

EXACT = 1e-10
"""Of what the factors of an integrand could give: a symmetry is exact up to this. Rounding of a level is 1e-16 of H,
and that of an integrand larger by H over the smallest gap, up to a million at a random k; a term of 1e-9 of H that
breaks the symmetry is above it."""
ABSENT = 1e-2
"""Likewise, the mean: what breaks a symmetry that a user asserts is a small error of the model, and not physics."""
POINTS = 4
"""Random k. Integrands are analytic in k: one that vanishes at so many of no symmetry vanishes everywhere."""
_TOGETHER = 64
"""k-points whose matrices are there at once."""
_SNAP = 1e-6
"""Elements of rotations that are closer than this to those of a rotation by a multiple of 30 degrees are these."""
_ANGLES = np.array([0, 0.5, 0.5**0.5, 0.75**0.5, 1.0])


@dataclass(frozen=True)
class Checked:
    """An operation, and how well a model has it.

    Attributes
    ----------
    operation : the operation.  mixing : (operators, operators), what becomes of the operators.
    matrix : (columns, columns), what becomes of the columns (`images.image_of_columns`).
    largest, mean : |X(g k) - D(g) X(k)|, of what X's factors could give: the largest and the mean over states.
    energy : eV, the largest difference of levels.
    worst : the name of the integrand, or "energy", in which the mean is largest.
    """

    operation: Operation
    mixing: np.ndarray
    matrix: np.ndarray
    largest: float
    mean: float
    energy: float
    worst: str


class Check:
    """The integrands of a model at random k, with which those at images are compared.

    Parameters
    ----------
    work : what is summed; its k-points and weights are not looked at.
    """

    def __init__(self, work: Work) -> None:
        self.work, self.model = work, work.model
        self.reduced = np.random.default_rng(20210611).uniform(0.02, 0.98, (POINTS, self.model.dim))
        if self.model.reciprocal is None:
            self.reduced = 2 * self.reduced - 1
        self.levels = self.model.levels(self._k(np.eye(self.model.dim)))
        self.width = float(np.abs(self.levels - self.levels.mean()).max()) or 1.0
        _, self.values, self.sizes = self._integrands([np.eye(self.model.dim)])[0]

    def _k(self, turn: np.ndarray) -> np.ndarray:
        """Cartesian k of the images under a matrix in reduced coordinates."""
        basis = self.model.k_max * np.eye(self.model.dim) if self.model.reciprocal is None else self.model.reciprocal
        return self.reduced @ turn.T @ basis

    def with_levels(self, operations: Sequence[Operation]) -> list[Operation]:
        """Those that leave the levels as they are: a first look, which costs little."""
        turns = {one.on_k.tobytes(): one.on_k for one in operations}
        k = np.concatenate([self._k(turn) for turn in turns.values()])
        levels = self.model.levels(k).reshape(len(turns), POINTS, -1)
        agree = np.abs(levels - self.levels).max((1, 2)) <= EXACT * self.width
        kept = {key for key, agrees in zip(turns, agree, strict=True) if agrees}
        return [one for one in operations if one.on_k.tobytes() in kept]

    def of(self, operations: Sequence[Operation]) -> list[Checked]:
        """How well the model has each operation."""
        turns = {one.on_k.tobytes(): one.on_k for one in operations}
        images = dict(zip(turns, self._integrands(list(turns.values())), strict=True))
        return [self._compared(one, *images[one.on_k.tobytes()][:2]) for one in operations]

    def _integrands(self, turns: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Levels (points, bands), X, and what X's factors could give (points, bands, columns), for each image."""
        k, parts = np.concatenate([self._k(turn) for turn in turns]), []
        for start in range(0, len(k), _TOGETHER):
            block, values, floors = state_columns(self.work.at(k[start : start + _TOGETHER]))
            parts.append((block["energy"], values, np.maximum(abs(values), floors / FLOOR)))
        whole = [np.concatenate(part) for part in zip(*parts, strict=True)]
        return list(zip(*(np.split(part, len(turns)) for part in whole), strict=True))

    def _compared(self, operation: Operation, levels: np.ndarray, values: np.ndarray) -> Checked:
        mixing = self._mixing(operation, values)
        matrix = image_of_columns(self.work.plan, operation, mixing)
        difference = np.abs(values - self.values @ matrix.T)
        energy = np.abs(levels - self.levels)
        largest, mean, worst = float(energy.max() / self.width), float(energy.mean() / self.width), "energy"
        for name, columns in self._columns_of_names():
            size = self.sizes[..., columns].max(-1)
            if not (whole := size.max()):
                continue
            apart = difference[..., columns].max(-1)
            largest = max(largest, float(apart.max() / whole))
            of_name = float(np.divide(apart, size, out=np.zeros_like(size), where=size > 0).mean())
            mean, worst = max((mean, worst), (of_name, name))
        return Checked(operation, mixing, matrix, largest, mean, float(energy.max()), worst)

    def _columns_of_names(self) -> list[tuple[str, list[int]]]:
        plan, count = self.work.plan, len(self.work.operators)
        found = []
        for name, (is_own, components) in plan.places.items():
            columns = sorted({column for column, _ in components})
            for index in range(count if is_own else 1):
                first = len(plan.shared) + index * len(plan.own) if is_own else 0
                found.append((name, [first + column for column in columns]))
        return [one for one in found if one[1]]

    def _mixing(self, operation: Operation, values: np.ndarray) -> np.ndarray:
        """The rotation of the operators, each measured by its norm, that fits the integrands best; their signs where
        each goes into itself."""
        plan, norms = self.work.plan, self.work.norms
        count, first = len(norms), len(plan.shared)
        own = image_of_columns(plan, operation, np.eye(count))[first:, first:]
        before, after = self.values[..., first:] @ own.T, values[..., first:]
        size = self.sizes[..., first:].reshape(-1, count, len(plan.own)) / norms[:, None]
        size = size.max((0, 1), initial=0)
        before, after = (
            _scaled(x.reshape(-1, count, len(plan.own)) / norms[:, None], size) for x in (before, after)
        )
        overlap = np.einsum("sac,sbc->ab", after, before)
        signs = np.diag(np.where(np.diag(overlap) < 0, -1.0, 1.0))
        if count == 1:
            return signs
        left, _, right = np.linalg.svd(overlap)
        fitted = _snapped(left @ right)
        misfits = [np.abs(after - np.einsum("ab,sbc->sac", turn, before)).max() for turn in (signs, fitted)]
        best = signs if misfits[0] <= max(misfits[1], EXACT) else fitted
        return norms[:, None] * best / norms


def _scaled(values: np.ndarray, size: np.ndarray) -> np.ndarray:
    return np.divide(values, size, out=np.zeros_like(values), where=size > 0)


def _snapped(rotation: np.ndarray) -> np.ndarray:
    """A fitted rotation without the fit's rounding, where its angles are usual ones."""
    places = np.abs(np.abs(rotation)[..., None] - _ANGLES)
    usual = np.copysign(_ANGLES[places.argmin(-1)], rotation) + 0.0
    return usual if (places.min(-1) < _SNAP).all() else rotation
