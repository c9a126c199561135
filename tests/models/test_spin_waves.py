"""Magnons of any magnet: the linearized equations of motion of classical spins, closed forms, and bad input."""

from __future__ import annotations

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.models.magnet import Magnet, transverse_axes, unit_vectors
from tests.models.classical_motion import spin_frequencies, supercell_kpoints

EPS = np.finfo(float).eps
CHAIN = ([[1.0]], [[0.0]])


def random_magnet(dim: int, sites: int, seed: int) -> dict:
    """A ferromagnet with spins of all lengths, and everything that cants it: random tensors, fields and easy axes."""
    rng = np.random.default_rng([dim, sites, seed])
    lattice = np.eye(dim) + 0.2 * rng.normal(size=(dim, dim))
    bonds = []
    for i in range(sites):
        for axis in np.eye(dim, dtype=int):
            bonds.append((i, i, tuple(axis.tolist()), -np.eye(3) + 0.3 * rng.normal(size=(3, 3))))
        for j in range(i):
            for R in (np.zeros(dim, int), rng.integers(1, 3, dim)):
                bonds.append((i, j, tuple(R.tolist()), -np.eye(3) + 0.3 * rng.normal(size=(3, 3))))
    A = rng.normal(size=(sites, 3, 3)) / 4
    easy = np.diag([0.0, 0.0, -1.0])
    return {
        "lattice": lattice,
        "sites": rng.uniform(size=(sites, dim)) @ lattice,
        "moments": (
            rng.uniform(0.5, 2.5, sites)[:, None] * unit_vectors([0, 0, 1] + 0.3 * rng.normal(size=(sites, 3)))
        ),
        "bonds": bonds,
        "fields": 0.3 * rng.normal(size=(sites, 3)),
        "anisotropy": (A + A.swapaxes(1, 2)) / 2 + easy,
    }


def moments_of(model: cc.Model, given: np.ndarray) -> np.ndarray:
    """The moments that the operators tell, as long as the given ones."""
    half = model.num_bands // 2
    n = np.array([-model.operators[f"spin_{axis}"].matrix.diagonal()[:half].real for axis in "xyz"]).T
    return n * np.linalg.norm(given, axis=1)[:, None]


@pytest.mark.parametrize(("dim", "sites", "shape"), [(1, 3, (5,)), (2, 1, (3, 4)), (2, 3, (3, 3)), (3, 2, (3, 2, 2))])
@pytest.mark.parametrize("seed", [0, 1])
def test_magnons_are_the_small_oscillations_of_classical_spins(dim, sites, shape, seed) -> None:
    """Forces are linear in the spins, motion is of second order: central differences err by EPS/step = 1e-13 of the
    exchange, eigenvalues of a matrix that is not normal by some hundred times more; frequencies are about 10."""
    magnet = random_magnet(dim, sites, seed)
    model = cc.spin_waves(**magnet, relax=True)
    moments = moments_of(model, magnet["moments"])
    assert np.abs(moments - magnet["moments"]).max() > 0.05  # they did turn
    assert sites == 1 or np.linalg.norm(np.cross(moments[0], moments[1])) > 0.05
    levels = model.levels(supercell_kpoints(model, shape))
    expected = spin_frequencies(shape, moments, magnet["bonds"], magnet["fields"], magnet["anisotropy"])
    assert expected.min() > 0.1
    np.testing.assert_allclose(np.sort(levels[:, sites:].ravel()), expected, atol=1e-11)
    again = cc.spin_waves(**magnet | {"moments": moments})  # an equilibrium, so that nothing has to be turned
    np.testing.assert_allclose(again.hoppings, model.hoppings, atol=1e-12 * np.abs(model.hoppings).max())


def test_relaxed_moments_are_a_minimum_of_the_energy() -> None:
    """The energy, written as a sum over bonds, rises with every small turn, as the square of it."""
    magnet = random_magnet(2, 3, 5)
    moments = moments_of(cc.spin_waves(**magnet, relax=True), magnet["moments"])

    def energy(S: np.ndarray) -> float:
        exchange = sum(S[i] @ J @ S[j] for i, j, _, J in magnet["bonds"])
        return exchange + np.einsum("ia,iab,ib->", S, magnet["anisotropy"], S) + (magnet["fields"] * S).sum()

    rng, lengths = np.random.default_rng(0), np.linalg.norm(moments, axis=1)[:, None]
    for _ in range(20):
        turn = rng.normal(size=moments.shape)
        rise = [energy(lengths * unit_vectors(moments + step * turn)) - energy(moments) for step in (1e-3, -1e-3, 2e-3)]
        assert min(rise) > 0
        assert rise[0] == pytest.approx(rise[1], rel=0.02)  # no linear term; the cubic one is 1e-3 of the square
        assert rise[2] == pytest.approx(4 * rise[0], rel=0.02)


