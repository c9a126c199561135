"""What an `_hr.dat` lacks: the lattice from `.win`, and centres from `_centres.xyz` or the projections in `.win`."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import checked_lattice
from cc_kernels.models.wannier.text_lines import TextLines

BOHR = 0.529177210903
"""angstrom, CODATA 2018."""
_SHELLS = {"s": 1, "p": 3, "d": 5, "f": 7, "sp": 2, "sp2": 3, "sp3": 4, "sp3d": 5, "sp3d2": 6}
_HYBRIDS = {-1: 2, -2: 3, -3: 4, -4: 5, -5: 6}
"""Functions of a shell l: 2 l + 1, and for the hybrids of Wannier90's negative l."""


def seed_of(path: Path) -> str:
    """The seedname of a file of Wannier90, with its folder: "dir/Pt" of dir/Pt_hr.dat.gz."""
    name = path.name.removesuffix(".gz")
    for ending in ("_tb.dat", "_hr.dat", ".dat", ".spn", ".chk"):
        name = name.removesuffix(ending)
    return str(path.parent / name)


def lattice_and_centres(path: Path, num_wann: int, lattice: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, str]:
    """Lattice (3, 3), centres (nb, 3) in angstrom, and where the latter come from, of the `_hr.dat` at `path`.

    lattice : where another file has it.

    Errors: `InputError` where either is missing, naming the files that were looked for.
    """
    win, xyz = Path(f"{seed_of(path)}.win"), Path(f"{seed_of(path)}_centres.xyz")
    blocks = _win_blocks(win) if win.is_file() else {}
    if "unit_cell_cart" in blocks:
        lattice = _vectors(win, blocks, "unit_cell_cart")
    if lattice is None:
        given = stated(f"an _hr.dat, and no lattice in {win.name} beside it")
        raise InputError(f"tb_file {path}", given, "the _tb.dat, or a .win with unit_cell_cart beside the _hr.dat")
    lattice = checked_lattice(lattice, 3)
    if xyz.is_file():
        return lattice, _xyz_centres(xyz, num_wann), "_centres.xyz"
    if "projections" in blocks:
        return lattice, _projected(win, blocks, lattice, num_wann), "projections"
    given = stated(f"an _hr.dat without centres: neither {xyz.name} nor projections in {win.name} beside it")
    raise InputError(f"tb_file {path}", given, "the _tb.dat, or one of these files beside the _hr.dat")


def _xyz_centres(path: Path, num_wann: int) -> np.ndarray:
    lines = TextLines(path, "centres", "a whole _centres.xyz of Wannier90")
    total = lines.whole_number("the number of centres and atoms")
    with path.open(encoding="latin-1") as file:  # the comment in the second line may be empty
        rows = [line.split() for line in file.read().splitlines()[2 : 2 + total]]
    rows = [row for row in rows if row[:1] == ["X"]]
    if len(rows) != num_wann or any(len(row) != 4 for row in rows):
        lines.refuse(f"{len(rows)} centres, for {num_wann} Wannier functions")
    return np.array([[_number(path, word) for word in row[1:]] for row in rows])


def _win_blocks(path: Path) -> dict[str, list[str]]:
    """The lines of each `begin ... end` block of a .win, without comments; of all others, under "" ."""
    blocks: dict[str, list[str]] = {"": []}
    inside = ""
    for raw in path.read_text(encoding="latin-1").splitlines():
        line = re.split(r"[!#]", raw)[0].strip()
        words = line.lower().split()
        if words[:1] == ["begin"] and len(words) > 1:
            inside = words[1]
            blocks[inside] = []
        elif words[:1] == ["end"]:
            inside = ""
        elif line:
            blocks[inside].append(line)
    return blocks


def _vectors(path: Path, blocks: dict[str, list[str]], name: str) -> np.ndarray:
    """The three vectors of a block, or the positions of its atoms, angstrom."""
    rows = blocks[name]
    unit = BOHR if rows[:1] and rows[0].lower().startswith("bohr") else 1.0
    rows = rows[1:] if rows[:1] and rows[0].lower().split()[0] in ("bohr", "ang") else rows
    return unit * np.array([[_number(path, word) for word in row.split()[-3:]] for row in rows])


def _projected(path: Path, blocks: dict[str, list[str]], lattice: np.ndarray, num_wann: int) -> np.ndarray:
    """Centres of the trial orbitals, in their order: sites, then orbitals, then spins."""
    settings = " ".join(blocks[""]).lower()
    spins = 2 if re.search(r"spinors\s*[=:]?\s*(\.?t(rue)?\.?)(\s|$)", settings) else 1
    atoms = _atoms(path, blocks, lattice)
    rows = blocks["projections"]
    unit = BOHR if rows and rows[0].lower() == "bohr" else 1.0
    centres: list[np.ndarray] = []
    for row in rows:
        if row.lower() in ("bohr", "ang"):
            continue
        site, _, orbitals = row.partition(":")
        places = _places(path, site.strip(), atoms, lattice, unit)
        number = sum(map(_functions, orbitals.split(":")[0].split(";"))) if orbitals else 0
        if not places or not number:
            given = stated(f"the projection {row!r}")
            raise InputError(f"projections in {path}", given, "sites and orbitals, from which centres can be told")
        for place in places:
            centres += [place] * (number * spins)
    if len(centres) != num_wann:
        given = stated(f"{len(centres)} projections, for {num_wann} Wannier functions")
        raise InputError(f"projections in {path}", given, "one for each function, or a _centres.xyz, or the _tb.dat")
    return np.array(centres)


def _atoms(path: Path, blocks: dict[str, list[str]], lattice: np.ndarray) -> dict[str, list[np.ndarray]]:
    name = "atoms_frac" if "atoms_frac" in blocks else "atoms_cart"
    atoms: dict[str, list[np.ndarray]] = {}
    if name not in blocks:
        return atoms
    labels = [row.split()[0].lower() for row in blocks[name] if len(row.split()) == 4]
    places = _vectors(path, blocks, name) @ (lattice if name == "atoms_frac" else np.eye(3))
    for label, place in zip(labels, places, strict=True):
        atoms.setdefault(label, []).append(place)
    return atoms


def _places(path: Path, site: str, atoms: dict, lattice: np.ndarray, unit: float) -> list[np.ndarray]:
    kind, _, numbers = site.partition("=")
    if numbers:
        place = np.array([_number(path, word) for word in numbers.split(",")])
        return [place @ lattice if kind.strip().lower() == "f" else unit * place] if place.shape == (3,) else []
    return atoms.get(site.lower(), [])


def _functions(orbital: str) -> int:
    """How many functions "p", "sp3", "dxy" or "l=2,mr=1,4" stand for; a spin "(u)" is not known here."""
    name = orbital.strip().lower()
    if name.startswith("l="):
        l, *parts = name.removeprefix("l=").split(",")
        if parts:
            return len(parts)
        return _HYBRIDS.get(int(l), 2 * int(l) + 1) if re.fullmatch(r"-?\d", l) else 0
    if name in _SHELLS:
        return _SHELLS[name]
    return 1 if re.fullmatch(r"p[xyz]|d(z2|xz|yz|x2-y2|xy)|f[xyz0-9()-]+|sp[23d]*-\d", name) else 0


def _number(path: Path, word: str) -> float:
    try:
        return float(word.lower().replace("d", "e"))
    except ValueError:
        raise InputError(str(path), word, "a number") from None
