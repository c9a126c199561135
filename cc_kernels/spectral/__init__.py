"""Additive, energy-resolved sums over states: the only way from band geometry to a response."""

from cc_kernels.spectral.evaluate import Term, Variable, evaluate
from cc_kernels.spectral.mesh import EnergyMesh
from cc_kernels.spectral.on_grid import sums_on_grid
from cc_kernels.spectral.sums import accumulate, merge

__all__ = ["EnergyMesh", "Term", "Variable", "accumulate", "evaluate", "merge", "sums_on_grid"]
