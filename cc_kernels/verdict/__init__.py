"""Convergence over grid density: the verdict on a study, and errors, rates and extrapolated values point by point."""

from cc_kernels.verdict.judgement import judge
from cc_kernels.verdict.laws import ROUNDING

__all__ = ["ROUNDING", "judge"]
