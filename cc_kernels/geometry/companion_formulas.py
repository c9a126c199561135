"""The companions of Eq. (12) state by state, as their definitions say: the reference for `companions`."""

from __future__ import annotations

import numpy as np

from cc_kernels.geometry.formulas import matrix_elements
from cc_kernels.geometry.groups import group_mean, group_starts, same_group


def companion_quantities(
    energies: np.ndarray,
    states: np.ndarray,
    velocity: np.ndarray,
    operator: np.ndarray,
    tolerance: float,
    signs: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """`projector_increment` (N, nb, l, i) and `torque_kubo_sea` (N, nb, i, l); parameters as in `formulas`.

    The former is of occupied levels, which bosons do not have.
    """
    v, s = matrix_elements(states, velocity, operator, signs)
    together = same_group(group_starts(energies, tolerance))
    mean = group_mean(energies, together)
    omega = mean[:, :, None] - mean[:, None, :]
    inverse = np.where(together, 0, 1 / np.where(together, 1, omega))
    A = -1j * v * inverse[:, None]

    def trace_mean(values: np.ndarray) -> np.ndarray:
        return np.moveaxis(group_mean(np.moveaxis(values, 1, -1), together[:, None, None]), -1, 1)

    return {
        "projector_increment": trace_mean(_projector_increment(A, s)),
        "torque_kubo_sea": trace_mean(_torque_kubo_sea(omega, inverse, together, v, s, A)),
    }


def _projector_increment(A: np.ndarray, s: np.ndarray) -> np.ndarray:
    """S_n - S_{n-1} with S_n = sum_ab Omega^li_ab s_ba over the lowest n levels as one group."""
    bands = s.shape[-1]
    filled = [np.zeros((len(s), *A.shape[1:2] * 2))]
    for count in range(1, bands + 1):
        occupied, empty = slice(0, count), slice(count, None)
        # Omega^li_ab s_ba, Omega^li_ab = i sum_m (A^l_am A^i_mb - A^i_am A^l_mb)
        product = np.einsum(
            "xlam,ximb,xba->xli", A[:, :, occupied, empty], A[:, :, empty, occupied], s[:, occupied, occupied]
        )
        filled.append((1j * (product - product.swapaxes(-1, -2))).real)
    return np.diff(np.stack(filled, axis=1), axis=1)


def _torque_kubo_sea(
    omega: np.ndarray,
    inverse: np.ndarray,
    together: np.ndarray,
    v: np.ndarray,
    s: np.ndarray,
    A: np.ndarray,
) -> np.ndarray:
    """The derivative of C_l(q) with f held fixed: of the energies' denominators and of the two matrix elements."""
    tau = 1j * omega * s
    D = -1j * A  # |D_i m> = sum_p |p> D_pm
    # (v_n + v_m) tau_nm, and its trace where a group is degenerate
    within = np.where(together[:, None], v, 0)
    v_tau = within @ tau[:, None] + tau[:, None] @ within
    denominators = np.einsum("xinm,xnm,xlmn->xilnm", v_tau, inverse**3, v)
    bra_D = 1j * A  # <D_i m| = sum_p <p| (D_pm)^*, of which bosons have eta_m eta_p times that
    torque = (tau[:, None] @ D - bra_D @ tau[:, None]) / 2  # d<n,k-q/2| tau |m,k+q/2>/dq_i
    current = (bra_D[:, :, None] @ v[:, None] - v[:, None] @ D[:, :, None]) / 2  # d<m,k+q/2| v^l |n,k-q/2>/dq_i
    elements = np.einsum("xinm,xlmn,xnm->xilnm", torque, v, inverse**2)
    elements += np.einsum("xnm,xilmn,xnm->xilnm", tau, current, inverse**2)
    each = (denominators + elements).real
    return np.moveaxis((each - each.swapaxes(-1, -2)).sum(-1), -1, 1)
