"""Beside the thermal coefficient, never instead of it: the Kubo response of the torque to a gradient of temperature.

Its symmetric part adds to that of `alpha_conventional` to the symmetric part of `alpha_intrinsic`; the antisymmetric
parts differ where the operator is far from conserved (docs/bosons.md, "What is exact, what is a definition").
"""

from __future__ import annotations

from cc_kernels.responses.transport import conductivity
from cc_kernels.sums.variables import Term, Variable


def table(dim: int) -> dict[str, Variable]:
    """The integral, with S where that of `companions` has f."""
    return {
        "alpha_torque_kubo": conductivity(
            dim,
            (Term("entropy", "torque_kubo_sea"), Term("entropy_slope", "dipole_velocity")),
            "Kubo response of the torque to a gradient of temperature",
            "Re dC_l(q)/dq_i at q = 0, C_l the response of the torque with S in the place of f",
            "thermal",
        )
    }
