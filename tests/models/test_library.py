"""The named models: the formulas of the table, written in k space, and the topology that they are known for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cc_kernels.errors import InputError
from cc_kernels.models import TightBinding, build_model, list_models, model_file, model_names

# H is a sum of at most 30 terms of size 1 to 10, each with eps = 2e-16
ROUNDING = 1e-13
SX, SY, SZ = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
IDENTITY = np.eye(2)
A1, A2 = np.array([1, 0]), np.array([1 / 2, np.sqrt(3) / 2])
BONDS = [(A1 + A2) / 3 + R for R in (0 * A1, -A1, -A2)]  # from A to B
AROUND = [A1, A2 - A1, -A2]


def spin_field(h: complex, bx: float = 0.0, by: float = 0.0, bz: float = 0.0) -> np.ndarray:
    return (h.real + bx) * SX + (h.imag + by) * SY + bz * SZ


def rashba_square(k, t=1.0, alpha=0.5, winding=1, bx=0.0, by=0.0, bz=0.0):
    kx, ky = k
    h = -1j * alpha * (np.sin(kx) + 1j * np.sin(ky)) ** winding
    return 2 * t * (2 - np.cos(kx) - np.cos(ky)) * IDENTITY + spin_field(h, bx, by, bz)


def rashba_continuum(k, mass=1.0, alpha=0.7, winding=1, bz=0.0, k_max=5.0):
    kx, ky = k
    return (kx**2 + ky**2) / (2 * mass) * IDENTITY + spin_field(-1j * alpha * (kx + 1j * ky) ** winding, bz=bz)


def massive_dirac(k, v=1.0, mass=0.5):
    return v * (k[0] * SX + k[1] * SY) + mass * SZ


def haldane(k, t=1.0, t2=0.15, phi=np.pi / 2, delta=0.2):
    ab = -t * sum(np.exp(1j * k @ bond) for bond in BONDS)
    aa = delta + sum(2 * t2 * np.cos(k @ R + phi) for R in AROUND)
    bb = -delta + sum(2 * t2 * np.cos(k @ R - phi) for R in AROUND)
    return np.array([[aa, ab], [np.conj(ab), bb]])


def kane_mele(k, t=1.0, lambda_so=0.06, lambda_r=0.05, lambda_v=0.1):
    units = [bond * np.sqrt(3) for bond in BONDS]  # a bond is 1/sqrt(3) angstrom long
    ab = sum(
        np.exp(1j * k @ bond) * (t * IDENTITY + 1j * lambda_r * (SX * d[1] - SY * d[0]))
        for bond, d in zip(BONDS, units, strict=True)
    )
    spin_orbit = -2 * lambda_so * sum(np.sin(k @ R) for R in AROUND) * SZ  # i exp(i x) + h.c. = -2 sin x
    return np.block([[lambda_v * IDENTITY + spin_orbit, ab], [ab.conj().T, -lambda_v * IDENTITY - spin_orbit]])


def bogoliubov(k, gap, t=1.0, mu=-1.0):
    xi = -2 * t * (np.cos(k[0]) + np.cos(k[1])) - mu
    return np.array([[xi, gap], [np.conj(gap), -xi]])


def d_id_square(k, t=1.0, mu=-1.0, d1=0.4, d2=0.3):
    kx, ky = k
    return bogoliubov(k, d1 * (np.cos(kx) - np.cos(ky)) + 1j * d2 * np.sin(kx) * np.sin(ky), t, mu)


def p_ip_square(k, t=1.0, mu=-1.0, d=0.4):
    return bogoliubov(k, d * (np.sin(k[0]) + 1j * np.sin(k[1])), t, mu)


def haldane_superconductor(k, t=1.0, t2=0.15, phi=np.pi / 2, delta=0.2, mu=-0.5, pairing=0.3):
    chemical = mu * IDENTITY
    normal, minus = (haldane(sign * k, t, t2, phi, delta) for sign in (1, -1))
    return np.block([[normal - chemical, pairing * IDENTITY], [pairing * IDENTITY, -minus.conj() + chemical]])


CASES = [
    (rashba_square, {}),
    (rashba_square, {"t": 0.8, "alpha": 0.3, "winding": 3, "bx": 0.1, "by": -0.2, "bz": 0.3}),
    (rashba_square, {"winding": 2, "bz": 0.1}),
    (rashba_continuum, {}),
    (rashba_continuum, {"mass": 0.9, "alpha": 0.05, "winding": 3, "bz": 0.2, "k_max": 4.0}),
    (rashba_continuum, {"alpha": 0.2, "winding": 2}),
    (massive_dirac, {}),
    (massive_dirac, {"v": 1.7, "mass": -0.3}),
    (haldane, {}),
    (haldane, {"t": 1.1, "t2": 0.2, "phi": 0.7, "delta": -0.3}),
    (kane_mele, {}),
    (kane_mele, {"t": 0.9, "lambda_so": 0.1, "lambda_r": 0.2, "lambda_v": -0.3}),
    (d_id_square, {}),
    (d_id_square, {"t": 1.2, "mu": 0.5, "d1": 0.3, "d2": 0.5}),
    (p_ip_square, {}),
    (p_ip_square, {"t": 1.2, "mu": 0.5, "d": 0.3}),
    (haldane_superconductor, {}),
    (haldane_superconductor, {"t2": 0.1, "phi": 1.0, "delta": 0.1, "mu": 0.4, "pairing": 0.2}),
]

TESTED_ELSEWHERE = {
    "altermagnet_rashba",
    "bhz",
    "bismuth_selenide",
    "hole_gas",
    "honeycomb_d_id",
    "kagome_superconductor",
    "rashba_bfs",
    "rashba_dresselhaus",
    "spin_orbit_superconductor",
    "twisted_tmd",
}
BOSONS = {
    "honeycomb_magnet",
    "kagome_afm",
    "kitaev_magnet",
    "magnon_phonon",
    "pair_square",
    "phonon_honeycomb",
    "phonon_square",
}
"""Tested in test_bosonic_models.py."""


@pytest.mark.parametrize(("formula", "parameters"), CASES)
def test_model_is_the_formula_of_the_table(formula, parameters: dict) -> None:
    model = build_model(formula.__name__, **parameters)
    k = np.random.default_rng(1).uniform(-4, 4, (8, 2))
    expected = np.array([formula(point, **parameters) for point in k])
    H, v = model.hamiltonian_and_velocity(k)
    assert np.abs(H - expected).max() < ROUNDING * max(1, np.abs(expected).max())
    step = 1e-5
    for i, axis in enumerate(np.eye(2)):
        difference = [formula(p + step * axis, **parameters) - formula(p - step * axis, **parameters) for p in k]
        # step^2/6 x third derivative (at most 3^3 x 10) and eps x 10/step, both below 1e-8
        assert np.abs(v[:, i] - np.array(difference) / (2 * step)).max() < 1e-8 * max(1, np.abs(v).max())


def test_every_named_model_is_tested() -> None:
    assert {formula.__name__ for formula, _ in CASES} | TESTED_ELSEWHERE | BOSONS == set(model_names())


def lower_band_chern_number(model: TightBinding, points: int = 24) -> float:
    """(1/2pi) int Omega^{xy} of the lowest band by link variables (Fukui, Hatsugai, Suzuki, JPSJ 74, 1674 (2005)).

    A = i<u|du>, so a link <u(k)|u(k + dk)> has the phase -A.dk, and a plaquette has -Omega^{xy} dk_x dk_y. Orbital
    positions do not change the Chern number and are left out, to make H(k) periodic.
    """
    periodic = TightBinding(model.lattice, model.R, model.hoppings)
    assert np.linalg.det(periodic.reciprocal) > 0
    index = np.indices((points, points)).reshape(2, -1).T / points
    u = np.linalg.eigh(periodic.hamiltonian(index @ periodic.reciprocal))[1][:, :, 0].reshape(points, points, -1)

    def link(axis: int) -> np.ndarray:
        return (u.conj() * np.roll(u, -1, axis)).sum(axis=-1)

    plaquette = link(0) * np.roll(link(1), -1, 0) * np.roll(link(0), -1, 1).conj() * link(1).conj()
    return -np.angle(plaquette).sum() / (2 * np.pi)


# Link variables give whole numbers on any grid that resolves the gap, up to the rounding of 24^2 angles (1e-13).
@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("haldane", {}, -1),
        ("haldane", {"phi": -np.pi / 2}, 1),
        ("haldane", {"delta": 1.0}, 0),  # beyond 3 sqrt(3) t2
        ("p_ip_square", {"mu": -5.0}, 0),  # strong pairing: below the band
        ("d_id_square", {"mu": -5.0}, 0),
    ],
)
def test_chern_number_of_the_lower_band(name: str, parameters: dict, expected: int) -> None:
    assert lower_band_chern_number(build_model(name, **parameters)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("name", "expected"), [("d_id_square", 2), ("p_ip_square", 1)])
def test_chern_number_of_the_weak_pairing_phase(name: str, expected: int) -> None:
    assert abs(lower_band_chern_number(build_model(name))) == pytest.approx(expected, abs=1e-10)


def occupied_curvature(energy: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Omega^{yx} = -2 Im v^y_nm v^x_mn / omega_nm^2 of the lower of two bands; v (N, 2, 2, 2) in the eigenbasis."""
    return -2 * (v[:, 1, 0, 1] * v[:, 0, 1, 0]).imag / (energy[:, 0] - energy[:, 1]) ** 2


