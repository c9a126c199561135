"""Spin matrices between Wannier functions from Wannier90's `.spn` (between bands) and `.chk` (the gauge).

S(R) = 1/N sum_q e^{-i q.R} V(q)^dagger S(q) V(q), V = U_opt U; rows of U_opt are the bands in the window of q.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.wannier.centres_file import seed_of
from cc_kernels.models.wannier.spin_file import SpinMatrices
from cc_kernels.models.wannier.text_lines import TextLines

SPN, CHK = "a whole .spn of pw2wannier90", "a whole .chk of Wannier90"


@dataclass(frozen=True)
class _Gauge:
    """Of a .chk: lattice (3, 3), q (N, 3) in reduced coordinates, and V (num_bands, num_wann) at each q."""

    lattice: np.ndarray
    q: np.ndarray
    V: list[np.ndarray]

    @property
    def shape(self) -> tuple[int, int]:
        return self.V[0].shape


def read_spin_between_bands(path: Path, cells: np.ndarray, ndegen: np.ndarray) -> SpinMatrices:
    """The matrices at the cells of the Hamiltonian, from the .spn at `path` and the .chk of its seedname beside it.

    Errors: `InputError` for a missing, truncated or foreign file, and for two that do not belong together.
    """
    chk = Path(f"{seed_of(path)}.chk")
    if not chk.is_file():
        raise InputError(f"spin {path}", stated(f"a .spn without {chk.name} beside it"), "both, of one seedname")
    gauge = _gauge(chk)
    between_bands = _formatted(path) if _is_text(path) else _unformatted(path)
    number, bands = len(gauge.q), gauge.shape[0]
    size = next(between_bands)
    if size != (bands, number):
        given = stated(f"{size[0]} bands at {size[1]} q, beside {bands} at {number} in {chk.name}")
        raise InputError(f"spin {path}", given, "the .spn and the .chk of one calculation")
    result = np.zeros((len(cells), 3, gauge.shape[1], gauge.shape[1]), dtype=complex)
    for q, V, S in zip(gauge.q, gauge.V, between_bands, strict=True):
        phases = np.exp(-2j * np.pi * (cells @ q)) / number
        result += phases[:, None, None, None] * (V.conj().T @ S @ V)
    return SpinMatrices(cells, result, ndegen, gauge.lattice)


def _gauge(path: Path) -> _Gauge:
    with _records(path, CHK) as read:
        read("S1")  # the date
        (bands,), (excluded,) = read("i4"), read("i4")
        if len(read("i4")) != excluded:
            raise ValueError("another number of excluded bands")
        lattice = read("f8").reshape(3, 3, order="F")
        read("f8")
        (number,) = read("i4")
        read("i4")  # the grid
        q = read("f8").reshape(number, 3)
        read("i4")
        (wann,) = read("i4")
        read("S1")
        optimal, window = np.broadcast_to(np.eye(bands, wann), (number, bands, wann)), np.ones((number, bands), bool)
        if read("i4")[0]:
            read("f8")
            window = read("i4").reshape(number, bands) != 0
            read("i4")
            optimal = read("c16").reshape(number, wann, bands).swapaxes(1, 2)
        elif bands != wann:
            raise ValueError(f"{bands} bands for {wann} Wannier functions without disentanglement")
        U = read("c16").reshape(number, wann, wann).swapaxes(1, 2)
    V = []
    for inside, opt, u in zip(window, optimal, U, strict=True):
        rows = np.zeros((bands, wann), dtype=complex)
        rows[inside] = opt[: inside.sum()] @ u
        V.append(rows)
    return _Gauge(lattice, q, V)


def _unformatted(path: Path) -> Iterator[Any]:
    """(bands, points), then S (3, bands, bands) at each q."""
    with _records(path, SPN) as read:
        read("S1")
        bands, number = read("i4").tolist()
        yield bands, number
        for _ in range(number):
            yield _whole(read("c16").reshape(-1, 3), bands)


def _formatted(path: Path) -> Iterator[Any]:
    lines = TextLines(path, "spin", SPN)
    lines.take(1, "the header")
    bands, number = lines.whole_numbers(2, "the numbers of bands and q").tolist()
    yield bands, number
    for point in range(number):
        numbers, _ = lines.table(3 * bands * (bands + 1) // 2, 2, f"point {point + 1} of {number}")
        yield _whole((numbers[:, 0] + 1j * numbers[:, 1]).reshape(-1, 3), bands)
    lines.end()


def _whole(packed: np.ndarray, bands: int) -> np.ndarray:
    """(3, bands, bands) of <n|sigma|m> for n <= m, m slowest."""
    m, n = np.tril_indices(bands)
    result = np.empty((3, bands, bands), dtype=complex)
    result[:, m, n] = packed.T.conj()
    result[:, n, m] = packed.T
    return result


def _is_text(path: Path) -> bool:
    """Unformatted records begin with their length, whose bytes are no printed characters."""
    with path.open("rb") as file:
        return b"\0" not in file.read(4)


@contextmanager
def _records(path: Path, whole: str) -> Iterator[Any]:
    """Reads records of unformatted Fortran; whatever is wrong is an `InputError` that names the file."""
    from scipy.io import FortranFile

    try:
        with FortranFile(path, "r") as file:
            yield lambda kind: file.read_record(np.dtype(kind))
    except InputError:
        raise
    except Exception as error:  # scipy has several kinds, and numpy's for sizes that do not fit
        given = stated(f"a damaged or truncated file ({error})")
        raise InputError(str(path), given, whole) from error
