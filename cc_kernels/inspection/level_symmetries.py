"""Time reversal and the point group, as far as the levels of a model tell."""

from __future__ import annotations

import numpy as np

from cc_kernels.models import Model
from cc_kernels.models.lattice_operations import Operation, largest_group, lattice_operations, point_group_symbol

_ROUNDING = 1e-11
"""Of the largest energy: two levels are equal up to this."""
_WANNIER = 1e-3
"""Of the width of the bands: what interpolation of a symmetric crystal breaks is mostly below it."""


def time_reversal_error(model: Model, k: np.ndarray, levels: np.ndarray) -> str:
    """By how much E(-k) differs from E(k); it may agree by another symmetry, too, as inversion."""
    error = float(np.abs(model.levels(-k) - levels).max())
    if error <= _ROUNDING * np.abs(levels).max():
        return "the levels at k and -k agree to rounding"
    return f"the levels at k and -k differ by up to {error:.2g} eV"


def lattice_symmetries(model: Model, k: np.ndarray, levels: np.ndarray) -> str:
    """The group of operations of the lattice that keeps all levels: to rounding, and about."""
    operations = lattice_operations(model)
    operations = operations[: len(operations) // 2]  # time is another matter
    basis = np.eye(model.dim) if model.reciprocal is None else model.reciprocal.T
    reduced = np.linalg.solve(basis, k.T)
    errors = {
        one.key: float(np.abs(model.levels((basis @ (one.turn @ reduced)).T) - levels).max()) for one in operations
    }
    exact, about = _ROUNDING * float(np.abs(levels).max()), _WANNIER * float(np.ptp(levels))
    kept = [_group_within(operations, errors, limit) for limit in (exact, about)]
    whole = f"of {point_group_symbol(operations)} that the {'box' if model.lattice is None else 'lattice'} has"
    text = f"{point_group_symbol(kept[0])} to rounding ({_number(kept[0])})"
    if len(kept[1]) > len(kept[0]):
        largest = max(errors[one.key] for one in kept[1])
        text += f"; {point_group_symbol(kept[1])} ({_number(kept[1])}) within {largest:.2g} eV"
    if len(kept[1]) < len(operations):
        text += f", all {len(operations)} within {max(errors.values()):.2g} eV"
    return f"{text}, {whole}"


def _group_within(operations: list[Operation], errors: dict, limit: float) -> list[Operation]:
    identity = operations[0]
    return largest_group([one for one in operations if one is identity or errors[one.key] <= limit])


def _number(group: list[Operation]) -> str:
    return f"{len(group)} operation{'s' * (len(group) > 1)}"
