"""State-resolved quantities of second order in gradients: torque quadrupole and torque-dipole polarizability.

The closed forms of docs/theory.md, "State by state"; the definitions, with note [33] of the paper, are in the tests.
Only the polarizability chi_n^il = d_l d_n^is + Omega_n^li s_n - Omega_n^lis needs second derivatives of the
Hamiltonian.
"""

from __future__ import annotations

import numpy as np

from cc_kernels.geometry.formulas import matrix_elements
from cc_kernels.geometry.groups import group_mean, group_starts, same_group


def torque_quadrupole(current_dipole: np.ndarray, velocity: np.ndarray, s_dipole: np.ndarray) -> np.ndarray:
    """q_n^il = -(d_n^lis + d_n^ils)/2 + (v_n^l d_n^is + v_n^i d_n^ls)/2, shape (..., dim, dim) over i, l.

    current_dipole : (..., dim, dim) over l, i.  velocity, s_dipole : (..., dim).
    """
    travelling = velocity[..., None, :] * s_dipole[..., :, None]  # v^l d^i over i, l
    excess = travelling - current_dipole.swapaxes(-1, -2)
    return (excess + excess.swapaxes(-1, -2)) / 2


def dipole_derivative(
    energies: np.ndarray,
    states: np.ndarray,
    velocity: np.ndarray,
    hessian: np.ndarray,
    operator: np.ndarray,
    tolerance: float,
    signs: np.ndarray | None = None,
) -> np.ndarray:
    """d d_n^is/dk_l, shape (N, nb, dim, dim) over l, i, from second-order perturbation theory.

    Only energy denominators between n and other groups occur, so that near-degeneracies among the others do no harm.
    Groups of degenerate levels: the trace divided by the size.

    Parameters
    ----------
    energies (N, nb), states (N, nb, nb), velocity (N, dim, nb, nb), operator (nb, nb) : as in `formulas`.
    hessian : (N, dim, dim, nb, nb) second derivatives of H in the orbital basis.
    """
    v, s = matrix_elements(states, velocity, operator, signs)
    norms = np.ones(energies.shape[1]) if signs is None else signs
    w = (norms[:, None] * states.conj().swapaxes(-1, -2))[:, None, None] @ hessian @ states[:, None, None]
    together = same_group(group_starts(energies, tolerance, signs))
    mean = group_mean(energies, together)
    omega = mean[:, None, :] - mean[:, :, None]  # eps_a - eps_p at [p, a]
    inverse = np.where(together, 0, 1 / np.where(together, 1, omega))
    D = v * inverse[:, None]  # |D_i a> = sum_p |p> v^i_pa/(eps_a - eps_p)
    v_group = np.where(together[:, None], v, 0)
    # (eps_a - H) |D_l D_i a> = Q [d_l d_i H |a> + (v^l - v^l_group) |D_i a> + (v^i - v^i_group) |D_l a>]
    moved = np.einsum("xlpm,ximb->xlipb", v, D) - np.einsum("xipb,xlba->xlipa", D, v_group)
    second = inverse[:, None, None] * (w + moved + moved.swapaxes(1, 2))
    s_group, s = np.where(together, s, 0), norms[:, None] * s  # <m|s|n> where s stands between derivatives
    each = (
        norms[:, None, None]
        * (
            np.einsum("xlipa,xpa->xali", second.conj(), s)
            - np.einsum("xipa,p,xlpb,xba->xali", D.conj(), norms, D, s_group, optimize=True)
            + np.einsum("xipa,xpq,xlqa->xali", D.conj(), s, D, optimize=True)
        ).imag
    )
    return np.moveaxis(group_mean(np.moveaxis(each, 1, -1), together[:, None, None]), -1, 1)
