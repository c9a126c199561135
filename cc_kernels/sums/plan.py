"""Which columns a pass over a grid has to fill: the components of the wanted state sums, each once.

Components that are equal, or equal up to sign (of antisymmetric and symmetric tensors), are one column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from cc_kernels.geometry.quantities import COMPANIONS, DIVIDED, NEAR, PACKED, packing, wanted
from cc_kernels.geometry.quantities import places as first_rows
from cc_kernels.sums.expressions import Expression
from cc_kernels.sums.products import ALWAYS, components, declared, needs

STEP = 4
"""Arrays of sums have a multiple of so many columns: kernels take eight at a time, and what is left as four."""


@dataclass(frozen=True)
class Column:
    """One sum over states: what is added, and the powers of eV, angstrom and the operator that its floor follows."""

    expression: Expression
    energy: int
    length: int
    operator: int


@dataclass(frozen=True)
class Plan:
    """What to sum.

    Attributes
    ----------
    names : of the state sums.
    shared, own : columns that know no operator, and those of each operator.
    places : name -> (is it of an operator?, [(column, sign) of each component]).
    quantities : band quantities that have to be known.
    """

    names: tuple[str, ...]
    dim: int
    shared: tuple[Column, ...]
    own: tuple[Column, ...]
    places: dict[str, tuple[bool, list[tuple[int, float]]]]
    quantities: frozenset[str]

    def columns(self, operators: int) -> int:
        """Number of columns for so many operators."""
        return len(self.shared) + operators * len(self.own)

    def terms(self, columns: tuple[Column, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Columns as the kernels read them (`columns.fill_columns`, `columns.fill_sizes`).

        Returns
        -------
        factors : (terms, 4) int64, the column, and three rows of `packing`; row 0 holds ones.
        coefficients : (terms,).
        floors : (columns, 3) int64, powers of V and of G, and whether there is a floor at all.
        """
        layout, factors, coefficients = packing(self.dim), [], []
        for index, column in enumerate(columns):
            for names, coefficient in column.expression.terms:
                rows = [layout[name].start + _flat(axes, self.dim) for name, axes in names]
                factors.append([index, *rows, *[0] * (3 - len(rows))])
                coefficients.append(coefficient)
        floors = [[c.energy, c.length - c.energy, 1] if c.energy <= c.length else [0, 0, 0] for c in columns]
        factors, floors = (np.array(x, np.int64).reshape(-1, size) for x, size in ((factors, 4), (floors, 3)))
        return factors, np.array(coefficients, float), floors

    @cached_property
    def kernel_tables(self) -> tuple:
        """What compiled sums read of a plan: `places` and `wanted` of `quantities`, and the terms."""
        return first_rows(self.dim), wanted(self.quantities), self.terms(self.shared), self.terms(self.own)

    @property
    def needs_current(self) -> bool:
        """Is J_mn wanted between different levels?"""
        dipoles = ("s_berry_curvature", "current_dipole", "operator_current")
        return any(name in dipoles or name in DIVIDED for name in self.quantities)

    @property
    def needs_divided(self) -> bool:
        return any(name in DIVIDED for name in self.quantities)

    @property
    def needs_mixed(self) -> bool:
        return "mixed_curvature" in self.quantities

    @property
    def needs_companions(self) -> bool:
        return any(name in COMPANIONS for name in self.quantities)


def padded(columns: int) -> int:
    """The number of columns of arrays for so many sums."""
    return -(-columns // STEP) * STEP


def plan_of(names: Sequence[str], dim: int) -> Plan:
    """The plan for state sums: band quantities, or entries of `products.PRODUCTS`."""
    return _plan_of(tuple(dict.fromkeys(names)), dim)


@lru_cache
def _plan_of(names: tuple[str, ...], dim: int) -> Plan:
    shared: dict[Column, int] = {}
    own: dict[Column, int] = {}
    places = {}
    for name in sorted(names, key=_is_of_near_pairs):  # last, where kernels pass over columns that are empty
        what = declared(name)
        columns = own if what.operator else shared
        each = []
        for one in components(name, dim):
            column = Column(one * one.sign, what.energy, what.length, what.operator)
            each.append((columns.setdefault(column, len(columns)), one.sign))
        places[name] = (bool(what.operator), each)
    quantities = frozenset(ALWAYS).union(*(needs(name) for name in names))
    return Plan(names, dim, tuple(shared), tuple(own), places, quantities)


def _is_of_near_pairs(name: str) -> bool:
    """Does it vanish wherever levels are far apart, at nearly all k-points?"""
    return all(quantity in NEAR for quantity in needs(name))


def _flat(axes: str, dim: int) -> int:
    """The place of a component among those of its quantity."""
    place = 0
    for axis in axes:
        place = place * dim + int(axis)
    return place


for _quantity in PACKED.values():  # `Plan` keeps sums of one operator and of none apart
    assert _quantity.operator in (0, 1)
