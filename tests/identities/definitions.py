"""State-resolved quantities of second order from the paper's definitions, and derivatives by finite differences.

For both statistics: with left and right eigenvectors of eta H (`eigensystems`) the formulas are the same.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from cc_kernels import band_geometry
from cc_kernels.models import Model
from tests.identities.eigensystems import eigensystem, metric
from tests.identities.random_models import EPS, STEP


class Definitions:
    """q, chi and Xi of one k-point from the paper's definitions, written with explicit sums over states."""

    def __init__(self, model, k):
        self.dim, self.bands = model.dim, model.num_bands
        hamiltonian, velocity = model.hamiltonian_and_velocity(k[None])
        energies, right, left = (one[0] for one in eigensystem(model, hamiltonian))
        self.v, self.s = (left @ metric(model) @ O @ right for O in (velocity[0], model.operators["s"].matrix))
        omega = energies[:, None] - energies
        self.inverse = np.divide(1, omega, out=np.zeros_like(omega), where=omega != 0)
        self.A = -1j * self.v * self.inverse
        self.D = self.v * self.inverse.T  # |D_i n> = sum_p |p> v^i_pn/(eps_n - eps_p)
        self.D_left = self.v * self.inverse  # <D_i n| = sum_p v^i_np/(eps_n - eps_p) <p|
        self.tau = 1j * omega * self.s
        self.tau_derivative = 1j * (self.v @ self.s - self.s @ self.v)  # d_i tau = i[v^i, s]

    def torque_quadrupole(self):
        """sym_il Re { <D_i n|tau|D_l n> + <D_l n|d_i tau|n> }/2."""
        first = np.einsum("inp,pq,lqn->nil", self.D_left, self.tau, self.D)
        second = np.einsum("lnp,ipn->nil", self.D_left, self.tau_derivative)
        total = (first + second).real / 2
        return (total + total.swapaxes(1, 2)) / 2

    def interband_torque_dipole(self, i):
        """Note [33], with (i d_i + A_m - A_n) tau_mn = i times the covariant derivative of tau."""
        D, A, tau, v = self.D[i], self.A[i], self.tau, self.v[i]
        covariant = self.tau_derivative[i] + self.D_left[i] @ tau + tau @ D
        dipole = 0.5j * covariant + 0.5 * A @ tau + 0.5 * tau @ A
        # sum over n2 != n of delta_(n2 m) i tau_n2,n v_n/(eps_n - eps_n2)
        return dipole - 1j * tau * np.diag(v)[None, :] * self.inverse.T

    def torque_polarizability(self, dipole_derivative):
        """d_i d_n^ls - 2 Im sum_m v^l_nm d_mn^i,tau/omega_nm^2; dipole_derivative (nb, i, l) = d_i d_n^ls."""
        dipoles = np.array([self.interband_torque_dipole(i) for i in range(self.dim)])
        return dipole_derivative - 2 * np.einsum("lnm,imn,nm->nil", self.v, dipoles, self.inverse**2).imag

    def mixed_curvature(self):
        """Xi_n^li = 2 Im <D_i n| s |D_l n>."""
        return 2 * np.einsum("inp,pq,lqn->nli", self.D_left, self.s, self.D).imag


def errors_of_closed_forms(model: Model, k: np.ndarray) -> dict[str, float]:
    """identity -> the largest difference of what `band_geometry` gives from the definitions, relative to the scale."""
    fast = band_geometry(model, operator="s", kpoints=k).compute()
    chi, q, derivative = (
        fast.torque_polarizability.values,
        fast.torque_quadrupole.values,
        derivative_in_closed_form(fast),
    )
    xi = fast.berry_curvature_operator.values + derivative - derivative.swapaxes(2, 3)
    errors = dict.fromkeys(("quadrupole", "polarizability", "mixed curvature"), 0.0)
    for point in range(len(k)):
        definitions = Definitions(model, k[point])
        scale = max(1, abs(q[point]).max(), abs(chi[point]).max(), abs(derivative[point]).max())
        for name, value, expected in (
            ("quadrupole", q[point], definitions.torque_quadrupole()),
            ("polarizability", chi[point], definitions.torque_polarizability(derivative[point])),
            ("mixed curvature", xi[point], definitions.mixed_curvature()),
            ("mixed curvature", fast.mixed_curvature.values[point], definitions.mixed_curvature()),
        ):
            errors[name] = max(errors[name], abs(value - expected).max() / scale)
    return errors


