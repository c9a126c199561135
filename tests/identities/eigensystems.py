"""Right and left eigenvectors of eta H by LAPACK, for both statistics: the tests' own way to the states.

Of fermions eta = 1, and left eigenvectors are the adjoints. Of bosons eta H is no Hermitian matrix: the solver is that
of general ones, and left eigenvectors are rows of an inverse, where the project takes Cholesky factors. Formulas that
multiply eta H, eta v, eta s and these vectors are written once for both.
"""

from __future__ import annotations

import numpy as np

from cc_kernels.models import Model
from cc_kernels.models.base import BOSE


def metric(model: Model) -> np.ndarray:
    """eta (nb, nb): 1; of bosons diag(1, -1) in the basis (b, b^dagger)."""
    if model.statistics != BOSE:
        return np.eye(model.num_bands)
    return np.diag(np.repeat([1.0, -1.0], model.num_bands // 2))


def eigensystem(model: Model, hamiltonian: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Energies (..., nb), ascending, and right and left eigenvectors (..., nb, nb), columns and rows; left right = 1.

    hamiltonian : (..., nb, nb), H itself, at any k or with a perturbation.
    """
    if model.statistics != BOSE:
        energies, right = np.linalg.eigh(hamiltonian)
        return energies, right, right.conj().swapaxes(-1, -2)
    energies, right = np.linalg.eig(metric(model) @ hamiltonian)
    order = np.argsort(energies.real, axis=-1)
    right = np.take_along_axis(right, order[..., None, :], axis=-1)
    return np.take_along_axis(energies.real, order, axis=-1), right, np.linalg.inv(right)


class BetweenPoints:
    """States at k - q/2 (before) and at k + q/2 (after), and matrix elements between them.

    Attributes
    ----------
    before, after : energies (N, nb) there.  middle : (N, nb, nb), the mean of H at both.
    """

    def __init__(self, model: Model, k: np.ndarray, q: np.ndarray) -> None:
        at_both = [model.hamiltonian(k + sign * q / 2) for sign in (-1, 1)]
        self.eta, self.middle = metric(model), (at_both[0] + at_both[1]) / 2
        (self.before, *self._of_before), (self.after, *self._of_after) = (eigensystem(model, H) for H in at_both)

    def forth(self, operator: np.ndarray) -> np.ndarray:
        """<n, k-q/2| operator |m, k+q/2> (N, ..., n, m) of an operator (nb, nb) or (N, ..., nb, nb)."""
        return self._between(self._of_before[1], operator, self._of_after[0])

    def back(self, operator: np.ndarray) -> np.ndarray:
        """<m, k+q/2| operator |n, k-q/2> (N, ..., m, n)."""
        return self._between(self._of_after[1], operator, self._of_before[0])

    def torque(self, s: np.ndarray) -> np.ndarray:
        """tau = i[eta H, eta s] (N, n, m), forth, with the mean of H at both points."""
        return self.forth(1j * (self.middle @ self.eta @ s - s @ self.eta @ self.middle))

    def _between(self, left: np.ndarray, operator: np.ndarray, right: np.ndarray) -> np.ndarray:
        components = (slice(None), *[None] * (operator.ndim - 3))
        return left[components] @ (self.eta @ operator) @ right[components]
