"""Bosons: eta H |n> = eps_n |n> with <m|eta|n> = eta_n delta_mn, by the Cholesky factor of H (Colpa).

J. H. P. Colpa, Physica A 93, 327 (1978). With H = L L^dagger the matrix L^dagger eta L = U eps U^dagger is Hermitian,
and |n> = eta L U |eps_n|^(-1/2). Half of the eigenvalues are negative: those of holes, -E_n(-k).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models.solved import compiled_states, factors, hermitian_levels, lowest_eigenvalues, suit_compiled

if TYPE_CHECKING:
    from cc_kernels.models.base import Model

ZERO_MODE = 1e-6
"""Of the largest |eps_n| at a k: a smaller one is a zero mode, for rounding lets a Cholesky decomposition pass
where an eigenvalue of H is exactly 0, and n_B of what is left is anything."""
LEAST_ENERGY = 2e-7
"""Of `Model.largest_energy`, what no |eps_n| exceeds anywhere: a smaller one is a zero mode, too, where there is but
one mode, or all are soft at a k. The energy mesh of bosons begins well below."""

NO_ENERGY = 1e-7
"""Of the largest element of H at a k: an energy below it is none, for rounding of H (2e-16) is squared in it. It tells
where all modes are zero modes, as at Gamma of an antiferromagnet."""


def norm_signs(bands: int) -> np.ndarray:
    """eta_n (bands,) of the states in the order of their energies; minus eta among the basis states."""
    return np.repeat([-1.0, 1.0], bands // 2)


ROUNDING = 1e-12
"""Of the norm of H, how far below zero rounding may put an eigenvalue that is zero."""
LIFT = 1e-5
"""Of the norm of H, what is added where a solution is wanted at a mode of zero energy."""


def paraunitary_states(
    model: Model, k: np.ndarray, hamiltonian: np.ndarray, lifted: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Energies (N, 2 modes), ascending, and states (N, 2 modes, 2 modes), columns, of H (N, 2 modes, 2 modes) at k.

    lifted : as in `Model.solve`.
    Errors: `InputError` where H is not positive definite, with its lowest eigenvalue and the place.
    """
    if lifted:
        hamiltonian = _lifted(hamiltonian)
    found = compiled_states(hamiltonian, are_bosons=True) if suit_compiled(hamiltonian) else None
    if found is None:
        try:
            found = lapack_states(hamiltonian)
        except np.linalg.LinAlgError:
            _refuse(model, k, hamiltonian)
    energies, states = found
    sizes = np.abs(energies)
    none = np.maximum(ZERO_MODE * sizes.max(1, initial=0), NO_ENERGY * np.abs(hamiltonian).max((1, 2), initial=0))
    none = np.maximum(none, LEAST_ENERGY * model.largest_energy)
    if (sizes.min(1, initial=np.inf) < none).any():
        _refuse(model, k, hamiltonian)
    return energies, states


def lapack_states(hamiltonian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same by LAPACK: the formulas of this module's head. `LinAlgError` where H is not positive definite."""
    with np.errstate(all="ignore"):  # zero modes, and what is not finite: both are refused
        lower = np.linalg.cholesky(hamiltonian)
        metric_lower = -norm_signs(hamiltonian.shape[-1])[:, None] * lower
        energies, states = np.linalg.eigh(lower.conj().swapaxes(-1, -2) @ metric_lower)
        return energies, metric_lower @ (states / np.sqrt(np.abs(energies))[:, None, :])


def paraunitary_levels(model: Model, k: np.ndarray, hamiltonian: np.ndarray) -> np.ndarray:
    """Energies (N, 2 modes), ascending; also where a mode has none, as at the k of a Goldstone mode.

    Errors: `InputError` where H is not positive semidefinite.
    """
    try:
        lower = np.linalg.cholesky(hamiltonian)
    except np.linalg.LinAlgError:
        if (lowest_eigenvalues(hamiltonian) < -ROUNDING * np.linalg.norm(hamiltonian, axis=(1, 2))).any():
            _refuse(model, k, hamiltonian)
        lower = factors(hamiltonian)
    signs = norm_signs(hamiltonian.shape[-1])
    return hermitian_levels(lower.conj().swapaxes(-1, -2) @ (-signs[:, None] * lower))


def _lifted(hamiltonian: np.ndarray) -> np.ndarray:
    """H, plus a multiple of 1 where its lowest eigenvalue is below that."""
    lift = LIFT * np.linalg.norm(hamiltonian, axis=(1, 2))
    is_low = lowest_eigenvalues(hamiltonian) < lift
    return hamiltonian + (is_low * lift)[:, None, None] * np.eye(hamiltonian.shape[-1])


def _refuse(model: Model, k: np.ndarray, hamiltonian: np.ndarray) -> None:
    """Say where H is not positive definite, and what its lowest eigenvalue is there."""
    if not np.isfinite(hamiltonian).all():
        raise InputError("model", stated(f"{model.name}, with an H(k) that is not finite"), "finite numbers at every k")
    lowest = lowest_eigenvalues(hamiltonian)
    worst = int(np.argmin(lowest))
    place = ", ".join(f"{x + 0.0:.6g}" for x in k[worst])
    given = stated(
        f"{model.name}, whose H(k) has the lowest eigenvalue {lowest[worst]:.3g} eV at k = ({place}) 1/angstrom"
    )
    raise InputError(
        "model",
        given,
        "bosons with a positive definite H(k) at every k: a lower eigenvalue is an unstable reference state; "
        "at a mode of zero energy (Goldstone) the grid must miss its k, by a shift",
    )
