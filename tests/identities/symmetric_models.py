"""Random Hamiltonians with a symmetry: means of a random one over a group that acts on k and on spins.

All orbitals share one site, so that an operation R of space is H(k) -> U H(R^-1 k) U^dagger, with U the rotation of the
spin by det(R) R, times a random sign of each orbital's parity for an inversion; time reversal is i sigma_y K.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.linalg import expm
from scipy.spatial.transform import Rotation

from cc_kernels.models import TightBinding
from cc_kernels.models.lattice_operations import Operation, lattice_operations
from tests.identities.random_models import hermitian

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
LATTICES = {
    "chain": [[1.3]],
    "oblique": [[1.0, 0.1], [0.3, 0.8]],
    "rectangular": [[1.0, 0.0], [0.0, 0.7]],
    "rhombic": [[1.0, 0.6], [1.0, -0.6]],
    "square": [[1.0, 0.0], [0.0, 1.0]],
    "hexagonal": [[1.0, 0.0], [0.5, 0.75**0.5]],
    "tetragonal": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.4]],
    "fcc": [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]],
    "trigonal": [[1.0, 0.0, 0.4], [-0.5, 0.75**0.5, 0.4], [-0.5, -(0.75**0.5), 0.4]],
}


def random_on(lattice: str, bands: int, seed: int, hopping: float = 0.25) -> TightBinding:
    """No symmetry: random hoppings to all neighbours in the cells next to each other, and their images."""
    rng, vectors = np.random.default_rng(seed), np.array(LATTICES[lattice])
    dim = len(vectors)
    R, matrices = [(0,) * dim], [hermitian(rng, bands) + np.diag(np.arange(bands))]
    for cell in (cell for cell in product((-1, 0, 1), repeat=dim) if cell > (0,) * dim):
        matrix = hopping * (rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands))) / 2
        R, matrices = [*R, cell, tuple(-n for n in cell)], [*matrices, matrix, matrix.conj().T]
    return model_on(lattice, R, np.array(matrices))


def model_on(lattice: str, R: Sequence[tuple[int, ...]], matrices: np.ndarray) -> TightBinding:
    orbitals = matrices.shape[-1] // 2
    spin = {f"spin_{axis}": (np.kron(np.eye(orbitals), s / 2), "hbar") for axis, s in zip("xyz", PAULI, strict=True)}
    positions = np.zeros((matrices.shape[-1], len(LATTICES[lattice])))
    return TightBinding(LATTICES[lattice], R, matrices, positions, spin, name=f"{lattice} {2 * orbitals}")


def unitary(operation: Operation, parities: np.ndarray) -> np.ndarray:
    """What an operation does to orbitals x spins."""
    R = np.eye(3)
    R[: len(operation.rotation), : len(operation.rotation)] = operation.rotation
    parity = np.linalg.det(R)
    angle = Rotation.from_matrix(parity * R).as_rotvec()
    turn = expm(-0.5j * np.einsum("a,aij->ij", angle, PAULI))
    if operation.reverses_time:
        turn = turn @ (1j * PAULI[1])
    return np.kron(np.diag(parities if parity < 0 else np.ones(len(parities))), turn)


def symmetrized(model: TightBinding, group: Sequence[Operation], lattice: str, seed: int = 0) -> TightBinding:
    """The part of a model that a group leaves as it is."""
    parities = np.random.default_rng(seed).choice([-1, 1], model.num_bands // 2)
    total: dict[tuple[int, ...], np.ndarray] = {}
    for one in group:
        U = unitary(one, parities)
        # k.R is the same for the images of both: R in units of a_i takes the inverse transpose of the turn of k
        turn = np.rint(np.linalg.inv(one.turn).T).astype(int)
        for R, hopping in zip(model.R, model.hoppings, strict=True):
            image = U @ (hopping.conj() if one.reverses_time else hopping) @ U.conj().T / len(group)
            key = tuple((turn @ R).tolist())
            total[key] = total.get(key, 0) + image
    return model_on(lattice, list(total), np.array(list(total.values())))


def symmetric_model(lattice: str, bands: int, seed: int = 1, *, keep: str = "all") -> TightBinding:
    """With all operations of its lattice and time reversal; "space" has no time reversal, and in "magnetic" the
    operations that invert the handedness of space go with it."""
    model = random_on(lattice, bands, seed)
    group = [one for one in lattice_operations(model) if is_kept(one, keep)]
    return symmetrized(model, group, lattice)


def is_kept(one: Operation, keep: str) -> bool:
    """Does an operation belong to the group of that name?"""
    kinds = {"all": True, "space": not one.reverses_time}
    return kinds.get(keep, (np.linalg.det(one.rotation) < 0) == one.reverses_time)


def with_perturbation(model: TightBinding, lattice: str, size: float, seed: int = 5) -> TightBinding:
    """`size` times a random model more."""
    random = random_on(lattice, model.num_bands, seed)
    R, hoppings = np.asarray(model.R).tolist(), model.hoppings.copy()
    for cell, hopping in zip(np.asarray(random.R).tolist(), random.hoppings, strict=True):
        hoppings[R.index(cell)] += size * hopping
    return model_on(lattice, list(map(tuple, R)), hoppings)
