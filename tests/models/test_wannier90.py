"""Files of Wannier90: what is written is read, in every form; what is wrong in one is named before any computing."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.models.operators_at_k import OperatorsAtK
from tests.models import wannier_files as files

MODEL = files.spinful_model()
SPIN = files.random_spin(MODEL)
K = np.random.default_rng(9).uniform(-1, 1, (5, 3))
ROUNDING = 1e-13
"""Of sums of ten terms of order 1, printed with all their digits."""


def same(one: np.ndarray, other: np.ndarray, error: float = ROUNDING) -> None:
    np.testing.assert_allclose(one, other, rtol=0, atol=error)


def spin_of(model: cc.TightBinding, axis: str = "z", k: np.ndarray = K) -> np.ndarray:
    return OperatorsAtK(model, [model.operator(f"spin_{axis}")])(k, phases=True)[0]


# ---- what is written is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("compressed", [False, True])
def test_hamiltonian_and_centres(tmp_path: Path, compressed: bool) -> None:
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL, ndegen=files.degeneracies(MODEL))
    if compressed:
        with path.open("rb") as plain, gzip.open(tmp_path / "seed_tb.dat.gz", "wb") as packed:
            shutil.copyfileobj(plain, packed)
        path = tmp_path / "seed_tb.dat.gz"
    model = cc.read_wannier90(path)
    assert (model.name, list(model.operators), model.dim) == ("seed", ["charge"], 3)
    same(model.positions, MODEL.positions)
    for one, other in zip(model.hamiltonian_and_velocity(K), MODEL.hamiltonian_and_velocity(K), strict=True):
        same(one, other, 20 * ROUNDING)  # v: times distances of some angstrom


def test_full_positions_are_made_hermitian(tmp_path: Path) -> None:
    """r as printed has an anti-Hermitian part, that of finite differences in q; it is left out, and its size said."""
    r = files.position_matrices(MODEL)
    wrong = np.zeros_like(r)
    wrong[2, 0, 0, 1], wrong[-3, 0, 1, 0] = 0.03, -0.03
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL, r + wrong)
    model = cc.read_wannier90(path, positions="full")
    expected = cc.TightBinding(MODEL.lattice, MODEL.R, MODEL.hoppings, MODEL.positions, position_matrices=r)
    same(model.velocity(K), expected.velocity(K), 20 * ROUNDING)
    assert np.abs(model.velocity(K) - MODEL.velocity(K)).max() > 0.1
    assert model.parameters["positions_hermitised_angstrom"] == pytest.approx(0.06)


def test_the_fermi_energy_is_where_mu_counts_from(tmp_path: Path) -> None:
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL)
    same(cc.read_wannier90(path, fermi_energy=0.7).levels(K), MODEL.levels(K) - 0.7)


def test_printed_digits_are_taken_and_said(tmp_path: Path) -> None:
    """Eight digits of up to 3 eV: half a unit in the eighth each, some ten terms."""
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL, number=files.W90)
    model = cc.read_wannier90(path)
    assert 0 < np.abs(model.levels(K) - MODEL.levels(K)).max() < 10 * 10 * 1e-8
    text = path.read_text()
    block = text.index("\n0 0 1\n")
    row = text.index("1 2 ", block)
    end = text.index("\n", row)
    words = text[row:end].split()
    for units, taken in ((1, True), (1000, False)):
        mantissa, exponent = words[2].split("E")
        changed = f"{float(mantissa) + units * 1e-8:.8f}E{exponent}"
        path.write_text(text[:row] + " ".join([*words[:2], changed, words[3]]) + text[end:])
        if taken:
            assert 0 < cc.read_wannier90(path).parameters["hermitised_eV"] < 1.1e-8
        else:
            with pytest.raises(InputError, match=r"<0m\|H\|Rn>: got blocks at R = .* differ by .*; allowed: Hermitian"):
                cc.read_wannier90(path)


def test_six_decimals(tmp_path: Path) -> None:
    (tmp_path / "seed.win").write_text(win())
    write_xyz(tmp_path)
    model = cc.read_wannier90(files.write_hr(tmp_path / "seed_hr.dat", MODEL))
    assert np.abs(model.levels(K) - MODEL.levels(K)).max() < 10 * 10 * 1e-6
    same(model.positions, MODEL.positions, 1e-7)


def win(more: str = "") -> str:
    rows = "\n".join(" ".join(map(repr, map(float, row))) for row in MODEL.lattice)
    return f"num_wann = 4 ! a comment\nspinors = .true.\nBegin Unit_Cell_Cart\nang\n{rows}\nEnd Unit_Cell_Cart\n{more}"


def write_xyz(folder: Path) -> None:
    rows = [" ".join(["X", *(f"{x:.8f}" for x in place)]) for place in MODEL.positions]
    text = "\n".join(["5", " Wannier centres", *rows, "Pt 0.0 0.0 0.0"])
    (folder / "seed_centres.xyz").write_text(text)


def test_centres_from_projections(tmp_path: Path) -> None:
    """Two sites, named in two ways, of one function with two spins each."""
    fractions = MODEL.positions[::2] @ np.linalg.inv(MODEL.lattice)
    site = ",".join(map(repr, map(float, MODEL.positions[2])))
    atoms = " ".join(["Pt", *map(repr, map(float, fractions[0]))])
    text = f"begin atoms_frac\n{atoms}\nend atoms_frac\nbegin projections\nPt : s\nc={site}: l=0\nend projections\n"
    (tmp_path / "seed.win").write_text(win(text))
    path = files.write_hr(tmp_path / "seed_hr.dat", MODEL)
    model = cc.read_wannier90(path)
    same(model.positions, MODEL.positions)
    assert model.parameters["centres"] == "projections"
    (tmp_path / "seed.win").write_text(win(text.replace("Pt : s", "Pt : s;p")))
    with pytest.raises(InputError, match=r"projections in .*seed.win: got 10 projections, for 4 Wannier functions"):
        cc.read_wannier90(path)


def test_shifts_of_ws_distance(tmp_path: Path) -> None:
    """Two functions in a cubic cell, on a supercell of two: each pair goes to its closest images. The Fourier sum is
    that of the definition, sum over R and T of e^{ik.(R + T)} H_ij(R)/(ndegen N_T)."""
    places = np.array([[0.0, 0, 0], [0.9, 0, 0]])
    cells = [(0, 0, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)]
    rng = np.random.default_rng(3)
    blocks = {cell: rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)) for cell in cells}
    hoppings = np.array([blocks[c] + blocks[tuple(-n for n in c)].conj().T for c in cells])
    model = cc.TightBinding(3 * np.eye(3), cells, hoppings, places)
    S = files.random_spin(model)
    ndegen = np.where(model.R.any(axis=1), 2, 1)
    shifts = {}
    images = 2 * (np.indices((3, 3, 3)).reshape(3, -1).T - 1)
    for cell in map(tuple, model.R.tolist()):
        for i, j in np.ndindex(2, 2):
            far = np.linalg.norm((images + cell) * 3 + places[j] - places[i], axis=1)
            shifts[cell, i, j] = images[far < far.min() + 1e-6].tolist()
    assert {len(each) for each in shifts.values()} == {1, 2}
    path = files.write_tb(tmp_path / "seed_tb.dat", model, ndegen=ndegen)
    files.write_spin(tmp_path / "spin.nc", model, S, ndegen)
    wsvec = files.write_wsvec(tmp_path / "seed_wsvec.dat", model.R, shifts, 2)
    shifted = cc.read_wannier90(path, spin=tmp_path / "spin.nc", wsvec=wsvec)
    for k in K:
        H, s = np.zeros((2, 2), complex), np.zeros((2, 2), complex)
        for row, cell in enumerate(map(tuple, model.R.tolist())):
            for i, j in np.ndindex(2, 2):
                for T in shifts[cell, i, j]:
                    away = (np.array(cell) + T) @ model.lattice + places[j] - places[i]
                    phase = np.exp(1j * k @ away) / len(shifts[cell, i, j])
                    H[i, j] += phase * model.hoppings[row, i, j]
                    s[i, j] += phase * S[row, 2, i, j] / 2
        same(shifted.hamiltonian(k[None])[0], H)
        same(spin_of(shifted, "z", k[None])[0], s)
    other = dict(shifts)
    other[(1, 0, 0), 0, 0] = [(2, 0, 0)]
    wrong = {
        "farther": (files.write_wsvec(tmp_path / "a.dat", model.R, other, 2), "shifts that lead .* angstrom farther"),
        "functions": (
            files.write_wsvec(
                tmp_path / "b.dat",
                model.R,
                {(c, i, j): [(0, 0, 0)] for c in map(tuple, model.R.tolist()) for i, j in np.ndindex(3, 3)},
                3,
            ),
            "R, or pairs of functions, that the model does not have",
        ),
        "fewer": (files.write_wsvec(tmp_path / "c.dat", model.R[1:-1], shifts, 2), "12 pairs at all R, beside 20"),
    }
    for file, given in wrong.values():
        with pytest.raises(InputError, match=rf"wsvec .*: got {given}.*; allowed: the _wsvec.dat of the same model"):
            cc.read_wannier90(path, wsvec=file)
    text = wsvec.read_text()
    wsvec.write_text(text[: len(text) * 2 // 3])
    with pytest.raises(InputError, match=r"wsvec .*line \d+: got the end of the file.*; allowed: a whole _wsvec.dat"):
        cc.read_wannier90(path, wsvec=wsvec)


def test_numbers_as_fortran_writes_them(tmp_path: Path) -> None:
    """D for E, and no letter before an exponent of three digits; no E at all, as in repr."""
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL)
    text = path.read_text().replace("e+00", "D+00").replace(" 0.00000000000000000D+00\n", " 0.1-101\n", 1)
    path.write_text(text)
    assert "0.1-101" in text
    same(cc.read_wannier90(path).levels(K), MODEL.levels(K))
    files.write_tb(path, MODEL, number="{}")
    same(cc.read_wannier90(path).levels(K), MODEL.levels(K))


# ---- spin --------------------------------------------------------------------------------------------------------


def permuted(order: np.ndarray) -> cc.TightBinding:
    """The model with its functions in another order."""
    hoppings = MODEL.hoppings[:, order][:, :, order]
    return cc.TightBinding(MODEL.lattice, MODEL.R, hoppings, MODEL.positions[order])


@pytest.mark.parametrize(
    ("spin_order", "functions"),
    [("interlaced", [0, 1, 2, 3]), ("blocks", [0, 2, 1, 3]), ([(3, 0), (1, 2)], [1, 2, 3, 0])],
    ids=["interlaced", "blocks", "pairs"],
)
def test_pauli_matrices(tmp_path: Path, spin_order: object, functions: list[int]) -> None:
    """In whatever order the functions stand, s_n of the states is that of the interlaced model."""
    path = files.write_tb(tmp_path / "seed_tb.dat", permuted(np.array(functions)))
    model = cc.read_wannier90(path, spin_order=spin_order)
    states = MODEL.solve(K).states
    mine = model.solve(K).states
    for axis, pauli in zip("xyz", ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]), strict=True):
        s = np.kron(np.eye(2), pauli) / 2
        operator = model.operator(f"spin_{axis}")
        assert (operator.R, operator.unit) == (None, "hbar")
        expected = np.einsum("kan,ab,kbn->kn", states.conj(), s, states).real
        same(np.einsum("kan,ab,kbn->kn", mine.conj(), operator.matrix, mine).real, expected)


def test_both_spins_stand_on_their_mean_centre(tmp_path: Path) -> None:
    moved = np.array(MODEL.positions)
    moved[1] += [0.0, 0.0, 0.02]
    model = cc.TightBinding(MODEL.lattice, MODEL.R, MODEL.hoppings, moved)
    path = files.write_tb(tmp_path / "seed_tb.dat", model)
    read = cc.read_wannier90(path, spin_order="interlaced")
    same(read.positions[0], read.positions[1])
    same(read.positions[0], MODEL.positions[0] + [0, 0, 0.01])
    assert read.parameters["centres_moved_angstrom"] == pytest.approx(0.01)
    assert read.position_commutator(read.operator("spin_x")) == 0
    same(cc.read_wannier90(path).positions, moved)


@pytest.mark.parametrize("permute", [False, True])
def test_spin_from_a_file(tmp_path: Path, permute: bool) -> None:
    """S(k) = sum_R e^{ik.(R + tau_j - tau_i)} S(R)/ndegen, by the definition; another order of R is the same file."""
    order = np.random.default_rng(0).permutation(len(MODEL.R)) if permute else None
    ndegen = files.degeneracies(MODEL)
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL, ndegen=ndegen)
    model = cc.read_wannier90(path, spin=files.write_spin(tmp_path / "spin.nc", MODEL, SPIN, ndegen, order))
    away = (MODEL.R @ MODEL.lattice)[:, None, None] + MODEL.positions[None] - MODEL.positions[:, None]
    phases = np.exp(1j * np.einsum("kx,rijx->krij", K, away))
    for row, axis in enumerate("xyz"):
        same(spin_of(model, axis), np.einsum("krij,rij->kij", phases, SPIN[:, row]) / 2)


@pytest.mark.parametrize("formatted", [False, True])
def test_spin_from_spn_and_chk(tmp_path: Path, formatted: bool) -> None:
    path = files.write_tb(tmp_path / "seed_tb.dat", MODEL)
    S = files.write_checkpoint(tmp_path, MODEL, (2, 2, 1), formatted)
    model = cc.read_wannier90(path, spin=tmp_path / "seed.spn")
    for row, axis in enumerate("xyz"):
        operator = model.operator(f"spin_{axis}")
        np.testing.assert_array_equal(operator.R, MODEL.R)
        same(operator.matrix, S[:, row] / 2)
    whole = (tmp_path / "seed.spn").read_bytes()
    (tmp_path / "seed.spn").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"seed.spn.*: got .*; allowed: a whole .spn of pw2wannier90"):
        cc.read_wannier90(path, spin=tmp_path / "seed.spn")
    (tmp_path / "seed.spn").write_bytes(whole)
    (tmp_path / "seed.chk").write_bytes((tmp_path / "seed.chk").read_bytes()[:300])
    with pytest.raises(InputError, match=r"seed.chk: got a damaged or truncated file .*; allowed: a whole .chk"):
        cc.read_wannier90(path, spin=tmp_path / "seed.spn")
    (tmp_path / "seed.chk").unlink()
    with pytest.raises(InputError, match=r"spin .*seed.spn: got a .spn without seed.chk beside it"):
        cc.read_wannier90(path, spin=tmp_path / "seed.spn")


# ---- wrong input, one message each -------------------------------------------------------------------------------


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    return files.write_tb(tmp_path / "seed_tb.dat", MODEL)


ORDERS = {
    "no such word": ("interleaved", "spin_order: got 'interleaved'; allowed: \"interlaced\""),
    "far apart": ("blocks", r"spin_order: got functions . and . as the two spins of one orbital, .* angstrom apart"),
    "not all": ([(0, 1), (2, 2)], "spin_order: got .*; allowed: every function from 0 to 3 in one pair"),
    "too few": ([(0, 1)], r"spin_order: got an array of shape \(1, 2\)"),
}


@pytest.mark.parametrize("kind", ORDERS)
def test_wrong_spin_orders(seed: Path, kind: str) -> None:
    spin_order, message = ORDERS[kind]
    with pytest.raises(InputError, match=message):
        cc.read_wannier90(seed, spin_order=spin_order)


def test_a_wrong_spin_order_of_one_atom(tmp_path: Path) -> None:
    """All centres are one, and H tells: it depends on spin little in the right order alone."""
    one_atom = files.spinful_model(4, sites=3, spin_orbit=0.05)
    model = cc.TightBinding(one_atom.lattice, one_atom.R, one_atom.hoppings, np.zeros((6, 3)))
    path = files.write_tb(tmp_path / "seed_tb.dat", model)
    assert cc.read_wannier90(path, spin_order="interlaced").parameters["spin"] == "Pauli, interlaced"
    cc.read_wannier90(path, spin_order=[(1, 0), (3, 2), (5, 4)])  # a common spin axis is convention
    with pytest.raises(InputError, match=r'spin_order: got an order in which .*depends on spin.* with "interlaced"'):
        cc.read_wannier90(path, spin_order="blocks")
    one_turned = [0, 3, 4, 1, 2, 5]  # no named order is right: the pairs are (0, 3), (4, 1), (2, 5)
    hoppings = model.hoppings[:, one_turned][:, :, one_turned]
    path = files.write_tb(path, cc.TightBinding(model.lattice, model.R, hoppings, model.positions))
    with pytest.raises(InputError, match=r"spin_order: got an order .*with \(4, 1\) for \(1, 4\) it is"):
        cc.read_wannier90(path, spin_order="blocks")
    cc.read_wannier90(path, spin_order=[(0, 3), (4, 1), (2, 5)])


def test_a_spin_order_is_required_and_only_for_pauli_matrices(seed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="spin_order: got nothing, beside spin = 'pauli'; allowed: \"interlaced\""):
        cc.read_wannier90(seed, spin="pauli")
    spin = files.write_spin(tmp_path / "spin.nc", MODEL, SPIN)
    with pytest.raises(InputError, match="spin_order: got 'blocks'; allowed: nothing beside a spin file"):
        cc.read_wannier90(seed, spin=spin, spin_order="blocks")


def cut(path: Path, share: float) -> None:
    text = path.read_text()
    path.write_text(text[: int(share * len(text))])


def repeated(path: Path) -> None:
    path.write_text(path.read_text().replace("\n0 0 1\n", "\n0 1 0\n", 1))


def one_line(path: Path, line: str, other: str) -> None:
    lines = path.read_text().splitlines()
    lines[next(row for row, text in enumerate(lines) if text.startswith(line))] = other
    path.write_text("\n".join(lines) + "\n")


TB_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (
        Path.unlink,
        r"tb_file: got '.*seed_tb.dat', where there is no file; allowed: a _tb.dat or _hr.dat of Wannier90",
    ),
    "truncated in H": (lambda p: cut(p, 0.2), r"line \d+: got .*; allowed: a whole _tb.dat"),
    "truncated in r": (lambda p: cut(p, 0.8), r"line \d+: got .*; allowed: a whole _tb.dat"),
    "empty": (lambda p: p.write_text(""), r"line 0: got the end of the file, in the header"),
    "more": (lambda p: p.write_text(p.read_text() + "1 1 1\n"), "got more lines than belong to the file"),
    "R twice": (repeated, r"got R = \(0, 0, 1\) among the positions, where the Hamiltonian has \(0, 1, 0\)"),
    "no number": (lambda p: one_line(p, "1 2 ", "1 2 0.1 ****"), r"got '\*\*\*\*', which is no number, <0m\|H\|Rn>"),
    "NaN": (lambda p: one_line(p, "1 2 ", "1 2 NaN 0.0"), "got NaN or infinity"),
    "a pair twice": (
        lambda p: one_line(p, "2 1 ", "1 1 0.0 0.0"),
        "got a block that has not every pair m, n from 1 to",
    ),
    "flat lattice": (lambda p: one_line(p, " ".join(map(repr, map(float, MODEL.lattice[1]))), "0 0 0"), "lattice: got"),
    "a folder": (lambda p: (p.unlink(), p.mkdir()), "tb_file: got"),
    "binary": (lambda p: p.write_bytes(bytes(range(256)) * 40), r"tb_file .*seed_tb.dat, line \d+: got"),
}


@pytest.mark.parametrize("kind", TB_FILES)
def test_bad_files(seed: Path, kind: str) -> None:
    spoil, message = TB_FILES[kind]
    spoil(seed)
    with pytest.raises(InputError, match=message):
        cc.read_wannier90(seed)


def test_a_gzipped_file_that_is_cut(seed: Path) -> None:
    packed = seed.with_suffix(".dat.gz")
    packed.write_bytes(gzip.compress(seed.read_bytes())[:1000])
    with pytest.raises(InputError, match=r"seed_tb.dat.gz, line \d+: got a damaged file"):
        cc.read_wannier90(packed)


def test_hr_without_lattice_or_centres(tmp_path: Path) -> None:
    path = files.write_hr(tmp_path / "seed_hr.dat", MODEL)
    with pytest.raises(InputError, match=r"seed_hr.dat: got an _hr.dat, and no lattice in seed.win beside it"):
        cc.read_wannier90(path)
    (tmp_path / "seed.win").write_text(win())
    with pytest.raises(InputError, match=r"got an _hr.dat without centres: neither seed_centres.xyz nor projections"):
        cc.read_wannier90(path)
    write_xyz(tmp_path)
    with pytest.raises(InputError, match=r"positions: got 'full'; allowed: .centres. for an _hr.dat"):
        cc.read_wannier90(path, positions="full")


def test_spin_files_of_another_model(seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "spin.nc"
    smaller = files.spinful_model(sites=1)
    fewer = cc.TightBinding(MODEL.lattice, MODEL.R[1:-1], MODEL.hoppings[1:-1], MODEL.positions)
    two = np.full(len(MODEL.R), 2)
    bad = {
        r"matrices of 2 functions, beside 4 in the Hamiltonian": lambda: files.write_spin(
            path, smaller, files.random_spin(smaller)
        ),
        r"7 R vectors, beside 9; \(-1, 0, 0\) is in one of the two only": lambda: files.write_spin(
            path, fewer, files.random_spin(fewer)
        ),
        "other degeneracies of the R than in the Hamiltonian": lambda: files.write_spin(path, MODEL, SPIN, two),
        r"blocks at R = .* that differ by": lambda: files.write_spin(path, MODEL, SPIN * (1 + 1j)),
        "a damaged or truncated file": lambda: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500)),
        "a file without S_R, R_vectors, ndegen": lambda: shutil.copy(saved(tmp_path), path),
    }
    for given, write in bad.items():
        path.unlink(missing_ok=True)
        write()
        with pytest.raises(InputError, match=given):
            cc.read_wannier90(seed, spin=path)
    path.unlink()
    with pytest.raises(
        InputError, match=r'spin: got .*, where there is no file; allowed: a file of spin matrices, or "pauli"'
    ):
        cc.read_wannier90(seed, spin=path)


def saved(folder: Path) -> Path:
    cc.save_model(cc.build_model("haldane"), folder / "model.nc")
    return folder / "model.nc"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"positions": "center"}, 'positions: got \'center\'; allowed: "centres" or "full"'),
        ({"fermi_energy": np.nan}, "fermi_energy: got nan; allowed: a finite energy in eV"),
        (
            {"wsvec": "nowhere.dat"},
            "wsvec: got 'nowhere.dat', where there is no file; allowed: a _wsvec.dat of Wannier90",
        ),
        ({"degeneracy_tolerance": -1.0}, "degeneracy_tolerance: got -1.0"),
    ],
)
def test_bad_arguments(seed: Path, argument: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cc.read_wannier90(seed, **argument)


def test_doublets_that_digits_split_are_one_group(tmp_path: Path) -> None:
    """With inversion and time reversal; a tolerance of one's own stays."""
    rng = np.random.default_rng(0)
    blocks = [np.kron(np.diag([0.0, 1.0]), np.eye(2)), *[np.kron(rng.normal(size=(2, 2)), np.eye(2)) for _ in range(3)]]
    cells = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    noise = 1e-5 * np.diag(rng.normal(size=4))
    hoppings = np.array([blocks[0] + noise, *blocks[1:], *[block.T for block in blocks[1:]]])
    R = [*cells, *[tuple(-n for n in cell) for cell in cells[1:]]]
    path = files.write_tb(tmp_path / "seed_tb.dat", cc.TightBinding(3 * np.eye(3), R, hoppings))
    model = cc.read_wannier90(path)
    assert (np.diff(model.levels(K))[:, ::2] > 1e-6).any()
    assert model.degeneracy_tolerance == 1e-3
    assert cc.read_wannier90(path, degeneracy_tolerance=0.0).degeneracy_tolerance == 0
    assert cc.read_wannier90(files.write_tb(tmp_path / "other_tb.dat", MODEL)).degeneracy_tolerance == 1e-6