def test_kane_mele_spin_hall_plateau() -> None:
    """sigma_hall_xy = e int f Omega^{yx} s = +1/2pi in the gap for lambda_so > 0 without Rashba coupling.

    The two spins decouple, so each is a two-band sum. The grid error falls as exp(-N kappa) with kappa = gap/(2v) =
    0.21/0.87 at the K points: 1e-10 at N = 96.
    """
    model = build_model("kane_mele", lambda_r=0.0)
    points = 96
    k = np.indices((points, points)).reshape(2, -1).T / points @ model.reciprocal
    H, v = model.hamiltonian_and_velocity(k)
    spin = model.operator("spin_z").matrix
    total = 0.0
    for orbitals in ([0, 2], [1, 3]):
        block = np.ix_(orbitals, orbitals)
        energy, u = np.linalg.eigh(H[:, *block])
        v_eigen = u.conj().swapaxes(1, 2)[:, None] @ v[:, :, *block] @ u[:, None]
        total += spin[orbitals[0], orbitals[0]].real * occupied_curvature(energy, v_eigen).sum()
    zone = abs(np.linalg.det(model.reciprocal))
    sigma_hall_xy = total * zone / points**2 / (2 * np.pi) ** 2
    assert sigma_hall_xy == pytest.approx(1 / (2 * np.pi), abs=1e-9)


