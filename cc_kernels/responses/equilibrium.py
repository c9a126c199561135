"""Equilibrium: currents, dipole densities and the orbital magnetization (Eqs. 1-6)."""

from __future__ import annotations

from cc_kernels.sums.variables import Term, Variable


def table(dim: int) -> dict[str, Variable]:
    """The integrals, as in the paper."""
    current = (Term("occupation", "operator_current"),)
    local = (Term("occupation", "magnetic_moment"),)
    circuit = (Term("grand_potential", "curvature_operator_axial"),)
    # Each of the following has divided differences for its nearly degenerate pairs (`geometry.quantities.DIVIDED`).
    torque_dipole = (
        Term("occupation", "divided_torque_dipole"),
        Term("grand_potential", "far_torque_curvature"),
        Term("occupation_curvature", "near_torque_correction"),
    )
    dipole = (
        Term("occupation", "far_current_dipole"),
        Term("grand_potential", "far_s_curvature"),
        Term("occupation_curvature", "near_current_dipole"),
    )
    # int g d_l d_n^is is written as -int f v_n^l d_n^is: the zone has no boundary, and no second derivative is needed.
    quadrupole = (
        Term("occupation", "quadrupole_and_flow"),
        Term("grand_potential", "polarizability_without_flow"),
        Term("occupation_curvature", "near_quadrupole"),
    )
    magnetization = (
        Term("occupation", "far_magnetic_moment"),
        Term("grand_potential", "divided_circuit"),
        Term("occupation_curvature", "near_magnetic_moment"),
    )
    sea = (
        Term("occupation", "far_rotation"),
        Term("grand_potential", "sea_circuit"),
        Term("occupation_curvature", "near_magnetic_moment"),
    )

    def flow(terms: tuple[Term, ...], long_name: str, formula: str) -> Variable:
        return Variable(terms, ("i",), _about("energy", 1 - dim, long_name, formula))

    def moment(terms: tuple[Term, ...], long_name: str, formula: str, indices: tuple[str, ...] = ()) -> Variable:
        indices = indices or (("i",) if dim == 3 else ())
        return Variable(terms, indices, _about("energy", 2 - dim, long_name, formula))

    table = {
        "conventional_current": flow(current, "conventional current", "int f J_n^is, Eq. (1)"),
        "torque_dipole_density": flow(
            torque_dipole, "torque dipole density", "int (f d_n^i,tau + g Omega_n^i,tau), Eq. (3)"
        ),
        "net_current": flow(current + torque_dipole, "net current", "int f J_n^is + D^i,tau = 0, Eq. (5)"),
        "current_dipole_density": moment(
            dipole, "dipole density of the current", "D^lis = int (f d_n^lis + g Omega_n^lis), Eq. (1)", ("l", "i")
        ),
        "torque_quadrupole_density": moment(
            quadrupole,
            "torque quadrupole density",
            "Q^il,tau = int (f q_n^il,tau + g chi_n^il,tau), Eq. (3)",
            ("i", "l"),
        ),
    }
    if dim > 1:
        table |= {
            "magnetization_local": moment(local, "local circuits", "int f m_n, Eq. (6)"),
            "magnetization_global": moment(circuit, "global circuit", "int g Omega_n s_n, Eq. (6)"),
            "magnetization": moment(
                magnetization, "orbital magnetization", "M^s = int (f m_n + g Omega_n s_n), Eq. (6)"
            ),
            # At an exact crossing it is the limit of a gap that closes, not the value of the grouped crossing.
            "magnetization_sea": moment(
                sea,
                "orbital magnetization, form without Fermi-surface terms",
                "int (f Re sum A_nm x J_mn/2 + g (Omega_n s_n + Xi_n)/2)",
            ),
        }
    return table


def _about(kind: str, length: int, long_name: str, formula: str) -> dict[str, object]:
    return {"kind": kind, "length": length, "long_name": long_name, "formula": formula}
