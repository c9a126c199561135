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
from cc_kernels.models.base import Operator
from cc_kernels.models.identity import model_identity, operator_identity
from cc_kernels.models.operators_at_k import OperatorsAtK

if TYPE_CHECKING:
    from cc_kernels.arguments import OneOperator
    from cc_kernels.models import Model


IS_APPROXIMATE = "equation_5"
"""Attribute of what is computed for an operator that does not commute with the position operator."""

WITHOUT_MU = "without_mu"
"""Attribute of what has no chemical potential: which quasiparticles."""


def resolve_operator(model: Model, operator: OneOperator | None) -> tuple[Operator, str]:
    """An operator given by name or as a matrix, and its label; warns where Eq. (5) fails for it."""
    operator = operator_or_default(model, operator)
    resolved: Operator = model.operator(operator)
    label = operator if isinstance(operator, str) else "matrix"
    if not np.any(resolved.matrix):
        text = f"operator {label}: is zero in {model.name}, and so are all its responses"
        warnings.warn(text, stacklevel=3)
    if not model.commutes_with_positions(resolved):
        warnings.warn(
            f"operator {label}: does not commute with the position operator of {model.name}, |[s, r]| up to "
            f"{model.position_commutator(resolved):.3g} angstrom; the net equilibrium current of Eq. (5) then does not "
            "vanish",
            stacklevel=3,
        )
    return resolved, label


def constant_operator(model: Model, operator: OneOperator | None, where: str) -> tuple[Operator, str]:
    """As `resolve_operator`, of an operator that is one matrix for all k. `InputError` for others."""
    resolved, label = resolve_operator(model, operator)
    if resolved.R is not None:
        raise InputError("operator", stated(f"{label}, which depends on R"), f"one matrix for all k, for {where}")
    return resolved, label


def equation_5_attributes(model: Model, operators: Sequence[Operator], unit: str) -> dict[str, object]:
    """How far the operators commute with the position operator, and what follows."""
    size = max(model.position_commutator(one) for one in operators)
    about: dict[str, object] = {
        "operator_position_commutator": size,
        "operator_position_commutator_units": unit_text(0, 1, 1, unit),
    }
    if not all(map(model.commutes_with_positions, operators)):
        reasons = ["the operator depends on R"] if any(one.R is not None for one in operators) else []
        reasons += ["positions are matrices"] if model.velocity_formula != "dH/dk" else []
        about[IS_APPROXIMATE] = (
            f"approximate: {' and '.join(reasons)}, |[s, r]| up to {size:.3g}; the residual is net_current over its "
            "scale, of the response equilibrium"
        )
    return about


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
    each : of the model.  labels : of each.  unit : of all.  are_axis : was it a list?
    """

    each: tuple[Operator, ...]
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
            one, label = resolve_operator(model, operator)
            return cls((one,), (label,), one.unit, False)
        if not operator:
            raise InputError("operator", operator, "a name, a matrix, or a list of at least one of these")
        each = [resolve_operator(model, one) for one in operator]
        unit = one_unit([resolved.unit for resolved, _ in each])
        labels = [
            label if isinstance(one, str) else f"matrix {number}"
            for number, (one, (_, label)) in enumerate(zip(operator, each, strict=True), 1)
        ]
        contents = [operator_identity(resolved) for resolved, _ in each]
        # A model may have one matrix under two names; a matrix that is there already is a mistake.
        again = any(contents.count(operator_identity(one)) > 1 for one, label in each if label == "matrix")
        if len(set(labels)) < len(labels) or again:
            raise InputError("operator", ", ".join(labels), "each operator once")
        return cls(tuple(resolved for resolved, _ in each), tuple(labels), unit, True)

    @property
    def distinct(self) -> tuple[tuple[Operator, ...], list[int]]:
        """Those that differ, and which of these each one is: spins of collinear magnets are equal, all zero."""
        found: dict[str, int] = {}
        places = [found.setdefault(operator_identity(one), len(found)) for one in self.each]
        return tuple(self.each[places.index(number)] for number in range(len(found))), places

    def attributes(self, model: Model, tolerance: float) -> dict[str, object]:
        """What sums say of the model and of its operators; of several, names and checksums stand in one line."""
        about = model_attributes(model, ", ".join(self.labels), self.unit, operator_norm(model, self.each), tolerance)
        return about | operator_attributes(model, self.each, self.unit)


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
        **({} if model.has_mu else {WITHOUT_MU: model.quasiparticles}),
        **({"k_max": model.k_max} if model.k_max is not None else {}),
    }


def operator_norm(model: Model, operators: Sequence[Operator]) -> float:
    """The largest |value| of all operators."""
    return float(OperatorsAtK(model, operators).norms.max())


def operator_attributes(model: Model, operators: Sequence[Operator], unit: str) -> dict[str, object]:
    """What a dataset says of the matrices of its operators."""
    checksum = ", ".join(map(operator_identity, operators))
    return {"operator_checksum": checksum, **equation_5_attributes(model, operators, unit)}


def unit_text(energy: int, length: int, operator: int, operator_unit: str) -> str:
    """Units such as "eV angstrom^2 hbar"."""
    parts = [(energy, "eV"), (length, "angstrom"), (operator if operator_unit != "1" else 0, operator_unit)]
    return " ".join(unit if power == 1 else f"{unit}^{power}" for power, unit in parts if power) or "1"
