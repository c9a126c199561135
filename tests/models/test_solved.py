"""`model.solve`, and the compiled eigensolver: as accurate as LAPACK, on easy matrices and hard ones."""

from __future__ import annotations

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.grid import KGrid
from cc_kernels.models import model_names
from cc_kernels.models.paraunitary import lapack_states, norm_signs, paraunitary_states
from cc_kernels.models.solved import COMPILED, MANY, compiled_states, hermitian_states
from cc_kernels.models.trigonometry import LARGEST, cosines_and_sines
from tests.identities.random_models import hermitian, random_bosons, random_kpoints, random_model

EPS = np.finfo(float).eps
BACKWARD = 20
"""Of EPS sqrt(bands) |H|: residuals and overlaps, as LAPACK's tests allow 30 EPS bands |H|."""


def hard(name: str, size: int) -> np.ndarray:
    """(8, size, size) matrices of a kind."""
    rng = np.random.default_rng(size)
    H = np.array([hermitian(rng, size) for _ in range(8)])
    unit = np.linalg.qr(H)[0]
    few = np.repeat(np.arange(1.0, size + 1), 2)[:size]
    beside = np.eye(size, k=-1)
    last, first = np.arange(size) >= size - 2, np.arange(size) < 2
    twins = 10.0 ** -np.arange(135, 175, 5)[:, None, None] * (1 + 1j) * np.eye(size, k=-1) * np.outer(first, first)
    kinds = {
        "equal levels with next to nothing between them": H * np.outer(last, last) + twins,
        "random": H,
        "zero": 0 * H,
        "diagonal": H * np.eye(size),
        "all levels equal": np.broadcast_to(3 * np.eye(size), H.shape) + 0 * H,
        "doublets": (unit * few) @ unit.conj().swapaxes(-1, -2),
        "nearly doublets": (unit * (few + 1e-13 * np.arange(size))) @ unit.conj().swapaxes(-1, -2),
        "tiny off-diagonals": H * np.where(np.eye(size) > 0, 1, 1e-170),
        "an element of 1e-161": 0 * H + np.diag(np.arange(size) / size) + beside * (3e-161 + 1e-161j),
        "1e200": 1e200 * H,
        "1e-200": 1e-200 * H,
        "real": H.real + 0j,
        "imaginary": 1j * H.imag,
        "small": 1e-8 * H,
        "large": 1e8 * H,
        "graded": H * np.outer(10.0 ** -np.arange(size), 10.0 ** -np.arange(size)),
        "two blocks": H * (np.arange(size)[:, None] // 2 == np.arange(size) // 2),
        "one far level": H + 1e6 * np.outer(np.arange(size) == 1, np.arange(size) == 1),
        "tridiagonal": H * (abs(np.arange(size)[:, None] - np.arange(size)) < 2),
    }
    matrices = kinds[name]
    return (matrices + matrices.conj().swapaxes(-1, -2)) / 2


HARD = [
    "equal levels with next to nothing between them",
    "random",
    "zero",
    "diagonal",
    "all levels equal",
    "doublets",
    "nearly doublets",
    "tiny off-diagonals",
    "an element of 1e-161",
    "1e200",
    "1e-200",
    "real",
    "imaginary",
    "small",
    "large",
    "graded",
    "two blocks",
    "one far level",
    "tridiagonal",
]


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 16, 33])
def test_the_compiled_solver_is_backward_stable(name: str, size: int) -> None:
    H = hard(name, size)
    energies, states = compiled_states(H)
    expected = np.linalg.eigvalsh(H)
    allowed = BACKWARD * EPS * np.sqrt(size)
    norm = np.abs(expected).max()
    assert np.abs(energies - expected).max() <= allowed * norm
    assert (np.diff(energies) >= 0).all()
    assert np.abs(H @ states - states * energies[:, None, :]).max() <= allowed * norm
    assert np.abs(states.conj().swapaxes(-1, -2) @ states - np.eye(size)).max() <= allowed


