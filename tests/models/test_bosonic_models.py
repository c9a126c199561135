"""The named models of bosons: reference bands, closed forms, equilibria, and the motion behind the coupled one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.models import upright_honeycomb as honeycomb
from tests.models.classical_motion import cells_of, frequencies, pairs_in, supercell_kpoints

REFERENCE = json.loads(Path(__file__).with_name("bosonic_bands.json").read_text())
"""Bands at three k (reduced coordinates) by an independent code: they fix every convention but the choice of axes."""
EPS = np.finfo(float).eps


def random_k(number: int = 20) -> np.ndarray:
    return np.random.default_rng(6).uniform(-4, 4, (number, 2))


def sum_over(vectors: np.ndarray, k: np.ndarray) -> np.ndarray:
    """sum of exp(i k.d)."""
    return np.exp(1j * k @ np.transpose(vectors)).sum(axis=1)


def particles(model: cc.Model, k: np.ndarray) -> np.ndarray:
    return model.levels(k)[:, model.num_bands // 2 :]


@pytest.mark.parametrize("key", REFERENCE)
def test_bands_are_those_of_the_reference(key: str) -> None:
    """A level loses EPS times the condition of H, up to 1e3, in Colpa's method; the moments of the reference's kagome
    magnets are relaxed to 3e-14 of the exchange, of which levels take ten times as much."""
    given = REFERENCE[key]
    model = cc.build_model(given["model"], **given["parameters"])
    bands = np.array(given["bands"])
    levels = model.levels(np.array(given["k"]) @ model.reciprocal)[:, -bands.shape[1] :]
    np.testing.assert_allclose(levels, bands, rtol=0, atol=1e-12 * np.abs(bands).max())


def test_operators_of_the_table() -> None:
    spins = ["spin_x", "spin_y", "spin_z"]
    expected = {
        "kagome_afm": spins,
        "honeycomb_magnet": ["spin_z"],
        "kitaev_magnet": spins,
        "pair_square": ["spin_z"],
        "phonon_square": ["l_z"],
        "phonon_honeycomb": ["l_z"],
        "magnon_phonon": ["spin_z", "l_z", "total"],
    }
    for name, operators in expected.items():
        model = cc.build_model(name)
        assert list(model.operators) == operators
        assert {model.operator(key).unit for key in operators} == {"hbar"}  # and none mixes positions
    neel, ferro = (cc.build_model("honeycomb_magnet", order=o, J1=j).operators for o, j in (("neel", 1), ("ferro", -1)))
    np.testing.assert_array_equal(neel["spin_z"].matrix, np.diag([-1, 1, -1, 1]))
    np.testing.assert_array_equal(ferro["spin_z"].matrix, -np.eye(4))
    both = cc.build_model("magnon_phonon").operators
    np.testing.assert_array_equal(both["total"].matrix, both["spin_z"].matrix + both["l_z"].matrix)
    y = np.array([[0, -1j], [1j, 0]])
    np.testing.assert_array_equal(both["l_z"].matrix[2:6, 2:6], np.kron(np.eye(2), y))
    np.testing.assert_array_equal(both["spin_z"].matrix.diagonal(), [-1, 1, 0, 0, 0, 0] * 2)


def moments(model: cc.Model) -> np.ndarray:
    return np.array([-model.operators[f"spin_{axis}"].matrix.diagonal()[:3].real for axis in "xyz"]).T


@pytest.mark.parametrize(("key", "degrees"), [("kagome_jarosite", -1.9120543), ("kagome_wide", -15.4487283)])
def test_canting_of_the_kagome_magnets(key: str, degrees: float) -> None:
    """The minimum of the energy along the canting of three moments at 120 degrees, by a parabola; and that energy."""
    p = REFERENCE[key]["parameters"]
    n = moments(cc.build_model("kagome_afm", **p))
    np.testing.assert_allclose(np.degrees(np.arcsin(n[:, 2])), degrees, atol=1e-6)
    turn = np.array([[-0.5, -np.sqrt(0.75), 0], [np.sqrt(0.75), -0.5, 0], [0, 0, 1]])
    np.testing.assert_allclose(n[1:], n[:-1] @ turn.T, atol=1e-12)  # positive chirality
    np.testing.assert_allclose(np.degrees(np.arctan2(n[0, 1], n[0, 0])), 30, atol=1e-10)

    angle = np.radians(degrees) + np.linspace(-1e-3, 1e-3, 3)
    first = np.array([np.cos(np.pi / 6) * np.cos(angle), np.sin(np.pi / 6) * np.cos(angle), np.sin(angle)])
    second = turn @ first
    product = (first * second).sum(0)
    D = np.array([0, -p["Dp"], p["Dz"]])
    energy = 6 * p["S"] ** 2 * ((p["J1"] + p["J2"]) * product + D @ np.cross(first, second, axis=0))
    assert energy[1] < min(energy[0], energy[2])
    # in steps of 1e-3: the cubic term leaves 1e-6 of one, rounding EPS E/(second derivative step^2), 1e-8
    shift = (energy[0] - energy[2]) / (energy[0] - 2 * energy[1] + energy[2]) / 2
    assert abs(shift) < 1e-5
    least = {"kagome_jarosite": -0.06826636986, "kagome_wide": -0.004681223885}
    assert energy[1] == pytest.approx(least[key], rel=1e-9)


def test_gaps_of_jarosite_and_of_the_kitaev_magnet() -> None:
    """As in the literature: about 1.8, 6.7 and 6.9 meV at Gamma; about 0.3 at Gamma and 5 between bands at K."""
    gamma = particles(cc.build_model("kagome_afm"), np.zeros((1, 2)))[0] * 1e3
    np.testing.assert_allclose(gamma, [1.71, 6.80, 6.92], atol=0.005)
    model = cc.build_model("kitaev_magnet")
    at_gamma, at_K = particles(model, np.array([[0, 0], [2 / 3, 1 / 3]]) @ model.reciprocal)
    p = model.parameters
    assert at_gamma[0] == pytest.approx(-3 * p["Gamma"] * p["S"], rel=1e-9)  # the root of rounding, of a level of 1/50
    assert np.diff(at_K)[0] == pytest.approx(5.0e-3, abs=5e-6)
    in_a_field = cc.build_model("kitaev_magnet", field=1e-3)
    np.testing.assert_allclose(in_a_field.hoppings - model.hoppings, 1e-3 * at_home(model), atol=1e-17)


def at_home(model: cc.TightBinding) -> np.ndarray:
    return (model.R == 0).all(axis=1)[:, None, None] * np.eye(model.num_bands)


def honeycomb_sums(k: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of first and third neighbours, 2 sum of cos and of sin over half the second ones."""
    first = sum_over([honeycomb.bond_vector(R) for R in honeycomb.NEIGHBOUR_CELLS], k)
    third = sum_over([honeycomb.bond_vector(R) for R in honeycomb.OPPOSITE_CELLS], k)
    second = 2 * sum_over([np.array(R) @ honeycomb.LATTICE for R in honeycomb.AROUND_CELLS], k)
    return first, second.real, second.imag, third