def test_operators_of_the_table() -> None:
    expected = {
        "rashba_square": {"spin_x": SX / 2, "spin_y": SY / 2, "spin_z": SZ / 2},
        "rashba_continuum": {"spin_z": SZ / 2},
        "massive_dirac": {"charge": IDENTITY, "spin_z": SZ / 2},
        "haldane": {"charge": IDENTITY, "sublattice": SZ},
        "kane_mele": {f"spin_{a}": np.kron(IDENTITY, s) / 2 for a, s in zip("xyz", (SX, SY, SZ), strict=True)},
        "d_id_square": {"charge": SZ, "spin": IDENTITY / 2},
        "p_ip_square": {"charge": SZ},
        "haldane_superconductor": {"charge": np.kron(SZ, IDENTITY)},
        "honeycomb_d_id": {"charge": np.kron(SZ, IDENTITY)},
        "kagome_superconductor": {"charge": np.kron(SZ, np.eye(3))},
        "spin_orbit_superconductor": {"charge": np.kron(SZ, IDENTITY)},
        "rashba_bfs": {
            f"spin_{a}": np.block([[s, 0 * s], [0 * s, -s.conj()]]) / 2
            for a, s in zip("xyz", (SX, SY, SZ), strict=True)
        },
    }
    for name, operators in expected.items():
        model = build_model(name)
        for key, matrix in operators.items():
            operator = model.operator(key)  # also: commutes with the orbital positions
            np.testing.assert_array_equal(operator.matrix, matrix)
            assert operator.unit == {"charge": "e", "sublattice": "1"}.get(key, "hbar")
    assert "spin" not in build_model("p_ip_square").operators
    assert build_model("rashba_square", spin=1.5).operator("spin_z").matrix[0, 0] == 1.5


