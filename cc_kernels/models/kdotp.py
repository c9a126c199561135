"""The k.p form: polynomials in k times matrices, with the exact velocity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import Model, combine
from cc_kernels.models.pauli import pauli_table
from cc_kernels.models.zone import shortest_images

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cc_kernels.arguments import Labels, NamedOperators


class KDotP(Model):
    """H(k) = sum_p k_x^p_x k_y^p_y ... M_p: a continuum model on the box +-k_max, or a superlattice in plane waves.

    Parameters
    ----------
    powers : (nP, dim) whole numbers of 0 or more, each row once.
    matrices : (nP, nb, nb) Hermitian, in eV angstrom^(sum of the row's powers).
    k_max : half width of the k box of a continuum model, 1/angstrom.
    operators : {name: `Operator` or Hermitian (nb, nb) matrix}.
    lattice : instead of k_max, (dim, dim), rows are the primitive vectors of a superlattice, angstrom. The basis is
        then plane waves k + G, and the polynomial holds for k in the first zone, the Wigner-Seitz cell around 0.
        Every other k is moved there first: H(k + G) would be H(k) in another order of the plane waves, but for those
        at the cut-off. So a set of plane waves centred at 0 serves all k alike, and energies are periodic to rounding.
        States on the two sides of the zone boundary are in different orders of the basis, and the energies there
        meet up to the error of the cut-off. A reordering is constant in k, so that no quantity at one k feels it;
        overlaps of states at different k do.
    labels : name, description, parameters, degeneracy_tolerance, particle_hole_copies, is_superconductor.

    Errors: `InputError` for a wrong shape, NaN, powers listed twice, and for what is not Hermitian.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> parabola = cc.KDotP(powers=[[2, 0], [0, 2]], matrices=[[[0.5]], [[0.5]]], k_max=2.0)
    >>> parabola.levels([[1.0, 0.0]]).item(), parabola.velocity([[1.0, 0.0]])[0, 0].real.item()
    (0.5, 1.0)
    """

    def __init__(
        self,
        powers: ArrayLike,
        matrices: ArrayLike,
        k_max: float | None = None,
        operators: NamedOperators | None = None,
        *,
        lattice: ArrayLike | None = None,
        **labels: Unpack[Labels],
    ) -> None:
        for key, value, ndim, shape in (("powers", powers, 2, "(nP, dim)"), ("matrices", matrices, 3, "(nP, nb, nb)")):
            given = checks.shape_of(key, value, f"shape {shape}")
            if len(given) != ndim or 0 in given:
                raise InputError(key, stated(f"an array of shape {given}"), f"shape {shape}")
        num_terms, dim = np.shape(powers)
        num_bands = np.shape(matrices)[-1]
        if dim not in (1, 2, 3):
            raise InputError("powers", stated(f"{dim} columns"), "one column per dimension: 1, 2 or 3")
        super().__init__(dim=dim, num_bands=num_bands, lattice=lattice, k_max=k_max, operators=operators, **labels)
        self.powers = checks.array("powers", powers, np.int64, (None, dim), "powers of k_x, k_y, ...")
        if (self.powers < 0).any() or len({tuple(row) for row in self.powers.tolist()}) != num_terms:
            raise InputError("powers", powers, "powers of 0 or more, every row once")
        shape = (num_terms, num_bands, num_bands)
        matrices = checks.array("matrices", matrices, np.complex128, shape, "one Hermitian matrix per row of powers")
        self.matrices = np.array([checks.hermitian(f"matrices[{row}]", matrix) for row, matrix in enumerate(matrices)])
        self._prepare()

    def _prepare(self) -> None:
        """Tables of the coefficients of H and of dH/dk_i over the monomials that either of them needs."""
        terms: dict[tuple[int, ...], int] = {}
        entries: list[tuple[int, int | None, int, int]] = []  # (monomial, direction or None, term, factor)
        for term, power in enumerate(self.powers.tolist()):
            entries.append((terms.setdefault(tuple(power), len(terms)), None, term, 1))
            for i in range(self.dim):
                if power[i] > 0:
                    lowered = tuple(p - (axis == i) for axis, p in enumerate(power))
                    entries.append((terms.setdefault(lowered, len(terms)), i, term, power[i]))
        nb = self.num_bands
        self._monomials = np.array(list(terms))
        self._hamiltonian_table = np.zeros((len(terms), nb, nb), dtype=complex)
        self._velocity_table = np.zeros((len(terms), self.dim, nb, nb), dtype=complex)
        for monomial, i, term, factor in entries:
            if i is None:
                self._hamiltonian_table[monomial] += self.matrices[term]
            else:
                self._velocity_table[monomial, i] += factor * self.matrices[term]
        self._pauli_table = pauli_table(self._hamiltonian_table, self._velocity_table) if nb == 2 else None

    def _kpoints(self, k: np.ndarray) -> np.ndarray:
        k = super()._kpoints(k)
        return k if self.reciprocal is None else shortest_images(k, self.reciprocal)[0]

    def hamiltonian_and_velocity(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return H (N, nb, nb) in eV and v = dH/dk (N, dim, nb, nb) in eV angstrom at k (N, dim) in 1/angstrom."""
        functions = self._functions(k).T
        return combine(functions, self._hamiltonian_table), combine(functions, self._velocity_table)

    def _hamiltonian_alone(self, k: np.ndarray) -> np.ndarray:
        return combine(self._functions(k).T, self._hamiltonian_table)

    def pauli_levels(self, k: np.ndarray) -> np.ndarray:
        """Two bands: H and the v^i at k (N, dim) as coefficients of 1, sigma_x, sigma_y, sigma_z, (4 + 4 dim, N)."""
        return self._pauli_table @ self._functions(k)

    def _functions(self, k: np.ndarray) -> np.ndarray:
        """The monomials at k (N, dim), shape (monomials, N)."""
        k = self._kpoints(k)
        functions = np.ones((len(self._monomials), len(k)))
        for i in range(self.dim):
            powers = [np.ones(len(k))]
            for _ in range(self._monomials[:, i].max()):
                powers.append(powers[-1] * k[:, i])
            functions *= np.array(powers)[self._monomials[:, i]]
        return functions

    @property
    def has_hessian(self) -> bool:
        return True

    def hessian(self, k: np.ndarray) -> np.ndarray:
        """Return d^2H/dk_l dk_i (N, dim, dim, nb, nb) in eV angstrom^2 at k (N, dim) in 1/angstrom."""
        k = self._kpoints(k)
        result = np.zeros((len(k), self.dim, self.dim, self.num_bands, self.num_bands), dtype=complex)
        for power, matrix in zip(self.powers, self.matrices, strict=True):
            for l, i in np.ndindex(self.dim, self.dim):
                once = power - (np.arange(self.dim) == i)
                twice = once - (np.arange(self.dim) == l)
                factor = power[i] * once[l]
                if factor:
                    result[:, l, i] += (factor * (k**twice).prod(axis=1))[:, None, None] * matrix
        return result
