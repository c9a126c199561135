"""Symmetries of a Hamiltonian: what becomes of states, of k and of spins, and which parameter breaks them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cc_kernels.models.base import Model

X, Y, Z = np.eye(3)
OPERATIONS = {  # the axis, the angle, and -1 where an inversion of space follows
    "C2": (Z, np.pi, 1),
    "C3": (Z, 2 * np.pi / 3, 1),
    "C4": (Z, np.pi / 2, 1),
    "C6": (Z, np.pi / 3, 1),
    "S4": (Z, -np.pi / 2, -1),
    "S6": (Z, -2 * np.pi / 3, -1),
    "P": (Z, 0.0, -1),
    "C2x": (X, np.pi, 1),
    "C2y": (Y, np.pi, 1),
    "C2xy": ((X + Y) / np.sqrt(2), np.pi, 1),
    "Mx": (X, np.pi, -1),
    "My": (Y, np.pi, -1),
    "Mz": (Z, np.pi, -1),
    "Mxy": ((X - Y) / np.sqrt(2), np.pi, -1),
    "C3d": ((X + Y + Z) / np.sqrt(3), 2 * np.pi / 3, 1),
}
"""Rotations Cn and Sn about z (in the plane, Sn turns k as Cn does), inversion P, half turns about x, y and the
diagonal between them, mirrors x -> -x and so on, Mxy: x <-> y, and C3d, x -> y -> z -> x."""


@dataclass(frozen=True, eq=False)
class Symmetry:
    """U H(k) U^dagger = sign H(k'), k' the image of k; an antiunitary one has H(k)^* in place of H(k).

    Attributes
    ----------
    name : a key of `OPERATIONS`; " T" follows where time is reversed, too; "T" and "C" alone are time reversal and
        particle-hole symmetry. "My'", with a prime, is of the lattice alone, and spins stay as they are.
    unitary : (nb, nb), U.
    space : (3, 3) orthogonal; k' = space k, and -space k of an antiunitary one. Lower dimensions are its first rows.
    spin : (3, 3); U (v.s) U^dagger = (spin v).s, with s^* on the left of an antiunitary one. By default that of an
        angular momentum, det(space) space, with a minus sign for an antiunitary one.
    antiunitary, sign : sign = -1 for particle-hole symmetry.
    broken_by : eV, the size of what breaks it in this model at its parameters; 0 for a symmetry.
    """

    name: str
    unitary: np.ndarray
    space: np.ndarray
    spin: np.ndarray
    antiunitary: bool = False
    sign: int = 1
    broken_by: float = 0.0

    @property
    def holds(self) -> bool:
        """Is it one? What breaks it may be the rounding of an angle."""
        return self.broken_by < 1e-12

    def image(self, k: np.ndarray) -> np.ndarray:
        """Return k' (N, dim) of k (N, dim)."""
        dim = k.shape[1]
        return (-1 if self.antiunitary else 1) * k @ self.space[:dim, :dim].T

    def act(self, matrix: np.ndarray) -> np.ndarray:
        """Return U M U^dagger, or U M^* U^dagger, of M (..., nb, nb)."""
        return self.unitary @ (matrix.conj() if self.antiunitary else matrix) @ self.unitary.conj().T

    def residual(self, model: Model, k: np.ndarray) -> float:
        """Return the largest element of U H(k) U^dagger - sign H(k') in eV over k (N, dim)."""
        difference = self.act(model.hamiltonian(k)) - self.sign * model.hamiltonian(self.image(k))
        return float(np.abs(difference).max())

    def __matmul__(self, other: Symmetry) -> Symmetry:
        """`other` first, then this one; of what breaks them, the larger."""
        return Symmetry(
            f"{self.name} {other.name}",
            self.unitary @ (other.unitary.conj() if self.antiunitary else other.unitary),
            self.space @ other.space,
            self.spin @ other.spin,
            self.antiunitary != other.antiunitary,
            self.sign * other.sign,
            max(self.broken_by, other.broken_by),
        )

    def broken(self, by: float) -> Symmetry:
        """The same, broken by a term of that size (eV) as well."""
        return replace(self, broken_by=max(self.broken_by, abs(float(by))))

    def in_field(self, field: np.ndarray) -> Symmetry:
        """The same in a field b, of which b.s is a part of H: it breaks what does not leave b as it is."""
        return self.broken(np.linalg.norm(self.spin @ field - field))

    def of_pairs(self) -> Symmetry:
        """The same in the basis of Nambu, or of bosons (b, b^+), where holes take U^*."""
        return replace(
            self, unitary=np.kron(np.diag([1, 0]), self.unitary) + np.kron(np.diag([0, 1]), self.unitary.conj())
        )

    def beside(self, other: Symmetry) -> Symmetry:
        """The same of states of both kinds, first these, then those of `other`."""
        one, two = len(self.unitary), len(other.unitary)
        unitary = np.block([[self.unitary, np.zeros((one, two))], [np.zeros((two, one)), other.unitary]])
        return replace(self, unitary=unitary, broken_by=max(self.broken_by, other.broken_by))

    def named(self, name: str) -> Symmetry:
        """The same under another name."""
        return replace(self, name=name)


def operation(name: str, J: np.ndarray | None = None, orbital: np.ndarray | None = None) -> Symmetry:
    """Return the operation of space of that name, U = orbital exp(-i angle axis.J).

    J : (3, nb, nb), angular momentum in units of hbar; None where states have none.
    orbital : (nb, nb), what the operation does with sites, parities or phases; by default the unit matrix.
    """
    axis, angle, parity = OPERATIONS[name]
    turn = rotation_matrix(axis, angle)
    unitary = np.eye(len(orbital if J is None else J[0])) if orbital is None else orbital
    if J is not None:
        unitary = unitary @ turned(np.tensordot(axis, J, 1), angle)
    return Symmetry(name, unitary, parity * turn, turn)


def without_spin(name: str, orbital: np.ndarray) -> Symmetry:
    """Return `operation`, followed by time reversal where the name says so ("Mx T"), of states that are no spins."""
    turn = operation(name.removesuffix(" T"), orbital=orbital)
    return turn @ time_reversal(orbital=np.eye(len(orbital))) if name.endswith(" T") else turn


def time_reversal(J: np.ndarray | None = None, orbital: np.ndarray | None = None) -> Symmetry:
    """Return time reversal, U = orbital exp(-i pi J_y), with the arguments of `operation`; J_x and J_z are real."""
    unitary = operation("C2y", J, orbital).unitary
    return Symmetry("T", unitary, np.eye(3), -np.eye(3), antiunitary=True)


def particle_hole(unitary: np.ndarray) -> Symmetry:
    """Return U H(-k)^* U^dagger = -H(k), of a superconductor."""
    return Symmetry("C", unitary, np.eye(3), -np.eye(3), antiunitary=True, sign=-1)


def magnetic(operations: list[Symmetry], reversal: Symmetry) -> list[Symmetry]:
    """Return the operations, time reversal, and both in one."""
    return [*operations, reversal, *(one @ reversal for one in operations)]


def spin_vector(model: Model, spin: float = 0.5) -> np.ndarray:
    """Return spin_x, spin_y, spin_z of the model (3, nb, nb) as matrices of spin 1/2, where they are `spin` times s."""
    return np.array([model.operators[f"spin_{axis}"].matrix for axis in "xyz"]) * (0.5 / spin)


def along_z(matrix: np.ndarray) -> np.ndarray:
    """Return an angular momentum (3, nb, nb) of which only the z component is known: enough for rotations about z."""
    return np.array([0 * matrix, 0 * matrix, matrix])


def rotation_matrix(axis: np.ndarray, angle: float) -> np.ndarray:
    """Return the rotation (3, 3) about a unit vector (Rodrigues); an entry that is a whole number is exactly that."""
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    result = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return np.where(np.abs(result - np.rint(result)) < 1e-15, np.rint(result), result) + 0.0


def turned(generator: np.ndarray, angle: float) -> np.ndarray:
    """Return exp(-i angle G) of a Hermitian G (nb, nb)."""
    values, vectors = np.linalg.eigh(generator)
    return (vectors * np.exp(-1j * angle * values)) @ vectors.conj().T


def site_permutation(name: str, sites: np.ndarray, lattice: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return (ns, ns), 1 where the operation about `centre` takes a site (column) to another (row), up to a cell.

    H's Bloch phases contain the positions, so the matrix does not depend on k. The name may end in " T".
    """
    axis, angle, parity = OPERATIONS[name.removesuffix(" T")]
    dim = len(centre)
    space = parity * rotation_matrix(axis, angle)[:dim, :dim]
    images = (sites - centre) @ space.T + centre
    cells = (images[None, :, :] - sites[:, None, :]) @ np.linalg.inv(lattice)
    return (np.abs(cells - np.rint(cells)).max(axis=-1) < 1e-9).astype(float)
