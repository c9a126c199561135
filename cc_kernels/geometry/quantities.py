"""The state-resolved quantities: names, Cartesian indices, units and formulas (docs/theory.md, "State by state").

This table is the one place where a variable of `band_geometry` is declared; the labels, the rows of the compiled
kernels and the documentation follow it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np


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
            "mixed_curvature",
            ("l", "i"),
            0,
            2,
            1,
            "mixed curvature",
            "Xi_n^li = 2 Im <D_i n| s |D_l n> = 2 Im sum A^i_nm s_mp A^l_pn",
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
        Quantity(
            "close_metric",
            (),
            0,
            2,
            0,
            "part of the quantum metric from nearly degenerate levels",
            "sum_i sum_m |A^i_nm|^2 over levels closer than 10 degeneracy tolerances, or 1e-8 eV",
        ),
    )
}
"""The variables of first order."""

DIVIDED = {
    quantity.name: quantity
    for quantity in (
        Quantity("far_torque_curvature", ("i",), 0, 1, 1, "torque Berry curvature of far pairs", "Omega_n^i,tau"),
        Quantity("near_torque", ("i",), 1, 1, 1, "torque of near pairs", "Re sum v^i_nm s_mn"),
        Quantity(
            "near_torque_correction", ("i",), 3, 1, 1, "its correction", "-Re sum v^i_nm s_mn omega_nm^2/12 (with f'')"
        ),
        Quantity("far_current_dipole", ("l", "i"), 1, 2, 1, "current dipole of far pairs", "d_n^lis"),
        Quantity("far_s_curvature", ("l", "i"), 0, 2, 1, "s-Berry curvature of far pairs", "Omega_n^lis"),
        Quantity("near_s_curvature", ("l", "i"), 0, 2, 1, "s-Berry curvature of near pairs", "Omega_n^lis"),
        Quantity(
            "near_current_dipole",
            ("l", "i"),
            3,
            2,
            1,
            "current dipole of near pairs",
            "Im sum v^l_nm J^is_mn omega_nm/12 (with f'')",
        ),
    )
}
"""Pair sums split at a small energy difference, below which divided differences replace them:
(g_n - g_m)/omega = (f_n + f_m)/2 - omega^2 (f''_n + f''_m)/24, and
(f_n + f_m)/omega - 2 (g_n - g_m)/omega^2 = omega (f''_n + f''_m)/12, up to omega^3 d^4 f/60."""

NEAR = tuple(name for name in DIVIDED if name.startswith("near_"))
"""What vanishes but of near pairs."""

OCCUPATION = {
    quantity.name: quantity
    for quantity in (
        # Half of a level at zero energy is on each side.
        Quantity("below_zero", (), 0, 0, 0, "is the level below zero energy?", "theta(-eps_n)"),
    )
}

COMPANIONS = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "projector_increment",
            ("l", "i"),
            0,
            2,
            1,
            "change of the occupied set's Berry curvature times operator when the state is filled",
            "S_n - S_n-1, S = sum_ab Omega^li_ab s_ba over the occupied set as one group",
        ),
        Quantity(
            "torque_kubo_sea",
            ("i", "l"),
            0,
            2,
            1,
            "Kubo response of the torque, Fermi-sea part",
            "coefficient of f_n in Re dC_l/dq_i",
        ),
    )
}
"""State by state, the companions of Eq. (12) (docs/theory.md, "Beside Eq. (12), by name")."""


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


PACKED = {name: quantity for name, quantity in QUANTITIES.items() if name != "magnetic_moment"}
PACKED |= OCCUPATION | DIVIDED | COMPANIONS
"""What the kernels compute, and pack; the magnetic moment and what is of second order are made of it."""


def component_shape(quantity: Quantity, dim: int) -> tuple[int, ...]:
    """Shape of the Cartesian part: the axial vector is a scalar (z) in two dimensions and absent in one."""
    if quantity.indices == ("k",):
        return {1: (0,), 2: (), 3: (3,)}[dim]
    return (dim,) * len(quantity.indices)


@lru_cache
def packing(dim: int) -> dict[str, slice]:
    """Where each quantity's components lie among the rows of a kernel.

    The first row holds ones; then come the quantities that know no operator, then those of one operator. So rows of
    the former serve all operators.
    """
    layout, start = {}, 1
    for quantity in sorted(PACKED.values(), key=lambda quantity: quantity.operator):
        stop = start + math.prod(component_shape(quantity, dim))
        layout[quantity.name] = slice(start, stop)
        start = stop
    return layout


FIRST_ORDER = tuple(name for name in PACKED if name not in OCCUPATION | DIVIDED | COMPANIONS)
"""What the kernels compute of every state where nothing else is said."""


def layout(dim: int, names: Sequence[str] = FIRST_ORDER) -> dict[str, slice]:
    """Where the components of each of these quantities lie in the last axis of `packed.packed_quantities`."""
    result, start = {}, 0
    for name in names:
        stop = start + math.prod(component_shape(PACKED[name], dim))
        result[name] = slice(start, stop)
        start = stop
    return result


MADE_OF = {
    "magnetic_moment": ("current_dipole", "s_dipole", "velocity"),
    "torque_quadrupole": ("current_dipole", "velocity", "s_dipole"),
    "torque_polarizability": ("berry_curvature_operator", "s_berry_curvature"),
}
"""Variables that are made of packed ones."""


def packed_for(names: Sequence[str]) -> list[str]:
    """The packed quantities that variables of `band_geometry` need."""
    return sorted({made for name in names for made in MADE_OF.get(name, (name,))})


def packed_components(dim: int, names: Sequence[str] = ()) -> int:
    """Number of components that are computed of a state for these variables of `band_geometry` (default: all)."""
    parts = layout(dim, packed_for(names or [*QUANTITIES, *SECOND_ORDER]))
    return max(part.stop for part in parts.values())


def rows(dim: int) -> int:
    """Number of rows of a kernel."""
    return max(part.stop for part in packing(dim).values())


def rows_of_no_operator(dim: int) -> int:
    """Number of the rows that no operator changes, with the first."""
    return max(part.stop for name, part in packing(dim).items() if not PACKED[name].operator)


def places(dim: int) -> np.ndarray:
    """(quantities + 1,) int64: the first row of each quantity in `packing`, and at the end the number of rows."""
    layout = packing(dim)
    return np.array([*(layout[name].start for name in PACKED), rows(dim)], np.int64)


def wanted(names: Iterable[str]) -> np.ndarray:
    """(quantities,) bool: is each of them among `names`?"""
    return np.isin(list(PACKED), list(names))
