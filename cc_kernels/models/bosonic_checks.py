"""What a Hamiltonian and an operator of bosons in the basis (b_k, b^+_-k) have to be like."""

from __future__ import annotations

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated


def exchanged(matrices: np.ndarray) -> np.ndarray:
    """tau_x M tau_x of (..., 2 N, 2 N): the blocks of b and b^+ exchanged."""
    half = matrices.shape[-1] // 2
    return np.roll(matrices, half, axis=(-2, -1))


def check_hamiltonian(R: np.ndarray, hoppings: np.ndarray, positions: np.ndarray) -> None:
    """Refuse blocks (nR, 2 N, 2 N) that are not those of (1/2) Psi^+ H Psi: H_-k = tau_x H_k^* tau_x."""
    bands = hoppings.shape[-1]
    if bands % 2:
        raise InputError("hoppings", stated(f"{bands} orbitals"), "an even number for bosons: b, then b^+")
    if (positions[: bands // 2] != positions[bands // 2 :]).any():
        raise InputError("positions", positions, "for bosons the same of b^+ as of b")
    excess = np.abs(hoppings - exchanged(hoppings.conj())).max(axis=(1, 2))
    if excess.max() > checks.HERMITIAN_TOLERANCE * np.abs(hoppings).max():
        cell = tuple(R[excess.argmax()].tolist())
        given = stated(f"blocks at R = {cell} that break H_-k = tau_x H_k^* tau_x by {excess.max():.3g}")
        raise InputError("hoppings", given, "for bosons [[A_R, B_R], [B_R^*, A_R^*]], where B_{-R} = B_R^T")


def check_operator(key: str, matrix: np.ndarray) -> None:
    """Refuse an operator (2 N, 2 N) with a part for which (1/2) Psi^+ s Psi is a number."""
    excess = np.abs(matrix - exchanged(matrix.T)).max()
    if excess > checks.HERMITIAN_TOLERANCE * max(np.abs(matrix).max(), 1.0):
        raise InputError(
            key,
            stated(f"an operator that differs from tau_x s^T tau_x by {excess:.3g}"),
            "for bosons s = tau_x s^T tau_x, such as diag(a, a^T); a part with the other sign is only a number",
        )
