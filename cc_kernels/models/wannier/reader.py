"""`read_wannier90`: a tight-binding model from the files of Wannier90."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import Operator
from cc_kernels.models.operators import charge
from cc_kernels.models.tight_binding import TightBinding
from cc_kernels.models.wannier.centres_file import lattice_and_centres, seed_of
from cc_kernels.models.wannier.checkpoint import read_spin_between_bands
from cc_kernels.models.wannier.hoppings_file import Between, hermitised, is_hr, read_hr, read_tb
from cc_kernels.models.wannier.spin_file import PRINTED, SpinMatrices, in_order_of, read_spin_netcdf
from cc_kernels.models.wannier.spin_order import (
    ALLOWED,
    on_mean_centres,
    pairs_of,
    pauli_matrices,
    refuse_another_order,
)
from cc_kernels.models.wannier.text_lines import existing_file
from cc_kernels.models.wannier.ws_distances import read_shifts

_SAME_LATTICE = 1e-5  # angstrom
SINGLE, DOUBLE = 1e-6, 1e-3
"""eV, the degeneracy tolerance of a model, and of one with every band double: printed digits and the q-grid split what
inversion and time reversal make degenerate by some 1e-5 eV (platinum: 2.8e-5)."""
_SPLIT = 1e-4
"""eV; pairs closer than that at every k that is looked at, which has no symmetry, are doublets that digits split."""
log = logging.getLogger("cc_kernels")


def read_wannier90(
    tb_file: str | os.PathLike,
    *,
    spin: str | os.PathLike | None = None,
    spin_order: str | Sequence[Sequence[int]] | None = None,
    positions: str = "centres",
    wsvec: str | os.PathLike | None = None,
    fermi_energy: float = 0.0,
    degeneracy_tolerance: float | None = None,
) -> TightBinding:
    """Return the tight-binding model of a `_tb.dat` or `_hr.dat` of Wannier90; any of the files may be gzipped.

    Parameters
    ----------
    tb_file : `_tb.dat`; or `_hr.dat`, with the lattice in `<seedname>.win` beside it (or in the spin file), and the
        centres in `<seedname>_centres.xyz` or from the projections in the .win.
    spin : a file of spin matrices S(R): netCDF with `S_R(R, m, n, axis, complex)` in Pauli units, `R_vectors` and
        `ndegen`, or Wannier90's `.spn` with the `.chk` of the same seedname beside it. The operators then depend on R.
        "pauli", or nothing beside a `spin_order`: Pauli matrices, with both spins of a pair at the mean of their
        centres.
    spin_order : for Pauli matrices, "interlaced" (up, down, up, down, ...), "blocks" (all up, then all down), or pairs
        (up, down) of functions, counted from 0. Without this and without `spin` the only operator is `charge`.
    positions : "centres", the diagonal of r at R = 0, for which v = dH/dk; or "full", all position matrices, made
        Hermitian (as Wannier90 prints them they are not), for which v = dH/dk + i[H, A].
    wsvec : `_wsvec.dat`, of use_ws_distance: H, positions and spin all follow it.
    fermi_energy : eV; mu counts from it.
    degeneracy_tolerance : of the model, eV. By default 1e-6; 1e-3 where all levels come in pairs closer than 1e-4, as
        with inversion and time reversal, which printed digits split. Crossings of levels that are no doublets are in a
        group only as far as the tolerance reaches, and Eq. (5) holds to that.

    Returns
    -------
    A `TightBinding` with operators charge, and spin_x, spin_y, spin_z in hbar, 1/2 times the matrices. Its `parameters`
    say what was used, and by how much blocks were not Hermitian. With centres and Pauli matrices every identity of the
    paper is exact; else Eq. (5) is approximate, which results say in their attribute `equation_5`.

    Errors: `InputError` for a missing, truncated or foreign file (with its line), R vectors that do not match, blocks
    that are not Hermitian to the last printed digit, an `_hr.dat` without lattice or centres, a spin order whose pairs
    are far apart or in which H depends on spin more than in another one, and shifts of another model.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> import cc_kernels as cc
    >>> text = '''a chain with one function, in a cell of 1 x 10 x 10 angstrom
    ... 1 0 0
    ... 0 10 0
    ... 0 0 10
    ... 1
    ... 3
    ... 1 1 1
    ... ''' + "".join(f"{R} 0 0\\n1 1 {t} 0\\n" for R, t in ((-1, "-0.5"), (0, "2.0"), (1, "-0.5")))
    >>> text += "".join(f"{R} 0 0\\n1 1 0 0 0 0 0 0\\n" for R in (-1, 0, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "chain_tb.dat"
    ...     _ = file.write_text(text)
    ...     model = cc.read_wannier90(file, fermi_energy=1.0)
    >>> model.levels([[0.0, 0.0, 0.0]]).item(), list(model.operators)
    (0.0, ['charge'])
    """
    path = existing_file("tb_file", tb_file, "a _tb.dat or _hr.dat of Wannier90")
    spin_path = _spin_path(spin, spin_order)
    wsvec_path = None if wsvec is None else existing_file("wsvec", wsvec, "a _wsvec.dat of Wannier90")
    if positions not in ("centres", "full"):
        raise InputError("positions", positions, '"centres" or "full"')
    energy = checks.number("fermi_energy", fermi_energy, "a finite energy in eV")

    between = read_hr(path) if is_hr(path) else read_tb(path)
    if positions == "full" and between.positions is None:
        raise InputError("positions", positions, '"centres" for an _hr.dat, which has no position matrices')
    spins = None if spin_path is None else _read_spin(spin_path, between)
    home = int(np.flatnonzero(~between.cells.any(axis=1))[0]) if not between.cells.all() else -1
    lattice, centres, where = _centres(path, between, home, spins)
    said: dict[str, Any] = {"positions": positions, "centres": where, "fermi_energy": energy, "spin": "none"}
    hoppings, said["hermitised_eV"] = hermitised(
        f"tb_file {path}, <0m|H|Rn>", between.hoppings, between.cells, between.digit, "eV (its last printed digit)"
    )
    blocks = {"hoppings": hoppings}
    tau = centres
    operators = charge(between.num_wann)
    if spin_path is not None and spins is not None:
        of_file = in_order_of(spins, spin_path, between.cells, between.ndegen, between.num_wann)
        blocks["spin"], _ = hermitised(f"spin {spin_path}, <0m|sigma|Rn>", of_file, between.cells, PRINTED, "")
        said["spin"] = "file"
    elif spin is not None or spin_order is not None:
        pairs = pairs_of(spin_order, between.num_wann)
        tau, said["centres_moved_angstrom"] = on_mean_centres(pairs, centres)
        refuse_another_order(pairs, hoppings / between.ndegen[:, None, None], home)
        operators |= _spin_operators(pauli_matrices(pairs), None, "Pauli matrix of each orbital")
        said["spin"] = f"Pauli, {spin_order if isinstance(spin_order, str) else 'pairs'}"
    if positions == "full" and between.positions is not None:
        blocks["positions"], said["positions_hermitised_angstrom"] = hermitised(
            f"tb_file {path}, <0m|r|Rn>", between.positions, between.cells, np.inf, "angstrom"
        )
    blocks = {name: block / between.ndegen.reshape(-1, *[1] * (block.ndim - 1)) for name, block in blocks.items()}
    cells = between.cells
    said["ws_distance"] = wsvec_path is not None
    if wsvec_path is not None:
        cells, blocks = _spread(wsvec_path, cells, centres, lattice, blocks, between.digit)
    blocks["hoppings"][~cells.any(axis=1)] -= energy * np.eye(between.num_wann)
    if "spin" in blocks:
        operators |= _spin_operators(blocks["spin"].swapaxes(0, 1), cells, "matrices of a file")
    log.info("read %s: %s", path, said)
    model = TightBinding(
        lattice,
        cells,
        blocks["hoppings"],
        tau,
        operators,
        position_matrices=blocks.get("positions"),
        name=Path(seed_of(path)).name,
        description=f"{between.num_wann} Wannier functions, {len(cells)} cells",
        parameters=said,
        degeneracy_tolerance=SINGLE if degeneracy_tolerance is None else degeneracy_tolerance,
    )
    if degeneracy_tolerance is None and _all_are_double(model):
        model.degeneracy_tolerance = DOUBLE
    return model


def _all_are_double(model: TightBinding) -> bool:
    """Do all levels come in pairs, but for what digits split?"""
    fractions = np.random.default_rng(0).uniform(size=(8, model.dim))
    levels = model.levels(fractions @ model.reciprocal)
    return model.num_bands % 2 == 0 and bool((levels[:, 1::2] - levels[:, ::2]).max() < _SPLIT)


def _spin_path(spin: object, spin_order: object) -> Path | None:
    """The spin file, if there is one."""
    if spin is None or (isinstance(spin, str) and spin == "pauli"):
        if spin is not None and spin_order is None:
            raise InputError("spin_order", stated("nothing, beside spin = 'pauli'"), ALLOWED)
        return None
    if spin_order is not None:
        raise InputError("spin_order", spin_order, "nothing beside a spin file, which has the matrices themselves")
    return existing_file("spin", spin, 'a file of spin matrices, or "pauli"')


def _read_spin(path: Path, between: Between) -> SpinMatrices:
    if path.name.removesuffix(".gz").endswith(".spn"):
        return read_spin_between_bands(path, between.cells, between.ndegen)
    return read_spin_netcdf(path)


def _centres(path: Path, between: Between, home: int, spins: SpinMatrices | None) -> tuple[np.ndarray, np.ndarray, str]:
    """Lattice, centres (nb, 3) in angstrom, and where the latter come from."""
    if home < 0:
        raise InputError(f"tb_file {path}", stated("a file without R = 0"), "a whole file of Wannier90")
    if between.positions is None or between.lattice is None:
        return lattice_and_centres(path, between.num_wann, None if spins is None else spins.lattice)
    if (
        spins is not None
        and spins.lattice is not None
        and np.abs(spins.lattice - between.lattice).max() > _SAME_LATTICE
    ):
        raise InputError("spin", stated("a file with another lattice than tb_file"), "that of the same model")
    return between.lattice, np.diagonal(between.positions[home], axis1=1, axis2=2).real.T.copy(), "diagonal of r"


def _spread(
    path: Path, cells: np.ndarray, centres: np.ndarray, lattice: np.ndarray, blocks: dict[str, np.ndarray], digit: float
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """All blocks over the cells of a `_wsvec.dat`, still Hermitian."""
    shifts = read_shifts(path, cells, centres, lattice)
    result = {name: shifts.spread(block) for name, block in blocks.items()}
    hermitised(f"wsvec {path}, spread <0m|H|Rn>", result["hoppings"], shifts.targets, digit, "eV")
    return shifts.targets, result


def _spin_operators(matrices: np.ndarray, cells: np.ndarray | None, source: str) -> dict[str, Operator]:
    return {
        f"spin_{axis}": Operator(matrix / 2, "hbar", f"spin along {axis}, 1/2 times the {source}", cells)
        for axis, matrix in zip("xyz", matrices, strict=True)
    }
