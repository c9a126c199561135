"""What the public functions take, for editors and mypy alone; `checks` looks at it when it comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from cc_kernels.models.base import Operator

Numbers = float | Sequence[float] | np.ndarray
"""One number, or a list of them: an axis of the result."""
Grid = int | Sequence[int]
"""Points per axis: the same for all, or one per dimension."""
Shift = float | Sequence[float]
"""In grid steps, likewise."""
Symmetry = Literal["auto", "off"] | Mapping[str, str | bool]
"""What a grid is folded by: what the model has to rounding, nothing, or {"point_group": ..., "time_reversal": ...}."""
OneOperator = str | Operator | np.ndarray
"""A name that the model carries, or a Hermitian (nb, nb) matrix."""
Matrix = np.ndarray | Sequence[Sequence[complex]]
NamedOperators = Mapping[str, Operator | Matrix | tuple[Matrix, str]]
"""Operators, or Hermitian (nb, nb) matrices, alone or with their unit."""
OfK = Callable[[np.ndarray], Any]
"""A function of many k (N, dim), or of one k (dim,)."""


class Names(TypedDict, total=False):
    """What every model takes beside its matrices."""

    name: str
    description: str
    parameters: Mapping[str, Any] | None
    degeneracy_tolerance: float


class Labels(Names, total=False):
    """And what every form of a model takes, since none can tell it from its matrices."""

    particle_hole_copies: int
    is_superconductor: bool
    statistics: str
