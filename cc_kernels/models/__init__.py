"""Hamiltonian forms, named models, saving and loading."""

from cc_kernels.models.base import Model, Operator
from cc_kernels.models.from_file import load_from_python
from cc_kernels.models.function import from_function
from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.named import build_model, list_models, model_file, model_names
from cc_kernels.models.storage import load_model, save_model
from cc_kernels.models.tight_binding import Hoppings, TightBinding

__all__ = [
    "Hoppings",
    "KDotP",
    "Model",
    "Operator",
    "TightBinding",
    "build_model",
    "from_function",
    "list_models",
    "load_from_python",
    "load_model",
    "model_file",
    "model_names",
    "save_model",
]
