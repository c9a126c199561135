"""Is an operation a symmetry of a model? All wanted integrands at random k are compared with those at their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.models.lattice_operations import Operation
from cc_kernels.sums.block import Work, refuse_infinite
from cc_kernels.sums.by_formulas import state_columns
from cc_kernels.sums.products import FLOOR
from cc_kernels.sums.rotated_columns import images_of_columns, with_operators

if TYPE_CHECKING:
    from cc_kernels.sums.plan import Plan

EXACT = 1e-10
"""Of what the factors of an integrand could give: a symmetry is exact up to this. Rounding of a level is 1e-16 of H,
and that of an integrand larger by H over the smallest gap, up to a million at a random k; a term of 1e-9 of H that
breaks the symmetry is above it."""
ABSENT = 0.2
"""Likewise, the mean of what counts as 1 at most: what breaks a symmetry that a user asserts is a small error of the
model, and not physics. Of a magnet's time reversal it is 0.6 and more; where levels nearly touch, small errors make
some large differences."""
POINTS = 4
"""k, of random ones. Integrands are analytic in k: one that vanishes at a k of no symmetry vanishes everywhere."""
_DRAWN = 32
"""Random k, of which those are taken where levels are furthest apart, for their size: rounding is largest where
they nearly touch."""
_SMALL = 1e-4
"""Of width^a length^b norm: what is smaller in all states, such as a Berry curvature that vanishes, is measured by
that, for it may be nothing but rounding."""
_ROUNDING, _LEAST_EXACT = 1e-13, 1e-7
"""Rounding of integrands for each width of the bands that a level is away: where levels are far away, as those of hard
walls are, it replaces `EXACT`, up to the latter."""
_FAR = 1e-6
"""The width of the bands is the median distance from their middle, which one far level does not change; but rounding of
the others grows with that level."""
_TOGETHER = 64
"""k-points whose matrices are there at once."""
_SNAP = 0.03
"""Rotations of operators, all elements of which are so close to those of one by multiples of 30 degrees, may be it."""
_ANGLES = np.array([0, 0.5, 0.5**0.5, 0.75**0.5, 1.0])


@dataclass(frozen=True)
class Checked:
    """An operation, and how well a model has it.

    Attributes
    ----------
    operation : the operation.  mixing : (operators, operators), what becomes of the operators.
    matrix : (columns, columns), what becomes of the columns (`rotated_columns.with_operators`).
    largest, mean : |X(g k) - D(g) X(k)|, of what X's factors could give: the largest, and the mean over
        states, each 1 at most.
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

    def of_operators(self, chosen: Sequence[int], plan: Plan) -> Checked | None:
        """The same for some of the operators; None where it turns these into others."""
        among = self.mixing[np.ix_(chosen, chosen)]
        if np.abs(among @ among.T - np.eye(len(chosen))).max() > 1e-9:
            return None
        first = len(plan.shared)
        columns = [*range(first), *(first + n * len(plan.own) + c for n in chosen for c in range(len(plan.own)))]
        return replace(self, mixing=among, matrix=self.matrix[np.ix_(columns, columns)])


