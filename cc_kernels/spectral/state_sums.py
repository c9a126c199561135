"""What is summed over states: band quantities, and products of them.

A product is formed from the group means of its factors, which is exact for permanent degeneracies.
A new sum is one entry of `PRODUCTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cc_kernels.geometry.formulas import axial, cross
from cc_kernels.geometry.quantities import PACKED
from cc_kernels.geometry.second_order import torque_quadrupole

Block = Mapping[str, np.ndarray]
FLOOR = 1e-3
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
    needs : the band quantities.
    indices : Cartesian indices, as in `Quantity`.
    dimension : powers of eV, angstrom and the operator's unit.
    form : combines arrays (N, nb, ...).
    """

    needs: tuple[str, ...]
    indices: tuple[str, ...]
    dimension: tuple[int, int, int]
    form: Callable[[Block], np.ndarray]
    formula: str


PRODUCTS = {
    "velocity_dipole": Product(
        ("velocity", "s_dipole"),
        ("l", "i"),
        (1, 2, 1),
        lambda b: b["velocity"][..., :, None] * b["s_dipole"][..., None, :],
        "v_n^l d_n^is",
    ),
    "dipole_velocity": Product(
        ("velocity", "s_dipole"),
        ("i", "l"),
        (1, 2, 1),
        lambda b: b["velocity"][..., :, None] * b["s_dipole"][..., None, :],
        "v_n^i d_n^ls",
    ),
    "divided_torque_dipole": Product(
        ("torque_dipole", "near_torque"),
        ("i",),
        (1, 1, 1),
        lambda b: b["torque_dipole"] + b["near_torque"],
        "d_n^i,tau, and f in place of (g_n - g_m)/omega",
    ),
    "velocity_velocity_operator": Product(
        ("velocity", "operator_expectation"),
        ("i", "l"),
        (2, 2, 1),
        lambda b: _beside(
            b["velocity"][..., :, None] * b["velocity"][..., None, :],
            b["operator_expectation"],
        ),
        "v_n^i v_n^l s_n",
    ),
    "quadrupole_and_flow": Product(
        ("far_current_dipole", "velocity", "s_dipole"),
        ("i", "l"),
        (1, 2, 1),
        lambda b: (
            torque_quadrupole(b["far_current_dipole"], b["velocity"], b["s_dipole"])
            - b["velocity"][..., None, :] * b["s_dipole"][..., :, None]
        ),
        "q_n^il,tau - v_n^l d_n^is",
    ),
    "polarizability_without_flow": Product(
        ("berry_curvature_operator", "far_s_curvature", "near_s_curvature"),
        ("i", "l"),
        (0, 2, 1),
        lambda b: (
            b["berry_curvature_operator"] - b["far_s_curvature"] - _antisymmetric(b["near_s_curvature"])
        ).swapaxes(-1, -2),
        "chi_n^il,tau - d_l d_n^is",
    ),
    "near_quadrupole": Product(
        ("near_current_dipole",),
        ("i", "l"),
        (3, 2, 1),
        lambda b: _antisymmetric(b["near_current_dipole"]) - b["near_current_dipole"],
        "q_n^il,tau of near pairs",
    ),
    "far_magnetic_moment": Product(
        ("far_current_dipole", "s_dipole", "velocity"),
        ("k",),
        (1, 2, 1),
        lambda b: (axial(b["far_current_dipole"]) + cross(b["s_dipole"], b["velocity"])) / 2,
        "m_n of far pairs",
    ),
    "near_magnetic_moment": Product(
        ("near_current_dipole",), ("k",), (3, 2, 1), lambda b: axial(b["near_current_dipole"]) / 2, "m_n of near pairs"
    ),
    "divided_circuit": Product(
        ("berry_curvature_operator", "near_s_curvature"),
        ("k",),
        (0, 2, 1),
        lambda b: axial(b["berry_curvature_operator"] - b["near_s_curvature"]) / 2,
        "Omega_n s_n, less what near pairs carry over to m_n",
    ),
    "current_rotation": Product(
        ("current_dipole",), ("k",), (1, 2, 1), lambda b: axial(b["current_dipole"]) / 2, "Re sum A_nm x J_mn/2"
    ),
    "travelling_dipole": Product(
        ("s_dipole", "velocity"), ("k",), (1, 2, 1), lambda b: cross(b["s_dipole"], b["velocity"]) / 2, "d_n x v_n/2"
    ),
    "curvature_operator_axial": Product(
        ("berry_curvature_operator",),
        ("k",),
        (0, 2, 1),
        lambda b: axial(b["berry_curvature_operator"]) / 2,
        "Omega_n s_n",
    ),
    "curvature_axial": Product(
        ("berry_curvature",), ("k",), (0, 2, 0), lambda b: axial(b["berry_curvature"]) / 2, "Omega_n"
    ),
    "negative_energy_curvature": Product(
        ("berry_curvature", "group_energy"),
        ("k",),
        (0, 2, 0),
        # np.sign puts half of a level at zero energy on each side.
        lambda b: _beside(axial(b["berry_curvature"]), (1 - np.sign(b["group_energy"])) / 4),
        "Omega_n theta(-eps_n)",
    ),
}


def _antisymmetric(tensor: np.ndarray) -> np.ndarray:
    return (tensor - tensor.swapaxes(-1, -2)) / 2


def _beside(values: np.ndarray, factor: np.ndarray) -> np.ndarray:
    return values * factor.reshape(factor.shape + (1,) * (values.ndim - factor.ndim))


def needs(name: str) -> tuple[str, ...]:
    """Band quantities that a state sum is made of."""
    return PRODUCTS[name].needs if name in PRODUCTS else (name,)


def indices(name: str) -> tuple[str, ...]:
    """Cartesian indices of a state sum."""
    return PRODUCTS[name].indices if name in PRODUCTS else PACKED[name].indices


def value(name: str, block: Block) -> np.ndarray:
    """(N, nb, ...) values of a state sum in a block of band quantities."""
    return PRODUCTS[name].form(block) if name in PRODUCTS else block[name]


def magnitude(name: str, values: np.ndarray, block: Block, operator_norm: float) -> np.ndarray:
    """Absolute contributions |X| (N, nb, ...), each at least `FLOOR` of what its factors could give.

    By dimension, a quantity in eV^a angstrom^b is at most of the order of V^a G^(b-a) |s|, with V^2 = <n|v^2|n> and
    G^2 the trace of the quantum metric. A quantity that vanishes state by state has only rounding errors, which are
    small against this and not against their own sum.
    """
    energy, length, operator = dimension(name)
    if energy > length:  # corrections of near pairs, which are small against what they correct
        return abs(values)
    bound = block["velocity_squared"] ** (energy / 2) * block["quantum_metric"] ** ((length - energy) / 2)
    return np.maximum(abs(values), _beside(np.ones_like(values), FLOOR * operator_norm**operator * bound))


def dimension(name: str) -> tuple[int, int, int]:
    """Powers of eV, angstrom and the operator's unit in a state sum."""
    if name in PRODUCTS:
        return PRODUCTS[name].dimension
    return PACKED[name].energy, PACKED[name].length, PACKED[name].operator


def formula(name: str) -> str:
    return PRODUCTS[name].formula if name in PRODUCTS else PACKED[name].formula


def dims_of(name: str, dim: int) -> tuple[str, ...]:
    """Dims of a state sum's Cartesian part: an axial vector is its z component in two dimensions."""
    if indices(name) == ("k",):
        return ("i",) if dim == 3 else ()
    return indices(name)
