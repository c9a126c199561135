"""What a lattice, or the box of a continuum model, is mapped onto itself by: candidates for symmetries of a model.

An operation is a rotation or a mirror R of space about a point, possibly with time reversal. Where the atoms are, and
which translation goes with R, need not be known: all that is asked of a model are numbers at k and at its image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cc_kernels.models import Model

METRIC = 1e-6
"""Lengths and angles of a lattice that agree so well are equal: files give six digits or more. Whether the model has
the symmetry, too, is another question, which `sums.invariance` asks."""
_EXACT = (0.0, 0.5, 0.75**0.5, 1.0)
"""Sizes of the elements of rotations by multiples of 60 and 90 degrees about a Cartesian axis."""
_KINDS = ((1, -1), (1, 0), (1, 1), (1, 2), (-1, -3), (-1, 1), (-1, 0), (-1, -1), (-1, -2))
"""Determinant and trace of a rotation 2, 3, 4, 6, an inversion, a mirror, and of -3, -4, -6."""
_SYMBOLS = {
    tuple(map(int, counts.split())): symbol
    for symbol, counts in {
        "1": "0 0 0 0 0 0 0 0 0",
        "-1": "0 0 0 0 1 0 0 0 0",
        "2": "1 0 0 0 0 0 0 0 0",
        "m": "0 0 0 0 0 1 0 0 0",
        "2/m": "1 0 0 0 1 1 0 0 0",
        "222": "3 0 0 0 0 0 0 0 0",
        "mm2": "1 0 0 0 0 2 0 0 0",
        "mmm": "3 0 0 0 1 3 0 0 0",
        "4": "1 0 2 0 0 0 0 0 0",
        "-4": "1 0 0 0 0 0 0 2 0",
        "4/m": "1 0 2 0 1 1 0 2 0",
        "422": "5 0 2 0 0 0 0 0 0",
        "4mm": "1 0 2 0 0 4 0 0 0",
        "-42m": "3 0 0 0 0 2 0 2 0",
        "4/mmm": "5 0 2 0 1 5 0 2 0",
        "3": "0 2 0 0 0 0 0 0 0",
        "-3": "0 2 0 0 1 0 2 0 0",
        "32": "3 2 0 0 0 0 0 0 0",
        "3m": "0 2 0 0 0 3 0 0 0",
        "-3m": "3 2 0 0 1 3 2 0 0",
        "6": "1 2 0 2 0 0 0 0 0",
        "-6": "0 2 0 0 0 1 0 0 2",
        "6/m": "1 2 0 2 1 1 2 0 2",
        "622": "7 2 0 2 0 0 0 0 0",
        "6mm": "1 2 0 2 0 6 0 0 0",
        "-6m2": "3 2 0 0 0 4 0 0 2",
        "6/mmm": "7 2 0 2 1 7 2 0 2",
        "23": "3 8 0 0 0 0 0 0 0",
        "m-3": "3 8 0 0 1 3 8 0 0",
        "432": "9 8 6 0 0 0 0 0 0",
        "-43m": "3 8 0 0 0 6 0 6 0",
        "m-3m": "9 8 6 0 1 9 8 6 0",
    }.items()
}
"""How many operations of each kind the crystallographic point groups have, by which they are told apart (spglib does
the same, in a reduced basis; the tests compare)."""
_PLANE = {"mm2": "2mm"}
"""Names of the plane point groups that differ from those of the same operations in space."""


@dataclass(frozen=True, eq=False)
class Operation:
    """k -> R k, or -R k where time is reversed, too.

    Attributes
    ----------
    turn : (dim, dim) int, R in reduced coordinates: a column of k in units of the reciprocal vectors becomes turn @ k.
        Of a box, in Cartesian coordinates.
    rotation : (dim, dim), R in Cartesian coordinates.
    reverses_time : is it antiunitary?
    """

    turn: np.ndarray
    rotation: np.ndarray
    reverses_time: bool

    @property
    def on_k(self) -> np.ndarray:
        """(dim, dim) int, what becomes of reduced coordinates of k."""
        return -self.turn if self.reverses_time else self.turn

    @cached_property
    def key(self) -> tuple[tuple[int, ...], bool]:
        """Two operations are the same where their keys are."""
        return tuple(self.turn.reshape(-1).tolist()), self.reverses_time

    def after(self, other: Operation) -> tuple[tuple[int, ...], bool]:
        """The key of `other`, followed by this one."""
        return tuple((self.turn @ other.turn).reshape(-1).tolist()), self.reverses_time != other.reverses_time

    def __repr__(self) -> str:
        """The image of (x, y, z) in reduced coordinates of k, and a prime for time reversal: "-y,x'"."""
        names = "xyz"[: len(self.turn)]
        rows = ("".join(_signed(n, name) for n, name in zip(row, names, strict=True)) for row in self.turn.tolist())
        return ",".join(row.removeprefix("+") for row in rows) + ("'" if self.reverses_time else "")


def _signed(number: int, name: str) -> str:
    return "" if not number else f"{'+' if number > 0 else '-'}{abs(number) if abs(number) > 1 else ''}{name}"


def lattice_operations(model: Model) -> list[Operation]:
    """The point group of a model's lattice or box, each operation alone and with time reversal; first the identity.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> from cc_kernels.models.lattice_operations import lattice_operations
    >>> operations = lattice_operations(cc.build_model("rashba_square"))
    >>> len(operations), operations[0]
    (16, x,y)
    """
    turns = _signed_permutations(model.dim) if model.reciprocal is None else _automorphisms(model.reciprocal)
    basis = np.eye(model.dim) if model.reciprocal is None else model.reciprocal.T
    turns = sorted(turns, key=lambda turn: (-np.trace(turn), *(-turn.reshape(-1))))
    rotations = [_orthogonal(basis @ turn @ np.linalg.inv(basis)) for turn in turns]
    return [Operation(*one, reverses) for reverses in (False, True) for one in zip(turns, rotations, strict=True)]


def _signed_permutations(dim: int) -> list[np.ndarray]:
    unit = np.eye(dim, dtype=np.int64)
    signs = product((1, -1), repeat=dim)
    return [unit[list(axes)] * np.array(sign)[:, None] for sign in signs for axes in permutations(range(dim))]


def _automorphisms(rows: np.ndarray) -> list[np.ndarray]:
    """Integer matrices that keep the lengths of, and the angles between, basis vectors (dim, dim; rows)."""
    short = _shortened(rows)
    dim, metric, lengths = len(short), short @ short.T, np.linalg.norm(short, axis=1)
    # A vector sum_a n_a b_a of length L has |n_a| <= L |a_a|, with a_a the dual basis.
    most = np.floor(lengths.max() * np.linalg.norm(np.linalg.inv(short), axis=0) * (1 + METRIC)).astype(int)
    vectors = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in most), indexing="ij"), -1).reshape(-1, dim)
    products, slack = vectors @ metric @ vectors.T, 2 * METRIC * lengths[:, None] * lengths
    found: list[list[int]] = [[]]
    for axis in range(dim):
        same = np.flatnonzero(abs(np.diag(products) - metric[axis, axis]) <= slack[axis, axis])
        found = [
            [*images, image]
            for images in found
            for image in same
            if all(abs(products[one, image] - metric[n, axis]) <= slack[n, axis] for n, one in enumerate(images))
        ]
    change = np.rint(short @ np.linalg.inv(rows)).T  # columns: the short vectors in the given basis
    turns = (change @ vectors[images].T @ np.linalg.inv(change) for images in found)
    return [np.rint(turn).astype(np.int64) for turn in turns]


def _shortened(rows: np.ndarray) -> np.ndarray:
    """Basis vectors (dim, dim; rows) of the same lattice, none of which another one could shorten."""
    rows = rows.copy()
    while True:
        before = np.linalg.norm(rows, axis=1).sum()
        for one, other in permutations(range(len(rows)), 2):
            rows[one] -= np.rint(rows[one] @ rows[other] / (rows[other] @ rows[other])) * rows[other]
        if not np.linalg.norm(rows, axis=1).sum() < before * (1 - METRIC):
            return rows


def _orthogonal(matrix: np.ndarray) -> np.ndarray:
    """The orthogonal matrix nearest to one; elements that are 0, 1/2, sqrt(3)/2 or 1 but for rounding are just that."""
    left, _, right = np.linalg.svd(matrix)
    result = left @ right
    for size in _EXACT:
        result = np.where(abs(abs(result) - size) < METRIC, np.copysign(size, result), result)
    return result + 0.0


def largest_group(operations: Sequence[Operation]) -> list[Operation]:
    """Of operations, of which the first is the identity, those that form a group: the first that do, where several do.

    A set of checked operations is one already, unless a residual lies just at the tolerance.
    """
    known = {one.key: one for one in operations}
    group = [operations[0]]
    for one in operations[1:]:
        if not any(one is member for member in group):
            larger = generated([*group, one], known)
            group = group if larger is None else larger
    return group


def generated(generators: Sequence[Operation], known: dict[tuple, Operation]) -> list[Operation] | None:
    """The group that operations generate, in their order; None where it is not all among the `known`."""
    group = {one.key: one for one in generators}
    waiting = list(generators)
    while waiting:
        one = waiting.pop()
        for generator in generators:
            key = generator.after(one)
            if key not in known:
                return None
            if key not in group:
                group[key] = known[key]
                waiting.append(known[key])
    return list(group.values())


def point_group_symbol(operations: Iterable[Operation]) -> str:
    """The Hermann-Mauguin symbol of the operations of space; those of a plane are 1, 2, m, 2mm, 3, ... 6mm."""
    rotations = {one.key[0]: one.rotation for one in operations}.values()
    dim = len(next(iter(rotations)))
    kinds = [(round(np.linalg.det(R)), round(np.trace(R)) + 3 - dim) for R in rotations]
    symbol = _SYMBOLS[tuple(kinds.count(kind) for kind in _KINDS)]
    return _PLANE.get(symbol, symbol) if dim < 3 else symbol


def groups_called(symbol: str, operations: Sequence[Operation]) -> list[list[Operation]]:
    """The subgroups of a point group with that symbol: the same axes, in all directions that the lattice has for them.

    operations : of a lattice, without time reversal.
    """
    dim = len(operations[0].turn)
    symbol = _PLANE.get(symbol, symbol) if dim < 3 else symbol
    return [group for group in subgroups(operations) if point_group_symbol(group) == symbol]


def subgroups(operations: Sequence[Operation]) -> list[list[Operation]]:
    """All subgroups of a group, the first operation of which is the identity; the largest last."""
    known = {one.key: number for number, one in enumerate(operations)}
    table = [[known[one.after(other)] for other in operations] for one in operations]
    found = {frozenset([0]): None}
    waiting = [frozenset([0])]
    while waiting:
        group = waiting.pop()
        for number in range(len(operations)):
            if number not in group:
                larger = _closed(group | {number}, table)
                if larger not in found:
                    found[larger] = None
                    waiting.append(larger)
    members = sorted(found, key=lambda group: (len(group), sorted(group)))
    return [[operations[number] for number in sorted(group)] for group in members]


def _closed(numbers: frozenset[int], table: list[list[int]]) -> frozenset[int]:
    """The group that elements generate, of the table of products."""
    group = set(numbers)
    while True:
        more = {table[one][other] for one in group for other in numbers} - group
        if not more:
            return frozenset(group)
        group |= more