def test_honeycomb_antiferromagnet() -> None:
    """E = (A^2 - |B|^2)^(1/2) + S D sn(k), twice, and -E(-k) below."""
    model = cc.build_model("honeycomb_magnet", D=7e-4)
    p, k = model.parameters, random_k()
    first, cosines, sines, third = honeycomb_sums(k)
    S = p["S"]
    A = S * (3 * p["J1"] + 3 * p["J3"] - p["J2"] * (6 - cosines) + 2 * p["K"])
    B = S * (p["J1"] * first + p["J3"] * third)
    root = np.sqrt(A**2 - np.abs(B) ** 2)
    expected = np.stack([-root + S * p["D"] * sines, root + S * p["D"] * sines], axis=1).repeat(2, axis=1)
    assert np.abs(sines).max() > 1
    np.testing.assert_allclose(model.levels(k), expected, atol=1e-13 * A.max())


def test_honeycomb_ferromagnet() -> None:
    """A two-by-two matrix: no anomalous part, D of opposite signs on A and B, as in Haldane's model."""
    p = {"J1": -1e-3, "J2": 2e-5, "J3": -1e-4, "D": 1e-4, "K": 5e-5, "S": 1.5}
    model = cc.build_model("honeycomb_magnet", order="ferro", **p)
    k, S = random_k(), p["S"]
    first, cosines, sines, third = honeycomb_sums(k)
    mean = S * (-3 * p["J1"] - 3 * p["J3"] - p["J2"] * (6 - cosines) + 2 * p["K"])
    half = S * np.sqrt(np.abs(p["J1"] * first + p["J3"] * third) ** 2 + (p["D"] * sines) ** 2)
    np.testing.assert_allclose(particles(model, k), np.stack([mean - half, mean + half], axis=1), atol=1e-16)


