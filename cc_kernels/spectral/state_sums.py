"""What is summed over states: band quantities, and products of them.

A product is formed from the group means of its factors, which is exact for permanent degeneracies (theory
section 5.1). A new sum is one entry of `PRODUCTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cc_kernels.geometry.formulas import axial, cross
from cc_kernels.geometry.quantities import QUANTITIES

Block = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Product:
    """A state quantity made of band quantities: `needs` names them, `form` combines their (N, nb, ...) arrays."""

    needs: tuple[str, ...]
    indices: tuple[str, ...]
    form: Callable[[Block], np.ndarray]
    formula: str


PRODUCTS = {
    "velocity_dipole": Product(
        ("velocity", "s_dipole"),
        ("l", "i"),
        lambda b: b["velocity"][..., :, None] * b["s_dipole"][..., None, :],
        "v_n^l d_n^is",
    ),
    "current_rotation": Product(
        ("current_dipole",), ("k",), lambda b: axial(b["current_dipole"]) / 2, "Re sum A_nm x J_mn/2"
    ),
    "travelling_dipole": Product(
        ("s_dipole", "velocity"), ("k",), lambda b: cross(b["s_dipole"], b["velocity"]) / 2, "d_n x v_n/2"
    ),
    "curvature_operator_axial": Product(
        ("berry_curvature_operator",), ("k",), lambda b: axial(b["berry_curvature_operator"]) / 2, "Omega_n s_n"
    ),
    "curvature_axial": Product(("berry_curvature",), ("k",), lambda b: axial(b["berry_curvature"]) / 2, "Omega_n"),
    "negative_energy_curvature": Product(
        ("berry_curvature", "group_energy"),
        ("k",),
        # np.sign puts half of a level at zero energy on each side.
        lambda b: _beside(axial(b["berry_curvature"]), (1 - np.sign(b["group_energy"])) / 4),
        "Omega_n theta(-eps_n)",
    ),
}


def _beside(values: np.ndarray, factor: np.ndarray) -> np.ndarray:
    return values * factor.reshape(factor.shape + (1,) * (values.ndim - factor.ndim))


def needs(name: str) -> tuple[str, ...]:
    """Band quantities that a state sum is made of."""
    return PRODUCTS[name].needs if name in PRODUCTS else (name,)


def indices(name: str) -> tuple[str, ...]:
    """Cartesian indices of a state sum."""
    return PRODUCTS[name].indices if name in PRODUCTS else QUANTITIES[name].indices


def value(name: str, block: Block) -> np.ndarray:
    """(N, nb, ...) values of a state sum in a block of band quantities."""
    return PRODUCTS[name].form(block) if name in PRODUCTS else block[name]


def formula(name: str) -> str:
    return PRODUCTS[name].formula if name in PRODUCTS else QUANTITIES[name].formula


def dims_of(name: str, dim: int) -> tuple[str, ...]:
    """Dims of a state sum's Cartesian part: an axial vector is its z component in two dimensions."""
    if indices(name) == ("k",):
        return ("i",) if dim == 3 else ()
    return indices(name)
