"""Polynomials in band quantities with Cartesian indices, written as on paper and compiled to short lists of terms.

>>> v, d = quantity("velocity"), quantity("s_dipole")
>>> flow = v["l"] * d["i"] - v["i"] * d["l"]
>>> flow
s_dipole_i velocity_l - s_dipole_l velocity_i
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

ANTISYMMETRIC = ("berry_curvature", "berry_curvature_operator", "mixed_curvature")
"""Tensors with T_li = -T_il."""
Factor = tuple[str, str]
"""A band quantity and its indices, of "l", "i" and of digits for the axes: ("velocity", "l")."""


@dataclass(frozen=True)
class Expression:
    """A sum of products of factors.

    Attributes
    ----------
    terms : (factors, coefficient), each product once, all in a fixed order.
    """

    terms: tuple[tuple[tuple[Factor, ...], float], ...]

    def __add__(self, other: Expression) -> Expression:
        return _collected([*self.terms, *other.terms])

    def __neg__(self) -> Expression:
        return -1 * self

    def __sub__(self, other: Expression) -> Expression:
        return self + (-other)

    def __mul__(self, other: Expression | float) -> Expression:
        if not isinstance(other, Expression):
            return _collected((factors, coefficient * other) for factors, coefficient in self.terms)
        return _collected((a + b, x * y) for a, x in self.terms for b, y in other.terms)

    __rmul__ = __mul__

    def __truediv__(self, number: float) -> Expression:
        return self * (1 / number)

    @property
    def quantities(self) -> tuple[str, ...]:
        """The band quantities that occur."""
        return tuple(dict.fromkeys(name for factors, _ in self.terms for name, _ in factors))

    def at(self, indices: dict[str, int]) -> Expression:
        """The component in which each index stands for an axis; antisymmetric tensors show their upper half."""
        terms = []
        for factors, coefficient in self.terms:
            here = []
            for name, of in factors:
                axes = "".join(str(indices[letter]) for letter in of)
                if name in ANTISYMMETRIC:
                    coefficient *= np.sign(int(axes[1]) - int(axes[0]))
                    axes = min(axes, axes[::-1])
                here.append((name, axes))
            terms.append((tuple(here), float(coefficient)))
        return _collected(terms)

    @property
    def sign(self) -> float:
        """That of the first term: an expression and its negative are one sum, up to it."""
        return np.sign(self.terms[0][1]) if self.terms else 1.0

    def value(self, factor: Callable[[str, tuple[int, ...]], object]) -> object:
        """The number or array, `factor(name, axes)` being that of a component of a band quantity."""
        total: object = 0.0
        for factors, coefficient in self.terms:
            product: object = coefficient
            for name, axes in factors:
                product = product * factor(name, tuple(map(int, axes)))
            total = total + product
        return total

    def __repr__(self) -> str:
        text = ""
        for factors, coefficient in self.terms:
            sign = " - " if coefficient < 0 else " + "
            size = "" if abs(coefficient) == 1 else f"{abs(coefficient):g} "
            text += sign + size + " ".join(f"{name}_{of}" if of else name for name, of in factors)
        return text.removeprefix(" + ").replace(" - ", "-", 1) if text.startswith(" - ") else text.removeprefix(" + ")


class Indexed:
    """A vector or tensor among the band quantities."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getitem__(self, indices: str) -> Expression:
        return Expression(((((self.name, indices),), 1.0),))


def quantity(name: str) -> Indexed:
    """A vector or tensor of `geometry.quantities`."""
    return Indexed(name)


def scalar(name: str) -> Expression:
    """A scalar of `geometry.quantities`."""
    return Indexed(name)[""]


def axial(tensor: Indexed) -> Expression:
    """epsilon_kli T_li, for the indices l, i that follow the axial index k: T_li - T_il."""
    return tensor["li"] - tensor["il"]


def cross(a: Indexed, b: Indexed) -> Expression:
    """(a x b)_k, for the indices l, i that follow k."""
    return a["l"] * b["i"] - a["i"] * b["l"]


def symmetric(tensor: Indexed) -> Expression:
    return (tensor["li"] + tensor["il"]) / 2


def antisymmetric(tensor: Indexed) -> Expression:
    return (tensor["li"] - tensor["il"]) / 2


def _collected(terms: Iterable[tuple[tuple[Factor, ...], float]]) -> Expression:
    """Terms with equal factors as one; those that cancel are left out."""
    total: dict[tuple[Factor, ...], float] = {}
    for factors, coefficient in terms:
        key = tuple(sorted(factors))
        total[key] = total.get(key, 0.0) + coefficient
    return Expression(tuple(sorted((key, coefficient) for key, coefficient in total.items() if coefficient)))
