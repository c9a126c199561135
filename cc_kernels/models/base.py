"""What every model offers to the kernels: H(k), the velocity, and the operators that it carries."""

from __future__ import annotations

import inspect
from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.bosonic_checks import check_operator
from cc_kernels.models.paraunitary import norm_signs, paraunitary_levels, paraunitary_states
from cc_kernels.models.pauli import pauli_components
from cc_kernels.models.solved import Solved, hermitian_levels, hermitian_states

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import NamedOperators, OneOperator

FERMI, BOSE = STATISTICS = ("fermi", "bose")
COMMUTATOR_TOLERANCE = 1e-10  # angstrom, relative to the larger of 1 and |s|: [s, r] = 0 up to rounding
NAMED_UNITS = {"charge": "e"} | dict.fromkeys(("spin", "spin_x", "spin_y", "spin_z"), "hbar")
"""Of a matrix that a model gets under this name, and without a unit."""


@dataclass(frozen=True, eq=False)
class Operator:
    """A Hermitian operator s between orbitals: constant in k, or a sum over cells like a tight-binding Hamiltonian.

    Attributes
    ----------
    matrix : (nb, nb) complex, Hermitian; with `R`, (nR, nb, nb), ``matrix[r, i, j]`` = <i,0|s|j,R_r>.
    unit : "hbar" (a spin), "e" (a charge) or "1" (a number, a pseudo-spin).
    description : one line.
    R : (nR, dim) whole numbers, the cells of a `TightBinding` model, each listed once; None of a constant matrix. The
        formulas then take s_mn(k) as it is, and Eq. (5) holds only as far as s commutes with the position operator
        (docs/theory.md, "Operators that depend on R").

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> model = cc.build_model("rashba_square")
    >>> spin = cc.Operator(0.5 * np.array([[0, 1], [1, 0]]), "hbar", "spin along x")
    >>> model.operator(spin).unit, bool((model.operator(spin).matrix == model.operator("spin_x").matrix).all())
    ('hbar', True)
    """

    matrix: np.ndarray
    unit: str = "1"
    description: str = ""
    R: np.ndarray | None = None


LABELS_TO_SET = ("name", "description", "parameters", "degeneracy_tolerance")
"""What may be given another value later: no number at a k depends on it."""


M = TypeVar("M", bound="Model")


class _Finished(ABCMeta):
    """Of classes whose objects cannot be changed once they are made: what is computed, saved and hashed is one."""

    def __call__(cls: type[M], *arguments: Any, **keywords: Any) -> M:  # type: ignore[misc]
        model = super().__call__(*arguments, **keywords)  # type: ignore[misc]
        model._finish()
        return model

    @property
    def __signature__(cls) -> inspect.Signature:
        """That of `__init__`, which Python does not look for behind a `__call__` of the metaclass."""
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:], return_annotation=cls)


