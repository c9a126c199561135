"""What an operation of symmetry does to the columns of sums: Cartesian components rotate, operators mix, signs change.

X(g k) = D(g) X(k), state by state, where g is a symmetry. So a sum over all points is one over irreducible points of
the mean of D(g) X over the group. Sums of |X| are not linear in X: where D(g) is a permutation with signs they permute,
and from other operations a kernel adds the sizes of a state's images (`Images`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from cc_kernels.models.lattice_operations import Operation
from cc_kernels.sums.expressions import Expression
from cc_kernels.sums.plan import Plan
from cc_kernels.sums.products import declared, expression

EVEN = (
    "energy",
    "group_energy",
    "operator_expectation",
    "s_dipole",
    "quantum_metric",
    "velocity_squared",
    "close_metric",
    "below_zero",
)
"""Band quantities that time reversal leaves as they are, apart from what it does to s: A^i_nm(-k) = A^i_nm(k)^* of the
reversed states, and v changes sign. All others have one v in a real part, or an even number in an imaginary one."""
_ZERO = 1e-13
"""Elements of matrices of a group are sums of a hundred products of numbers up to 1, and are 0 where they are less."""


def time_parity(of: Expression) -> int:
    """What time reversal multiplies a state sum with, apart from what it does to s."""
    factors = of.terms[0][0]
    return int(np.prod([1 if name in EVEN else -1 for name, _ in factors]))


def images_of_components(name: str, operations: Sequence[Operation]) -> np.ndarray:
    """(operations, components, components), what each does to a state sum, apart from what it does to s."""
    R, indices = np.array([one.rotation for one in operations]), declared(name).indices
    if indices == ("k",):  # an axial vector; in two dimensions its z component, in one nothing
        turns = np.rint(np.linalg.det(R))[:, None, None] * (R if R.shape[-1] == 3 else np.eye(R.shape[-1] - 1))
    else:
        turns = np.ones((len(R), 1, 1))
        for _ in indices:
            size = turns.shape[-1] * R.shape[-1]
            turns = np.einsum("gab,gcd->gacbd", turns, R).reshape(-1, size, size)
    reverses = np.array([one.reverses_time for one in operations])
    return turns * np.where(reverses, time_parity(expression(name)), 1)[:, None, None]


def images_of_columns(plan: Plan, operations: Sequence[Operation]) -> tuple[np.ndarray, np.ndarray]:
    """(operations, columns, columns) of the shared columns of a plan, and of those of one operator, without s."""
    tables = [np.zeros((len(operations), len(columns), len(columns))) for columns in (plan.shared, plan.own)]
    for name, (is_own, components) in plan.places.items():
        table, first = tables[is_own], {column: n for n, (column, _) in reversed([*enumerate(components)])}
        if not components:
            continue
        columns, signs = (np.array(each) for each in zip(*components, strict=True))
        rows = list(first.values())
        turns = signs[rows, None] * images_of_components(name, operations)[:, rows] * signs
        table[:, list(first)] = turns @ np.eye(table.shape[-1])[columns]
    return tables[0], tables[1]


def with_operators(shared: np.ndarray, own: np.ndarray, mixing: np.ndarray) -> np.ndarray:
    """D(g), (columns, columns), for the operators that `mixing` turns into each other.

    shared, own : of one operation, of `images_of_columns`.
    mixing : (operators, operators), <s_a> of the image is sum_b mixing_ab <s_b>.
    """
    first, columns = len(shared), len(shared) + len(mixing) * len(own)
    whole = np.zeros((columns, columns))
    whole[:first, :first] = shared
    whole[first:, first:] = np.kron(mixing, own)
    whole = np.where(abs(whole) < _ZERO, 0.0, whole)
    always_zero = ~whole.any(1)  # the diagonal of an antisymmetric tensor
    return whole + np.diag(always_zero.astype(float))


def is_signed_permutation(matrix: np.ndarray) -> bool:
    """Is every row one +1 or -1? Then sizes permute."""
    return bool(((matrix == 0) | (abs(matrix) == 1)).all() and (abs(matrix).sum(1) == 1).all())


@dataclass(frozen=True)
class Images:
    """What a kernel needs for the sizes of the images of states: sizes = mean over images of |D X|.

    Attributes
    ----------
    number : of images, with the state itself; 1 where nothing is to be done.
    places : (terms, 3) int64, the image, the column, and the column that it is made of; in this order.
    factors : (terms,).
    norms : (columns,) of the operator of each column, 1 of none.
    floors : (columns, 3) int64, as of `Plan.terms`.
    """

    number: int
    places: np.ndarray
    factors: np.ndarray
    norms: np.ndarray
    floors: np.ndarray

    @classmethod
    def of(cls, matrices: Sequence[np.ndarray], plan: Plan, norms: np.ndarray) -> Images:
        """Of the matrices of all images but the state itself.

        Columns whose images are plus or minus themselves are left out: their mean size is their size.
        """
        floors = np.concatenate([plan.terms(plan.shared)[2], *[plan.terms(plan.own)[2]] * len(norms)])
        all_norms = np.concatenate([np.ones(len(plan.shared)), np.repeat(norms, len(plan.own))])
        turned = np.zeros(len(floors), bool)
        for matrix in matrices:
            turned |= abs(abs(matrix) - np.eye(len(matrix))).max(1, initial=0) > 0
        found = [
            (number, column, source, matrix[column, source])
            for number, matrix in enumerate(matrices, 1)
            for column, source in product(np.flatnonzero(turned), range(len(matrix)))
            if matrix[column, source]
        ]
        places = np.array([one[:3] for one in found], np.int64).reshape(-1, 3)
        return cls(len(matrices) + 1, places, np.array([one[3] for one in found], float), all_norms, floors)

    @property
    def table(self) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """As compiled sums read it (`columns.add_images`)."""
        return self.number, self.places, self.factors, self.norms, self.floors

    def mean_sizes(self, values: np.ndarray, heights: np.ndarray) -> np.ndarray:
        """Mean sizes (..., columns) of states with these values, and with these floors under each size."""
        sizes = np.maximum(abs(values), heights)
        turned = np.unique(self.places[:, 1])
        for number in range(1, self.number):
            matrix = np.zeros((values.shape[-1],) * 2)
            here = self.places[:, 0] == number
            matrix[self.places[here, 1], self.places[here, 2]] = self.factors[here]
            image = np.maximum(abs(values @ matrix.T), heights)
            sizes[..., turned] += image[..., turned]
        sizes[..., turned] /= self.number
        return sizes


NO_IMAGES = Images(1, np.empty((0, 3), np.int64), np.empty(0), np.empty(0), np.empty((0, 3), np.int64))
"""Where nothing is folded, or where all sizes permute."""
