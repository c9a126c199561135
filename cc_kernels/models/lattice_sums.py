"""Fourier sums over the cells of a lattice, sum_R exp(i k.R) C_R with C_{-R} = C_R^dagger, at many k at once.

Rewritten as C_0 + sum_{R > 0} [cos(k.R) (C_R + C_-R) + sin(k.R) i(C_R - C_-R)]: half the trigonometric functions, and
one real matrix product. Where k run along lines of one reciprocal vector, as those of a grid do, all cells with the
same number of steps along it are added up once per line: models from first principles have hundreds of cells, and ten
or twenty such numbers (257 cells, 16 orbitals, 48 k per line: 8 us per k instead of 19).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cc_kernels.models.base import combine

MANY = 2048
"""Cosines for which it is worth to load the compiled ones."""
MANY_CELLS = 24
"""Cells R > 0 from which on lines are worth to be looked for."""
LEAST_SAVED = 0.5
"""Share of the products that lines have to save, as theirs are smaller ones."""
SAME_LINE = 64 * np.finfo(float).eps
"""Of the largest angle: what k of one line may differ by in the others."""


class LatticeSum:
    """The sum for sorted, complete cells (R[::-1] == -R).

    Parameters
    ----------
    cells : (nR, dim) whole numbers.  lattice : (dim, dim) rows are the primitive vectors, angstrom.
    """

    def __init__(self, cells: np.ndarray, lattice: np.ndarray) -> None:
        middle = len(cells) // 2
        self.order = np.argsort(abs(cells[middle + 1 :, -1]), kind="stable")
        self.half = cells[middle + 1 :][self.order]
        self.lattice = lattice
        self.vectors = self.half @ lattice
        steps, starts = np.unique(abs(self.half[:, -1]), return_index=True)  # sorted: cells of one number lie together
        groups = [slice(*ends) for ends in pairwise([*starts.tolist(), len(self.half)])]
        self.groups = dict(zip(steps.tolist(), groups, strict=True))
        self.across = self.groups.pop(0, slice(0, 0))
        self.steps = np.array(list(self.groups))

    def table(self, blocks: np.ndarray) -> np.ndarray:
        """(1 + 2 nHalf, ...): C_0, then C_R + C_-R for the cells R > 0, then i(C_R - C_-R)."""
        middle = len(blocks) // 2
        forward, backward = blocks[middle + 1 :][self.order], blocks[:middle][::-1][self.order]
        table = np.concatenate([blocks[middle : middle + 1], forward + backward, 1j * (forward - backward)])
        return np.ascontiguousarray(table)

    def functions(self, k: np.ndarray) -> np.ndarray:
        """1, cos(k.R), sin(k.R) for R > 0 at k (N, dim), shape (1 + 2 nHalf, N)."""
        return _one_cosines_sines(self.vectors @ k.T)

    def __call__(self, k: np.ndarray, *tables: np.ndarray) -> list[np.ndarray]:
        """The sums (N, ...) of tables, complex or real, at k (N, dim) in 1/angstrom."""
        lines = self._lines(k)
        if lines is None:
            functions = self.functions(k).T
            return [combine(functions, table) for table in tables]
        return [self._along_lines(*lines, table) for table in tables]

    def _lines(self, k: np.ndarray) -> tuple[np.ndarray, list[int]] | None:
        """Angles k.a (N, dim) and where lines along the last axis start and end, if they save products."""
        if len(self.half) < MANY_CELLS or self.half.shape[1] == 1:
            return None
        angles = k @ self.lattice.T
        others = angles[:, :-1]
        same = SAME_LINE * max(1.0, abs(others).max())
        starts = abs(np.diff(others, axis=0)).max(axis=1) > same
        edges = [0, *(np.flatnonzero(starts) + 1).tolist(), len(k)]
        first = np.repeat(others[edges[:-1]], np.diff(edges), axis=0)
        if abs(others - first).max() > same:  # a line that bends by less than that from one k to the next
            return None
        direct, per_line = 1 + 2 * len(self.half), 1 + 2 * len(self.steps)
        rows, points = per_line * (len(edges) - 1), len(k)  # rows of lines need no more memory than the sums
        products = 2 * direct * (len(edges) - 1) + per_line * points
        return (angles, edges) if rows <= points and products < (1 - LEAST_SAVED) * direct * points else None

    def _along_lines(self, angles: np.ndarray, edges: list[int], table: np.ndarray) -> np.ndarray:
        real = table.reshape(len(table), -1).view(np.float64)
        ends = np.array(edges)
        middles = (ends[:-1] + ends[1:]) // 2
        rows = self._rows_of_lines(angles[middles, :-1], real)
        functions = np.ascontiguousarray(_one_cosines_sines(self.steps[:, None] * angles[:, -1]).T)
        result = np.empty((len(angles), real.shape[1]))
        for line, (start, stop) in enumerate(pairwise(edges)):
            np.matmul(functions[start:stop], rows[:, line], out=result[start:stop])
        return result.view(table.dtype).reshape(len(angles), *table.shape[1:])

    def _rows_of_lines(self, others: np.ndarray, table: np.ndarray) -> np.ndarray:
        """(1 + 2 steps, lines, ...): what 1, cos(n theta) and sin(n theta) of the last angle multiply on each line.

        With k.R = A + n theta, cos(k.R) P + sin(k.R) Q = cos(n theta) [P cos A + Q sin A] + sin(n theta)
        [Q cos A - P sin A].
        """
        n = len(self.half)
        cosines, sines = table[1 : 1 + n], table[1 + n :]
        A = others @ self.half[:, :-1].T
        cos, sin = np.cos(A), np.sin(A)
        rows = np.zeros((1 + 2 * len(self.steps), len(others), table.shape[1]))
        rows[0] = table[0]
        rows[0] += cos[:, self.across] @ cosines[self.across] + sin[:, self.across] @ sines[self.across]
        for place, these in enumerate(self.groups.values(), 1):
            P, Q, sign = cosines[these], sines[these], np.sign(self.half[these, -1])
            rows[place] = cos[:, these] @ P + sin[:, these] @ Q
            rows[place + len(self.steps)] = (sign * cos[:, these]) @ Q - (sign * sin[:, these]) @ P
        return rows


def _one_cosines_sines(angles: np.ndarray) -> np.ndarray:
    """(1 + 2 n, N): one, the cosines and the sines of angles (n, N)."""
    n, number = angles.shape
    functions = np.empty((1 + 2 * n, number))
    cosines, sines = functions[1 : 1 + n], functions[1 + n :]
    functions[0] = 1.0
    if angles.size < MANY:
        np.cos(angles, out=cosines)
        np.sin(angles, out=sines)
    else:
        from cc_kernels.models.trigonometry import cosines_and_sines  # numba

        cosines_and_sines(angles, cosines, sines)
    return functions