def test_marks_of_superconductors() -> None:
    marks = {
        name: (build_model(name).is_superconductor, build_model(name).particle_hole_copies) for name in model_names()
    }
    once = ("d_id_square", "haldane_superconductor", "honeycomb_d_id", "kagome_superconductor")
    twice = ("p_ip_square", "rashba_bfs", "spin_orbit_superconductor")
    expected = dict.fromkeys(once, (True, 1)) | dict.fromkeys(twice, (True, 2)) | dict.fromkeys(BOSONS, (False, 2))
    assert marks == {name: expected.get(name, (False, 1)) for name in model_names()}
    assert {name for name in model_names() if build_model(name).statistics == "bose"} == BOSONS


def test_list_of_models_is_a_readable_table() -> None:
    table = list_models()
    assert table["haldane"].parameters == {"t": 1.0, "t2": 0.15, "phi": np.pi / 2, "delta": 0.2}
    assert table["haldane"].operators == {"charge": "e", "sublattice": "1"}
    for name, info in table.items():
        assert info.description
        assert f"{name}: {info.description}" in str(table)
        assert model_file(name).is_file()
        assert info.units.keys() == info.parameters.keys()


def test_units_of_parameters_are_those_of_the_description() -> None:
    table = list_models()
    assert table["rashba_square"].units["alpha"] == "eV"
    assert table["rashba_square"].units["winding"] == "1"
    assert table["rashba_continuum"].units["alpha"] == "eV angstrom^winding"
    assert table["haldane"].units["phi"] == "radian"
    assert "theta=3 [degree]" in str(table["twisted_tmd"])
    assert "S=2.5 [hbar], order=neel [neel or ferro]" in str(table["honeycomb_magnet"])


