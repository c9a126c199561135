"""What a dataset says of the model and the operator that it was computed for."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import COMMUTATOR_TOLERANCE, Operator
from cc_kernels.models.identity import matrix_identity, model_identity

if TYPE_CHECKING:
    from cc_kernels.arguments import OneOperator
    from cc_kernels.models import Model


def resolve_operator(model: Model, operator: OneOperator | None) -> tuple[np.ndarray, str, str]:
    """Matrix, unit and label of an operator given by name or as a matrix; warns where Eq. (5) fails for it."""
    operator = operator_or_default(model, operator)
    resolved: Operator = model.operator(operator)
    label = operator if isinstance(operator, str) else "matrix"
    commutator = model.position_commutator(resolved.matrix)
    if commutator > COMMUTATOR_TOLERANCE * max(np.abs(resolved.matrix).max(), 1.0):
        warnings.warn(
            f"operator {label}: does not commute with the position operator of {model.name}, |[s, r]| up to "
            f"{commutator:.3g} angstrom; the net equilibrium current of Eq. (5) then does not vanish",
            stacklevel=3,
        )
    return resolved.matrix, resolved.unit, label


def one_unit(units: Sequence[str]) -> str:
    """The unit of operators that share a result. `InputError` for several."""
    if len(different := dict.fromkeys(units)) > 1:
        raise InputError("operator", stated("operators in " + ", ".join(different)), "operators of one unit")
    return units[0]


@dataclass(frozen=True)
class Operators:
    """What a call was given as its operator: one, or a list of them, which is an axis of the result.

    Attributes
    ----------
    matrices : (operators, bands, bands).  labels : of each.  unit : of all.  are_axis : was it a list?
    """

    matrices: np.ndarray
    labels: tuple[str, ...]
    unit: str
    are_axis: bool

    @classmethod
    def of(cls, model: Model, operator: object) -> Operators:
        """Resolve names and matrices.

        Raises
        ------
        InputError : for what a model does not have, an empty list, and a list of operators of several units.
        """
        if not are_several(operator):
            matrix, unit, label = resolve_operator(model, operator)
            return cls(matrix[None], (label,), unit, False)
        if not operator:
            raise InputError("operator", operator, "a name, a matrix, or a list of at least one of these")
        each = [resolve_operator(model, one) for one in operator]
        unit = one_unit([unit for _, unit, _ in each])
        labels = [
            label if isinstance(one, str) else f"matrix {number}"
            for number, (one, (_, _, label)) in enumerate(zip(operator, each, strict=True), 1)
        ]
        contents = {matrix_identity(matrix) for matrix, _, _ in each}
        if len(set(labels)) < len(labels) or len(contents) < len(each):
            raise InputError("operator", ", ".join(labels), "each operator once")
        return cls(np.array([matrix for matrix, _, _ in each]), tuple(labels), unit, True)

    @property
    def norms(self) -> np.ndarray:
        return np.linalg.norm(self.matrices, 2, axis=(-2, -1))

    def attributes(self, model: Model, tolerance: float) -> dict[str, object]:
        """What sums say of the model and of its operators; of several, names and checksums stand in one line."""
        about = model_attributes(model, ", ".join(self.labels), self.unit, float(self.norms.max()), tolerance)
        return about | {
            "operator_checksum": ", ".join(matrix_identity(matrix) for matrix in self.matrices),
            "operator_position_commutator": max(model.position_commutator(matrix) for matrix in self.matrices),
            "operator_position_commutator_units": unit_text(0, 1, 1, self.unit),
        }


def are_several(operator: object) -> bool:
    """Is this a list of operators, and not a matrix written as a list of rows?"""
    if not isinstance(operator, list | tuple):
        return False
    return not operator or any(isinstance(one, str | Operator) or _is_matrix(one) for one in operator)


def _is_matrix(value: object) -> bool:
    try:
        return np.ndim(value) == 2
    except Exception:  # ragged lists, and what objects of others raise
        return False


def operator_or_default(model: Model, operator: OneOperator | None) -> OneOperator:
    """The operator as given; where none is, a superconductor's charge, or a model's only operator."""
    if operator is not None:
        return operator
    charged = model.is_superconductor and "charge" in model.operators
    if not charged and len(model.operators) != 1:
        raise InputError("operator", operator, "one of " + ", ".join(model.operators) + ", or a Hermitian matrix")
    return "charge" if charged else next(iter(model.operators))


def check_tolerance(model: Model, tolerance: float | None) -> float:
    """The degeneracy tolerance in eV: the argument, or the model's own."""
    return model.degeneracy_tolerance if tolerance is None else checks.tolerance("degeneracy_tolerance", tolerance)


def model_attributes(model: Model, operator: str, unit: str, norm: float, tolerance: float) -> dict[str, object]:
    """What a dataset says of its model; `operator_attributes` stand beside it."""
    return {
        "model": model.name,
        "model_parameters": json.dumps(model.parameters, sort_keys=True),
        "model_checksum": model_identity(model),
        "velocity": model.velocity_formula,
        "operator": operator,
        "operator_unit": unit,
        "operator_norm": norm,
        "dimension": model.dim,
        "num_bands": model.num_bands,
        "degeneracy_tolerance": tolerance,
        "particle_hole_copies": model.particle_hole_copies,
        **({"k_max": model.k_max} if model.k_max is not None else {}),
    }


def operator_attributes(model: Model, operator: np.ndarray, unit: str) -> dict[str, object]:
    """What a dataset says of its operator's matrix."""
    return {
        "operator_checksum": matrix_identity(operator),
        "operator_position_commutator": model.position_commutator(operator),
        "operator_position_commutator_units": unit_text(0, 1, 1, unit),
    }


def unit_text(energy: int, length: int, operator: int, operator_unit: str) -> str:
    """Units such as "eV angstrom^2 hbar"."""
    parts = [(energy, "eV"), (length, "angstrom"), (operator if operator_unit != "1" else 0, operator_unit)]
    return " ".join(unit if power == 1 else f"{unit}^{power}" for power, unit in parts if power) or "1"
