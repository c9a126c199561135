"""A grid folded to its irreducible points: sums over these, symmetrized, are the sums over all.

An operation is accepted where it maps the grid onto itself, and where it is checked (`invariance`): `auto` takes what
the model has to rounding, and a user may assert more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError
from cc_kernels.grid import KGrid
from cc_kernels.models.lattice_operations import (
    Operation,
    groups_called,
    largest_group,
    lattice_operations,
    point_group_symbol,
    subgroups,
)
from cc_kernels.models.operators_at_k import OperatorsAtK
from cc_kernels.sums.directions import directions_of
from cc_kernels.sums.invariance import ABSENT, Check, Checked
from cc_kernels.sums.rotated_columns import NO_IMAGES, Images, is_signed_permutation

if TYPE_CHECKING:
    from cc_kernels.models import Model
    from cc_kernels.sums.block import Sums, Work

_ALLOWED = '"auto", "off", or {"point_group": a Hermann-Mauguin symbol, "time_reversal": True or False}'
_MIXED = 1e-2
"""Levels whose distance is a hundred times what the model's errors move them by are mixed by a percent."""
_MOST_MIXED = 1e-3
"""Of the width of the bands: levels further apart are told apart in the check of what is asserted."""
_ENOUGH = 2**17
"""Points of the whole grid among which irreducible ones are looked for at once: 2 MB."""


def check_symmetry(symmetry: object) -> Literal["auto", "off"] | tuple[str, bool]:
    """A choice as a caller writes it; of what is asserted, the symbol and whether time reversal is a symmetry."""
    if symmetry in ("auto", "off") and isinstance(symmetry, str):
        return symmetry  # type: ignore[return-value]
    if not isinstance(symmetry, Mapping) or not symmetry or set(symmetry) - {"point_group", "time_reversal"}:
        raise InputError("symmetry", symmetry, _ALLOWED)
    symbol = symmetry.get("point_group", "1")
    symbol = str(symbol) if isinstance(symbol, int) and not isinstance(symbol, bool) else symbol  # 4 and -3
    if not isinstance(symbol, str):
        raise InputError("symmetry.point_group", symbol, 'a Hermann-Mauguin symbol, such as "4mm" or "m-3m"')
    return symbol.replace(" ", ""), checks.flag("symmetry.time_reversal", symmetry.get("time_reversal", False))


