"""Intrinsic transport in an electric field or a temperature gradient (Eqs. 10-13)."""

from __future__ import annotations

from cc_kernels.sums.variables import Term, Variable


def conductivity(dim: int, terms: tuple[Term, ...], long_name: str, formula: str, kind: str = "field") -> Variable:
    """A response J_i to a field along l."""
    attrs = {"kind": kind, "length": 2 - dim, "long_name": long_name, "formula": formula}
    return Variable(terms, ("i", "l"), attrs)


def table(dim: int) -> dict[str, Variable]:
    """The integrals, as in the paper."""
    hall = (Term("occupation", "berry_curvature_operator"),)
    dipole = (Term("occupation_slope", "velocity_dipole"),)
    thermal = (Term("entropy", "berry_curvature_operator"), Term("entropy_slope", "velocity_dipole"))

    return {
        "sigma_conventional": conductivity(
            dim, (Term("occupation", "s_berry_curvature"),), "conventional conductivity", "e int f Omega_n^lis"
        ),
        "sigma_hall": conductivity(dim, hall, "Hall part", "e int f Omega_n^li s_n, Eq. (11)"),
        "sigma_dipole": conductivity(
            dim, dipole, "dipole part", "e int f d_l d_n^is = e int (-f') v_n^l d_n^is, Eq. (11)"
        ),
        "sigma_intrinsic": conductivity(
            dim, hall + dipole, "intrinsic conductivity", "e int f (Omega_n^li s_n + d_l d_n^is), Eq. (11)"
        ),
        # At an exact crossing it is the limit of a gap that closes, not the value of the grouped crossing.
        "sigma_intrinsic_sea": conductivity(
            dim,
            (Term("occupation", "sea_curvature"),),
            "antisymmetric part of the intrinsic conductivity, form without Fermi-surface terms",
            "(e/2) int f (Omega_n^li s_n + Xi_n^li)",
        ),
        "alpha_intrinsic": conductivity(
            dim,
            thermal,
            "intrinsic thermal coefficient",
            "int S (Omega_n^li s_n + d_l d_n^is), S = -dg/dT, for J_i = -alpha_il d_l T, Eq. (11)",
            "thermal",
        ),
        "sigma_relaxation_time": conductivity(
            dim,
            (Term("occupation_slope", "velocity_velocity_operator"),),
            "shifted occupation per relaxation time",
            "e int (-f') v_n^i v_n^l s_n, Eq. (13)",
            "field_per_time",
        ),
    }
