"""Hamiltonian forms, named models, saving and loading."""

from cc_kernels.models.base import Model, Operator
from cc_kernels.models.registry import build_model, list_models, model_file, model_names
from cc_kernels.models.tight_binding import Hoppings, TightBinding

__all__ = [
    "Hoppings",
    "Model",
    "Operator",
    "TightBinding",
    "build_model",
    "list_models",
    "model_file",
    "model_names",
]
