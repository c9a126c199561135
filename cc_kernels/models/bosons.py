"""Bosons: lower normal and anomalous hoppings to one tight-binding model in the basis (b, b^dagger)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import BOSE, Operator
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import NamedOperators, Names

SAME_LEVEL = 1e-8
"""Of the largest energy: the degeneracy tolerance of bosons, whose bands may be a meV wide, or an eV."""


def bosons(
    lattice: ArrayLike,
    R: ArrayLike,
    normal: ArrayLike,
    anomalous: ArrayLike | None = None,
    *,
    positions: ArrayLike | None = None,
    operators: NamedOperators | None = None,
    **labels: Unpack[Names],
) -> TightBinding:
    """Return H = sum_k b^+ A(k) b + (b^+ B(k) b^+ + h.c.)/2 as a `TightBinding` in the basis (b_k, b^+_-k).

    That is H = (1/2) sum_k Psi^+ H_k Psi with H_k = [[A(k), B(k)], [B(-k)^*, A(-k)^*]]; the energies are those of
    eta H_k, eta = diag(1, -1): E_n(k) of the N modes and -E_n(-k) of their holes (docs/bosons.md).

    Parameters
    ----------
    lattice : (dim, dim), rows are the primitive vectors, angstrom.
    R : (nR, dim) whole numbers, the cells, each once, with -R for every R.
    normal : (nR, N, N) complex, A in eV: the term ``normal[r, i, j]`` b_i^+(0) b_j(R_r); A_{-R} = A_R^dagger.
    anomalous : (nR, N, N) complex, B in eV, likewise of b_i^+(0) b_j^+(R_r); B_{-R} = B_R^T. Default none.
    positions : (N, dim) Cartesian positions of the modes, angstrom (default: all at the origin).
    operators : {name: s}, s an `Operator` or a matrix, alone or with its unit: (N, N), of b^+ s b, which becomes
        diag(s, s^T); or (2 N, 2 N), of (1/2) Psi^+ s Psi. Constant, and with [s, tau] = 0 and s = tau_x s^T tau_x.
    labels : name, description, parameters; degeneracy_tolerance (eV), by default 1e-8 of the largest energy.

    Errors: `InputError` for wrong shapes, for what is not Hermitian, for a B that is not symmetric, for an operator of
    another kind, and, once it is evaluated, where H_k is not positive definite.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> chain = cc.bosons([[1.0]], [[0], [1], [-1]], [[[2.5]], [[-0.5]], [[-0.5]]], [[[1.0]], [[0.0]], [[0.0]]])
    >>> chain.levels([[np.pi / 2]]).round(6).tolist()  # (2.5^2 - 1)^(1/2)
    [[-2.291288, 2.291288]]
    """
    shape = checks.shape_of("normal", normal, "shape (nR, N, N)")
    if len(shape) != 3 or 0 in shape:
        raise InputError("normal", stated(f"an array of shape {shape}"), "shape (nR, N, N)")
    modes = shape[-1]
    A = checks.array("normal", normal, np.complex128, (shape[0], modes, modes), "one matrix per R")
    B = np.zeros_like(A)
    if anomalous is not None:
        B = checks.array("anomalous", anomalous, np.complex128, A.shape, "one matrix per R, as `normal`")
    hoppings = np.block([[A, B], [B.conj(), A.conj()]])
    if positions is not None:
        allowed = "Cartesian positions, one row per mode"
        positions = checks.array("positions", positions, np.float64, (modes, None), allowed)
        positions = np.concatenate([positions, positions])
    if not isinstance(operators, Mapping | None):
        raise InputError("operators", operators, "a dict of names and Hermitian matrices")
    doubled = {key: in_pairs(value, modes) for key, value in (operators or {}).items()}
    if "degeneracy_tolerance" not in labels and np.isfinite(hoppings).all():
        own = SAME_LEVEL * float(np.linalg.norm(hoppings, 2, axis=(1, 2)).sum())
        labels["degeneracy_tolerance"] = min(own, limits.DEGENERACY)
    try:
        return TightBinding(lattice, R, hoppings, positions, doubled, particle_hole_copies=2, statistics=BOSE, **labels)
    except InputError as error:
        if error.key != "hoppings":
            raise
        allowed = "A_{-R} = A_R^dagger and B_{-R} = B_R^T at every cell R"
        raise InputError("normal, anomalous", error.given, allowed) from None


def with_operators(model: TightBinding, *names: str) -> TightBinding:
    """The same model of bosons with the named ones of its operators alone."""
    return TightBinding(
        model.lattice,
        model.R,
        model.hoppings,
        model.positions,
        {name: model.operators[name] for name in names},
        degeneracy_tolerance=model.degeneracy_tolerance,
        particle_hole_copies=model.particle_hole_copies,
        statistics=model.statistics,
    )


def in_pairs(value: Any, modes: int) -> Any:
    """An operator b^+ s b (N, N) as (1/2) Psi^+ diag(s, s^T) Psi, up to a number; what is (2 N, 2 N) as it is."""
    if isinstance(value, Operator):
        return replace(value, matrix=in_pairs(value.matrix, modes)) if value.R is None else value
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        return in_pairs(value[0], modes), value[1]
    if checks.shape_of("operators", value, "Hermitian matrices") != (modes, modes):
        return value
    matrix = np.asarray(value)
    return np.kron(np.diag([1, 0]), matrix) + np.kron(np.diag([0, 1]), matrix.T)


def with_further(own: NamedOperators, further: NamedOperators | None) -> NamedOperators:
    """The operators that a model has by itself, and a user's further ones. `InputError` for one of these names."""
    if not isinstance(further, Mapping | None):
        raise InputError("operators", further, "a dict of names and Hermitian matrices")
    again = [str(name) for name in further or {} if name in own]
    if again:
        raise InputError(
            "operators", ", ".join(again), f"other names than {', '.join(own)}, which the model has itself"
        )
    return {**own, **(further or {})}