@dataclass(frozen=True, eq=False)
class Folding:
    """Symmetries of a model that map a grid onto itself.

    Attributes
    ----------
    operations : a group, each with what it does to the columns; first the identity.
    grid : the grid, or a shard of it.
    work : what is summed.
    """

    operations: list[Checked]
    grid: KGrid
    work: Work

    @property
    def order(self) -> int:
        return len(self.operations)

    def points(self, start: int, stop: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Irreducible k (points, dim) among the flat indices start..stop, and how many points each stands for."""
        from cc_kernels.sums.irreducible import irreducible_points, three_axes  # numba

        grid, group = self.grid, self._index_maps
        shape = [n + grid.closed for n in grid.shape]
        points = np.array(three_axes(shape, 1), np.int64)
        found, orbits = np.empty((2, min(_ENOUGH, stop - start)), np.int64)
        for counts, stride, offset, first, last in grid.parts(start, stop):
            part = [
                np.array(three_axes([*one], rest), np.int64) for one, rest in ((counts, 1), (stride, 1), (offset, 0))
            ]
            for here in range(first, last, _ENOUGH):
                there = min(here + _ENOUGH, last)
                number = irreducible_points(*part, here, there, points, grid.is_periodic, *group, found, orbits)
                if number:
                    yield grid.at(np.unravel_index(found[:number], shape)), orbits[:number].astype(float)

    @cached_property
    def _index_maps(self) -> tuple[np.ndarray, np.ndarray]:
        """`index_map` of all operations, for three axes; once, where some do the same with k."""
        from cc_kernels.sums.irreducible import AXES, three_axes  # numba

        found = [index_map(self.grid, one.operation) for one in self.operations]
        different = list({(one[0].tobytes(), one[1].tobytes()): one for one in found if one is not None}.values())
        maps, shifts = np.tile(np.eye(AXES, dtype=np.int64), (len(different), 1, 1)), np.zeros((len(different), AXES))
        axes = np.flatnonzero(three_axes([1] * self.grid.dim, 0))
        for g, (turn, shift) in enumerate(different):
            maps[g, axes[:, None], axes], shifts[g, axes] = turn, shift
        return maps, shifts.astype(np.int64)

    @cached_property
    def _permuting(self) -> list[Checked]:
        """The subgroup that permutes sizes."""
        return [one for one in self.operations if is_signed_permutation(one.matrix)]

    @cached_property
    def images(self) -> Images:
        """Of each state, one for each coset of the operations that permute sizes."""
        known = {one.operation.key: one for one in self.operations}
        seen: set = set()
        representatives = []
        for one in self.operations:
            if one.operation.key not in seen:
                representatives.append(known[one.operation.key])
                seen |= {member.operation.after(one.operation) for member in self._permuting}
        if len(representatives) == 1:
            return NO_IMAGES
        return Images.of([one.matrix for one in representatives[1:]], self.work.plan, self.work.operators.norms)

    @property
    def directions(self) -> np.ndarray:
        """(directions, dim), along which a state is as fast as any of its images along the steps."""
        return directions_of(self.grid, [one.operation.rotation for one in self.operations])

    def symmetrized(self, total: Sums) -> Sums:
        """Sums over irreducible points as those over all: means over the group."""
        mean = _mean([one.matrix for one in self.operations], total.nodes.shape[1])
        sizes = _mean([abs(one.matrix) for one in self._permuting], total.nodes.shape[1])
        return replace(total, nodes=total.nodes @ mean.T, below=total.below @ mean.T, absolute=total.absolute @ sizes.T)

    @property
    def attributes(self) -> dict[str, object]:
        """What a dataset says of its symmetry."""
        group = [one.operation for one in self.operations]
        return {
            "symmetry": point_group_symbol(group),
            "symmetry_time_reversal": int(any(one.reverses_time and one.key[0] == group[0].key[0] for one in group)),
            "symmetry_operations": json.dumps(list(map(repr, group))),
            "symmetry_deviation": max(one.largest for one in self.operations),
            "symmetry_deviation_of_levels": max(one.energy for one in self.operations),
        }


def _mean(matrices: Sequence[np.ndarray], size: int) -> np.ndarray:
    """(size, size): the mean of matrices; columns beyond theirs are padding. What cancels is exactly 0."""
    result, columns = np.zeros((size, size)), len(matrices[0])
    mean = sum(matrices) / len(matrices)
    result[:columns, :columns] = np.where(abs(mean) < 1e-14, 0.0, mean)
    return result


def folding_of(work: Work, grid: KGrid, symmetry: object) -> Folding | None:
    """The symmetries of a model by which a grid is folded; None where it is not to be.

    Parameters
    ----------
    work : what is summed; its k-points are not looked at.
    symmetry : as in `cc_kernels.transport`.

    Raises
    ------
    InputError : for another choice, for a point group that the lattice does not have, and for an assertion that the
        model contradicts: integrands of images differ by `ABSENT` or more.
    """
    choice = check_symmetry(symmetry)
    if choice == "off" or not work.plan.columns(len(work.operators.operators)):
        return None
    known = _KNOWN.setdefault(work.model, {})
    key = (choice, work.plan.names, *work.operators.contents, work.tolerances)
    if key not in known:
        known[key] = exact(work) if choice == "auto" else asserted(work, *choice)
    operations = [one for one in known[key] if index_map(grid, one.operation) is not None]
    return Folding(operations, grid, work)


_KNOWN: WeakKeyDictionary[Model, dict[tuple, list[Checked]]] = WeakKeyDictionary()
"""What was found for models that are in memory: the grids of a study follow each other, and models do not change."""


def exact(work: Work) -> list[Checked]:
    """The largest group of operations that a model has to rounding."""
    check, candidates = Check(work), lattice_operations(work.model)
    identity = candidates[0]
    checked = {one.operation.key: one for one in check.of([identity, *check.with_levels(candidates[1:])])}
    kept = [one.operation for one in checked.values() if one.operation is identity or one.largest <= check.exact]
    return [checked[one.key] for one in largest_group(kept)]


def asserted(work: Work, symbol: str, time_reversal: bool) -> list[Checked]:
    """The operations that a user asserts, in the direction in which the model has them best; errors of `folding_of`.

    Those that turn the operators into others are left out. A single component of the spin is checked together with
    the other two.
    """
    candidates = lattice_operations(work.model)
    of_space, reversing = candidates[: len(candidates) // 2], candidates[len(candidates) // 2 :]
    directions = [of_space] if point_group_symbol(of_space) == symbol else groups_called(symbol, of_space)
    if not directions:
        possible = list(dict.fromkeys(map(point_group_symbol, subgroups(of_space))))
        where = "box" if work.model.reciprocal is None else "lattice"
        raise InputError("symmetry.point_group", symbol, f"one that the {where} has: " + ", ".join(possible))
    wanted = list({one.key: one for group in directions for one in group}.values())
    whole, chosen = _with_all_components(work)
    check = _tolerant(whole, [*wanted, *reversing[:time_reversal]])
    if time_reversal:
        _refuse_absent(check.of(reversing[:1])[0], "time_reversal", True, "False: the model has no time reversal")
    checked = {one.operation.key: one for one in check.of(wanted)}
    group = min(directions, key=lambda group: max(checked[one.key].mean for one in group))
    worst = max((checked[one.key] for one in group), key=lambda one: one.mean)
    allowed = f"one that the model has: {worst.operation} in reduced coordinates of k is not among its symmetries"
    _refuse_absent(worst, "point_group", symbol, allowed)
    result = [checked[one.key] for one in group]
    if time_reversal:
        turns = {one.key[0] for one in group}
        result += check.of([one for one in reversing if one.key[0] in turns])
    return [kept for one in result if (kept := one.of_operators(chosen, whole.plan)) is not None]


def _with_all_components(work: Work) -> tuple[Work, list[int]]:
    """The same for all components of the spin, where components are asked for, and the places of these among all."""
    names = [f"spin_{axis}" for axis in "xyz"]
    if all(name in work.model.operators for name in names):
        spin = OperatorsAtK(work.model, [work.model.operators[name] for name in names])
        if set(work.operators.contents) <= set(spin.contents):
            return replace(work, operators=spin), [spin.contents.index(one) for one in work.operators.contents]
    return work, list(range(len(work.operators.operators)))


def _tolerant(work: Work, operations: Sequence[Operation]) -> Check:
    """A check in which levels are one group that errors of the model mix: those of a doublet that it splits."""
    check, tolerance = Check(work), work.tolerances[0]
    mixed = min(check.energy_deviation(operations) / _MIXED, _MOST_MIXED * check.width)
    return check if mixed <= tolerance else Check(replace(work, tolerances=(mixed, *work.tolerances[1:])))


def _refuse_absent(one: Checked, key: str, given: object, allowed: str) -> None:
    if one.mean < ABSENT:
        return
    by = "the levels" if one.worst == "energy" else one.worst
    raise InputError(
        f"symmetry.{key}", given, f"{allowed} ({by} at k and at its image differ by {one.mean:.2g} of their size)"
    )


def index_map(grid: KGrid, operation: Operation) -> tuple[np.ndarray, np.ndarray] | None:
    """(dim, dim) and (dim,) int64 that take the indices of a grid's points to those of their images, up to a period.

    None where an image is no point of the grid, or where points that are new in it have images that are not.
    """
    shape, shift = np.array(grid.shape), np.array(grid.shift)
    # k = (j + shift)/N in units of the sides; those of a box count from its middle
    middle = np.zeros(grid.dim) if grid.is_periodic else shape / 2
    linear = operation.on_k * shape[:, None] / shape
    constant = linear @ (shift - middle) + middle - shift
    maps, shifts = np.rint(linear).astype(np.int64), np.rint(constant).astype(np.int64)
    if abs(linear - maps).max() > 1e-9 or abs(constant - shifts).max() > 1e-9:
        return None
    old = grid.odd_are_old  # one of the points that are not new, and its image must be another
    if grid.only_new and ((maps @ old + shifts - old)[grid.doubles] % 2).any():
        return None
    if not grid.is_periodic:
        last = shape - 1 + grid.closed
        ends = maps @ np.array(np.meshgrid(*([0, n] for n in last))).reshape(grid.dim, -1) + shifts[:, None]
        if (ends < 0).any() or (ends > last[:, None]).any():
            return None
    return maps, shifts