class Check:
    """The integrands of a model at random k, with which those at images are compared.

    Parameters
    ----------
    work : what is summed; its k-points and weights are not looked at.
    """

    def __init__(self, work: Work) -> None:
        self.work, self.model = work, work.model
        self.reduced = np.random.default_rng(20210611).uniform(0, 1, (_DRAWN, self.model.dim))
        if self.model.reciprocal is None:
            self.reduced = 2 * self.reduced - 1
        levels = self.model.levels(self._k(np.eye(self.model.dim)))
        refuse_infinite(self.model, levels)
        gaps = np.diff(levels, axis=1)
        apart = np.where(gaps > self.work.tolerances[0], gaps, np.inf).min(1, initial=np.inf)
        apart /= np.maximum(np.abs(levels).max(1), 1e-300)
        taken = np.sort(np.argsort(-apart, kind="stable")[:POINTS])
        self.reduced, self.levels = self.reduced[taken], levels[taken]
        distances = np.abs(self.levels - np.median(self.levels))
        self.width = float(max(np.median(distances), _FAR * distances.max())) or 1.0
        rounding = _ROUNDING * np.abs(self.levels).max() / self.width
        self.exact = float(np.clip(rounding, EXACT, _LEAST_EXACT))
        _, self.values, sizes = self._integrands([np.eye(self.model.dim)])[0]
        self._arrange(sizes)

    def _arrange(self, sizes: np.ndarray) -> None:
        """Where the columns of each name are, and what their values are measured by."""
        plan, norms = self.work.plan, self.work.operators.norms
        self.norms = np.where(norms > 0, norms, 1.0)
        count, first, names = len(norms), len(plan.shared), []
        for name, (is_own, components) in plan.places.items():
            columns = np.array(sorted({column for column, _ in components}), int)
            starts = [first + index * len(plan.own) for index in range(count)] if is_own else [0]
            names += [(name, start + columns) for start in starts if len(columns)]
        sizes = np.maximum(sizes, self._least())
        self.names, each = [name for name, _ in names], [columns for _, columns in names]
        self.columns = np.concatenate(each)
        self.starts = np.cumsum([0, *map(len, each[:-1])])
        of_names = self._of_names(sizes)
        self.size_of_names = np.where(of_names > 0, of_names, 1.0)
        self.largest = np.where(of_names.any((0, 1)), of_names.max((0, 1)), 1.0)
        shape = (self.levels.size, count, len(plan.own))
        size = (sizes[..., first:].reshape(shape) / self.norms[:, None]).max((0, 1), initial=0)
        self.size_of_own = self.norms[:, None] * np.where(size > 0, size, 1.0)
        self.own = self.values[..., first:].reshape(shape)

    def _k(self, turn: np.ndarray) -> np.ndarray:
        """Cartesian k of the images under a matrix in reduced coordinates, where a grid has them: finitely many plane
        waves are not the same in the next zone."""
        images = self.reduced @ turn.T
        if self.model.reciprocal is None:
            return self.model.k_max * images
        return (images - np.floor(images)) @ self.model.reciprocal

    def with_levels(self, operations: Sequence[Operation]) -> list[Operation]:
        """Those that leave the levels as they are: a first look, which costs little."""
        turns = {one.on_k.tobytes(): one.on_k for one in operations}
        k = np.concatenate([self._k(turn) for turn in turns.values()])
        levels = self.model.levels(k).reshape(len(turns), POINTS, -1)
        agree = np.abs(levels - self.levels).max((1, 2)) <= self.exact * self.width
        kept = {key for key, agrees in zip(turns, agree, strict=True) if agrees}
        return [one for one in operations if one.on_k.tobytes() in kept]

    def energy_deviation(self, operations: Sequence[Operation]) -> float:
        """The largest difference of levels at k and at its images, eV."""
        return max(float(np.abs(self.model.levels(self._k(one.on_k)) - self.levels).max()) for one in operations)

    def of(self, operations: Sequence[Operation]) -> list[Checked]:
        """How well the model has each operation."""
        turns = {one.on_k.tobytes(): one.on_k for one in operations}
        images = dict(zip(turns, self._integrands(list(turns.values())), strict=True))
        shared, own = images_of_columns(self.work.plan, operations)
        result = []
        for number, one in enumerate(operations):
            levels, values, _ = images[one.on_k.tobytes()]
            mixing = self._mixing(own[number], values[..., len(shared[0]) :])
            matrix = with_operators(shared[number], own[number], mixing)
            result.append(self._compared(one, mixing, matrix, levels, values))
        return result

    def _integrands(self, turns: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Levels (points, bands), X, and what X's factors could give (points, bands, columns), for each image."""
        k, parts = np.concatenate([self._k(turn) for turn in turns]), []
        for start in range(0, len(k), _TOGETHER):
            block, values, floors = state_columns(self.work.at(k[start : start + _TOGETHER]))
            parts.append((block["energy"], values, np.maximum(abs(values), floors / FLOOR)))
        whole = [np.concatenate(part) for part in zip(*parts, strict=True)]
        return list(zip(*(np.split(part, len(turns)) for part in whole), strict=True))

    def _compared(
        self, operation: Operation, mixing: np.ndarray, matrix: np.ndarray, levels: np.ndarray, values: np.ndarray
    ) -> Checked:
        energy = np.abs(levels - self.levels)
        apart = self._of_names(np.abs(values - self.values @ matrix.T))
        largest = np.append(apart.max((0, 1)) / self.largest, energy.max() / self.width)
        mean = np.append(np.minimum(apart / self.size_of_names, 1).mean((0, 1)), energy.mean() / self.width)
        worst = int(mean.argmax())
        name = "energy" if worst == len(self.names) else self.names[worst]
        return Checked(operation, mixing, matrix, float(largest.max()), float(mean.max()), float(energy.max()), name)

    def _least(self) -> np.ndarray:
        """(columns,) what the smallest values of each are measured by."""
        plan, model = self.work.plan, self.model
        basis = model.k_max * np.eye(model.dim) if model.reciprocal is None else model.reciprocal
        length = 1 / np.linalg.norm(basis, axis=1).max()
        each = [(one, 1.0) for one in plan.shared] + [(one, norm) for norm in self.norms for one in plan.own]
        return np.array([_SMALL * self.width**one.energy * length**one.length * norm for one, norm in each])

    def _of_names(self, values: np.ndarray) -> np.ndarray:
        """(points, bands, names): the largest of the columns (points, bands, columns) of each state sum."""
        return np.maximum.reduceat(values[..., self.columns], self.starts, axis=-1)

    def _mixing(self, own: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The rotation of the operators, each measured by its norm, that fits the integrands best; their signs where
        each goes into itself."""
        count, norms = len(self.norms), self.norms
        shape = (self.levels.size, count, len(own))
        before, after = self.own @ own.T / self.size_of_own, values.reshape(shape) / self.size_of_own
        overlap = np.einsum("sac,sbc->ab", after, before)
        signs = np.diag(np.where(np.diag(overlap) < 0, -1.0, 1.0))
        if count == 1 or not after.size:  # nothing that is summed has an operator
            return signs
        left, _, right = np.linalg.svd(overlap)
        turns = [signs, _snapped(left @ right), left @ right]  # what is plain is preferred to rounding and errors
        misfits = [float(np.abs(after - np.einsum("ab,sbc->sac", turn, before)).mean()) for turn in turns]
        best = next(
            turn for turn, misfit in zip(turns, misfits, strict=True) if misfit <= 2 * min(misfits) + self.exact
        )
        return norms[:, None] * best / norms


def _snapped(rotation: np.ndarray) -> np.ndarray:
    """A fitted rotation as it is without the errors of a model, where its angles are usual ones."""
    places = np.abs(np.abs(rotation)[..., None] - _ANGLES)
    usual = np.copysign(_ANGLES[places.argmin(-1)], rotation) + 0.0
    is_rotation = np.abs(usual @ usual.T - np.eye(len(usual))).max() < 1e-12
    return usual if (places.min(-1) < _SNAP).all() and is_rotation else rotation
