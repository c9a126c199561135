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
    numbers = lines.rest("R i j, the number of shifts, and these")
    starts, start = [], 0
    while start + 5 < len(numbers):
        starts.append(start)
        start += 6 + 3 * int(numbers[start + 5])
        if start <= starts[-1] or start > len(numbers):
            lines.refuse("the end of the file, in the shifts of a pair")
    if start != len(numbers) or not starts:
        lines.refuse("the end of the file, in R i j")
    entry, number = np.array(starts), len(centres)
    i, j, counts = numbers[entry + 3] - 1, numbers[entry + 4] - 1, numbers[entry + 5]
    cell = _rows_of(numbers[entry[:, None] + np.arange(3)], cells)
    is_known = (cell >= 0) & (i >= 0) & (j >= 0) & (i < number) & (j < number)
    if not is_known.all() or len(np.unique((cell * number + i) * number + j)) < len(entry):
        raise _of_another(path, "R, or pairs of functions, that the model does not have, or twice")
    if len(entry) != len(cells) * number**2:
        raise _of_another(path, f"{len(entry)} pairs at all R, beside {len(cells) * number**2} in the model")
    cell, i, j, first = (np.repeat(x, counts) for x in (cell, i, j, entry + 6))
    within = np.arange(len(cell)) - np.repeat(np.cumsum(counts) - counts, counts)
    shifts = numbers[(first + 3 * within)[:, None] + np.arange(3)]
    _refuse_longer(path, cells[cell], shifts, (centres[j] - centres[i]), lattice, counts)
    targets, target = np.unique(cells[cell] + shifts, axis=0, return_inverse=True)
    weight = np.repeat(1 / counts, counts)
    return Shifts(cell, i, j, target.reshape(-1), weight, targets)


def _rows_of(wanted: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Where each of the `wanted` (n, 3) stands in `cells`; -1 of one that does not."""
    unique, place = np.unique(wanted, axis=0, return_inverse=True)
    rows = {tuple(cell): row for row, cell in enumerate(cells.tolist())}
    return np.array([rows.get(tuple(cell), -1) for cell in unique.tolist()])[place.reshape(-1)]


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