def test_transverse_axes_are_right_handed() -> None:
    n = unit_vectors(np.vstack([np.random.default_rng(0).normal(size=(20, 3)), np.eye(3), -np.eye(3), [[1e-12, 0, 1]]]))
    u = transverse_axes(n)
    np.testing.assert_allclose(np.cross(u.real, u.imag), n, atol=8 * EPS)
    np.testing.assert_allclose((u * u.conj()).sum(1), 2, atol=8 * EPS)
    np.testing.assert_allclose(np.abs((u * u).sum(1)) + np.abs((u * n).sum(1)), 0, atol=8 * EPS)


def test_an_easy_axis_counts_as_in_the_classical_equations_of_motion() -> None:
    """-K S_z^2 is 2 K S b^+b, not K (2 S - 1): h.S and S.A.S on one site, in any direction."""
    n = unit_vectors(np.array([1.0, 2.0, -0.5]))
    A = -0.01 * np.outer(n, n)
    model = cc.spin_waves(*CHAIN, 1.5 * n[None], [], anisotropy=A, fields=-0.002 * n)
    np.testing.assert_allclose(model.levels([[0.3]])[0, 1], 2 * 0.01 * 1.5 + 0.002, rtol=1e-14)


def test_chain_with_dzyaloshinskii_moriya_coupling() -> None:
    """E = h + 2 S [-J (1 - cos k) + D sin k] of a ferromagnet along z, and spin_z = -1 of each magnon."""
    J, D, h, S = -1.0, 0.2, 0.3, 2.0
    bonds = [(0, 0, (1,), cc.exchange(J, dzyaloshinskii_moriya=[0, 0, D]))]
    model = cc.spin_waves(*CHAIN, [[0, 0, S]], bonds, fields=[0, 0, -h])
    k = np.linspace(-3, 3, 7)
    expected = h - 2 * J * S * (1 - np.cos(k)) + 2 * S * D * np.sin(k)
    np.testing.assert_allclose(model.levels(k[:, None])[:, 1], expected, atol=1e-14 * 10)
    np.testing.assert_array_equal(model.operators["spin_z"].matrix, -np.eye(2))
    assert model.operators["spin_z"].unit == "hbar"
    turned = cc.spin_waves(*CHAIN, [[S, 0, 0]], [(0, 0, (1,), cc.exchange(J))])
    np.testing.assert_array_equal(turned.operators["spin_x"].matrix, -np.eye(2))
    np.testing.assert_array_equal(turned.operators["spin_z"].matrix, np.zeros((2, 2)))


def test_exchange_tensor() -> None:
    rng = np.random.default_rng(3)
    a, b, D = rng.normal(size=(3, 3))
    expected = 0.7 * a @ b + D @ np.cross(a, b)
    assert a @ cc.exchange(0.7, dzyaloshinskii_moriya=D) @ b == pytest.approx(expected, rel=1e-13)


def test_a_goldstone_mode_is_allowed_where_no_grid_meets_it() -> None:
    """Neel chain: E = 2 J S |sin(k a)|, a the distance of neighbours, half the cell; it has none at k = 0."""
    bonds = [(0, 1, (0,), 1.0), (0, 1, (-1,), 1.0)]
    model = cc.spin_waves([[1.0]], [[0.0], [0.5]], [[0, 0, 1], [0, 0, -1]], bonds)
    np.testing.assert_allclose(model.levels([[2.0]])[0, 2:], 2 * np.sin(1.0), rtol=1e-14)
    assert np.abs(model.levels([[0.0]])).max() < 1e-7  # the root of rounding
    with pytest.raises(InputError, match=r"lowest eigenvalue .* at k = \(0\).*Goldstone.*must miss"):
        model.solve(np.zeros((1, 1)))


def test_soft_rotations_do_not_hinder_relaxation() -> None:
    """Triangle of antiparallel neighbours: 120 degrees, in a plane that nothing chooses; E = -3/2 J S^2."""
    magnet = Magnet(
        np.zeros((1, 2), int), (1 - np.eye(3))[None, :, :, None, None] * np.eye(3), np.zeros((3, 3)), np.ones(3)
    )
    start = unit_vectors(np.random.default_rng(1).normal(size=(3, 3)))
    n = magnet.relaxed(start)
    np.testing.assert_allclose(n @ n.T, 1.5 * np.eye(3) - 0.5, atol=1e-12)


@pytest.mark.parametrize(
    ("moment", "field", "end"),
    [
        ([0, 0, 2.0], [0, 0, 0], [0, 0, 1]),  # no force, no stiffness: stays
        ([0, 0, 2.0], [0.1, 0, 0], [-1, 0, 0]),  # no stiffness at the start
        ([0.1, 0, 2.0], [0, 0, 0.1], [0, 0, -1]),  # from near a maximum
        ([0, 0, 2.0], [0, 0, 0.1], None),  # a maximum itself has no forces, but is no minimum
    ],
)
def test_relaxation_of_a_moment_in_a_field(moment: list, field: list, end: list | None) -> None:
    if end is None:
        with pytest.raises(InputError, match=r"lowest eigenvalue -0\.1 eV"):
            cc.spin_waves(*CHAIN, [moment], FERRO, fields=field, relax=True)
        return
    model = cc.spin_waves(*CHAIN, [moment], FERRO, fields=field, relax=True)
    np.testing.assert_allclose(moments_of(model, np.array([moment]))[0] / np.linalg.norm(moment), end, atol=1e-12)


