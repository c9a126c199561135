"""`_tb.dat` and `_hr.dat`: Hamiltonian and, in the former, positions between Wannier functions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import checked_lattice
from cc_kernels.models.wannier.text_lines import TextLines, last_digit

TB, HR = "a whole _tb.dat of Wannier90", "a whole _hr.dat of Wannier90"


@dataclass(frozen=True)
class Between:
    """What a file says between Wannier functions, in its own order of R, not divided by `ndegen`.

    Attributes
    ----------
    cells : (nR, 3) whole numbers R.  ndegen : (nR,), how many equivalent cells share each.
    hoppings : (nR, nb, nb), <0,m|H|R,n> in eV.  digit : what the last printed digit of its largest element stands for.
    lattice : (3, 3) rows, angstrom, and positions : (nR, 3, nb, nb), <0,m|r|R,n> in angstrom; None of an `_hr.dat`.
    """

    cells: np.ndarray
    ndegen: np.ndarray
    hoppings: np.ndarray
    digit: float
    lattice: np.ndarray | None = None
    positions: np.ndarray | None = None

    @property
    def num_wann(self) -> int:
        return self.hoppings.shape[-1]


def read_tb(path: Path) -> Between:
    """A `_tb.dat`; errors name its line."""
    lines = TextLines(path, "tb_file", TB)
    lines.take(1, "the header")
    lattice = checked_lattice(lines.table(3, 3, "the lattice")[0], 3)
    num_wann, ndegen = _sizes(lines)
    cells, hoppings, digit = [], [], _Digit()
    for _ in ndegen:
        cells.append(_cell(lines))
        numbers, words = lines.table(num_wann**2, 4, f"<0m|H|Rn> for R = {cells[-1]}")
        hoppings.append(_placed(lines, numbers, num_wann)[0])
        digit.look_at(numbers[:, 2:], words, 4)
    positions = []
    for cell in cells:
        if (again := _cell(lines)) != cell:
            lines.refuse(f"R = {again} among the positions, where the Hamiltonian has {cell}")
        positions.append(_placed(lines, lines.table(num_wann**2, 8, f"<0m|r|Rn> for R = {cell}")[0], num_wann))
    lines.end()
    return Between(_each_once(lines, cells), ndegen, np.array(hoppings), digit.value, lattice, np.array(positions))


def read_hr(path: Path) -> Between:
    """An `_hr.dat`; errors name its line."""
    lines = TextLines(path, "tb_file", HR)
    lines.take(1, "the header")
    num_wann, ndegen = _sizes(lines)
    cells, hoppings, digit = [], [], _Digit()
    for number in range(len(ndegen)):
        numbers, words = lines.table(num_wann**2, 7, f"block {number + 1} of {len(ndegen)}")
        if (numbers[:, :3] != numbers[0, :3]).any() or (numbers[0, :3] % 1).any():
            lines.refuse(f"several R, or no whole numbers, in the {num_wann**2} lines of block {number + 1}")
        cells.append(tuple(numbers[0, :3].astype(int).tolist()))
        hoppings.append(_placed(lines, numbers[:, 3:], num_wann)[0])
        digit.look_at(numbers[:, 5:], words, 7)
    lines.end()
    return Between(_each_once(lines, cells), ndegen, np.array(hoppings), digit.value)


def is_hr(path: Path) -> bool:
    """Is it an `_hr.dat`, by its second line? There a `_tb.dat` has the first vector of its lattice."""
    lines = TextLines(path, "tb_file", "a _tb.dat or _hr.dat of Wannier90")
    lines.take(1, "the header")
    return len(lines.words("the second line")) == 1


class _Digit:
    """The last printed digit of the largest element so far."""

    def __init__(self) -> None:
        self.largest, self.value = -1.0, 0.0

    def look_at(self, numbers: np.ndarray, words: list[str], columns: int) -> None:
        place = int(np.abs(numbers).argmax())
        if (size := abs(numbers.flat[place])) > self.largest:
            row, column = divmod(place, 2)
            own = [word for number, word in enumerate(words) if number % columns >= columns - 2]
            self.largest, self.value = size, last_digit(own, words[row * columns + columns - 2 + column])


def _sizes(lines: TextLines) -> tuple[int, np.ndarray]:
    num_wann, cells = lines.whole_number("the number of Wannier functions"), lines.whole_number("the number of R")
    ndegen = lines.whole_numbers(cells, "the degeneracies of the R")
    if ndegen.min() < 1:
        lines.refuse(f"a degeneracy of {ndegen.min()}")
    return num_wann, ndegen


def _cell(lines: TextLines) -> tuple[int, ...]:
    return tuple(lines.whole_numbers(3, "a cell R").tolist())


def _placed(lines: TextLines, numbers: np.ndarray, num_wann: int) -> np.ndarray:
    """(parts, nb, nb) complex of rows m n Re Im [Re Im ...], whatever their order."""
    m, n = numbers[:, 0].astype(int) - 1, numbers[:, 1].astype(int) - 1
    inside = (m >= 0) & (n >= 0) & (m < num_wann) & (n < num_wann)
    if not inside.all() or len(np.unique(m * num_wann + n)) < len(m):
        lines.refuse(f"a block that has not every pair m, n from 1 to {num_wann} once")
    result = np.empty((numbers.shape[1] // 2 - 1, num_wann, num_wann), dtype=complex)
    result[:, m, n] = (numbers[:, 2::2] + 1j * numbers[:, 3::2]).T
    return result


def _each_once(lines: TextLines, cells: list[tuple[int, ...]]) -> np.ndarray:
    seen = set(cells)
    if len(seen) < len(cells):
        lines.refuse(f"{len(cells) - len(seen)} repeated R")
    for cell in cells:
        if tuple(-n for n in cell) not in seen:
            lines.refuse(f"R = {cell} without -R")
    return np.array(cells, dtype=np.int64)


def hermitised(what: str, blocks: np.ndarray, cells: np.ndarray, allowed: float, unit: str) -> tuple[np.ndarray, float]:
    """Blocks X(R) with X(-R) = X(R)^dagger, and by how much real or imaginary parts were not so.

    Errors: `InputError` where that is more than `allowed`.
    """
    row = {tuple(cell): number for number, cell in enumerate(cells.tolist())}
    adjoint = np.swapaxes(blocks[[row[tuple(-n for n in cell)] for cell in cells.tolist()]], -1, -2).conj()
    difference = blocks - adjoint
    each = np.maximum(abs(difference.real), abs(difference.imag)).reshape(len(cells), -1).max(axis=1)
    size, worst = float(each.max()), int(each.argmax())
    if size > allowed * (1 + 1e-6):  # subtractions round
        R = tuple(cells[worst].tolist())
        given = stated(f"blocks at R = {R} and -R that differ by {size:.3g} {unit} from each other's adjoint")
        raise InputError(what, given, f"Hermitian blocks, to {allowed:.3g} {unit}")
    return (blocks + adjoint) / 2, size