def test_pair_square_in_closed_form() -> None:
    """One mode: E = A_o + (A_e^2 - |B|^2)^(1/2), s_n = -A_e/(E - A_o); and d_n = -(1/2)(c^2 - 1) d arg B/dk."""
    model = cc.build_model("pair_square")
    p, k = model.parameters, random_k()
    (kx, ky), S = k.T, p["S"]
    even = 2 * S * (p["J"] * (2 - np.cos(kx) - np.cos(ky)) + p["K"])
    odd = 2 * S * p["D"] * np.sin(kx)
    B = 2 * S * (p["d1"] * np.cos(kx) + 1j * p["d2"] * np.cos(ky))
    root = np.sqrt(even**2 - np.abs(B) ** 2)
    bands = cc.band_geometry(model, operator="spin_z", kpoints=k).compute()
    scale = even.max()
    np.testing.assert_allclose(bands.energy, np.stack([-root + odd, root + odd], axis=1), atol=1e-14 * scale)
    c = even / root
    np.testing.assert_allclose(bands.operator_expectation, np.stack([c, -c], axis=1), rtol=1e-12)
    dB = 2 * S * np.array([-p["d1"] * np.sin(kx), -1j * p["d2"] * np.sin(ky)])
    dipole = -(c**2 - 1) / 2 * (dB / B).imag
    np.testing.assert_allclose(bands.s_dipole.sel(band=1).values.T, dipole, atol=1e-12 * np.abs(dipole).max())


@pytest.mark.parametrize("h", [0.0, 0.15])
def test_phonon_square_in_closed_form(h: float) -> None:
    """(D_xx - x)(D_yy - x) - D_xy^2 = 4 h^2 w^2 with x = w^2 + h^2, from Newton's equation."""
    model = cc.build_model("phonon_square", h=h)
    p, k = model.parameters, random_k()
    (cx, cy), (sx, sy) = np.cos(k.T), np.sin(k.T)
    both = 2 * p["K2"] * (1 - cx * cy) + p["pin"]
    xx = 2 * p["KL"] * (1 - cx) + 2 * p["KT"] * (1 - cy) + both
    yy = 2 * p["KL"] * (1 - cy) + 2 * p["KT"] * (1 - cx) + both
    xy = 2 * p["K2"] * sx * sy
    w = particles(model, k).T
    x = w**2 + h**2
    np.testing.assert_allclose((xx - x) * (yy - x) - xy**2, 4 * h**2 * w**2, atol=1e-13 * xx.max() ** 2)


def test_phonon_honeycomb_at_gamma() -> None:
    """A rigid shift and its opposite, each turning either way: the equation of motion of two masses.

    x_A = pin/m - (w -+ h)^2 + 3/2 (KL + KT)/m for circular motion; x_A x_B = (3/2 (KL + KT))^2/(m_A m_B).
    """
    model = cc.build_model("phonon_honeycomb")
    p = model.parameters
    w = particles(model, np.zeros((1, 2)))[0]
    K = 1.5 * (p["KL"] + p["KT"])
    deviations = []
    for sense in (1, -1):
        A, B = ((K + p["pin"]) / m - (w + sense * p["h"]) ** 2 for m in (p["mA"], p["mB"]))
        deviations.append(A * B - K**2 / (p["mA"] * p["mB"]))
    assert np.abs(deviations).min(axis=0).max() < 1e-13 * K**2
    assert (np.abs(deviations) < 1e-13 * K**2).sum(axis=1).tolist() == [2, 2]


