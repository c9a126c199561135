"""Operators of one model as matrices at many k: constant ones once, those that depend on R like the Hamiltonian."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.models.base import Operator
from cc_kernels.models.lattice_sums import LatticeSum
from cc_kernels.models.real_form import from_real_form, real_form

if TYPE_CHECKING:
    from cc_kernels.models.base import Model

_SAMPLES = 4
"""Points per axis at which the values of an s(k) are looked at, for the scale of rounding errors."""


class OperatorsAtK:
    """s(k) of several operators.

    Parameters
    ----------
    model : whose orbitals they are.
    operators : `Operator`s of it, or constant (nb, nb) matrices.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> hop = cc.Operator([[[0.5]], [[0.5]]], R=[[1], [-1]])
    >>> chain = cc.TightBinding([[1.0]], [[0]], [[[0.0]]], operators={"hop": hop, "charge": [[1.0]]})
    >>> at = OperatorsAtK(chain, [chain.operator("hop"), chain.operator("charge")])
    >>> at(np.array([[0.0], [np.pi]])).real.round(12)[:, :, 0, 0].tolist()
    [[1.0, -1.0], [1.0, 1.0]]
    """

    def __init__(self, model: Model, operators: Sequence[Operator | np.ndarray]) -> None:
        self.model = model
        self.operators = [
            one if isinstance(one, Operator) else Operator(np.asarray(one, dtype=complex)) for one in operators
        ]
        self.is_constant = all(one.R is None for one in self.operators)
        self._constant: np.ndarray | None = None
        if self.is_constant:
            matrices = np.array([one.matrix for one in self.operators], dtype=complex)
            self._constant = matrices.reshape(len(self.operators), 1, model.num_bands, model.num_bands)
            return
        assert model.lattice is not None  # of continuum models there is no operator with R
        cells = [b"" if one.R is None else one.R.tobytes() for one in self.operators]
        self._sums: list[tuple[list[int], LatticeSum | None, np.ndarray]] = []
        for these in ([n for n, other in enumerate(cells) if other == one] for one in dict.fromkeys(cells)):
            matrices = np.stack([self.operators[n].matrix for n in these], axis=-3)
            R = self.operators[these[0]].R
            if R is None:
                self._sums.append((these, None, real_form(matrices)))
            else:
                lattice_sum = LatticeSum(R, model.lattice)
                table = np.ascontiguousarray(real_form(lattice_sum.table(matrices)))
                self._sums.append((these, lattice_sum, table))

    @cached_property
    def contents(self) -> list[bytes]:
        """Of each operator, what tells it from others."""
        return [one.matrix.tobytes() + (b"" if one.R is None else one.R.tobytes()) for one in self.operators]

    def __call__(self, k: np.ndarray, *, phases: bool = False) -> np.ndarray:
        """(operators, N, nb, nb) at k (N, dim) in 1/angstrom; (operators, 1, nb, nb) where all are constant.

        phases : as in `Model.solve`.
        """
        if self._constant is not None:
            return self._constant
        result = from_real_form(self.real_form(k)).swapaxes(0, 1)
        if phases and (bloch := self.model.position_phases(k)) is not None:
            for these, lattice_sum, _ in self._sums:
                if lattice_sum is not None:  # constant ones commute with the phases
                    result[these] *= bloch
        return result

    def real_form(self, k: np.ndarray) -> np.ndarray:
        """(N, operators, nb, nb), without phases, as `models.real_form`; (1, ...) where all are constant.

        Operators of the same cells are one Fourier sum.
        """
        if self._constant is not None:
            return real_form(self._constant.swapaxes(0, 1))
        if len(self._sums) == 1:
            ((_, lattice_sum, table),) = self._sums
            assert lattice_sum is not None
            return lattice_sum(k, table)[0]
        result = np.empty((len(k), len(self.operators), self.model.num_bands, self.model.num_bands))
        for these, lattice_sum, table in self._sums:
            result[:, these] = table if lattice_sum is None else lattice_sum(k, table)[0]
        return result

    @cached_property
    def samples(self) -> np.ndarray:
        """(operators, n, nb, nb), n = 1 where all are constant: what their values are like in the zone."""
        if self._constant is not None:
            return self._constant
        fractions = np.indices([_SAMPLES] * self.model.dim).reshape(self.model.dim, -1).T / _SAMPLES
        return self(fractions @ np.asarray(self.model.reciprocal))

    @cached_property
    def norms(self) -> np.ndarray:
        """(operators,) the largest |value| of each."""
        return np.linalg.norm(self.samples, 2, axis=(-2, -1)).max(axis=1)
