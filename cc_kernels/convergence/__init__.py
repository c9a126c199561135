"""Convergence over grid density: the verdict on a study, and errors, rates and extrapolated values point by point."""

from cc_kernels.convergence.laws import ROUNDING
from cc_kernels.convergence.verdict import judge

__all__ = ["ROUNDING", "judge"]