@pytest.mark.parametrize("size", [2, 9])
def test_each_matrix_is_solved_as_if_alone(size: int) -> None:
    """Matrices of all kinds take their steps together, each at its own place: the others change no bit of it."""
    H = np.concatenate([hard(name, size) for name in HARD])
    order = np.random.default_rng(size).permutation(len(H))
    energies, states = compiled_states(H)
    mixed_energies, mixed_states = compiled_states(H[order])
    assert (mixed_energies == energies[order]).all()
    assert (mixed_states == states[order]).all()


@pytest.mark.parametrize("size", [2, 5])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_number_is_not_silent(size: int, wrong: float) -> None:
    H = hard("random", size)
    H[2, 0, 1] = H[2, 1, 0] = wrong
    try:
        energies, _ = hermitian_states(np.repeat(H, MANY, axis=0))
    except np.linalg.LinAlgError:
        return
    assert np.isnan(energies).any()


@pytest.mark.parametrize("bands", [2, 5, 24, COMPILED + 2])
def test_a_model_solves_itself(bands: int) -> None:
    """With the Bloch phases and without: the same levels, and states that differ by these phases."""
    model = random_model(bands, 2, bands, blocks=True)
    k = random_kpoints(1, model, MANY)
    one, other = model.solve(k), model.solve(k, phases=False)
    H, v = model.hamiltonian_and_velocity(k)
    scale = np.abs(H).max() * bands
    assert np.abs(H @ one.states - one.states * one.energies[:, None, :]).max() < BACKWARD * EPS * scale
    assert np.abs(one.left @ one.states - np.eye(bands)).max() < BACKWARD * EPS * bands
    assert np.abs(one.velocity - v).max() == 0
    assert np.abs(one.energies - other.energies).max() < BACKWARD * EPS * scale
    assert np.abs(one.energies - model.levels(k)).max() < BACKWARD * EPS * scale
    phase = np.exp(1j * k @ (model.positions - model.positions[0]).T)
    overlap = np.abs(np.einsum("xan,xa,xan->xn", one.states.conj(), phase.conj(), other.states))
    assert np.abs(overlap - 1).max() < 1e-9  # levels 1e-3 apart, say: vectors to EPS |H|/gap, squared in the overlap


def test_cosines_and_sines() -> None:
    rng = np.random.default_rng(0)
    some, more = rng.uniform(-50, 50, 5000), rng.uniform(-LARGEST, LARGEST, 5000)
    angles = np.concatenate([some, more, np.arange(-40, 40) * np.pi / 4])
    cosines, sines = np.empty_like(angles), np.empty_like(angles)
    cosines_and_sines(angles, cosines, sines)
    exact = angles.astype(np.longdouble)
    assert np.abs(cosines - np.cos(exact)).max() < EPS
    assert np.abs(sines - np.sin(exact)).max() < EPS
    cosines_and_sines(1e3 * angles, cosines, sines)  # some are too large to be reduced here
    assert np.abs(cosines - np.cos(1e3 * angles)).max() < EPS


def test_many_bands_and_few_points_take_lapack() -> None:
    model = cc.build_model("kane_mele")
    k = random_kpoints(2, model, 2 * MANY)
    whole = model.solve(k)
    parts = [model.solve(k[start : start + 10]) for start in range(0, len(k), 10)]
    energies = np.concatenate([part.energies for part in parts])
    assert np.abs(energies - whole.energies).max() < 1e-14 * np.abs(energies).max() * BACKWARD