def test_only_the_model_asked_for_is_imported() -> None:
    code = (
        "import sys; from cc_kernels.models import build_model; build_model('rashba_square');"
        "heavy = ('cc_kernels.models.library.', 'xarray', 'scipy', 'netCDF4');"
        "print(*sorted(module for module in sys.modules if module.startswith(heavy)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["cc_kernels.models.library.rashba_square"]


def test_whole_floats_count_as_whole_numbers() -> None:
    """A sweep is an array of floats, also over a winding."""
    assert build_model("rashba_square", winding=np.float64(2.0)).parameters["winding"] == 2


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("rashba_sqare", {}, "did you mean rashba_square"),
        ("nothing_like_it", {}, "haldane, .*rashba_square"),
        (None, {}, "model name"),
        ("rashba_square", {"alfa": 0.5}, "did you mean alpha"),
        ("rashba_square", {"alpha": "0.5"}, "parameter alpha of the model rashba_square: got '0.5'"),
        ("rashba_square", {"alpha": np.nan}, "alpha .*got nan"),
        ("rashba_square", {"alpha": np.inf}, "alpha"),
        ("rashba_square", {"alpha": True}, "alpha"),
        ("rashba_square", {"alpha": None}, "alpha"),
        ("rashba_square", {"alpha": [0.1, 0.2]}, "alpha"),
        ("rashba_square", {"winding": 0}, "winding: got 0; allowed: a positive whole number"),
        ("rashba_square", {"winding": -1}, "winding"),
        ("rashba_square", {"winding": 1.5}, "winding"),
        ("rashba_square", {"winding": 21}, "winding: got 21.*; allowed: a positive whole number, 20 at most"),
        ("rashba_square", {"spin": 0.0}, "spin: got 0.0; allowed: a spin: 1/2, 1, 3/2"),
        ("rashba_square", {"spin": -0.5}, "spin: got -0.5"),
        ("rashba_continuum", {"spin": 0.7}, "spin: got 0.7"),
        ("rashba_dresselhaus", {"spin": 0.25}, "spin: got 0.25"),
        ("haldane", {"phi": 90}, "phi: got 90.0; allowed: an angle in radians, .*; 90 degrees are 1.5708"),
        ("haldane_superconductor", {"phi": -90}, "phi: got -90.0; .*degrees are -1.5708"),
        ("kagome_superconductor", {"phi": 30}, "phi: got 30.0"),
        ("altermagnet_rashba", {"theta": 45}, "theta: got 45.0"),
        ("altermagnet_rashba", {"phi": 7}, "phi: got 7.0"),
        ("rashba_continuum", {"winding": 0}, "winding"),
        ("rashba_continuum", {"mass": 0.0}, "mass: got 0.0; allowed: a finite number above 0"),
        ("rashba_continuum", {"k_max": -1.0}, "k_max"),
        ("rashba_continuum", {"winding": 2, "alpha": 0.5}, r"\|alpha\| mass below 1/2"),
        ("rashba_continuum", {"winding": 3, "alpha": 0.05, "k_max": 6.7}, "at most 6.66667"),
        ("massive_dirac", {"k_max": 0}, "k_max"),
        ("honeycomb_magnet", {"order": "fero"}, "order of the model .*got 'fero'; allowed: did you mean ferro.*, neel"),
        ("honeycomb_magnet", {"order": 1.0}, "order of the model .*got 1.0; allowed: one of ferro, neel"),
        ("honeycomb_magnet", {"S": "2.5"}, "S of the model"),
        ("honeycomb_magnet", {"order": "ferro"}, "moments: got H.k. with the lowest eigenvalue -0.0.* unstable"),
        ("kagome_afm", {"Dz": 1e-3}, "moments: got H.k. with the lowest eigenvalue -0.0"),
        ("kitaev_magnet", {"S": 0.7}, "S: got 0.7; allowed: a spin"),
        ("phonon_square", {"h": 0.3}, "force_constants: got H.k. with the lowest eigenvalue -0.0.* at k = .0, 0."),
        ("phonon_honeycomb", {"mA": 0.0}, "masses: .*above 0"),
        ("magnon_phonon", {"D": 5e-3}, "normal, anomalous: got H.k. with the lowest eigenvalue -0.0"),
        ("magnon_phonon", {"mu_ratio": -1.0}, "mu_ratio: got -1.0"),
    ],
)
def test_bad_input_is_one_clear_message(name: str, parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_model(name, **parameters)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("haldane", {"phi": 6.2832}),  # a turn, rounded up
        ("haldane", {"phi": -2 * np.pi}),
        ("altermagnet_rashba", {"theta": -np.pi / 2, "phi": 3 * np.pi / 2}),
        ("rashba_square", {"spin": 1, "winding": 20}),
        ("massive_dirac", {"mass": -0.5}),
    ],
)
def test_what_is_unusual_but_sensible_is_allowed(name: str, parameters: dict) -> None:
    assert build_model(name, **parameters).parameters.items() >= parameters.items()


def test_k_max_up_to_the_turning_point_is_allowed() -> None:
    """Winding 3: the lower band k^2/2m - alpha k^3 turns over at k = 1/(3 m alpha)."""
    build_model("rashba_continuum", winding=3, alpha=0.05, k_max=1 / (3 * 0.05) - 1e-9)
