"""Files as Wannier90 writes them, of models that are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import netCDF4
import numpy as np
from scipy.io import FortranFile

from cc_kernels.models import TightBinding
from tests.identities.random_models import hermitian

W90, WHOLE = "{:15.8E}", "{:.17e}"
"""Wannier90's eight digits, and all that a double has."""


def spinful_model(seed: int = 0, sites: int = 2, spin_orbit: float = 0.3) -> TightBinding:
    """Three dimensions; spins of a site next to each other and at one place; H = h x 1 + spin_orbit x (random)."""
    rng = np.random.default_rng(seed)
    lattice = 3 * (np.eye(3) + 0.1 * rng.uniform(-1, 1, size=(3, 3)))
    positions = np.repeat(rng.uniform(size=(sites, 3)) @ lattice, 2, axis=0)
    cells, blocks = [(0, 0, 0)], [_with_spin(rng, sites, spin_orbit)]
    blocks[0] = (blocks[0] + blocks[0].conj().T) / 2 + np.diag(np.repeat(np.arange(sites), 2))
    for cell in ((0, 0, 1), (0, 1, 0), (1, 0, 0), (1, -1, 0)):
        block = 0.4 * _with_spin(rng, sites, spin_orbit)
        cells += [cell, tuple(-n for n in cell)]
        blocks += [block, block.conj().T]
    return TightBinding(lattice, cells, np.array(blocks), positions)


def _with_spin(rng: np.random.Generator, sites: int, spin_orbit: float) -> np.ndarray:
    def matrix(size: int) -> np.ndarray:
        return rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))

    return np.kron(matrix(sites), np.eye(2)) + spin_orbit * matrix(2 * sites)