@pytest.mark.parametrize("name", model_names())
def test_library_models_on_grids_with_symmetric_points(name: str) -> None:
    """Where matrix elements vanish and levels coincide.

    Of bosons eta H |n> = eps |n>, and the states of length T lose T^2, the condition of H, as in Colpa's method.
    """
    model = cc.build_model(name)
    k = KGrid.of(model, 8 if model.dim < 3 else 4).points()
    solved = model.solve(np.repeat(k, 1 + MANY // len(k), axis=0), phases=False)
    energies, states = solved.energies[:: 1 + MANY // len(k)], solved.states[:: 1 + MANY // len(k)]
    H, _ = model.without_phases(k)
    allowed = BACKWARD * EPS * np.sqrt(model.num_bands)
    if solved.signs is not None:
        H = -solved.signs[:, None] * H
        allowed *= np.linalg.norm(states, 2, axis=(1, 2)).max() ** 2
    assert np.abs(H @ states - states * energies[:, None]).max() <= allowed * np.abs(H).max() * model.num_bands
    assert np.abs(solved.left @ solved.states - np.eye(model.num_bands)).max() <= allowed


def positive(name: str, size: int) -> np.ndarray:
    """(9, size, size) positive definite matrices of a kind."""
    rng = np.random.default_rng(size)
    x = np.array([hermitian(rng, size) for _ in range(9)])
    H = x @ x / size + 0.3 * np.eye(size)
    levels = np.diag(np.repeat(np.arange(1.0, size + 1), 2)[:size])
    kinds = {
        "random": H,
        "nearly unstable": H + (1e-4 - np.linalg.eigvalsh(H)[:, :1, None]) * np.eye(size),
        "stiff": H * np.outer(10.0 ** -np.linspace(0, 2, size), 10.0 ** -np.linspace(0, 2, size)),
        "diagonal": H * np.eye(size),
        "doublets": np.kron(H[:, : size // 2, : size // 2], np.eye(2)),
        "levels of both signs at one distance": np.broadcast_to(levels, H.shape),
        "small": 1e-8 * H,
        "1e200": 1e200 * H,
        "1e-200": 1e-200 * H,
    }
    return np.ascontiguousarray(kinds[name] + 0j)


@pytest.mark.parametrize("solver", [lambda H: compiled_states(H, are_bosons=True), lapack_states])
@pytest.mark.parametrize("size", [2, 4, 6, 10, 12, 24])
@pytest.mark.parametrize(
    "name",
    [
        "random",
        "nearly unstable",
        "stiff",
        "diagonal",
        "doublets",
        "levels of both signs at one distance",
        "small",
        "1e200",
        "1e-200",
    ],
)
def test_bosons(name: str, size: int, solver: object) -> None:
    """L^dagger eta L is known to EPS |H|, and states are its eigenvectors times L/|eps|^(1/2): they are as large as
    (|H|/least |eps|)^(1/2), by which residuals grow, and products of two by its square."""
    H = positive(name, size)
    energies, states = solver(H)
    eta, norms = np.repeat([1.0, -1.0], size // 2), norm_signs(size)
    norm = np.abs(np.linalg.eigvalsh(H)).max()
    largest = np.sqrt(norm / np.abs(energies).min())
    allowed = BACKWARD * EPS * np.sqrt(size)
    assert (np.diff(energies) >= 0).all()
    assert ((energies > 0) == (norms > 0)).all()
    apart = eta[:, None] * (H @ states) - states * energies[:, None, :]
    assert np.abs(apart).max() <= allowed * norm * largest
    overlaps = states.conj().swapaxes(-1, -2) @ (eta[:, None] * states)
    assert np.abs(overlaps - np.diag(norms)).max() <= allowed * largest**2


@pytest.mark.parametrize("points", [3, 40])
def test_bosons_that_are_not_positive_definite_are_refused(points: int) -> None:
    """Few points are LAPACK's, many those of the compiled solver, which stops where one matrix of eight is wrong."""
    chain = cc.bosons([[1.0]], [[0], [1], [-1]], [[[0.5]], [[-0.3]], [[-0.3]]])
    k = np.linspace(1.5, 3.0, points)[:, None]
    assert (chain.solve(k).energies[:, 1] > 0).all()
    k[points // 2] = 0
    with pytest.raises(InputError, match=r"lowest eigenvalue -0.1 eV at k = \(0\)"):
        chain.solve(k)
    k[points // 2] = np.arccos(0.5 / 0.6)  # a zero mode
    with pytest.raises(InputError, match="bosons with a positive definite H"):
        chain.solve(k)


@pytest.mark.parametrize("points", [3, 40])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_bosons_that_are_no_numbers_are_refused(points: int, wrong: float) -> None:
    model = random_bosons(1, 2, 1)
    k = random_kpoints(1, model, points)
    H = model.hamiltonian(k)
    H[points // 2, 2, 1] = H[points // 2, 1, 2] = wrong
    with pytest.raises(InputError, match="not finite; allowed: finite numbers at every k"):
        paraunitary_states(model, k, H)