def derivative_in_closed_form(bands: xr.Dataset) -> np.ndarray:
    """d_l d_n^is over (k, n, l, i), as the kernels have it inside the polarizability."""
    curvatures = bands.berry_curvature_operator.values - bands.s_berry_curvature.values
    return bands.torque_polarizability.values.swapaxes(2, 3) - curvatures


def derivative_of_dipole(model: Model, k: np.ndarray) -> tuple[np.ndarray, float]:
    """d_l d_n^is over (k, n, l, i), and a bound of its error."""
    # a dipole of order one is known to EPS |H|/gap <= 100 EPS
    return derivative(model, k, "s_dipole", 100 * EPS)


def derivative(model: Model, k: np.ndarray, quantity: str, rounding: float) -> tuple[np.ndarray, float]:
    """d/dk_l of a quantity over (k, n, l, ...) by five-point differences, and a bound of its error.

    rounding : to which the quantity is known, relative to its derivative where that is larger than 1.
    """

    offsets = STEP * np.multiply.outer([1, -1, 2, -2, 4, -4], np.eye(model.dim))  # (offset, l, dim)
    points = (k + offsets[:, :, None]).reshape(-1, model.dim)
    values = band_geometry(model, operator="s", kpoints=points, quantities=[quantity])[quantity].values
    values = values.reshape(*offsets.shape[:2], len(k), *values.shape[1:])
    one, two, four = (np.moveaxis(values[n] - values[n + 1], 0, 2) for n in (0, 2, 4))
    fine, coarse = (8 * one - two) / (12 * STEP), (8 * two - four) / (24 * STEP)
    # the finer error is 1/15 of the change; 1/5 leaves room for the next order; the difference divides by the step
    return fine, np.abs(fine - coarse).max() / 5 + rounding / STEP * max(1, np.abs(fine).max())


def flux_through_squares(
    model: Model, k: np.ndarray, plane: tuple[int, int], group: int = 1
) -> tuple[np.ndarray, float]:
    """Berry curvature Omega^li (k, groups), plane = (l, i), from the phase around squares, and a bound of its error.

    A phase is that of a product of biorthogonal overlaps; of a group, of determinants, per member.
    """
    # the flux through a centred square of side h is Omega h^2 (1 + O(h^2)); extrapolation removes h^2
    flux = [_flux(model, k, plane, side, group) for side in (4 * STEP, 8 * STEP, 16 * STEP)]
    fine, coarse = (4 * flux[0] - flux[1]) / 3, (4 * flux[1] - flux[2]) / 3
    # h^4 errors, as above; rounding: EPS of the phase over the area
    return fine, np.abs(fine - coarse).max() / 5 + 100 * EPS / (4 * STEP) ** 2


def _flux(model: Model, k: np.ndarray, plane: tuple[int, int], side: float, group: int) -> np.ndarray:
    e_l, e_i = side / 2 * np.eye(model.dim)[list(plane)]
    corners = [k - e_l - e_i, k + e_l - e_i, k + e_l + e_i, k - e_l + e_i]
    _, right, left = zip(*[eigensystem(model, model.hamiltonian(corner)) for corner in corners], strict=True)
    groups = (len(k), model.num_bands // group, group)
    links = [
        np.linalg.det(
            np.einsum(
                "kgap,kpgb->kgab",
                left[n].reshape(*groups, model.num_bands),
                right[(n + 1) % 4].reshape(len(k), model.num_bands, *groups[1:]),
            )
        )
        for n in range(4)
    ]
    return -np.angle(np.prod(links, axis=0)) / side**2 / group
