"""Beside Eq. (12), by name: what does not depend on how the occupied space is divided among its bands.

The trace of the whole occupied set, which no rotation among the occupied bands changes, and the q -> 0 linear response
of the torque, which adds to sigma_conventional (docs/theory.md, "Beside Eq. (12), by name").
"""

from __future__ import annotations

from cc_kernels.responses.transport import conductivity
from cc_kernels.sums.variables import Term, Variable


def table(dim: int) -> dict[str, Variable]:
    """The integrals, as in docs/theory.md."""
    return {
        "sigma_hall_projector": conductivity(
            dim,
            (Term("occupation", "projector_increment"),),
            "Hall part with the occupied set as one group",
            "e int Tr_occ(Omega^li s)",
        ),
        "sigma_torque_kubo": conductivity(
            dim,
            (Term("occupation", "torque_kubo_sea"), Term("occupation_slope", "dipole_velocity")),
            "Kubo response of the torque",
            "e Re dC_l(q)/dq_i at q = 0, C_l the response of the torque to E_l",
        ),
    }
