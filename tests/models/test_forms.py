"""The Hamiltonian forms: exact velocities, Hermiticity, Nambu structure, and bad input."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels.errors import InputError
from cc_kernels.models import Hoppings, KDotP, Operator, TightBinding
from cc_kernels.models.nambu import nambu

ROUNDING = 1e-12  # some 100 terms of size 1 to 10, each with eps = 2e-16, summed in another order


def random_matrices(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_tight_binding(seed: int, dim: int = 2, num_bands: int = 3, **keywords: object) -> TightBinding:
    """A random Hermitian model with oblique lattice, random orbital positions and hoppings up to two cells."""
    rng = np.random.default_rng(seed)
    model = Hoppings(np.eye(dim) + 0.3 * rng.normal(size=(dim, dim)), positions=rng.normal(size=(num_bands, dim)))
    everything = slice(num_bands)
    block = random_matrices(rng, num_bands, num_bands)
    model.onsite(everything, block + block.conj().T)
    for _ in range(4):
        R = rng.integers(-2, 3, size=dim)
        R[0] = rng.integers(1, 3)
        model.hop(everything, everything, R, random_matrices(rng, num_bands, num_bands))
    return model.build(**keywords)


def random_kdotp(seed: int, dim: int = 2, num_bands: int = 2) -> KDotP:
    rng = np.random.default_rng(seed)
    powers = [(0,) * dim, (1,) + (0,) * (dim - 1), (2,) * dim, (0,) * (dim - 1) + (3,)]
    blocks = random_matrices(rng, len(powers), num_bands, num_bands)
    return KDotP(powers, blocks + np.swapaxes(blocks, 1, 2).conj(), k_max=1.0)


def direct_sum(model: TightBinding, k: np.ndarray) -> np.ndarray:
    """H_ij = sum_R exp(i k.(R + tau_j - tau_i)) <i,0|H|j,R>, term by term as it is written."""
    result = np.zeros((model.num_bands, model.num_bands), dtype=complex)
    for R, block in zip(model.R, model.hoppings, strict=True):
        for i, j in np.ndindex(block.shape):
            result[i, j] += np.exp(1j * k @ (R @ model.lattice + model.positions[j] - model.positions[i])) * block[i, j]
    return result


def five_point_derivative(model, k: np.ndarray, step: float = 2e-3) -> np.ndarray:
    """dH/dk with an error of step^4/30 times the fifth derivative."""
    derivative = []
    for axis in np.eye(model.dim):
        near, far = (model.hamiltonian(k + n * step * axis) - model.hamiltonian(k - n * step * axis) for n in (1, 2))
        derivative.append((8 * near - far) / (12 * step))
    return np.stack(derivative, axis=1)


FORMS = [
    *[pytest.param(random_tight_binding(seed, dim), id=f"tight-binding-{dim}d") for seed, dim in enumerate((1, 2, 3))],
    *[pytest.param(random_kdotp(seed, dim), id=f"kdotp-{dim}d") for seed, dim in enumerate((1, 2, 3))],
]


@pytest.mark.parametrize("model", FORMS)
def test_velocity_is_the_derivative_and_everything_is_hermitian(model) -> None:
    k = np.random.default_rng(5).uniform(-2, 2, (7, model.dim))
    H, v = model.hamiltonian_and_velocity(k)
    assert H.dtype == v.dtype == np.complex128
    assert H.flags.c_contiguous
    assert v.flags.c_contiguous
    # step^4/30 |R|^5 sum|t| = 5e-13 x 8^5 x 30 in the worst case (|R + tau| up to 8), plus rounding 1e-13/step
    assert np.abs(v - five_point_derivative(model, k)).max() < 1e-6 * np.abs(v).max()
    assert np.abs(H - H.conj().swapaxes(-1, -2)).max() < ROUNDING * np.abs(H).max()
    assert np.abs(v - v.conj().swapaxes(-1, -2)).max() < ROUNDING * np.abs(v).max()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_tight_binding_is_the_sum_over_cells(dim: int) -> None:
    model = random_tight_binding(seed=dim, dim=dim)
    k = np.random.default_rng(6).uniform(-4, 4, (5, dim))
    expected = np.array([direct_sum(model, point) for point in k])
    assert np.abs(model.hamiltonian(k) - expected).max() < ROUNDING * np.abs(expected).max()


def test_result_does_not_depend_on_the_chunk() -> None:
    model = random_tight_binding(seed=3)
    k = np.random.default_rng(7).uniform(-4, 4, (50, 2))
    whole = model.hamiltonian_and_velocity(k)
    for together, parts in zip(
        whole, zip(*(model.hamiltonian_and_velocity(k[i : i + 7]) for i in range(0, 50, 7)), strict=True), strict=True
    ):
        assert np.abs(together - np.concatenate(parts)).max() < ROUNDING * np.abs(together).max()
    assert [array.shape for array in model.hamiltonian_and_velocity(np.zeros((0, 2)))] == [(0, 3, 3), (0, 2, 3, 3)]


def test_reciprocal_lattice() -> None:
    model = random_tight_binding(seed=1)
    np.testing.assert_allclose(model.lattice @ model.reciprocal.T, 2 * np.pi * np.eye(2), atol=1e-14)


def test_velocity_with_position_matrices_is_independent_of_the_orbital_basis() -> None:
    """Rotate the orbitals by a constant W: tau becomes the matrix W^dagger diag(tau) W, and v follows as an operator.

    With U = diag exp(i k.tau): H' = W^dagger U H U^dagger W, and v' = W^dagger U v U^dagger W exactly.
    """
    model = random_tight_binding(seed=4)
    W = np.linalg.qr(random_matrices(np.random.default_rng(8), 3, 3))[0]
    positions = np.zeros((len(model.R), 2, 3, 3), dtype=complex)
    positions[len(model.R) // 2] = [W.conj().T @ np.diag(model.positions[:, axis]) @ W for axis in range(2)]
    rotated = TightBinding(model.lattice, model.R, W.conj().T @ model.hoppings @ W, position_matrices=positions)
    k = np.random.default_rng(9).uniform(-4, 4, (5, 2))
    H, v = model.hamiltonian_and_velocity(k)
    rotation = np.exp(-1j * k @ model.positions.T)[:, :, None] * W
    adjoint = rotation.conj().swapaxes(1, 2)
    H_rotated, v_rotated = rotated.hamiltonian_and_velocity(k)
    assert np.abs(H_rotated - adjoint @ H @ rotation).max() < ROUNDING * np.abs(H).max()
    assert np.abs(v_rotated - adjoint[:, None] @ v @ rotation[:, None]).max() < ROUNDING * np.abs(v).max()


def test_position_matrices_that_hold_only_tau_change_nothing() -> None:
    model = random_tight_binding(seed=5)
    positions = np.zeros((len(model.R), 2, 3, 3))
    positions[len(model.R) // 2] = [np.diag(model.positions[:, axis]) for axis in range(2)]
    same = TightBinding(model.lattice, model.R, model.hoppings, model.positions, position_matrices=positions)
    k = np.random.default_rng(10).uniform(-4, 4, (5, 2))
    np.testing.assert_array_equal(same.velocity(k), model.velocity(k))


def test_nambu_blocks_and_particle_hole_symmetry() -> None:
    """H = [[h(k) - mu, Delta(k)], [Delta(k)^dagger, -h(-k)^* + mu]], block by block.

    With Delta(k) = -Delta(-k)^T it is particle-hole symmetric: tau_x H(-k)^* tau_x = -H(k).
    """
    normal = random_tight_binding(seed=6)
    block = random_matrices(np.random.default_rng(11), 3, 3)
    model = nambu(normal, {(1, -1): block, (-1, 1): -block.T}, mu=0.7, particle_hole_copies=2)
    k = np.random.default_rng(12).uniform(-4, 4, (5, 2))
    H, h, h_minus = model.hamiltonian(k), normal.hamiltonian(k), normal.hamiltonian(-k)
    separation = normal.positions[None, :] - normal.positions[:, None]
    Delta = sum(
        np.exp(1j * np.einsum("kd,ijd->kij", k, np.array(R) @ normal.lattice + separation)) * pairing
        for R, pairing in (((1, -1), block), ((-1, 1), -block.T))
    )
    mu = 0.7 * np.eye(3)
    expected = np.block([[h - mu, Delta], [Delta.conj().swapaxes(1, 2), -h_minus.conj() + mu]])
    assert np.abs(H - expected).max() < ROUNDING * np.abs(H).max()
    tau_x = np.kron([[0, 1], [1, 0]], np.eye(3))
    assert np.abs(tau_x @ model.hamiltonian(-k).conj() @ tau_x + H).max() < ROUNDING * np.abs(H).max()
    assert model.is_superconductor
    assert model.particle_hole_copies == 2


def test_a_superconductor_has_the_degeneracy_tolerance_of_its_normal_state() -> None:
    normal = chain(degeneracy_tolerance=1e-3)
    assert nambu(normal, {(0, 0): 1.0}, 0.0).degeneracy_tolerance == 1e-3
    assert nambu(normal, {(0, 0): 1.0}, 0.0, degeneracy_tolerance=1e-4).degeneracy_tolerance == 1e-4


def test_an_explicit_matrix_is_an_operator() -> None:
    model = random_tight_binding(seed=7, operators={"layer": np.diag([1, 0, -1])})
    assert model.operator("layer").unit == "1"
    given = np.diag([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(model.operator(given).matrix, given)
    assert model.operator(Operator(given, "hbar")).unit == "hbar"


def test_the_unit_of_a_bare_matrix_is_what_the_model_knows() -> None:
    """By its name where the model is made, by the model's own operators where it is asked; what is given, counts."""
    spin, layer = np.diag([0.5, -0.5]), np.diag([1.0, -1.0])
    operators = {"spin_z": spin, "charge": np.eye(2), "layer": layer, "spin_x": (np.eye(2)[::-1] / 2, "1")}
    model = KDotP([(2, 0)], [np.eye(2)], 1.0, operators)
    units = {"spin_z": "hbar", "charge": "e", "layer": "1", "spin_x": "1"}
    assert {name: operator.unit for name, operator in model.operators.items()} == units
    assert [model.operator(matrix).unit for matrix in (spin, np.eye(2), layer, spin.tolist())] == [
        "hbar",
        "e",
        "1",
        "hbar",
    ]
    assert model.operator(2 * spin).unit == "1"
    assert model.operator((spin, "e")).unit == "e"


