"""How a response variable is declared: a sum of integrals over states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Term:
    """factor x int window(eps_n) X_n, with X a state sum."""

    window: str
    quantity: str
    factor: float = 1.0


@dataclass(frozen=True)
class Variable:
    """A response variable: a sum of terms over states.

    Attributes
    ----------
    terms : what is added; their Cartesian dims must agree.
    indices : order of the Cartesian dims in the result.
    attrs : long_name, formula, ...
    """

    terms: tuple[Term, ...]
    indices: tuple[str, ...] = ()
    attrs: Mapping[str, object] = field(default_factory=dict)
