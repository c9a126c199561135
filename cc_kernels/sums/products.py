"""What is summed over states: polynomials in band quantities, declared once for all implementations.

A product is formed from the group means of its factors, which is exact for permanent degeneracies.
A new sum is one entry of `PRODUCTS`; a band quantity alone needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as pairs_of

from cc_kernels.geometry.quantities import PACKED, Quantity
from cc_kernels.sums.expressions import Expression, antisymmetric, axial, cross, quantity, scalar, symmetric

FLOOR = 1e-3
"""Of what its factors could give, the least that counts as the size of a contribution."""
ALWAYS = ("group_energy", "quantum_metric", "velocity", "velocity_squared")
"""Band quantities that every sum needs: the energy of its state, and what its scale is made of."""
WEIGHTS = ("quantum_metric", "close_metric")
"""State sums that go with every response: the share of nearly degenerate levels is their ratio."""

NARROW = ("berry_curvature_operator", "curvature_operator_axial", "polarizability_without_flow", "divided_circuit")
"""Those that hold Omega_n s_n, which grows as 1/gap^2 also where both levels are occupied, and does not cancel."""
ALONG_A_LINE = (
    "velocity_dipole",
    "dipole_velocity",
    "quadrupole_and_flow",
    "far_magnetic_moment",
    "s_berry_curvature",
)
"""Those with d_n or J_n^s between two levels, to the power of 1/gap: a line of gaps in two dimensions holds some of it
(v_n d_n where both levels are occupied alike, the curvature where they are not)."""


@dataclass(frozen=True)
class Product:
    """A state quantity made of band quantities.

    Attributes
    ----------
    indices : Cartesian indices, as in `Quantity`; of an axial one, "k", the expression has
        the two that follow it, l and i.
    energy, length, operator : powers of eV, angstrom and the operator's unit.
    """

    indices: tuple[str, ...]
    energy: int
    length: int
    operator: int
    expression: Expression
    formula: str


v, d = quantity("velocity"), quantity("s_dipole")
s, tau = scalar("operator_expectation"), quantity("torque_dipole")
Omega, Omega_s = quantity("berry_curvature"), quantity("berry_curvature_operator")
Xi, D = quantity("mixed_curvature"), quantity("current_dipole")
far_D, far_curvature = quantity("far_current_dipole"), quantity("far_s_curvature")
near_D, near_curvature = quantity("near_current_dipole"), quantity("near_s_curvature")

PRODUCTS = {
    "velocity_dipole": Product(("l", "i"), 1, 2, 1, v["l"] * d["i"], "v_n^l d_n^is"),
    "dipole_velocity": Product(("i", "l"), 1, 2, 1, v["i"] * d["l"], "v_n^i d_n^ls"),
    "divided_torque_dipole": Product(
        ("i",), 1, 1, 1, tau["i"] + quantity("near_torque")["i"], "d_n^i,tau, and f in place of (g_n - g_m)/omega"
    ),
    "velocity_velocity_operator": Product(("i", "l"), 2, 2, 1, v["i"] * v["l"] * s, "v_n^i v_n^l s_n"),
    "quadrupole_and_flow": Product(
        ("i", "l"),
        1,
        2,
        1,
        (v["l"] * d["i"] + v["i"] * d["l"]) / 2 - symmetric(far_D) - v["l"] * d["i"],
        "q_n^il,tau - v_n^l d_n^is",
    ),
    "polarizability_without_flow": Product(
        ("i", "l"),
        0,
        2,
        1,
        Omega_s["li"] - far_curvature["li"] - antisymmetric(near_curvature),
        "chi_n^il,tau - d_l d_n^is",
    ),
    "near_quadrupole": Product(("i", "l"), 3, 2, 1, -symmetric(near_D), "q_n^il,tau of near pairs"),
    "far_magnetic_moment": Product(("k",), 1, 2, 1, (axial(far_D) + cross(d, v)) / 2, "m_n of far pairs"),
    "near_magnetic_moment": Product(("k",), 3, 2, 1, axial(near_D) / 2, "m_n of near pairs"),
    "divided_circuit": Product(
        ("k",),
        0,
        2,
        1,
        (axial(Omega_s) - axial(near_curvature)) / 2,
        "Omega_n s_n, less what near pairs carry over to m_n",
    ),
    "current_rotation": Product(("k",), 1, 2, 1, axial(D) / 2, "Re sum A_nm x J_mn/2"),
    "travelling_dipole": Product(("k",), 1, 2, 1, cross(d, v) / 2, "d_n x v_n/2"),
    "magnetic_moment": Product(
        ("k",), 1, 2, 1, (axial(D) + cross(d, v)) / 2, "Re sum A_nm x J_mn/2 + d_n x v_n/2, Eq. (8)"
    ),
    "curvature_operator_axial": Product(("k",), 0, 2, 1, axial(Omega_s) / 2, "Omega_n s_n"),
    "curvature_axial": Product(("k",), 0, 2, 0, axial(Omega) / 2, "Omega_n"),
    "negative_energy_curvature": Product(
        ("k",), 0, 2, 0, axial(Omega) / 2 * scalar("below_zero"), "Omega_n theta(-eps_n)"
    ),
    "sea_curvature": Product(
        ("i", "l"), 0, 2, 1, (Omega_s["li"] + Xi["li"]) / 2, "(Omega_n^li s_n + Xi_n^li)/2, antisymmetric in i, l"
    ),
    "far_rotation": Product(("k",), 1, 2, 1, axial(far_D) / 2, "Re sum A_nm x J_mn/2 of far pairs"),
    "sea_circuit": Product(
        ("k",),
        0,
        2,
        1,
        ((axial(Omega_s) + axial(Xi)) / 2 - axial(near_curvature)) / 2,
        "(Omega_n s_n + Xi_n)/2, less what near pairs carry over to m_n",
    ),
}


def declared(name: str) -> Product | Quantity:
    """The declaration of a state sum."""
    return PRODUCTS[name] if name in PRODUCTS else PACKED[name]


def expression(name: str) -> Expression:
    """A state sum in band quantities."""
    if name in PRODUCTS:
        return PRODUCTS[name].expression
    return quantity(name)["".join(PACKED[name].indices)]


def needs(name: str) -> tuple[str, ...]:
    """Band quantities that a state sum is made of."""
    return expression(name).quantities


def dims_of(name: str, dim: int) -> tuple[str, ...]:
    """Dims of a state sum's Cartesian part: an axial vector is its z component in two dimensions."""
    indices = declared(name).indices
    if indices == ("k",):
        return ("i",) if dim == 3 else ()
    return indices


def components(name: str, dim: int) -> Iterator[Expression]:
    """The components of a state sum, in the order of an array with `dims_of`; none of an axial one in one dimension."""
    whole, indices = expression(name), declared(name).indices
    if indices == ("k",):
        planes = {1: (), 2: ((0, 1),), 3: ((1, 2), (2, 0), (0, 1))}[dim]
        yield from (whole.at({"l": l, "i": i}) for l, i in planes)
        return
    for axes in pairs_of(range(dim), repeat=len(indices)):
        yield whole.at(dict(zip(indices, axes, strict=True)))


def dimension(name: str) -> tuple[int, int, int]:
    """Powers of eV, angstrom and the operator's unit in a state sum."""
    what = declared(name)
    return what.energy, what.length, what.operator
