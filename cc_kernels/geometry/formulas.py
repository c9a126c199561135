"""The state-resolved quantities as the paper writes them: the reference for the fast kernels.

Everything is written for a batch of k-points in the band basis, with `outside[n, m]` = n and m are not degenerate.
A degenerate group's value is its trace divided by its size (see `groups`).
"""

from __future__ import annotations

import numpy as np

from cc_kernels.geometry.groups import closeness, group_mean, group_starts, same_group


def matrix_elements(
    states: np.ndarray, velocity: np.ndarray, operator: np.ndarray, signs: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """v_mn (N, dim, nb, nb) and s_mn (N, nb, nb) between states: eta_m <m|O|n>, with the signs eta_m of bosons."""
    bra = states.conj().swapaxes(-1, -2)
    if signs is not None:
        bra = signs[:, None] * bra
    return bra[:, None] @ velocity @ states[:, None], bra @ operator @ states


def band_quantities(
    energies: np.ndarray,
    states: np.ndarray,
    velocity: np.ndarray,
    operator: np.ndarray,
    tolerance: float,
    signs: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """All quantities of `quantities.QUANTITIES`.

    Parameters
    ----------
    energies : (N, nb), eV, ascending.
    states : (N, nb, nb), columns |n>.
    velocity : (N, dim, nb, nb), eV angstrom, in the orbital basis.
    operator : (nb, nb) or (N, nb, nb), in the orbital basis.
    tolerance : degeneracy tolerance, eV.
    signs : (nb,), eta_n of bosons (`Solved.signs`).

    Returns
    -------
    name -> (N, nb, ...) float64, Cartesian indices last, in the order of `QUANTITIES[name].indices`.
    """
    v, s = matrix_elements(states, velocity, operator, signs)
    together = same_group(group_starts(energies, tolerance, signs))
    outside = ~together
    mean_energy = group_mean(energies, together)

    def trace_mean(diagonal: np.ndarray) -> np.ndarray:
        """Group mean of (N, nb, ...) real diagonal elements."""
        return np.moveaxis(group_mean(np.moveaxis(diagonal, 1, -1), together[:, *[None] * (diagonal.ndim - 2)]), -1, 1)

    omega = mean_energy[:, :, None] - mean_energy[:, None, :]
    inverse = np.where(outside, 1 / np.where(outside, omega, 1), 0)
    A = -1j * v * inverse[:, None]  # A^i_nm
    J = (v @ s[:, None] + s[:, None] @ v) / 2

    velocity_mean = trace_mean(np.einsum("ainn->ani", v.real))
    s_dipole = trace_mean(np.einsum("ainm,amn->ani", A, s).real)
    current_dipole = trace_mean(np.einsum("alnm,aimn->anli", A, J).real)
    current = trace_mean(np.einsum("ainn->ani", J).real)
    tau = 1j * omega * s  # torque i[H, s]
    torque_dipole = trace_mean(np.einsum("ainm,amn->ani", A, tau).real)
    torque_curvature = trace_mean(2 * np.einsum("ainm,amn,anm->ani", v, s, inverse).real)
    curvature = trace_mean(-2 * np.einsum("alnm,aimn,anm->anli", v, v, inverse**2).imag)
    s_curvature = trace_mean(-2 * np.einsum("alnm,aimn,anm->anli", v, J, inverse**2).imag)
    # Omega^li_ab s_ba = i sum_m (A^l_am A^i_mb - A^i_am A^l_mb) s_ba, a and b in one group
    product = np.einsum("alnm,aimp,apn->anli", A, A, np.where(together, s, 0))
    curvature_operator = trace_mean((1j * (product - product.swapaxes(-1, -2))).real)

    # s A, and so the sum over m and p, both outside the group of n
    mixed = trace_mean(2 * np.einsum("ainm,amp,alpn->anli", A, s, A).imag)

    return {
        "energy": energies,
        "group_energy": mean_energy,
        "operator_expectation": trace_mean(np.einsum("ann->an", s).real),
        "velocity": velocity_mean,
        "operator_current": current,
        "s_dipole": s_dipole,
        "torque_dipole": torque_dipole,
        "torque_berry_curvature": torque_curvature,
        "berry_curvature": curvature,
        "s_berry_curvature": s_curvature,
        "berry_curvature_operator": curvature_operator,
        "mixed_curvature": mixed,
        "current_dipole": current_dipole,
        "magnetic_moment": axial(current_dipole) / 2 + cross(s_dipole, velocity_mean) / 2,
        "quantum_metric": trace_mean((abs(A) ** 2).sum((1, 3))),
        "velocity_squared": trace_mean((abs(v) ** 2).sum((1, 3))),
        "close_metric": trace_mean((abs(np.where(abs(omega[:, None]) < closeness(tolerance), A, 0)) ** 2).sum((1, 3))),
    }


def divided_quantities(
    energies: np.ndarray,
    states: np.ndarray,
    velocity: np.ndarray,
    operator: np.ndarray,
    tolerance: float,
    near: float,
    relative_near: float = 0.0,
    signs: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """All quantities of `quantities.DIVIDED`; parameters as above, and

    near, relative_near : pairs closer than near (eV) + relative_near x |their mean energy| are near ones.
    """
    v, s = matrix_elements(states, velocity, operator, signs)
    J = (v @ s[:, None] + s[:, None] @ v) / 2
    together = same_group(group_starts(energies, tolerance, signs))
    mean = group_mean(energies, together)
    omega = mean[:, :, None] - mean[:, None, :]
    limit = near + relative_near * abs(mean[:, :, None] + mean[:, None, :]) / 2
    is_near = (abs(omega) < limit) & ~together
    inverse = np.where(~together & ~is_near, 1 / np.where(omega, omega, 1), 0)
    inverse_near = np.where(is_near, 1 / np.where(omega, omega, 1), 0)

    def pairs(product: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Group means of the sums over m of product (N, ..., n, m) weight (N, n, m); components last."""
        between = (slice(None), *[None] * (product.ndim - 3))
        sums = (product * weight[between]).sum(-1)
        return np.moveaxis(group_mean(sums, together[between]), -1, 1)

    torque = (v * s.swapaxes(-1, -2)[:, None]).real  # Re v^i_nm s_mn
    current = (v[:, :, None] * J.swapaxes(-1, -2)[:, None]).imag  # Im v^l_nm J^is_mn
    return {
        "far_torque_curvature": pairs(2 * torque, inverse),
        "near_torque": pairs(torque, is_near),
        "near_torque_correction": pairs(-torque, is_near * omega**2 / 12),
        "far_current_dipole": pairs(current, inverse),
        "far_s_curvature": pairs(-2 * current, inverse**2),
        "near_s_curvature": pairs(-2 * current, inverse_near**2),
        "near_current_dipole": pairs(current, is_near * omega / 12),
    }


def axial(tensor: np.ndarray) -> np.ndarray:
    """epsilon_kli T_li over the last two axes: z component in two dimensions, a vector in three, empty in one."""
    dim = tensor.shape[-1]
    if dim == 1:
        return tensor[..., 0, :0]
    if dim == 2:
        return tensor[..., 0, 1] - tensor[..., 1, 0]
    return np.stack(
        [tensor[..., (k + 1) % 3, (k + 2) % 3] - tensor[..., (k + 2) % 3, (k + 1) % 3] for k in range(3)], -1
    )


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a x b over the last axis (z component in two dimensions, empty in one)."""
    return axial(a[..., :, None] * b[..., None, :])