SQUARE, CELLS, CHAIN = np.eye(2), [(1, 0), (-1, 0)], np.full((2, 1, 1), -1.0)
HERMITIAN = "a Hermitian"

BAD = {
    "hoppings not Hermitian": (lambda: TightBinding(SQUARE, CELLS, [[[1j]], [[1j]]]), r"R = \(-1, 0\) and -R"),
    "no partner at -R": (lambda: TightBinding(SQUARE, [(1, 0)], CHAIN[:1]), HERMITIAN),
    "R twice": (lambda: TightBinding(SQUARE, [(1, 0), (1, 0)], CHAIN), "every cell R listed once"),
    "R not whole": (lambda: TightBinding(SQUARE, [(0.5, 0), (-0.5, 0)], CHAIN), "whole numbers"),
    "R of another dimension": (lambda: TightBinding(SQUARE, [(1,), (-1,)], CHAIN), r"R: .*shape \(2, 1\)"),
    "flat lattice": (lambda: TightBinding([[1, 0], [2, 0]], CELLS, CHAIN), "linearly independent"),
    "NaN in the lattice": (lambda: TightBinding([[1, np.nan], [0, 1]], CELLS, CHAIN), "lattice: .*NaN"),
    "four dimensions": (lambda: TightBinding(np.eye(4), CELLS, CHAIN), "1, 2 or 3 primitive vectors"),
    "ragged hoppings": (lambda: TightBinding(SQUARE, CELLS, np.zeros((2, 1, 2))), "hoppings: .*shape"),
    "NaN in the hoppings": (lambda: TightBinding(SQUARE, CELLS, CHAIN * np.nan), "hoppings: .*NaN"),
    "hoppings of text": (lambda: TightBinding(SQUARE, CELLS, np.full((2, 1, 1), "x")), "hoppings"),
    "positions of another count": (lambda: TightBinding(SQUARE, CELLS, CHAIN, np.zeros((2, 2))), "positions"),
    "unknown unit": (lambda: chain(operators={"s": Operator(np.eye(1), "cm")}), "unit of the operator s"),
    "operator not Hermitian": (lambda: pair(operators={"s": [[0, 1], [2, 0]]}), f"s: .*{HERMITIAN}"),
    "operator of another size": (lambda: chain(operators={"s": np.eye(2)}), r"s: .*\(2, 2\)"),
    "explicit operator not Hermitian": (lambda: pair().operator([[0, 1], [0, 0]]), f"operator: .*{HERMITIAN}"),
    "explicit operator with NaN": (lambda: pair().operator([[np.nan, 0], [0, 0]]), "NaN"),
    "operator is None": (lambda: pair().operator(None), "operator"),
    "unknown operator": (lambda: chain(operators={"spin_z": np.eye(1)}).operator("spin_Z"), "did you mean spin_z"),
    "no operator at all": (lambda: chain().operator("spin"), "nothing, there are none"),
    "operator between sites": (
        lambda: pair(positions=[[0, 0], [0.3, 0]]).operator([[0, 1], [1, 0]]),
        r"mixes orbitals at different positions.*Eq\. \(5\)",
    ),
    "k of another dimension": (lambda: chain().hamiltonian(np.zeros((4, 3))), r"k: .*\(4, 3\)"),
    "k is infinite": (lambda: chain().hamiltonian([[0.0, np.inf]]), "k: .*infinity"),
    "negative tolerance": (lambda: chain(degeneracy_tolerance=-1.0), "degeneracy_tolerance"),
    "three copies": (lambda: chain(particle_hole_copies=3), "particle_hole_copies: got 3; allowed: 1 or 2"),
    "hop to itself": (lambda: Hoppings(SQUARE, 1).hop(0, 0, (0, 0), 1.0), "use onsite"),
    "hop of another size": (
        lambda: hops((slice(2), slice(2), (1, 0), np.eye(3))),
        r"value: got an array of shape \(3, 3\); allowed: a number or a block, shape \(2, 2\)",
    ),
    "bond given from both ends": (
        lambda: hops((0, 0, (1, 0), -1.0), (0, 0, (-1, 0), -1.0)),
        r"hop: got <0,0\|H\|0,R> for R = \(-1, 0\) after <0,0\|H\|0,R> for R = \(1, 0\), its conjugate; allowed: each",
    ),
    "bond in the cell, twice": (lambda: hops((0, 1, (0, 0), 1.0), (1, 0, (0, 0), 1.0)), "each bond from one end only"),
    "block given from both ends": (
        lambda: hops((slice(2), slice(2), (0, 1), np.eye(2)), (slice(2), slice(2), (0, -1), [[0, 0], [0, 1]])),
        r"got <1,0\|H\|1,R> for R = \(0, -1\) after",
    ),
    "matrix not Hermitian": (lambda: KDotP([(0, 0)], [[[1j]]], 1.0), r"matrices\[0\]: .*Hermitian"),
    "negative power": (lambda: KDotP([(-1, 0)], [[[1.0]]], 1.0), "powers of 0 or more"),
    "power twice": (lambda: KDotP([(1, 0), (1, 0)], CHAIN, 1.0), "every row once"),
    "no box": (lambda: KDotP([(1, 0)], [[[1.0]]], 0.0), "k_max: got 0.0; allowed: a finite number above 0"),
    "a superconductor whose charge is a spin": (
        lambda: nambu(chain(), {(0, 0): 1.0}, 0.0, operators={"charge": Operator(np.diag([1.0, -1.0]), "hbar")}),
        "unit of the operator charge: got 'hbar'; allowed: \"e\"",
    ),
    "pairing of another size": (lambda: nambu(chain(), {(0, 0): np.eye(2)}, 0.0), "pairing at R"),
    "pairing with an even part": (
        lambda: nambu(chain(), {(0, 0): 1.0}, 0.0, particle_hole_copies=2),
        "Fermi statistics",
    ),
    "cell of a fraction": (lambda: hops((0, 0, (1.7, 0), 1.0)), r"R: got \(1.7, 0\); allowed: .*whole numbers"),
    "cell of another dimension": (lambda: hops((0, 0, (1,), 1.0)), r"R: got an array of shape \(1,\)"),
    "hop of an absent orbital": (lambda: hops((0, 2, (1, 0), 1.0)), "j: got 2; allowed: an orbital from 0 to 1"),
    "hop of text": (lambda: hops((0, 0, (1, 0), "t")), "value: got an array of <U1; allowed: a number or a block"),
    "hops of nothing": (lambda: Hoppings(SQUARE), "num_bands: got None"),
    "hops on a ragged lattice": (lambda: Hoppings([[1, 0], [0]], 1), "lattice: got .*primitive vectors as rows"),
    "ragged lattice": (lambda: TightBinding([[1, 0], [0]], CELLS, CHAIN), "lattice: got .*primitive vectors as rows"),
    "hoppings of two sizes": (lambda: TightBinding(SQUARE, CELLS, [[[1]], [[1, 2]]]), "hoppings: got .*nR, nb, nb"),
    "ragged powers": (lambda: KDotP([(1, 0), (1,)], CHAIN, 1.0), "powers: got .*nP, dim"),
    "operators in a list": (lambda: chain(operators=[np.eye(1)]), "operators: got .*a dict of names"),
    "a k.p normal state": (lambda: nambu(KDotP([(2, 0)], [[[1.0]]], 1.0), {}, 0.0), "normal: got .*a TightBinding"),
    "a normal state by name": (lambda: nambu("haldane", {}, 0.0), "normal: got 'haldane'"),
    "position matrices of the normal state": (
        lambda: nambu(chain(position_matrices=np.zeros((2, 2, 1, 1))), {(0, 0): 1.0}, 0.0),
        "normal: got unnamed, a model with position matrices",
    ),
    "superconductor as normal state": (
        lambda: nambu(nambu(chain(), {(0, 0): 1.0}, 0.0), {}, 0.0),
        "normal: got unnamed, a superconductor",
    ),
    "pairing of one number": (lambda: nambu(chain(), 0.1, 0.0), "pairing: got 0.1; allowed: a dict of cells"),
    "pairing of a list": (lambda: nambu(chain(), [1, 2], 0.0), r"pairing: got \[1, 2\]; allowed: a dict of cells"),
    "ragged pairing": (lambda: nambu(chain(), {(0, 0): [[1], [1, 2]]}, 0.0), "pairing at R = .*a pairing matrix"),
    "mu is NaN": (lambda: nambu(chain(), {(0, 0): 1.0}, np.nan), "mu: got nan"),
}


