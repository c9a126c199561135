"""What tells one model, or one operator, from another of the same name."""

from __future__ import annotations

from hashlib import sha256

import numpy as np

from cc_kernels.errors import InputError
from cc_kernels.models.base import Model, Operator
from cc_kernels.models.storage import model_checksum

DIGITS = 9
"""Of H of a model that is a Python function: another processor may round its sines differently."""


def matrix_identity(matrix: np.ndarray) -> str:
    """The sha256 of a matrix, the same in every process."""
    return sha256(np.ascontiguousarray(matrix).data).hexdigest()


def operator_identity(operator: Operator) -> str:
    """The sha256 of an operator: of its matrix, or of its blocks and their cells."""
    if operator.R is None:
        return matrix_identity(operator.matrix)
    return sha256(f"{matrix_identity(operator.R)} {matrix_identity(operator.matrix)}".encode()).hexdigest()


def model_identity(model: Model) -> str:
    """The checksum of a model that is data; of a Python function, that of H at fixed k, rounded."""
    try:
        return model_checksum(model)
    except InputError:
        region = model.k_max * np.eye(model.dim) if model.reciprocal is None else model.reciprocal
        hamiltonian = model.hamiltonian(np.random.default_rng(0).uniform(-1, 1, (model.dim + 5, model.dim)) @ region)
        scale = max(np.abs(hamiltonian).max(), np.finfo(float).tiny)
        rounded = np.round(hamiltonian / scale, DIGITS) + 0.0  # no negative zeros
        return sha256(f"{scale:.{DIGITS}e} {matrix_identity(rounded)}".encode()).hexdigest()
