"""Look at a model before anything is computed with it."""

from cc_kernels.inspection.model_checks import Inspection, inspect

__all__ = ["Inspection", "inspect"]
