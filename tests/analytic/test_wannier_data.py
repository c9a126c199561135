"""Models from first principles: known spin Hall conductivities, and Eq. (5), on files that are not in the project.

Of platinum, tellurium and gallium arsenide, 16 to 24 spinors each. The conductivities are those of another program.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.responses.diagnosed import diagnosed_responses
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.sums.on_grid import sums_on_grid

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "wannier"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no first-principles data in {DATA}")
GAAS = [(0, 7), (2, 1), (6, 3), (4, 5), (8, 9), (10, 11), (12, 13), (14, 15)]
ORDERS = {"Te": "interlaced", "GaAs": GAAS, "Pt": "interlaced"}
SIEMENS_PER_CM = 1.602176634e-19**2 / 1.054571817e-34 * 1e8
"""e^2/hbar per angstrom."""


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "operator .* does not commute")
        yield


def read(name: str, **more: object) -> cc.TightBinding:
    return cc.read_wannier90(DATA / name / f"{name}_tb.dat", **more)


def spin_file(name: str) -> Path:
    return DATA / name / f"{name}_spin_R.nc"


@pytest.mark.parametrize(
    ("name", "fermi_energy", "grid", "positions", "known"),
    [
        ("Pt", 18.3823, 12, "full", 2450.1850),
        ("Pt", 18.3823, 12, "centres", 2462.6844),
        ("GaAs", 7.9366, 10, "full", -113.9370),
        ("GaAs", 7.9366, 10, "centres", -114.1015),
    ],
)
def test_known_spin_hall_conductivities(
    name: str, fermi_energy: float, grid: int, positions: str, known: float
) -> None:
    """sigma^z_xy = e int f Omega^{yxs} with e = -|e| at T = 0, by steps at the Fermi energy, (hbar/e) S/cm.

    The known values have eight digits (four decimals). Levels closer than the degeneracy tolerance have no term
    between them here: of GaAs, whose pairs of 1e-6 eV meet both sides of the step nowhere, none is missing; of Pt all
    pairs within 1e-3 eV are occupied together. What remains are the files' eight digits: 1e-5 leaves a factor of ten.
    """
    model = read(name, spin=spin_file(name), positions=positions, fermi_energy=fermi_energy)
    bands = cc.band_geometry(model, operator="spin_z", grid=grid, quantities=["group_energy", "s_berry_curvature"])
    occupied = (bands.group_energy < 0) * bands.s_berry_curvature.sel(l="y", i="x")
    conductivity = float(occupied.sum()) / grid**3 / abs(np.linalg.det(model.lattice))  # e^2/hbar, 1/angstrom
    assert -conductivity * SIEMENS_PER_CM == pytest.approx(known, rel=1e-5)


def test_the_response_approaches_the_known_value() -> None:
    """`transport` at a temperature that the gap of GaAs does not notice."""
    model = read("GaAs", spin=spin_file("GaAs"), fermi_energy=7.9366)
    T = 30.0  # the nearest level is 0.19 eV away, 72 kT: f is a step to rounding
    mesh = cc.EnergyMesh.covering(0.0, T)
    sums = sums_on_grid(model, state_sums_of(["transport"], 3, ["sigma_conventional"]), "spin_z", 10, mesh)
    result = diagnosed_responses(sums, ["transport"], 0.0, T, model, "spin_z", ["sigma_conventional"], with_gaps=False)
    value = result.sigma_conventional.sel(i="x", l="y").item()
    assert -value * SIEMENS_PER_CM == pytest.approx(-114.1015, rel=1e-5)
    assert result.attrs["equation_5"].startswith("approximate: the operator depends on R, |[s, r]| up to 0.00431")


def residual(model: cc.TightBinding, grid: int, mu: list[float]) -> float:
    """Net current over its scale, of all spins and directions."""
    spins, T = ["spin_x", "spin_y", "spin_z"], 20000.0
    sums = sums_on_grid(
        model, state_sums_of(["equilibrium"], 3, ["net_current"]), spins, grid, cc.EnergyMesh.covering(mu, T)
    )
    result = diagnosed_responses(sums, ["equilibrium"], mu, T, model, spins, ["net_current"], with_gaps=False)
    found = float(np.abs(result.net_current).max() / result.net_current_scale.max())
    assert result.attrs.get("equation_5_residual", found) == found
    return found


CASES = {"Te": (14, [5.5, 8.0]), "GaAs": (16, [7.0, 10.0])}


@pytest.mark.parametrize("name", CASES)
def test_equation_5_is_exact_with_centres_and_pauli_matrices(name: str) -> None:
    """On a grid where what is left falls below 1e-10: kT = 1.7 eV makes f smooth, with poles pi kT = 5 eV from the
    axis. (Platinum's vanishes by inversion, term by term.) Grouping crossings within 1e-6 eV leaves some 1e-11."""
    model = read(name, spin_order=ORDERS[name])
    assert all(model.commutes_with_positions(model.operator(f"spin_{axis}")) for axis in "xyz")
    coarse, fine = (residual(model, grid, CASES[name][1]) for grid in (8, CASES[name][0]))
    assert fine < 1e-10
    assert fine < coarse


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("source", ["file", "full", "file and full"])
def test_equation_5_is_approximate_else_and_said(name: str, source: str) -> None:
    """By some 1e-6 of the scale, on any grid; the commutator over the size of a cell, angstroms, is an upper scale."""
    spin = {"spin": spin_file(name)} if "file" in source else {"spin_order": ORDERS[name]}
    model = read(name, **spin, positions="full" if "full" in source else "centres")
    operator = model.operator("spin_z")
    commutator = model.position_commutator(operator)
    assert not model.commutes_with_positions(operator)
    grid, mu = CASES[name]
    found = residual(model, grid, mu)
    assert 1e-8 < found < commutator


@pytest.mark.parametrize("name", ["Te", "Pt"])
def test_spin_files_are_nearly_pauli_matrices(name: str) -> None:
    """The order of the file's own functions is that of the pairs; blocks are refused, for reasons that differ."""
    model, pauli = read(name, spin=spin_file(name)), read(name, spin_order=ORDERS[name])
    for axis in "xyz":
        operator = model.operator(f"spin_{axis}")
        (home,) = operator.matrix[~operator.R.any(axis=1)]
        assert np.abs(home - pauli.operator(f"spin_{axis}").matrix).max() < 0.02
    with pytest.raises(
        cc.InputError, match="spin_order: got functions . and .* apart" if name == "Te" else "depends on"
    ):
        read(name, spin_order="blocks")


def test_wrong_pairs_of_gallium_arsenide() -> None:
    """Partners are not adjacent, and the first of three pairs is the second of their functions."""
    with pytest.raises(cc.InputError, match=r"spin_order: got functions 0 and 1 as the two spins of one orbital, 1.17"):
        read("GaAs", spin_order="interlaced")
    turned = [(0, 7), (1, 2), *GAAS[2:]]
    with pytest.raises(cc.InputError, match=r"spin_order: got an order .* with \(2, 1\) for \(1, 2\) it is 0.0%"):
        read("GaAs", spin_order=turned)


def test_doublets_of_platinum_are_groups() -> None:
    """Split by up to 2.8e-5 eV in the file; no pair is 1e-4 to 1e-3 eV apart on this grid, and so no number changes."""
    assert read("Pt").degeneracy_tolerance == 1e-3
    assert [read(name).degeneracy_tolerance for name in ("Te", "GaAs")] == [1e-6, 1e-6]
    model = read("Pt", spin_order="interlaced", fermi_energy=18.3823)
    values = [
        float(
            cc.band_geometry(
                model,
                operator="spin_z",
                grid=6,
                quantities=["berry_curvature_operator"],
                degeneracy_tolerance=tolerance,
            )
            .berry_curvature_operator.sel(l="x", i="y", band=slice(0, 9))
            .sum()
        )
        for tolerance in (1e-4, 1e-3)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-12)


@pytest.mark.parametrize("name", ["Pt", "GaAs"])
def test_ws_distances_of_another_model(name: str) -> None:
    other = {"Pt": "GaAs", "GaAs": "Pt"}[name]
    model = read(name, wsvec=DATA / name / f"{name}_wsvec.dat.gz")
    assert model.parameters["ws_distance"] is True
    with pytest.raises(cc.InputError, match=r"allowed: the _wsvec.dat of the same model"):
        read(name, wsvec=DATA / other / f"{other}_wsvec.dat.gz")