def position_matrices(model: TightBinding, seed: int = 1, size: float = 0.1) -> np.ndarray:
    """(nR, 3, nb, nb) Hermitian, with the positions on the diagonal at R = 0."""
    rng = np.random.default_rng(seed)
    nb = model.num_bands
    result = size * (rng.normal(size=(len(model.R), 3, nb, nb)) + 1j * rng.normal(size=(len(model.R), 3, nb, nb)))
    result = (result + result[::-1].conj().swapaxes(-1, -2)) / 2
    result[len(result) // 2, :, np.arange(nb), np.arange(nb)] = model.positions
    return result


def degeneracies(model: TightBinding) -> np.ndarray:
    """Some are 2, equal at R and -R; 1 at R = 0."""
    return 1 + (np.abs(model.R).sum(axis=1) % 3 == 2)


def write_tb(
    path: Path, model: TightBinding, r: np.ndarray | None = None, ndegen: np.ndarray | None = None, number: str = WHOLE
) -> Path:
    """A `_tb.dat` whose elements are `ndegen` times the model's."""
    r = np.zeros((len(model.R), 3, *model.hoppings.shape[1:])) if r is None else r
    if not r.any():
        r[len(r) // 2, :, np.arange(model.num_bands), np.arange(model.num_bands)] = model.positions
    ndegen = np.ones(len(model.R), int) if ndegen is None else ndegen
    lines = [" written on 1Jan2026 at 00:00:00", *(" ".join(map(repr, map(float, a))) for a in model.lattice)]
    lines += _sizes(model, ndegen)
    for cell, block, times in zip(model.R, model.hoppings, ndegen, strict=True):
        lines += ["", " ".join(map(str, cell))]
        lines += [f"{m + 1} {n + 1} " + _pair(block[m, n] * times, number) for n, m in np.ndindex(block.shape)]
    for cell, block, times in zip(model.R, r, ndegen, strict=True):
        lines += ["", " ".join(map(str, cell))]
        for n, m in np.ndindex(block.shape[1:]):
            lines.append(f"{m + 1} {n + 1} " + " ".join(_pair(x * times, number) for x in block[:, m, n]))
    path.write_text("\n".join(lines) + "\n")
    return path


def write_hr(path: Path, model: TightBinding, number: str = "{:12.6f}") -> Path:
    """An `_hr.dat`, by default with its six decimals."""
    lines = [" written on 1Jan2026", *_sizes(model, np.ones(len(model.R), int))]
    for cell, block in zip(model.R, model.hoppings, strict=True):
        R = " ".join(map(str, cell))
        lines += [f"{R} {m + 1} {n + 1} " + _pair(block[m, n], number) for n, m in np.ndindex(block.shape)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _sizes(model: TightBinding, ndegen: np.ndarray) -> list[str]:
    rows = [" ".join(map(str, ndegen[start : start + 15])) for start in range(0, len(ndegen), 15)]
    return [str(model.num_bands), str(len(model.R)), *rows]


def _pair(z: complex, number: str) -> str:
    return f"{number.format(z.real)} {number.format(z.imag)}"


def write_wsvec(path: Path, cells: np.ndarray, shifts: dict[tuple, Sequence[tuple[int, ...]]], num_wann: int) -> Path:
    """shifts: (R, i, j) -> the T."""
    lines = ["## written on 1Jan2026  with use_ws_distance=.true."]
    for cell in map(tuple, cells.tolist()):
        for i, j in np.ndindex(num_wann, num_wann):
            each = shifts[cell, i, j]
            lines += [" ".join(map(str, (*cell, i + 1, j + 1))), str(len(each))]
            lines += [" ".join(map(str, one)) for one in each]
    path.write_text("\n".join(lines) + "\n")
    return path


def random_spin(model: TightBinding, seed: int = 2, mixing: float = 0.02) -> np.ndarray:
    """(nR, 3, nb, nb): Pauli matrices of neighbouring functions at R = 0, and a little between all others."""
    rng = np.random.default_rng(seed)
    shape = (len(model.R), 3, model.num_bands, model.num_bands)
    result = mixing * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    result[len(result) // 2] += [np.kron(np.eye(model.num_bands // 2), one) for one in pauli]
    return (result + result[::-1].conj().swapaxes(-1, -2)) / 2


def write_spin(
    path: Path, model: TightBinding, S: np.ndarray, ndegen: np.ndarray | None = None, order: np.ndarray | None = None
) -> Path:
    """The netCDF file, with the R in another `order`."""
    order = np.arange(len(model.R)) if order is None else order
    ndegen = np.ones(len(model.R), int) if ndegen is None else ndegen
    matrices = (S * ndegen[:, None, None, None])[order].transpose(0, 2, 3, 1)
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("R", len(order)), ("m", S.shape[-1]), ("n", S.shape[-1]), ("axis", 3), ("complex", 2)):
            file.createDimension(name, size)
        file.createVariable("S_R", "f8", ("R", "m", "n", "axis", "complex"))[:] = np.stack(
            [matrices.real, matrices.imag], axis=-1
        )
        file.createVariable("R_vectors", "i4", ("R", "axis"))[:] = model.R[order]
        file.createVariable("ndegen", "i4", ("R",))[:] = ndegen[order]
        file.createVariable("lattice", "f8", ("axis", "axis"))[:] = model.lattice
    return path


def write_checkpoint(folder: Path, model: TightBinding, grid: tuple[int, ...], formatted: bool) -> np.ndarray:
    """seed.spn and seed.chk of 6 bands on a grid of q, disentangled into the model's functions.

    Returns S(R) (nR, 3, nb, nb) = 1/N sum_q e^{-i q.R} V^dagger S V of these.
    """
    rng = np.random.default_rng(5)
    bands, wann = 6, model.num_bands
    q = np.indices(grid).reshape(len(grid), -1).T / grid
    window = np.ones((len(q), bands), bool)
    window[1::2, 0] = False  # in every other window one band less, the lowest
    optimal = np.zeros((len(q), bands, wann), dtype=complex)
    U = np.array([np.linalg.eigh(hermitian(rng, wann))[1] for _ in q])
    S = np.array([[hermitian(rng, bands) for _ in range(3)] for _ in q])
    S_R = np.zeros((len(model.R), 3, wann, wann), dtype=complex)
    for k, inside in enumerate(window):
        number = int(inside.sum())
        optimal[k, :number] = np.linalg.eigh(hermitian(rng, number))[1][:, :wann]
        V = optimal[k, :number] @ U[k]
        here = V.conj().T @ S[k][:, inside][:, :, inside] @ V
        S_R += np.exp(-2j * np.pi * (model.R @ q[k]))[:, None, None, None] * here / len(q)
    with FortranFile(folder / "seed.chk", "w") as file:
        file.write_record(np.frombuffer(b"written on 1Jan2026".ljust(33), "S1"))
        for numbers in ([bands], [0], []):
            file.write_record(np.array(numbers, "i4"))
        file.write_record(model.lattice.ravel(order="F"))
        file.write_record(model.reciprocal.ravel(order="F"))
        file.write_record(np.array([len(q)], "i4"))
        file.write_record(np.array(grid, "i4"))
        file.write_record(q.ravel())
        file.write_record(np.array([8], "i4"))
        file.write_record(np.array([wann], "i4"))
        file.write_record(np.frombuffer(b"postwann".ljust(20), "S1"))
        file.write_record(np.array([1], "i4"))
        file.write_record(np.array([0.5]))
        file.write_record(window.astype("i4").ravel())
        file.write_record(window.sum(axis=1).astype("i4"))
        file.write_record(optimal.swapaxes(1, 2).ravel())
        file.write_record(U.swapaxes(1, 2).ravel())
    packed = [[S[k][:, n, m] for m in range(bands) for n in range(m + 1)] for k in range(len(q))]
    if formatted:
        lines = ["Created on 1Jan2026", f"{bands} {len(q)}"]
        lines += [_pair(z, "{:26.16e}") for point in packed for three in point for z in three]
        (folder / "seed.spn").write_text("\n".join(lines) + "\n")
    else:
        with FortranFile(folder / "seed.spn", "w") as file:
            file.write_record(np.frombuffer(b"Created on 1Jan2026".ljust(60), "S1"))
            file.write_record(np.array([bands, len(q)], "i4"))
            for point in packed:
                file.write_record(np.array(point).ravel())
    return S_R
