"""Spin matrices between Wannier functions, S(R) beside H(R), from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cc_kernels.damaged_files import damage_named, refuse_endless
from cc_kernels.errors import InputError, stated

WHOLE = (
    "a netCDF file with S_R(R, m, n, axis, complex) in Pauli units, R_vectors and ndegen, or the .spn of Wannier90 "
    "with its .chk beside it"
)
PRINTED = 1e-6
"""In Pauli units: what the elements of a file may be from Hermitian, which six printed decimals are."""


@dataclass(frozen=True)
class SpinMatrices:
    """<0,m|sigma|R,n> in Pauli units, (nR, 3, nb, nb), at cells (nR, 3); `lattice` (3, 3) in angstrom where known."""

    cells: np.ndarray
    matrices: np.ndarray
    ndegen: np.ndarray
    lattice: np.ndarray | None


def read_spin_netcdf(path: Path) -> SpinMatrices:
    """Errors: `InputError` for a damaged or foreign file."""
    import netCDF4

    with damage_named(path, WHOLE):
        refuse_endless(path)
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            names = ("S_R", "R_vectors", "ndegen", "lattice")
            if missing := [name for name in names[:3] if name not in file.variables]:
                raise InputError(f"spin {path}", stated("a file without " + ", ".join(missing)), WHOLE)
            arrays = {name: np.asarray(file[name][:]) for name in names if name in file.variables}
    return _checked(path, arrays)


def _checked(path: Path, arrays: Mapping[str, np.ndarray]) -> SpinMatrices:
    S, cells, ndegen, lattice = arrays["S_R"], arrays["R_vectors"], arrays["ndegen"], arrays.get("lattice")
    number, bands = S.shape[0], S.shape[1] if S.ndim > 1 else 0
    shapes = {"S_R": (number, bands, bands, 3, 2), "R_vectors": (number, 3), "ndegen": (number,), "lattice": (3, 3)}
    for name, array in arrays.items():
        if array.shape != shapes[name] or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            given = stated(f"{name} of shape {array.shape}, or not of finite numbers")
            raise InputError(f"spin {path}", given, f"shape {shapes[name]}: {WHOLE}")
    if (ndegen < 1).any():
        raise InputError(f"spin {path}", stated("a degeneracy below 1"), WHOLE)
    matrices = np.ascontiguousarray((S[..., 0] + 1j * S[..., 1]).transpose(0, 3, 1, 2))
    return SpinMatrices(cells.astype(np.int64), matrices, ndegen.astype(np.int64), lattice)


def in_order_of(spin: SpinMatrices, path: Path, cells: np.ndarray, ndegen: np.ndarray, num_wann: int) -> np.ndarray:
    """The matrices (nR, 3, nb, nb) in the order of `cells`, not divided by `ndegen`.

    Errors: `InputError` for those of another model: other R, degeneracies, or another number of functions.
    """
    key, allowed = f"spin {path}", "the spin matrices of the same model: its R, their degeneracies, its functions"
    if spin.matrices.shape[-1] != num_wann:
        given = stated(f"matrices of {spin.matrices.shape[-1]} functions, beside {num_wann} in the Hamiltonian")
        raise InputError(key, given, allowed)
    rows = {tuple(cell): row for row, cell in enumerate(spin.cells.tolist())}
    wanted = list(map(tuple, cells.tolist()))
    if len(rows) != len(spin.cells) or set(rows) != set(wanted):
        one = next(iter(sorted(set(rows) ^ set(wanted))), "one that is repeated")
        given = stated(f"{len(rows)} R vectors, beside {len(wanted)}; {one} is in one of the two only")
        raise InputError(key, given, allowed)
    order = [rows[cell] for cell in wanted]
    if not np.array_equal(spin.ndegen[order], ndegen):
        raise InputError(key, stated("other degeneracies of the R than in the Hamiltonian"), allowed)
    return spin.matrices[order]
