"""The state-resolved quantities: names, Cartesian indices, units and formulas (theory section 1).

This table is the one place where a variable of `band_geometry` is declared; the labels, the packing of the fast
kernel and the documentation follow it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """One variable of `band_geometry`.

    Attributes
    ----------
    indices : Cartesian dims in order ("" for a scalar). `k` stands for the axial vector of three dimensions.
    energy, length, operator : powers of eV, of angstrom and of the operator's unit.
    """

    name: str
    indices: tuple[str, ...]
    energy: int
    length: int
    operator: int
    long_name: str
    formula: str


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity("energy", (), 1, 0, 0, "band energy", "eps_n"),
        Quantity("group_energy", (), 1, 0, 0, "mean energy of the degenerate group", "occupations use this energy"),
        Quantity("operator_expectation", (), 0, 0, 1, "expectation value of the operator", "s_n = <n|s|n>"),
        Quantity("velocity", ("i",), 1, 1, 0, "band velocity", "v_n^i = <n|v^i|n>"),
        Quantity(
            "operator_current", ("i",), 1, 1, 1, "conventional current", "J_n^is = <n|(v^i s + s v^i)/2|n>, Eq. (1)"
        ),
        Quantity("s_dipole", ("i",), 0, 1, 1, "dipole moment of the operator", "d_n^is = Re sum A^i_nm s_mn, Eq. (9)"),
        Quantity(
            "torque_dipole", ("i",), 1, 1, 1, "torque dipole moment", "d_n^i,tau = -J_n^is + v_n^i s_n, Eqs. (3), (5)"
        ),
        Quantity(
            "torque_berry_curvature",
            ("i",),
            0,
            1,
            1,
            "torque Berry curvature",
            "2 Re sum v^i_nm s_mn/omega_nm = d s_n/dk_i",
        ),
        Quantity(
            "berry_curvature", ("l", "i"), 0, 2, 0, "Berry curvature", "Omega_n^li = -2 Im sum v^l_nm v^i_mn/omega_nm^2"
        ),
        Quantity(
            "s_berry_curvature",
            ("l", "i"),
            0,
            2,
            1,
            "s-Berry curvature",
            "-2 Im sum v^l_nm J^is_mn/omega_nm^2, Eq. (1)",
        ),
        Quantity(
            "berry_curvature_operator",
            ("l", "i"),
            0,
            2,
            1,
            "Berry curvature times operator",
            "Omega_n^li s_n, Eqs. (6), (11)",
        ),
        Quantity(
            "current_dipole",
            ("l", "i"),
            1,
            2,
            1,
            "dipole moment of the conventional current",
            "Re sum A^l_nm J^is_mn, Eq. (1)",
        ),
        Quantity(
            "magnetic_moment", ("k",), 1, 2, 1, "orbital magnetic moment", "Re sum A_nm x J_mn/2 + d_n x v_n/2, Eq. (8)"
        ),
        Quantity("quantum_metric", (), 0, 2, 0, "trace of the quantum metric", "sum_i sum_m |A^i_nm|^2"),
        Quantity("velocity_squared", (), 2, 2, 0, "expectation value of the squared velocity", "<n|v^2|n>"),
    )
}
"""Every variable, in the order in which kernels pack its components."""


SECOND_ORDER = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "torque_quadrupole",
            ("i", "l"),
            1,
            2,
            1,
            "torque quadrupole moment",
            "q_n^il,tau = -(d_n^lis + d_n^ils)/2 + (v_n^l d_n^is + v_n^i d_n^ls)/2, Eq. (3)",
        ),
        Quantity(
            "torque_polarizability",
            ("i", "l"),
            0,
            2,
            1,
            "torque-dipole polarizability",
            "chi_n^il,tau = d_l d_n^is + Omega_n^li s_n - Omega_n^lis, Eq. (3)",
        ),
    )
}
"""Variables of second order in gradients: made from the packed ones, and from second derivatives of H."""


def component_shape(quantity: Quantity, dim: int) -> tuple[int, ...]:
    """Shape of the Cartesian part: the axial vector is a scalar (z) in two dimensions and absent in one."""
    if quantity.indices == ("k",):
        return {1: (0,), 2: (), 3: (3,)}[dim]
    return (dim,) * len(quantity.indices)


def packing(dim: int) -> dict[str, slice]:
    """Where each quantity's components lie in the last axis of a packed array."""
    layout, start = {}, 0
    for name, quantity in QUANTITIES.items():
        size = 1
        for length in component_shape(quantity, dim):
            size *= length
        if size:
            layout[name] = slice(start, start + size)
            start += size
    return layout
