"""Two kinds of bosons on one lattice, coupled: magnons and phonons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import BOSE, Operator
from cc_kernels.models.bosons import bosons
from cc_kernels.models.stability import refuse_unstable
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import NamedOperators, Names

SAME_LATTICE = 1e-9
"""Of the longest primitive vector."""


def couple_bosons(
    first: TightBinding,
    second: TightBinding,
    R: ArrayLike,
    normal: ArrayLike,
    anomalous: ArrayLike | None = None,
    *,
    operators: NamedOperators | None = None,
    **labels: Unpack[Names],
) -> TightBinding:
    """Return H of two models of bosons, b and c, and sum b_i^+ X_ij c_j + b_i^+ Y_ij c_j^+ + h.c. between them.

    Parameters
    ----------
    first, second : models of `bosons`, `spin_waves` or `phonons` with N and M modes on the same lattice.
    R : (nR, dim) whole numbers, the cells of c, each once; here -R need not be among them.
    normal : (nR, N, M) complex, X in eV: ``normal[r, i, j]`` of b_i^+(0) c_j(R_r).
    anomalous : (nR, N, M) complex, Y in eV, likewise of b_i^+(0) c_j^+(R_r). Default none.
    operators : further ones, as in `bosons`, of the N + M modes. Those of both models come along; a name that both
        have is that of their sum.
    labels : name, description, parameters; degeneracy_tolerance as in `bosons`.

    Errors: `InputError` for models that are not of bosons, or not on one lattice, for wrong shapes, for operators of
    one name in two units, and for a coupling so strong that H_k has an eigenvalue below 0 at some k of a coarse grid.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> slow, fast = (cc.bosons([[1.0]], [[0]], [[[energy]]]) for energy in (1.0, 2.0))
    >>> both = cc.couple_bosons(slow, fast, [[0]], [[[0.75]]])
    >>> both.levels([[0.0]]).round(6).tolist()  # 1.5 -+ (0.5^2 + 0.75^2)^(1/2)
    [[-2.401388, -0.598612, 0.598612, 2.401388]]
    """
    for key, model in (("first", first), ("second", second)):
        if not isinstance(model, TightBinding) or model.statistics != BOSE:
            raise InputError(key, model, "a model of bosons, as from bosons, spin_waves or phonons")
    if (
        first.dim != second.dim
        or np.abs(first.lattice - second.lattice).max() > SAME_LATTICE * np.abs(first.lattice).max()
    ):
        raise InputError(
            "second", stated(f"a model on the lattice {second.lattice.tolist()}"), "one on that of the first"
        )
    N, M = first.num_bands // 2, second.num_bands // 2
    shape = checks.shape_of("normal", normal, "shape (nR, N, M)")
    X = checks.array("normal", normal, np.complex128, (None, N, M), "one block between the two models per R")
    Y = np.zeros_like(X)
    if anomalous is not None:
        Y = checks.array("anomalous", anomalous, np.complex128, shape, "one block per R, as `normal`")
    R = checks.array("R", R, np.int64, (len(X), first.dim), "one cell for each block")
    if len(set(map(tuple, R.tolist()))) != len(R):
        raise InputError("R", stated("a cell twice"), "every cell R listed once")
    if not isinstance(operators, Mapping | None):
        raise InputError("operators", operators, "a dict of names and Hermitian matrices")
    one, other = slice(N), slice(N, N + M)
    total: dict[tuple[int, ...], np.ndarray] = {}
    parts = [
        (first.R, one, one, first.hoppings[:, :N, :N], first.hoppings[:, :N, N:]),
        (second.R, other, other, second.hoppings[:, :M, :M], second.hoppings[:, :M, M:]),
        (R, one, other, X, Y),
        (-R, other, one, X.conj().swapaxes(1, 2), Y.swapaxes(1, 2)),
    ]
    for cells, rows, columns, *blocks in parts:
        for cell, *block in zip(map(tuple, cells.tolist()), *blocks, strict=True):
            total.setdefault(cell, np.zeros((2, N + M, N + M), dtype=complex))[:, rows, columns] += block
    A, B = np.array(list(total.values())).swapaxes(0, 1)
    model = bosons(
        first.lattice,
        np.array(list(total)),
        A,
        B,
        positions=np.concatenate([first.positions[:N], second.positions[:M]]),
        operators={**_of_both(first, second), **(operators or {})},
        **labels,
    )
    refuse_unstable(model, "normal, anomalous", "a coupling below that at which a mode becomes unstable")
    return model


def _of_both(first: TightBinding, second: TightBinding) -> dict[str, Operator]:
    """The operators of both models on the modes of both."""
    N, M = first.num_bands // 2, second.num_bands // 2
    home = np.split(np.arange(2 * (N + M)), [N, N + M, 2 * N + M])
    result: dict[str, Operator] = {}
    for model, places in ((first, np.concatenate(home[0::2])), (second, np.concatenate(home[1::2]))):
        for key, operator in model.operators.items():
            matrix = np.zeros((2 * (N + M), 2 * (N + M)), dtype=complex)
            matrix[np.ix_(places, places)] = operator.matrix
            description = operator.description
            if key in result:
                if result[key].unit != operator.unit:
                    given = stated(f"the units {result[key].unit} and {operator.unit}")
                    raise InputError(f"operator {key} of both models", given, "one unit, or two names")
                matrix += result[key].matrix
                description = f"{result[key].description}; {description}"
            result[key] = Operator(matrix, operator.unit, description)
    return result