def test_rashba_bfs_is_its_formula() -> None:
    model = cc.build_model("rashba_bfs")
    p, k = model.parameters, random_k()
    s = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])

    def normal(kx: float, ky: float) -> np.ndarray:
        spin_orbit = p["alpha"] * (np.sin(ky) * s[0] - np.sin(kx) * s[1])
        band = -2 * p["t"] * (np.cos(kx) + np.cos(ky)) - p["mu"]
        return band * np.eye(2) + spin_orbit + p["bx"] * s[0] + p["bz"] * s[2]

    pairing = p["delta"] * 1j * s[1]
    for point, found in zip(k, model.hamiltonian(k), strict=True):
        expected = np.block([[normal(*point), pairing], [pairing.conj().T, -normal(*-point).conj()]])
        np.testing.assert_allclose(found, expected, atol=1e-14 * 10)
    levels = model.levels(np.indices((60, 60)).reshape(2, -1).T / 60 @ model.reciprocal)
    assert np.diff(levels, axis=1).min() > 0.2
    assert (levels[:, 2] < 0).mean() == pytest.approx(0.034, abs=0.002)  # Bogoliubov Fermi surfaces


def coupled_energy(p: dict, shape: tuple[int, int]):
    """E of spins (x, y components) and displacements in a supercell of the ferrimagnet, as a sum over bonds.

    The Dzyaloshinskii-Moriya vector is D z x R/|R| with the displaced bond R: nothing is expanded here. Masses are
    those with which the zero-point amplitude xi belongs to w_ph.
    """
    spins, signs = np.array([p["SA"], p["SB"]]), np.array([1, -1])
    mass = np.array([1, p["mu_ratio"]]) / (p["xi"] ** 2 * p["w_ph"])
    stiffness = p["w_ph"] ** 2 / 3 * mass[0]
    cells = len(cells_of(shape))
    bonds = [(0, 1, R, honeycomb.bond_vector(R)) for R in honeycomb.NEIGHBOUR_CELLS]
    pairs = pairs_in(shape, 2, bonds)
    i, j = np.array([pair[:2] for pair in pairs]).T
    vectors = np.array([pair[2] for pair in pairs])
    lengths, up = np.tile(spins, cells), np.tile(signs, cells)

    def energy(x: np.ndarray) -> float:
        S, u, momentum = x.reshape(3, 2 * cells, 2)
        z = up * np.sqrt(lengths**2 - (S**2).sum(1))
        full = np.column_stack([S, z])
        exchange = p["J"] * (full[i] * full[j]).sum()
        bond = vectors + u[j] - u[i]
        n = bond / np.linalg.norm(bond, axis=1)[:, None]
        D = p["D"] * np.column_stack([-n[:, 1], n[:, 0], 0 * n[:, 0]])
        moving = (D * np.cross(full[i], full[j])).sum()
        m = np.tile(mass, cells)
        w, along = u[j] - u[i], vectors / np.linalg.norm(vectors, axis=1)[:, None]
        stretched = (w * along).sum(1) ** 2
        springs = stiffness / 2 * (stretched + p["ratio"] * ((w**2).sum(1) - stretched)).sum()
        pinned = p["pin"] * p["w_ph"] ** 2 * mass[0] / 2 * (u**2).sum()
        kinetic = (momentum**2 / (2 * m[:, None])).sum()
        turning = p["h"] * (u[:, 0] * momentum[:, 1] - u[:, 1] * momentum[:, 0]).sum()
        return exchange + moving - p["K"] * (z**2).sum() + springs + pinned + kinetic - turning

    return energy, up * lengths, np.tile(mass, cells)


