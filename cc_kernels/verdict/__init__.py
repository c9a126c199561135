"""Convergence over grid density: the verdict on a study, and errors, rates and extrapolated values point by point."""

from cc_kernels._lazy import lazy

__getattr__, __dir__, __all__ = lazy(__name__, {"ROUNDING": "laws", "judge": "judgement"})
