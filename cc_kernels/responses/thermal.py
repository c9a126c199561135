"""Response to a temperature gradient, J_i = -alpha_il d_l T, for every statistics (Eq. 11; docs/bosons.md)."""

from __future__ import annotations

from cc_kernels.responses import transport
from cc_kernels.sums.variables import Term, Variable
from cc_kernels.units import BOLTZMANN, HBAR


def table(dim: int) -> dict[str, Variable]:
    """The integrals; S = -dg/dT is the entropy of a state. With mu, eps is counted from it."""
    hall = (Term("entropy", "berry_curvature_operator"),)
    dipole = (Term("entropy_slope", "velocity_dipole"),)

    def coefficient(terms: tuple[Term, ...], long_name: str, formula: str) -> Variable:
        return transport.conductivity(dim, terms, long_name, formula, "thermal")

    variables = {
        "alpha_conventional": coefficient(
            (Term("entropy", "s_berry_curvature"),), "conventional thermal coefficient", "int S Omega_n^lis"
        ),
        "alpha_hall": coefficient(hall, "Hall part of the thermal coefficient", "int S Omega_n^li s_n, Eq. (11)"),
        "alpha_dipole": coefficient(
            dipole,
            "dipole part of the thermal coefficient",
            "int S d_l d_n^is = int (eps/T)(-f') v_n^l d_n^is, Eq. (11)",
        ),
        "alpha_intrinsic": transport.table(dim)["alpha_intrinsic"],
        # At an exact crossing it is the limit of a gap that closes, not the value of the grouped crossing.
        "alpha_intrinsic_sea": coefficient(
            (Term("entropy", "sea_curvature"),),
            "antisymmetric part of the intrinsic thermal coefficient, form without energy-axis terms",
            "(1/2) int S (Omega_n^li s_n + Xi_n^li)",
        ),
    }
    if dim == 2:
        # J^Q_x = -kappa_xy d_y T, kappa_xy/T = -int Omega^xy F
        about: dict[str, object] = {"units": "k_B^2/hbar", "long_name": "thermal Hall conductance over T, xy"}
        about |= {"si_factor": BOLTZMANN**2 / HBAR, "si_units": "W/K^2"}
        about["formula"] = "-int Omega_n^xy F(eps_n/T), F(x) = int_x^inf y^2 (-df/dy) dy, for J^Q_x = -kappa_xy d_y T"
        variables["thermal_hall_over_T"] = Variable((Term("thermal_hall", "curvature_axial", -1.0),), (), about)
    return variables