def chain(**keywords: object) -> TightBinding:
    return TightBinding(SQUARE, CELLS, CHAIN, **keywords)


def pair(**keywords: object) -> TightBinding:
    return TightBinding(SQUARE, [(0, 0)], np.eye(2)[None], **keywords)


def hops(*given: tuple) -> Hoppings:
    result = Hoppings(SQUARE, 2)
    for hop in given:
        result.hop(*hop)
    return result


def test_hops_add_up_and_take_both_directions_of_different_bonds() -> None:
    """<0|H|1,R> twice is a sum; <0|H|1,-R> is another bond than <0|H|1,R>, whose conjugate is <1|H|0,-R>."""
    model = hops((0, 1, (1, 0), 1.0), (0, 1, (1, 0), 2j), (0, 1, (-1, 0), 0.5)).build()
    assert model.R.tolist() == [[-1, 0], [0, 0], [1, 0]]
    np.testing.assert_array_equal(model.hoppings[2], [[0, 1 + 2j], [0.5, 0]])


def test_repr_says_where_the_orbitals_are() -> None:
    assert repr(pair()) == "<TightBinding unnamed(): 2D, 2 bands, all orbitals at the origin>"
    assert repr(pair(positions=[[0, 0], [0.3, 0]])) == "<TightBinding unnamed(): 2D, 2 bands>"
    assert repr(chain()) == "<TightBinding unnamed(): 2D, 1 bands>"


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_message(case: str) -> None:
    action, message = BAD[case]
    with pytest.raises(InputError, match=message):
        action()
