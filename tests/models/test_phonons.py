"""Phonons of any harmonic lattice: Newton's equations, closed forms, couplings to other bosons, and bad input."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.models import upright_honeycomb
from tests.models.classical_motion import lattice_frequencies, supercell_kpoints

EPS = np.finfo(float).eps


def random_lattice(dim: int, sites: int, components: int, seed: int) -> dict:
    """Force constants of all kinds between neighbouring cells, and on each site as much as makes them stable."""
    rng = np.random.default_rng([dim, sites, components, seed])
    cells = [np.zeros(dim, int), *np.eye(dim, dtype=int)]
    R, blocks = [], []
    for cell in cells:
        block = 0.2 * rng.normal(size=(sites, sites, components, components))
        if not cell.any():
            block = block + block.transpose(1, 0, 3, 2)
            block[np.arange(sites), np.arange(sites)] += 3 * sites * dim * np.eye(components)
        R.append(cell)
        blocks.append(block)
        if cell.any():
            R.append(-cell)
            blocks.append(block.transpose(1, 0, 3, 2))
    lattice = np.eye(dim) + 0.2 * rng.normal(size=(dim, dim))
    return {
        "lattice": lattice,
        "positions": rng.uniform(size=(sites, dim)) @ lattice,
        "masses": rng.uniform(0.5, 2.0, sites),
        "R": R,
        "force_constants": blocks,
        "lorentz": rng.uniform(-0.5, 0.5, sites) if components > 1 else 0.0,
    }


@pytest.mark.parametrize(
    ("dim", "sites", "components", "shape"),
    [(1, 2, 1, (5,)), (1, 1, 2, (4,)), (2, 2, 2, (3, 3)), (2, 1, 3, (3, 2)), (3, 2, 3, (2, 2, 1))],
)
def test_phonons_are_the_oscillations_of_masses(dim, sites, components, shape) -> None:
    """Forces are linear: central differences err by EPS/step, 1e-12 of the largest; frequencies are about 3."""
    lattice = random_lattice(dim, sites, components, 0)
    model = cc.phonons(**lattice)
    modes = sites * components
    assert model.num_bands == 2 * modes
    levels = model.levels(supercell_kpoints(model, shape))[:, modes:]
    h = np.broadcast_to(lattice["lorentz"], sites)
    constants = np.array(lattice["force_constants"])
    expected = lattice_frequencies(shape, lattice["masses"], np.array(lattice["R"]), constants, h)
    np.testing.assert_allclose(np.sort(levels.ravel()), expected, atol=1e-10)


def test_nothing_depends_on_the_reference_frequency() -> None:
    """A change of it is a paraunitary one: every quantity of every state. H is conditioned by 100 at most and loses as
    much; the quantities divide by differences of levels, 0.05 at the least here, twice."""
    positions = upright_honeycomb.POSITIONS
    bonds = [(0, 1, cell, 1.0, 0.25) for cell in upright_honeycomb.NEIGHBOUR_CELLS]
    R, constants = cc.springs(upright_honeycomb.LATTICE, positions, bonds, pin=0.05)
    k = np.random.default_rng(2).uniform(-3, 3, (5, 2))
    models = [
        cc.phonons(upright_honeycomb.LATTICE, positions, [1.0, 1.2], R, constants, lorentz=0.1, reference=w)
        for w in (None, 0.3, 1.0, 3.0)
    ]
    first, *others = (cc.band_geometry(one, operator="l_z", kpoints=k).compute() for one in models)
    assert np.diff(first.energy, axis=1).min() > 0.05
    assert np.abs(models[1].hoppings - models[0].hoppings).max() > 0.5
    for other, name in product(others, first.data_vars):
        scale = np.abs(first[name]).max().item()
        np.testing.assert_allclose(other[name], first[name], atol=1e-10 * scale, err_msg=name)


def test_diatomic_chain_has_acoustic_modes_that_no_grid_may_meet() -> None:
    """w^2 = K (1/m + 1/M) -+ K ((1/m + 1/M)^2 - 4 sin^2(k/2)/(m M))^(1/2); 0 at k = 0 is allowed at construction."""
    K, m, M = 0.7, 1.0, 2.5
    bonds = [(0, 1, (0,), K, 0.0), (0, 1, (-1,), K, 0.0)]
    R, constants = cc.springs([[1.0]], [[0.0], [0.5]], bonds)
    model = cc.phonons([[1.0]], [[0.0], [0.5]], [m, M], R, constants)
    assert not model.operators
    k = np.array([0.4, 1.5, np.pi])
    mean, root = 1 / m + 1 / M, np.sqrt((1 / m + 1 / M) ** 2 - 4 * np.sin(k / 2) ** 2 / (m * M))
    expected = np.sqrt(K * np.array([mean - root, mean + root])).T
    np.testing.assert_allclose(model.levels(k[:, None])[:, 2:], expected, rtol=1e-13)
    with pytest.raises(InputError, match=r"lowest eigenvalue .* at k = \(0\).*Goldstone.*must miss"):
        model.solve(np.zeros((1, 1)))


def test_springs_along_and_across() -> None:
    """A film of one site in two dimensions that moves in three: what is across the bond has K_T; a shift costs pin."""
    bonds = [(0, 0, (1, 0), 2.0, 0.5), (0, 0, (0, 1), 2.0, 0.5)]
    R, constants = cc.springs(np.eye(2), [[0, 0]], bonds, components=3, pin=0.1)
    np.testing.assert_allclose(constants.sum(axis=(0, 1, 2)), 0.1 * np.eye(3), atol=4 * EPS)
    film = cc.phonons(np.eye(2), [[0, 0]], [1.0], R, constants)
    k = np.array([[0.7, -1.9]])
    c = 1 - np.cos(k[0])
    expected = np.sort([0.1 + 4 * c[0] + c[1], 0.1 + c[0] + 4 * c[1], 0.1 + c[0] + c[1]])
    np.testing.assert_allclose(film.levels(k)[0, 3:] ** 2, expected, rtol=1e-13)
    turn = film.operators["l_z"].matrix
    np.testing.assert_array_equal(turn[:3, :3], [[0, -1j, 0], [1j, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(turn[3:, 3:], turn[:3, :3].T)


def test_angular_momentum_of_a_turning_mass() -> None:
    """One pinned mass with a Lorentz term: w -+ h with l_z = +-1, its momentum u x p, canonical."""
    w, h = 1.3, 0.4
    model = cc.phonons([[1.0]], [[0.0]], [1.0], [[0]], [[[w**2 * np.eye(2)]]], lorentz=h, reference=0.8)
    solved = model.solve(np.zeros((1, 1)))
    np.testing.assert_allclose(solved.energies[0, 2:], [w - h, w + h], rtol=1e-14)
    l_z = np.einsum("nn->n", (solved.bra @ model.operators["l_z"].matrix @ solved.states)[0])
    np.testing.assert_allclose(l_z[2:], [1, -1], atol=1e-14)


def test_coupled_modes() -> None:
    """Two modes with normal and anomalous coupling: E^2 from the determinant of eta H - E, quadratic in E^2."""
    a, b, x, y = 1.0, 1.7, 0.2, 0.35
    one, two = (cc.bosons([[1.0]], [[0]], [[[E]]], operators={"number": [[1.0]]}) for E in (a, b))
    model = cc.couple_bosons(one, two, [[0]], [[[x]]], [[[y]]], operators={"difference": np.diag([1.0, -1.0])})
    half, product = (a**2 + b**2) / 2 + x**2 - y**2, (a * b - (x - y) ** 2) * (a * b - (x + y) ** 2)
    expected = np.sqrt(half + np.array([-1, 1]) * np.sqrt(half**2 - product))
    np.testing.assert_allclose(model.levels([[0.4]])[0, 2:], expected, rtol=1e-14)
    np.testing.assert_array_equal(model.operators["number"].matrix, np.eye(4))
    np.testing.assert_array_equal(model.operators["difference"].matrix, np.diag([1, -1, 1, -1]))


def test_couplings_between_cells_are_those_of_one_model() -> None:
    """The blocks of a random model of three modes, taken apart into one of two modes, one of one, and a coupling."""
    rng = np.random.default_rng(4)
    A, B = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    cells = [[0], [1], [-1]]
    normal = np.array([30 * np.eye(3) + A + A.conj().T, A @ A / 4, (A @ A / 4).conj().T])
    anomalous = np.array([B + B.T, B @ B / 4, (B @ B / 4).T])
    positions = [[0.0], [0.3], [0.8]]
    whole = cc.bosons([[1.0]], cells, normal, anomalous, positions=positions)
    first, second = (
        cc.bosons([[1.0]], cells, normal[:, part, part], anomalous[:, part, part], positions=positions[part])
        for part in (slice(2), slice(2, 3))
    )
    joined = cc.couple_bosons(first, second, cells, normal[:, :2, 2:], anomalous[:, :2, 2:])
    np.testing.assert_allclose(joined.hoppings, whole.hoppings, atol=64 * EPS)
    np.testing.assert_array_equal(joined.positions, whole.positions)


SITE = ([[1.0]], [[0.0]])
HOME = (*SITE, [1.0], [[0]])


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        ((*HOME, [[[[[0.0]]]]]), {}, "force_constants: got 0 eV.2 as the mean .* pull sites back"),
        (
            (*HOME, [[[[[-1.0]]]]]),
            {"reference": 1.0},
            r"force_constants: got H\(k\) with the lowest eigenvalue -1 eV at",
        ),
        ((*HOME, [[[np.eye(2)]]]), {"lorentz": 1.5}, "force_constants: .* unstable; .*h.2 below Phi/m"),
        ((*HOME, [[[np.eye(2)]]]), {"lorentz": [0.1, 0.1]}, r"lorentz: got \[0.1, 0.1\]; allowed: an energy in eV"),
        ((*HOME, [[[np.eye(1)]]]), {"lorentz": 0.1}, "lorentz: got 0.1; .* of one component"),
        ((*HOME, [[[[[1, 0.1], [0, 1]]]]]), {}, r"force_constants: got blocks at R = \(0,\) and -R that differ by 0.1"),
        (
            (*SITE, [1.0], [[0], [1]], [[[[[2.0]]]], [[[[-1.0]]]]]),
            {},
            r"force_constants: got blocks at R = .* differ by 1",
        ),
        ((*SITE, [1.0], [[0], [0]], [[[[[2.0]]]], [[[[-1.0]]]]]), {}, "R: got 1 repeated cells"),
        ((*SITE, [1.0], [[0], [1]], [[[[[2.0]]]]]), {}, r"R: got an array of shape \(2, 1\)"),
        ((*HOME, [[[[[2j]]]]]), {}, "force_constants: got an array of complex128"),
        ((*HOME, [[[np.eye(4)]]]), {}, r"force_constants: got an array of shape .* of 1 to 3 components"),
        ((*HOME, [np.eye(2)]), {}, r"force_constants: got an array of shape \(1, 2, 2\)"),
        ((*SITE, [0.0], [[0]], [[[[[1.0]]]]]), {}, "masses: .*above 0"),
        ((*SITE, [1.0, 1.0], [[0]], [[[[[1.0]]]]]), {}, r"masses: got an array of shape \(2,\)"),
        ((*HOME, [[[[[1.0]]]]]), {"reference": 0.0}, "reference: got 0.0"),
        ((*HOME, [[[[[1.0]]]]]), {"operators": 3}, "operators: got 3"),
    ],
)
def test_bad_input_is_one_clear_message(arguments: tuple, changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cc.phonons(*arguments, **changes)


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        ((*SITE, [(0, 0, (1,), 1.0)]), {}, r"bonds\[0\]: got .* allowed: \(i, j, R, K_L, K_T\)"),
        ((*SITE, [(0, 0, (1,), "1", 0.0)]), {}, r"bonds\[0\], K_L: got '1'"),
        ((*SITE, [(0, 0, (1,), 1.0, 0.0), (0, 0, (-1,), 1.0, 0.0)]), {}, r"bonds\[1\]: got the bond .* other end"),
        (([[1.0]], [[0.0], [0.0]], [(0, 1, (0,), 1.0, 0.0)]), {}, r"bonds\[0\]: got a bond of no length"),
        ((np.eye(2), [[0, 0]], []), {"components": 1}, "components: got 1"),
        ((*SITE, []), {"pin": [0.1, 0.2]}, r"pin: got \[0.1, 0.2\]"),
    ],
)
def test_bad_springs_are_one_clear_message(arguments: tuple, changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cc.springs(*arguments, **changes)


def test_bad_couplings_are_one_clear_message() -> None:
    one, wide = (cc.bosons([[a]], [[0]], [[[1.0]]], operators={"s": [[1.0]]}) for a in (1.0, 2.0))
    charged = cc.bosons([[1.0]], [[0]], [[[1.0]]], operators={"s": ([[1.0]], "hbar")})
    for arguments, message in (
        ((cc.build_model("haldane"), one, [[0]], [[[0.1]]]), "first: got <TightBinding haldane.* a model of bosons"),
        ((one, wide, [[0]], [[[0.1]]]), r"second: got a model on the lattice \[\[2.0\]\]"),
        ((one, charged, [[0]], [[[0.1]]]), "operator s of both models: got the units 1 and hbar"),
        ((one, one, [[0]], [[[1.5]]]), r"normal, anomalous: got H\(k\) with the lowest eigenvalue -0.5 eV"),
        ((one, one, [[0], [0]], [[[0.1]]] * 2), "R: got a cell twice"),
        ((one, one, [[0]], [[[0.1, 0.2]]]), r"normal: got an array of shape \(1, 1, 2\)"),
        ((one, one, [[0]], [[[0.1]]], [[[0.1]]] * 2), r"anomalous: got an array of shape \(2, 1, 1\)"),
        ((one, one, [[0, 0]], [[[0.1]]]), "R: got an array of shape"),
    ):
        with pytest.raises(InputError, match=message):
            cc.couple_bosons(*arguments)