def test_operators_of_ones_own_and_labels() -> None:
    bonds = [(0, 1, (0,), -1.0), (0, 1, (-1,), -1.0)]
    sites = [[0.0], [0.5]]
    model = cc.spin_waves(
        [[1.0]], sites, [[0, 0, 1]] * 2, bonds, operators={"sublattice": np.diag([1, -1])}, name="chain"
    )
    assert (model.name, list(model.operators)) == ("chain", ["spin_x", "spin_y", "spin_z", "sublattice"])
    np.testing.assert_array_equal(model.operators["sublattice"].matrix, np.diag([1, -1, 1, -1]))
    with pytest.raises(InputError, match=r"operator: got an operator that mixes orbitals at different positions"):
        model.operator([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


UP = [[0, 0, 1.0]]
FERRO = [(0, 0, (1,), -1.0)]


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        (
            (*CHAIN, UP, [(0, 0, (1,), 1.0)]),
            {},
            r"moments: got H\(k\) with the lowest eigenvalue -4 eV at k = .* unstable",
        ),
        ((*CHAIN, UP, FERRO), {"fields": [0, 0, 0.1]}, r"lowest eigenvalue -0.1 eV at k = \(0\) 1/angstrom"),
        ((*CHAIN, UP, FERRO), {"fields": [0.1, 0, 0]}, "moments: got no equilibrium: a force of 0.1 eV .* site 0"),
        ((*CHAIN, UP, FERRO), {"relax": 1}, "relax: got 1; allowed: True or False"),
        ((*CHAIN, UP, [(0, 0, (1,), -1 + 1j)]), {}, r"bonds\[0\], J: got \(-1\+1j\); allowed: a finite energy in eV"),
        (
            (*CHAIN, UP, [(0, 0, (1,), 1j * np.eye(3))]),
            {},
            r"bonds\[0\], J: got an array of complex128; .* real exchange",
        ),
        ((*CHAIN, UP, [(0, 0, (1,), np.eye(2))]), {}, r"bonds\[0\], J: got an array of shape \(2, 2\)"),
        ((*CHAIN, UP, [(0, 0, (1,), np.nan)]), {}, r"bonds\[0\], J: got nan"),
        ((*CHAIN, UP, [*FERRO, *FERRO]), {}, r"bonds\[1\]: got the bond from site 0 to site 0 in cell \(1,\) a second"),
        ((*CHAIN, UP, [*FERRO, (0, 0, (-1,), -1.0)]), {}, r"bonds\[1\]: got .* from its other end; .* each bond once"),
        ((*CHAIN, UP, [(0, 0, (0,), -1.0)]), {}, r"bonds\[0\]: got a bond from site 0 to itself"),
        ((*CHAIN, UP, [(0, 1, (1,), -1.0)]), {}, r"bonds\[0\], j: got 1; allowed: a site from 0 to 0"),
        ((*CHAIN, UP, [(0, 0, (1, 0), -1.0)]), {}, r"bonds\[0\], R: got an array of shape \(2,\)"),
        ((*CHAIN, UP, [(0, 0, -1.0)]), {}, r"bonds\[0\]: got \(0, 0, -1.0\); allowed: \(i, j, R, J\)"),
        ((*CHAIN, UP, None), {}, "bonds: got None; allowed: a list of"),
        ((*CHAIN, [[0, 0, 0]], FERRO), {}, "moments: got a moment of length 0 at site 0"),
        ((*CHAIN, [[0, 1]], FERRO), {}, r"moments: got an array of shape \(1, 2\); allowed: .* one vector per site"),
        (([[1.0]], [[0.0, 0.0]], UP, FERRO), {}, r"sites: got an array of shape \(1, 2\)"),
        (([[0.0]], [[0.0]], UP, FERRO), {}, "lattice: got .* linearly independent"),
        ((*CHAIN, UP, FERRO), {"fields": [[1, 0, 0]] * 2}, r"fields: got an array of shape \(2, 3\)"),
        ((*CHAIN, UP, FERRO), {"anisotropy": np.eye(3)[[1, 2, 0]]}, r"anisotropy: got a matrix with \|M - M"),
        ((*CHAIN, UP, FERRO), {"operators": [1]}, r"operators: got \[1\]"),
        ((*CHAIN, UP, FERRO), {"operators": {"s": np.eye(3)}}, r"s: got an array of shape \(3, 3\)"),
    ],
)
def test_bad_input_is_one_clear_message(arguments: tuple, changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cc.spin_waves(*arguments, **changes)