@pytest.mark.parametrize("shape", [(3, 1), (2, 2)])
def test_magnon_phonon_is_the_motion_of_spins_and_masses(shape: tuple[int, int]) -> None:
    """Brackets {S_x, S_y} = S_z and {u, p} = 1 with the Hessian of the energy by finite differences.

    Coordinates are scaled to one energy, so that a step is 2e-4 in all: fourth derivatives, some times as large as
    second ones, leave its square, 4e-8, and rounding EPS E/step^2 with E of ten levels 5e-8.
    """
    model = cc.build_model("magnon_phonon")
    p = model.parameters
    energy, S_z, mass = coupled_energy(p, shape)
    sites = len(S_z)
    root = np.repeat(np.sqrt(mass * p["w_ph"]), 2)
    scale = np.concatenate([np.repeat(np.sqrt(np.abs(S_z)), 2), 1 / root, root])
    size, step = len(scale), 2e-4

    def at(*moves: tuple[int, int]) -> float:
        x = np.zeros(size)
        for place, sign in moves:
            x[place] += sign * step
        return energy(scale * x)

    hessian = np.empty((size, size))
    for a in range(size):
        for b in range(a, size):
            second = at((a, 1), (b, 1)) - at((a, 1), (b, -1)) - at((a, -1), (b, 1)) + at((a, -1), (b, -1))
            hessian[a, b] = hessian[b, a] = second / (4 * step**2)
    brackets = np.zeros((size, size))
    spin = np.kron(np.diag(np.sign(S_z)), [[0, 1], [-1, 0]])
    brackets[: 2 * sites, : 2 * sites] = spin
    brackets[2 * sites : 4 * sites, 4 * sites :] = np.eye(2 * sites)
    brackets[4 * sites :, 2 * sites : 4 * sites] = -np.eye(2 * sites)
    expected = frequencies(brackets @ hessian, 3 * sites)
    levels = np.sort(particles(model, supercell_kpoints(model, shape)).ravel())
    np.testing.assert_allclose(levels, expected, atol=1e-6 * levels.max())
    alone = np.sort(particles(cc.build_model("magnon_phonon", D=0.0), supercell_kpoints(model, shape)).ravel())
    assert np.abs(alone - levels).max() > 0.01 * levels.max()  # the coupling counts


def test_without_coupling_magnons_and_phonons_stand_apart() -> None:
    model = cc.build_model("magnon_phonon", D=0.0)
    lattice = honeycomb.LATTICE
    p = model.parameters
    K = p["w_ph"] ** 2 / 3
    bonds = [(0, 1, R, p["J"]) for R in honeycomb.NEIGHBOUR_CELLS]
    magnons = cc.spin_waves(
        lattice, honeycomb.POSITIONS, [[0, 0, 1.5], [0, 0, -1]], bonds, anisotropy=np.diag([0, 0, -p["K"]])
    )
    R, constants = cc.springs(
        lattice,
        honeycomb.POSITIONS,
        [(0, 1, R, K, p["ratio"] * K) for R in honeycomb.NEIGHBOUR_CELLS],
        pin=p["pin"] * p["w_ph"] ** 2,
    )
    vibrations = cc.phonons(lattice, honeycomb.POSITIONS, [1, p["mu_ratio"]], R, constants, lorentz=p["h"])
    k = random_k()
    expected = np.sort(np.concatenate([particles(magnons, k), particles(vibrations, k)], axis=1), axis=1)
    np.testing.assert_allclose(particles(model, k), expected, atol=1e-12 * expected.max())


@pytest.mark.parametrize("key", [key for key, one in REFERENCE.items() if one["model"] != "rashba_bfs"])
def test_particles_and_holes(key: str) -> None:
    """E_n(k) and -E_n(-k), and a stable state at every k: A of Colpa's method."""
    given = REFERENCE[key]
    model = cc.build_model(given["model"], **given["parameters"])
    k = random_k()
    N = model.num_bands // 2
    scale = model.largest_energy
    np.testing.assert_allclose(model.levels(k)[:, :N], -model.levels(-k)[:, N:][:, ::-1], atol=1e-12 * scale)
    assert (model.solve(k).energies[:, N:] > 0).all()
