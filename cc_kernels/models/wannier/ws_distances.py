"""`_wsvec.dat`: each pair of Wannier functions spread over the equivalent cells in which it is closest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.wannier.text_lines import TextLines

WHOLE = "a whole _wsvec.dat of Wannier90"
_SAME_DISTANCE = 1e-3
"""angstrom; Wannier90 takes images for equally far that differ by its ws_distance_tol, 1e-5."""


@dataclass(frozen=True)
class Shifts:
    """Where the pairs go: the element (i, j) at `cells[cell]` counts `weight` at `targets[target]`; one row a place."""

    cell: np.ndarray
    i: np.ndarray
    j: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    targets: np.ndarray

    def spread(self, blocks: np.ndarray) -> np.ndarray:
        """(nR, ..., nb, nb) at the given cells -> (nT, ..., nb, nb) at `targets`."""
        result = np.zeros((len(self.targets), *blocks.shape[1:]), dtype=complex)
        moved = np.moveaxis(result, (-2, -1), (1, 2))
        weight = self.weight.reshape(-1, *[1] * (blocks.ndim - 3))
        np.add.at(
            moved,
            (self.target, self.i, self.j),
            np.moveaxis(blocks, (-2, -1), (1, 2))[self.cell, self.i, self.j] * weight,
        )
        return result


def read_shifts(path: Path, cells: np.ndarray, centres: np.ndarray, lattice: np.ndarray) -> Shifts:
    """The shifts of a model with these cells (nR, 3) and centres (nb, 3), angstrom.

    Errors: `InputError` for a damaged file, and for that of another model: other R, another number of functions, or
    shifts that do not bring these centres closest to each other.
    """
    lines = TextLines(path, "wsvec", WHOLE)
    if not lines.take(1, "the header")[0].lstrip().startswith("#"):
        lines.refuse("a first line without #")
    rows = {tuple(cell): number for number, cell in enumerate(cells.tolist())}
    number = len(centres)
    seen = np.zeros((len(cells), number, number), dtype=bool)
    heads, counts, moves = [], [], []
    for _ in range(seen.size):
        head = lines.whole_numbers(5, "R i j")
        cell, i, j = rows.get(tuple(head[:3].tolist()), -1), head[3] - 1, head[4] - 1
        if cell < 0 or not (0 <= i < number and 0 <= j < number) or seen[cell, i, j]:
            given = f"R = {tuple(head[:3].tolist())}, i = {i + 1}, j = {j + 1} (in line {lines.number})"
            raise _of_another(path, given)
        seen[cell, i, j] = True
        count = lines.whole_number("the number of shifts")
        heads.append((cell, i, j))
        counts.append(count)
        moves.append(lines.table(count, 3, "shifts")[0])
    lines.end()
    cell, i, j = np.repeat(np.array(heads), counts, axis=0).T
    shifts = np.concatenate(moves).astype(np.int64)
    _refuse_longer(path, cells[cell], shifts, (centres[j] - centres[i]), lattice, np.array(counts))
    targets, target = np.unique(cells[cell] + shifts, axis=0, return_inverse=True)
    weight = np.repeat(1 / np.array(counts), counts)
    return Shifts(cell, i, j, target.reshape(-1), weight, targets)


def _refuse_longer(
    path: Path, cells: np.ndarray, shifts: np.ndarray, separation: np.ndarray, lattice: np.ndarray, counts: np.ndarray
) -> None:
    """Shifts of one pair are equally far, and none is farther than no shift."""
    far = np.linalg.norm((cells + shifts) @ lattice + separation, axis=1)
    unmoved = np.linalg.norm(cells @ lattice + separation, axis=1)
    starts = np.cumsum(counts) - counts
    spread = np.maximum.reduceat(far, starts) - np.minimum.reduceat(far, starts)
    excess = max(float(spread.max()), float((far - unmoved).max()))
    if excess > _SAME_DISTANCE:
        raise _of_another(path, f"shifts that lead {excess:.3g} angstrom farther than the closest cell")


def _of_another(path: Path, given: str) -> InputError:
    return InputError(f"wsvec {path}", stated(given), "the _wsvec.dat of the same model: its R, functions and centres")