class Model(metaclass=_Finished):
    """A Hamiltonian H(k) with its velocity and its operators. It cannot be changed: its arrays are read-only.

    A form (`TightBinding`, `KDotP`, ...) implements `hamiltonian_and_velocity`; everything else is shared.
    Energies are in eV, lengths in angstrom, k is Cartesian in 1/angstrom.

    Attributes
    ----------
    name, description : str
    parameters : dict of the numbers that the model was built from.
    dim : 1, 2 or 3. num_bands : nb.
    lattice : (dim, dim), rows are the primitive vectors; None for a continuum model.
    reciprocal : (dim, dim), rows b_i with a_i . b_j = 2 pi delta_ij; None for a continuum model.
    k_max : half width of the Cartesian k box of a continuum model; None on a lattice.
    operators : dict of `Operator`, or of matrices, whose unit is that of `NAMED_UNITS`, else "1".
    positions : (nb, dim) Cartesian orbital positions tau; None for a continuum model and for plane waves.
    degeneracy_tolerance : levels closer than this (eV) form a group.
    particle_hole_copies : how often the bands count each quasiparticle; divides every sum.
    is_superconductor : Nambu form; mu is inside H, and f and g take mu = 0.
    statistics : "fermi", or "bose" (`models.bosons`).

    Examples
    --------
    >>> import numpy as np
    >>> import cc_kernels as cc
    >>> model = cc.build_model("rashba_square", alpha=0.5)
    >>> model.dim, model.num_bands, list(model.operators)
    (2, 2, ['spin_x', 'spin_y', 'spin_z', 'charge'])
    >>> model.levels([[0.5 * np.pi, 0.0]]).round(3).tolist()
    [[1.5, 2.5]]
    >>> model.velocity([[0.5 * np.pi, 0.0]]).shape
    (1, 2, 2, 2)
    """

    def __init__(
        self,
        *,
        dim: int,
        num_bands: int,
        lattice: ArrayLike | None = None,
        k_max: float | None = None,
        positions: ArrayLike | None = None,
        operators: NamedOperators | None = None,
        name: str = "unnamed",
        description: str = "",
        parameters: Mapping[str, Any] | None = None,
        degeneracy_tolerance: float = 1e-6,
        particle_hole_copies: int = 1,
        is_superconductor: bool = False,
        statistics: str = FERMI,
    ) -> None:
        self.name, self.description, self.parameters = str(name), str(description), dict(parameters or {})
        self.dim, self.num_bands = dim, num_bands
        self.lattice = None if lattice is None else checked_lattice(lattice, dim)
        self.reciprocal = None if self.lattice is None else 2 * np.pi * np.linalg.inv(self.lattice).T
        self.k_max = None if k_max is None else checks.positive("k_max", k_max)
        if (self.lattice is None) == (self.k_max is None):
            raise InputError(
                "lattice, k_max",
                stated(f"{'neither' if lattice is None else 'both'} of them"),
                "a lattice (a crystal or superlattice) or k_max (a continuum model), one of the two",
            )
        self.positions = None
        if positions is not None:
            self.positions = checks.array(
                "positions", positions, np.float64, (num_bands, dim), "Cartesian orbital positions, one row per orbital"
            )
        if not isinstance(operators, Mapping | None):
            raise InputError("operators", operators, "a dict of names and Hermitian matrices")
        if statistics not in STATISTICS:
            raise InputError("statistics", statistics, " or ".join(STATISTICS))
        if statistics == BOSE and type(self).largest_energy is Model.largest_energy:
            raise InputError("statistics", statistics, f"fermi, for a {type(self).__name__} model")
        self.statistics = statistics
        self.operators = {
            str(key): self._checked_operator(str(key), value, NAMED_UNITS.get(str(key), "1"))
            for key, value in (operators or {}).items()
        }
        if is_superconductor and "charge" in self.operators and self.operators["charge"].unit != "e":
            given = self.operators["charge"].unit
            raise InputError("unit of the operator charge", given, '"e": the charge of a superconductor is e tau_z')
        self.degeneracy_tolerance = checks.tolerance("degeneracy_tolerance", degeneracy_tolerance)
        particle_hole_copies = checks.integer(
            "particle_hole_copies", particle_hole_copies, "1 or 2", minimum=1, maximum=2
        )
        self.particle_hole_copies = particle_hole_copies
        self.is_superconductor = checks.flag("is_superconductor", is_superconductor)

    def _finish(self) -> None:
        """Make all arrays read-only. They are the model's own: every check copies."""
        of_operators = [array for operator in self.operators.values() for array in (operator.matrix, operator.R)]
        for array in (*vars(self).values(), *of_operators):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
        self._is_finished = True

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse what would make two models of one: tables made from the former value would stay."""
        if getattr(self, "_is_finished", False) and name in vars(self) and name not in LABELS_TO_SET:
            raise InputError(f"{name} of the model {self.name}", stated("another value"), "a new model with that value")
        super().__setattr__(name, value)

    def __setstate__(self, state: dict) -> None:
        vars(self).update(state, _is_finished=False)  # arrays come out of a pickle writable
        self._finish()

    @abstractmethod
    def hamiltonian_and_velocity(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return H (N, nb, nb) in eV and v (N, dim, nb, nb) in eV angstrom at k (N, dim), complex128, C-contiguous."""

    def solve(self, k: np.ndarray, *, phases: bool = True, lifted: bool = False) -> Solved:
        """Energies, states and velocity at k (N, dim) in 1/angstrom.

        phases : with the Bloch phases of the orbital positions, as overlaps of states at different k need them.
            They are a diagonal unitary with which every allowed operator commutes, so that without them all
            quantities at one k are the same.
        lifted : of bosons, where H is not positive definite, the solution of H + `paraunitary.LIFT` |H|: for looking
            around near a mode of zero energy, where there is no other; never for sums.

        Errors: `InputError` for bosons with an H that is not positive definite.
        """
        hamiltonian, velocity = self.hamiltonian_and_velocity(k) if phases else self.without_phases(k)
        if self.statistics == BOSE:
            return Solved(*paraunitary_states(self, k, hamiltonian, lifted), velocity, norm_signs(self.num_bands))
        return Solved(*hermitian_states(hamiltonian), velocity)

    def levels(self, k: np.ndarray) -> np.ndarray:
        """Energies (N, nb) in eV, ascending, at k (N, dim) in 1/angstrom; of bosons, those of holes are negative."""
        hamiltonian = self._hamiltonian_alone(k)
        return paraunitary_levels(self, k, hamiltonian) if self.statistics == BOSE else hermitian_levels(hamiltonian)

    @property
    def largest_energy(self) -> float:
        """What no |energy| exceeds, eV; known of a form that can be of bosons."""
        raise InputError("model", stated(f"{self.name}, a {type(self).__name__} model"), "a tight-binding model")

    @property
    def has_mu(self) -> bool:
        """Is there a chemical potential to choose? A superconductor's is inside H, and bosons have none."""
        return not self.quasiparticles

    @property
    def quasiparticles(self) -> str:
        """What has no chemical potential, in words: "a superconductor", "bosons"; empty of normal electrons."""
        if self.statistics == BOSE:
            return "bosons"
        return "a superconductor" if self.is_superconductor else ""

    def _hamiltonian_alone(self, k: np.ndarray) -> np.ndarray:
        """H (N, nb, nb) in any basis, for its levels: a form that needs no velocity for it says so."""
        return self.hamiltonian_and_velocity(k)[0]

    def without_phases(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `hamiltonian_and_velocity`, in a basis without the phases of the orbital positions (see `solve`)."""
        return self.hamiltonian_and_velocity(k)

    def position_phases(self, k: np.ndarray) -> np.ndarray | None:
        """(N, nb, nb), from matrices of `without_phases` to those with the phases; None where there are none."""
        return None

    def pauli_levels(self, k: np.ndarray) -> np.ndarray:
        """Two bands: H and the v^i at k (N, dim) as coefficients of 1, sigma_x, sigma_y, sigma_z, (4 + 4 dim, N)."""
        hamiltonian, velocity = self.without_phases(k)
        parts = np.concatenate([hamiltonian[:, None], velocity], axis=1)
        return np.ascontiguousarray(pauli_components(parts).reshape(len(parts), -1).T)

    @property
    def velocity_formula(self) -> str:
        """What the velocity is, in symbols."""
        return "dH/dk"

    @property
    def has_hessian(self) -> bool:
        """Can `hessian` be had?"""
        return False

    def hessian(self, k: np.ndarray) -> np.ndarray:
        """Return d^2H/dk_l dk_i (N, dim, dim, nb, nb) in eV angstrom^2 at k (N, dim) in 1/angstrom.

        Errors: `InputError` for a form whose velocity is not dH/dk, or that knows no second derivative.
        """
        raise InputError("model", self, "a tight-binding or k.p model without position matrices (second derivatives)")

    def hamiltonian(self, k: np.ndarray) -> np.ndarray:
        """Return H (N, nb, nb) in eV at k (N, dim) in 1/angstrom."""
        return self.hamiltonian_and_velocity(k)[0]

    def velocity(self, k: np.ndarray) -> np.ndarray:
        """Return the velocity (N, dim, nb, nb) in eV angstrom at k (N, dim) in 1/angstrom."""
        return self.hamiltonian_and_velocity(k)[1]

    def operator(self, operator: OneOperator) -> Operator:
        """Return the operator of that name, or an explicit Hermitian (nb, nb) matrix as a checked `Operator`.

        A matrix without a unit has that of the model's own operator with the same matrix, else "1", a number.
        A matrix that mixes orbitals at different positions has `R` = 0 where the model has position matrices, with
        which nothing commutes exactly.
        Errors: `InputError` for an unknown name, a wrong shape, NaN, a non-Hermitian matrix, and, without position
        matrices, for a constant one that does not commute with the positions, for which Eq. (5) does not hold.
        """
        if isinstance(operator, str):
            if operator not in self.operators:
                checks.unknown_name(f"operator of the model {self.name}", operator, self.operators)
            result = self.operators[operator]
        else:
            result = self._checked_operator("operator", operator, self._unit_of(operator))
        if result.R is None and self._mixes_positions(result.matrix):
            return self._mixing_operator(operator if isinstance(operator, str) else "operator", result)
        return result

    def _unit_of(self, matrix: Any) -> str:
        known = {own.unit for own in self.operators.values() if np.array_equal(own.matrix, matrix)}
        return known.pop() if len(known) == 1 else "1"

    def position_commutator(self, operator: Operator) -> float:
        """Return the largest element of [s, r] in angstrom, s = `operator`, r the position operator.

        Here r is diag(tau) and d/dk; the latter commutes with every constant matrix.
        """
        return self._mixing_of(operator.matrix)

    def commutes_with_positions(self, operator: Operator) -> bool:
        """Does s commute with the position operator, as Eq. (5) asks for?"""
        return self.position_commutator(operator) <= COMMUTATOR_TOLERANCE * max(np.abs(operator.matrix).max(), 1.0)

    def _mixing_of(self, matrix: np.ndarray) -> float:
        """The largest element of [s, diag(tau)] of a constant s (nb, nb), angstrom."""
        if self.positions is None:
            return 0.0
        difference = self.positions[None, :, :] - self.positions[:, None, :]
        return float(np.abs(matrix[:, :, None] * difference).max())

    def _mixes_positions(self, matrix: np.ndarray) -> bool:
        return self._mixing_of(matrix) > COMMUTATOR_TOLERANCE * max(np.abs(matrix).max(), 1.0)

    def _mixing_operator(self, key: str, operator: Operator) -> Operator:
        """What becomes of a constant operator that mixes orbitals at different positions."""
        commutator = self._mixing_of(operator.matrix)
        raise InputError(
            key,
            stated(f"an operator that mixes orbitals at different positions, |[s, tau]| = {commutator:.3g}"),
            "an operator that commutes with the position operator, [s, diag(tau)] = 0; with another, "
            "Eq. (5) of the paper would fail",
        )

    def _checked_operator(self, key: str, value: object, unit: str) -> Operator:
        """An `Operator`, or a matrix, for which `unit` stands where it comes without one."""
        matrix, description, R = value, "an explicit matrix", None
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
            matrix, unit = value
        if isinstance(value, Operator):
            matrix, unit, description, R = value.matrix, value.unit, value.description, value.R
        if unit not in ("hbar", "e", "1"):
            raise InputError(f"unit of the operator {key}", unit, '"hbar" (a spin), "e" (a charge) or "1" (a number)')
        if R is not None:
            if self.statistics == BOSE:
                raise InputError(f"operator {key}", stated("one that depends on R"), "a constant matrix, for bosons")
            matrix, R = self._blocks_of_operator(key, matrix, R)
        else:
            shape = (self.num_bands, self.num_bands)
            matrix = checks.hermitian(key, checks.array(key, matrix, np.complex128, shape, "a Hermitian matrix"))
            if self.statistics == BOSE:
                check_operator(key, matrix)
        return Operator(matrix, unit, description, R)

    def _blocks_of_operator(self, key: str, blocks: object, R: object) -> tuple[np.ndarray, np.ndarray]:
        """The checked blocks <i,0|s|j,R>, and their cells."""
        given = stated("one that depends on R")
        raise InputError(f"operator {key}", given, f"a constant matrix, for a {type(self).__name__} model")

    def _kpoints(self, k: np.ndarray) -> np.ndarray:
        return checks.array("k", k, np.float64, (None, self.dim), "Cartesian k points in 1/angstrom")

    def __repr__(self) -> str:
        settings = ", ".join(
            f"{key}={value:g}" if isinstance(value, float) else f"{key}={value!r}"
            for key, value in self.parameters.items()
        )
        return f"<{type(self).__name__} {self.name}({settings}): {self.dim}D, {self.num_bands} bands>"


def combine(functions: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return sum_a phi_a(k) T_a, shape (N, ...), as one real matrix product (BLAS).

    functions : (N, nF) real phi_a(k). table : (nF, ...) complex, or real, T_a, C-contiguous.
    """
    flat = table.reshape(len(table), -1).view(np.float64)
    return (functions @ flat).view(table.dtype).reshape(len(functions), *table.shape[1:])


def checked_lattice(lattice: object, dim: int) -> np.ndarray:
    """Return the primitive vectors (dim, dim) as rows, after checking that they are independent."""
    result = checks.array("lattice", lattice, np.float64, (dim, dim), "rows are the primitive vectors in angstrom")
    lengths = np.linalg.norm(result, axis=1)
    if abs(np.linalg.det(result)) <= 1e-12 * np.prod(lengths):
        raise InputError("lattice", lattice, "linearly independent primitive vectors")
    return result
