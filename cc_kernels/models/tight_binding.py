"""The tight-binding form, H_ij(k) = sum_R exp(i k.(R + tau_j - tau_i)) <i,0|H|j,R>, and a builder for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import BOSE, Model, Operator, checked_lattice
from cc_kernels.models.bosonic_checks import check_hamiltonian
from cc_kernels.models.lattice_sums import LatticeSum
from cc_kernels.models.pauli import pauli_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import Labels, NamedOperators


class TightBinding(Model):
    """A tight-binding model in the basis whose Bloch phases contain the orbital positions.

    Parameters
    ----------
    lattice : (dim, dim), rows are the primitive vectors, angstrom.
    R : (nR, dim) whole numbers, the cells R in units of the primitive vectors, each listed once.
    hoppings : (nR, nb, nb) complex, ``hoppings[r, i, j]`` = <i,0|H|j,R_r> in eV; t_{-R} = t_R^dagger.
    positions : (nb, dim) Cartesian orbital positions tau, angstrom (default: all at the origin).
    operators : {name: `Operator` or Hermitian (nb, nb) matrix}; an `Operator` may have its own R.
    position_matrices : optional (nR, dim, nb, nb), <i,0|r|j,R> in angstrom in the same order of R. The velocity is then
        dH/dk + i[H, A], and Eq. (5) holds only as far as s commutes with them; without them it is dH/dk.
    labels : name, description, parameters, degeneracy_tolerance, particle_hole_copies, is_superconductor, statistics.

    The cells are kept sorted and complete (with -R for every R, and with R = 0), so `R[::-1] == -R`.

    Errors: `InputError` for a wrong shape, NaN, a cell listed twice, and for what is not Hermitian.

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> chain = cc.TightBinding([[1.0]], R=[[1], [-1]], hoppings=[[[-1.0]], [[-1.0]]], name="chain")
    >>> chain.levels([[0.0], [np.pi]]).round(12).tolist()
    [[-2.0], [2.0]]
    """

    lattice: np.ndarray
    reciprocal: np.ndarray
    positions: np.ndarray

    def __init__(
        self,
        lattice: ArrayLike,
        R: ArrayLike,
        hoppings: ArrayLike,
        positions: ArrayLike | None = None,
        operators: NamedOperators | None = None,
        *,
        position_matrices: ArrayLike | None = None,
        **labels: Unpack[Labels],
    ) -> None:
        dim, num_bands = _sizes(lattice, hoppings)
        if positions is None:
            positions = np.zeros((num_bands, dim))
        super().__init__(
            dim=dim, num_bands=num_bands, lattice=lattice, positions=positions, operators=operators, **labels
        )
        cells = checks.array("R", R, np.int64, (None, dim), "cells in units of the primitive vectors")
        blocks = (len(cells), num_bands, num_bands)
        hoppings = checks.array("hoppings", hoppings, np.complex128, blocks, "one matrix <i,0|H|j,R> per R")
        self.R, source = complete_cells(cells)
        self.hoppings = hermitian_blocks("hoppings", hoppings, source, self.R)
        self.position_matrices = None
        if position_matrices is not None:
            shape = (len(cells), dim, num_bands, num_bands)
            matrices = checks.array(
                "position_matrices", position_matrices, np.complex128, shape, "<i,0|r|j,R> for every R and direction"
            )
            self.position_matrices = hermitian_blocks("position_matrices", matrices, source, self.R)
        if self.statistics == BOSE:
            if self.position_matrices is not None:
                raise InputError("position_matrices", stated("some"), "none for bosons")
            check_hamiltonian(self.R, self.hoppings, self.positions)
        self._prepare()

    def _prepare(self) -> None:
        """The tables of the Fourier sums."""
        vectors = self.R @ self.lattice
        separation = self.positions[None, :, :] - self.positions[:, None, :]
        distance = vectors[:, :, None, None] + np.moveaxis(separation, -1, 0)
        self._sum = LatticeSum(self.R, self.lattice)
        self._hamiltonian_table = self._sum.table(self.hoppings)
        self._velocity_table = self._sum.table(1j * distance * self.hoppings[:, None])
        self._hessian_table = self._sum.table(-distance[:, :, None] * distance[:, None] * self.hoppings[:, None, None])
        self._connection_table = None
        if self.position_matrices is not None:
            # the phases carry diag(tau) already; A is what the position operator has beyond it
            beyond = self.position_matrices.copy()
            diagonal = np.arange(self.num_bands)
            beyond[len(beyond) // 2, :, diagonal, diagonal] -= self.positions
            self._connection_table = self._sum.table(beyond)
        self._pauli_table = None
        if self.num_bands == 2 and self._connection_table is None:
            self._pauli_table = pauli_table(self._hamiltonian_table, self._velocity_table)
        self._relative_positions = self.positions - self.positions[0] if separation.any() else None

    def hamiltonian_and_velocity(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return H (N, nb, nb) in eV and v (N, dim, nb, nb) in eV angstrom at k (N, dim) in 1/angstrom."""
        hamiltonian, velocity = self.without_phases(k)
        if (phases := self.position_phases(k)) is not None:
            hamiltonian *= phases
            velocity *= phases[:, None]
        return hamiltonian, velocity

    def position_phases(self, k: np.ndarray) -> np.ndarray | None:
        """e^{i k.(tau_j - tau_i)} (N, nb, nb), which `without_phases` leaves out; None where all are 1."""
        if self._relative_positions is None:
            return None
        phase = np.exp(1j * (self._kpoints(k) @ self._relative_positions.T))
        return phase.conj()[:, :, None] * phase[:, None, :]

    def without_phases(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `hamiltonian_and_velocity`, between e^{i k.tau_j}|j> instead of the |j>: periodic in k."""
        tables = [self._hamiltonian_table, self._velocity_table]
        if self._connection_table is not None:
            tables.append(self._connection_table)
        hamiltonian, velocity, *connections = self._sum(self._kpoints(k), *tables)
        for connection in connections:
            velocity += 1j * (hamiltonian[:, None] @ connection - connection @ hamiltonian[:, None])
        return hamiltonian, velocity

    def _hamiltonian_alone(self, k: np.ndarray) -> np.ndarray:
        (hamiltonian,) = self._sum(self._kpoints(k), self._hamiltonian_table)
        return hamiltonian

    def pauli_levels(self, k: np.ndarray) -> np.ndarray:
        """Two bands: H and the v^i at k (N, dim) as coefficients of 1, sigma_x, sigma_y, sigma_z, (4 + 4 dim, N)."""
        if self._pauli_table is None:
            return super().pauli_levels(k)
        return self._pauli_table @ self._sum.functions(k)

    @cached_property
    def largest_energy(self) -> float:
        """What no |energy| exceeds, eV: the sum of the norms of the blocks."""
        return float(np.linalg.norm(self.hoppings, 2, axis=(1, 2)).sum())

    @property
    def velocity_formula(self) -> str:
        return "dH/dk" if self.position_matrices is None else "dH/dk + i[H, A]"

    def position_commutator(self, operator: Operator) -> float:
        """Return the largest element of [s, r](R) in angstrom; with position matrices these are r.

        Of S(R) beside H(R): [s, r](R) = S(R) R + sum_R' [S(R') r(R - R') - r(R') S(R - R')], as <k,R'|r|j,R> =
        r_kj(R - R') + R' delta.
        """
        s, r = operator.matrix, self.position_matrices
        if operator.R is None:
            return super().position_commutator(operator) if r is None else float(np.abs(s @ r - r @ s).max())
        if r is None:
            away = operator.R @ self.lattice
            distance = away[:, None, None] + self.positions[None, :, :] - self.positions[:, None, :]
            return float(np.abs(s[..., None] * distance).max())
        return _largest_commutator(operator.R, s, self.R, r, self.lattice)

    def _mixing_operator(self, key: str, operator: Operator) -> Operator:
        """With position matrices, with which nothing commutes exactly: one that is not constant among Bloch phases."""
        if self.position_matrices is None:
            return super()._mixing_operator(key, operator)
        home = np.zeros((1, self.dim), dtype=np.int64)
        return Operator(operator.matrix[None], operator.unit, operator.description, home)

    def _blocks_of_operator(self, key: str, blocks: object, R: object) -> tuple[np.ndarray, np.ndarray]:
        cells = checks.array(
            f"R of the operator {key}", R, np.int64, (None, self.dim), "cells, of the primitive vectors"
        )
        shape = (len(cells), self.num_bands, self.num_bands)
        checked = checks.array(key, blocks, np.complex128, shape, "one matrix <i,0|s|j,R> per R")
        complete, source = complete_cells(cells)
        return hermitian_blocks(key, checked, source, complete), complete

    @property
    def has_hessian(self) -> bool:
        return self._connection_table is None

    def hessian(self, k: np.ndarray) -> np.ndarray:
        """Return d^2H/dk_l dk_i (N, dim, dim, nb, nb) in eV angstrom^2 at k (N, dim) in 1/angstrom."""
        if self._connection_table is not None:
            return super().hessian(k)
        k = self._kpoints(k)
        (result,) = self._sum(k, self._hessian_table)
        if (phases := self.position_phases(k)) is not None:
            result *= phases[:, None, None]
        return result

    def __repr__(self) -> str:
        # orbitals on one site, or positions that nobody gave: the velocity and every dipole depend on them
        at_the_origin = self.num_bands > 1 and not self.positions.any()
        return super().__repr__().removesuffix(">") + (", all orbitals at the origin>" if at_the_origin else ">")


class Hoppings:
    """Collect hoppings of a model term by term; every `hop` adds its Hermitian conjugate, so give each bond once.

    Parameters
    ----------
    lattice : (dim, dim), rows are the primitive vectors, angstrom.
    num_bands : orbitals, all at the origin, or
    positions : (nb, dim), their Cartesian positions tau, angstrom.

    Errors: `InputError` for what is not of these shapes.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> square = cc.Hoppings(lattice=[[1, 0], [0, 1]], num_bands=1)
    >>> square.hop(0, 0, (1, 0), -1.0)
    >>> square.hop(0, 0, (0, 1), -1.0)
    >>> square.build(name="square").hamiltonian([[0.0, 0.0]]).real.item()
    -4.0
    """

    def __init__(self, lattice: ArrayLike, num_bands: int | None = None, positions: ArrayLike | None = None) -> None:
        self.dim = dimension_of(lattice)
        self.lattice = checked_lattice(lattice, self.dim)
        self.positions = None
        if positions is not None:
            self.positions = checks.array(
                "positions", positions, np.float64, (None, self.dim), "Cartesian orbital positions"
            )
        sites = None if self.positions is None else len(self.positions)
        number = sites if num_bands is None else num_bands
        self.num_bands = checks.integer("num_bands", number, "a positive number of orbitals, or positions", minimum=1)
        if sites is not None and self.num_bands != sites:
            raise InputError("num_bands", num_bands, f"the number of positions, {sites}, or nothing")
        self._blocks: dict[tuple[int, ...], np.ndarray] = {}
        self._given: set[tuple[int, int, tuple[int, ...]]] = set()  # (i, j, R) of every hop, without the conjugates

    def onsite(self, i: int | slice, value: complex | ArrayLike) -> None:
        """Add the Hermitian block `value` (or a number times 1) to <i,0|H|i,0>."""
        index = self._orbitals("i", i)
        self._block((0,) * self.dim)[np.ix_(index, index)] += _block_of(value, (len(index), len(index)))

    def hop(self, i: int | slice, j: int | slice, R: Sequence[int], value: complex | ArrayLike) -> None:
        """Add `value`, a number or a block, to <i,0|H|j,R>, and its conjugate to <j,0|H|i,-R>.

        A number between two slices means that number times the unit matrix. Hops with the same i, j and R add up.
        Errors: `InputError` for a bond that was already given from its other end, and would count twice; for an R that
        is no cell, an orbital that is not there, and a block of another shape.
        """
        rows, columns = self._orbitals("i", i), self._orbitals("j", j)
        R = tuple(checks.array("R", R, np.int64, (self.dim,), "a cell in units of the primitive vectors").tolist())
        block = _block_of(value, (len(rows), len(columns)))
        if not any(R) and set(rows) & set(columns):
            raise InputError("R", R, "a cell other than 0 for a hop of an orbital to itself; use onsite")
        self._refuse_the_other_end(R, [(int(rows[a]), int(columns[b])) for a, b in np.argwhere(block)])
        self._block(R)[np.ix_(rows, columns)] += block
        self._block(tuple(-n for n in R))[np.ix_(columns, rows)] += block.conj().T

    def build(self, operators: NamedOperators | None = None, **labels: Unpack[Labels]) -> TightBinding:
        """Return the `TightBinding` model of the collected hoppings; `labels` as there."""
        cells = list(self._blocks) or [(0,) * self.dim]
        hoppings = np.array([self._block(cell) for cell in cells])
        return TightBinding(self.lattice, cells, hoppings, self.positions, operators, **labels)

    def _orbitals(self, key: str, index: int | slice) -> np.ndarray:
        try:
            return np.arange(self.num_bands)[index].reshape(-1)
        except Exception:  # out of range, or no index at all
            raise InputError(key, index, f"an orbital from 0 to {self.num_bands - 1}, or a slice of them") from None

    def _refuse_the_other_end(self, R: tuple[int, ...], pairs: list[tuple[int, int]]) -> None:
        back = tuple(-n for n in R)
        for i, j in pairs:
            if (j, i, back) in self._given:
                raise InputError(
                    "hop",
                    stated(f"<{i},0|H|{j},R> for R = {R} after <{j},0|H|{i},R> for R = {back}, its conjugate"),
                    "each bond from one end only; hop adds the Hermitian conjugate itself",
                )
        self._given |= {(i, j, R) for i, j in pairs}

    def _block(self, R: tuple[int, ...]) -> np.ndarray:
        return self._blocks.setdefault(R, np.zeros((self.num_bands, self.num_bands), dtype=complex))


def _block_of(value: object, shape: tuple[int, int]) -> np.ndarray:
    """A block as given, or a number times the unit matrix."""
    meaning = "a number or a block"
    if checks.shape_of("value", value, meaning) == ():
        return checks.array("value", value, np.complex128, (), meaning) * np.eye(*shape)
    return checks.array("value", value, np.complex128, shape, meaning)


def _sizes(lattice: object, hoppings: object) -> tuple[int, int]:
    """Dimension and number of bands."""
    shape = checks.shape_of("hoppings", hoppings, "shape (nR, nb, nb)")
    if len(shape) != 3 or 0 in shape:
        raise InputError("hoppings", stated(f"an array of shape {shape}"), "shape (nR, nb, nb)")
    return dimension_of(lattice), shape[-1]


def dimension_of(lattice: object) -> int:
    """1, 2 or 3, the number of primitive vectors."""
    allowed = "1, 2 or 3 primitive vectors as rows, in angstrom"
    shape = checks.shape_of("lattice", lattice, allowed)
    if len(shape) != 2 or shape[0] not in (1, 2, 3):
        raise InputError("lattice", lattice, allowed)
    return shape[0]


def _largest_commutator(
    cells: np.ndarray, s: np.ndarray, others: np.ndarray, r: np.ndarray, lattice: np.ndarray
) -> float:
    """max |[s, r](R)| of S (nS, nb, nb) and r (nr, dim, nb, nb) at their cells, over all sums of two cells."""
    sums = (cells[:, None] + others).reshape(-1, cells.shape[1])
    unique, place = np.unique(np.concatenate([sums, cells]), axis=0, return_inverse=True)
    total = np.zeros((len(unique), *r.shape[1:]), dtype=complex)
    rows = place[: len(sums)].reshape(len(cells), len(others))
    for one, row in zip(s, rows, strict=True):  # each row lists a cell once
        total[row] += one @ r - r @ one
    total[place[len(sums) :]] += (cells @ lattice)[:, :, None, None] * s[:, None]
    return float(np.abs(total).max())


def complete_cells(cells: np.ndarray) -> tuple[np.ndarray, dict[tuple[int, ...], int]]:
    """Return the sorted cells with -R for every R and with R = 0, and the row of each given cell."""
    source = {tuple(cell): row for row, cell in enumerate(cells.tolist())}
    if len(source) != len(cells):
        raise InputError("R", stated(f"{len(cells) - len(source)} repeated cells"), "every cell R listed once")
    everything = set(source) | {tuple(-n for n in cell) for cell in source} | {(0,) * cells.shape[1]}
    return np.array(sorted(everything), dtype=np.int64), source


def hermitian_blocks(key: str, given: np.ndarray, source: dict, cells: np.ndarray) -> np.ndarray:
    """Return the blocks in the order of `cells`, exactly Hermitian, after checking B_{-R} = B_R^dagger."""
    blocks = np.zeros((len(cells), *given.shape[1:]), dtype=complex)
    for row, cell in enumerate(cells.tolist()):
        if tuple(cell) in source:
            blocks[row] = given[source[tuple(cell)]]
    adjoint = np.swapaxes(blocks[::-1], -1, -2).conj()
    excess = np.abs(blocks - adjoint).reshape(len(cells), -1).max(axis=1)
    if excess.max() > checks.HERMITIAN_TOLERANCE * np.abs(blocks).max():
        worst = int(excess.argmax())
        raise InputError(
            key,
            stated(f"blocks at R = {tuple(cells[worst].tolist())} and -R that differ by {excess[worst]:.3g}"),
            "a Hermitian set, <i,0|H|j,R> = <j,0|H|i,-R>^*",
        )
    return (blocks + adjoint) / 2 + 0.0  # no negative zeros: a second pass, as on loading, changes no bit
