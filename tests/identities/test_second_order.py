"""Second order in gradients: definitions (with note [33] of the paper) against closed forms, and D + Q = -epsilon M."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import band_geometry, equilibrium
from cc_kernels.geometry.formulas import axial
from tests.identities.random_models import (
    EPS,
    SIZES,
    STEP,
    antisymmetric,
    away_from_crossings,
    doubled,
    inversion_times_time_reversal,
    model_of_size,
    random_kpoints,
    random_model,
)

MODELS = [(1, 3), *SIZES]


class Definitions:
    """q, chi and Xi of one k-point from the paper's definitions, written with explicit sums over states."""

    def __init__(self, model, k):
        self.dim, self.bands = model.dim, model.num_bands
        hamiltonian, velocity = model.hamiltonian_and_velocity(k[None])
        self.energy, states = np.linalg.eigh(hamiltonian[0])
        self.v = states.conj().T @ velocity[0] @ states
        self.s = states.conj().T @ model.operators["s"].matrix @ states
        omega = self.energy[:, None] - self.energy
        self.inverse = np.divide(1, omega, out=np.zeros_like(omega), where=omega != 0)
        self.A = -1j * self.v * self.inverse
        self.D = self.v * self.inverse.T  # |D_i n> = sum_p |p> v^i_pn/(eps_n - eps_p)
        self.tau = 1j * omega * self.s
        self.tau_derivative = 1j * (self.v @ self.s - self.s @ self.v)  # d_i tau = i[v^i, s]

    def torque_quadrupole(self):
        """sym_il Re { <D_i n|tau|D_l n> + <D_l n|d_i tau|n> }/2."""
        first = np.einsum("ipn,pq,lqn->nil", self.D.conj(), self.tau, self.D)
        second = np.einsum("lpn,ipn->nil", self.D.conj(), self.tau_derivative)
        total = (first + second).real / 2
        return (total + total.swapaxes(1, 2)) / 2

    def interband_torque_dipole(self, i):
        """Note [33], with (i d_i + A_m - A_n) tau_mn = i times the covariant derivative of tau."""
        D, A, tau, v = self.D[i], self.A[i], self.tau, self.v[i]
        covariant = self.tau_derivative[i] + D.conj().T @ tau + tau @ D
        dipole = 0.5j * covariant + 0.5 * A @ tau + 0.5 * tau @ A
        # sum over n2 != n of delta_(n2 m) i tau_n2,n v_n/(eps_n - eps_n2)
        return dipole - 1j * tau * np.diag(v)[None, :] * self.inverse.T

    def torque_polarizability(self, dipole_derivative):
        """d_i d_n^ls - 2 Im sum_m v^l_nm d_mn^i,tau/omega_nm^2; dipole_derivative (nb, i, l) = d_i d_n^ls."""
        dipoles = np.array([self.interband_torque_dipole(i) for i in range(self.dim)])
        return dipole_derivative - 2 * np.einsum("lnm,imn,nm->nil", self.v, dipoles, self.inverse**2).imag

    def mixed_curvature(self):
        """Xi_n^li = 2 Im <D_i n| s |D_l n>."""
        return 2 * np.einsum("ipn,pq,lqn->nli", self.D.conj(), self.s, self.D).imag


def _points(model, group=1):
    return away_from_crossings(model, random_kpoints(5, model, 400), group)[:3]


def _derivative_of_dipole(model, k):
    """d_l d_n^is over (k, n, l, i) by five-point differences, and a bound of its error."""

    def dipole(points):
        return band_geometry(model, operator="s", kpoints=points, quantities=["s_dipole"]).s_dipole.values

    axes = STEP * np.eye(model.dim)
    one, two, four = (np.stack([dipole(k + n * a) - dipole(k - n * a) for a in axes], axis=2) for n in (1, 2, 4))
    fine, coarse = (8 * one - two) / (12 * STEP), (8 * two - four) / (24 * STEP)
    # The finer error is 1/15 of the change; 1/5 leaves room for the next order. A dipole of order one is known to
    # EPS |H|/gap <= 100 EPS, and the difference divides that by the step.
    return fine, np.abs(fine - coarse).max() / 5 + 100 * EPS / STEP * max(1, np.abs(fine).max())


def _derivative_in_closed_form(bands):
    """d_l d_n^is over (k, n, l, i), as the kernels have it inside the polarizability."""
    curvatures = bands.berry_curvature_operator.values - bands.s_berry_curvature.values
    return bands.torque_polarizability.values.swapaxes(2, 3) - curvatures


@pytest.mark.parametrize(("dim", "bands"), MODELS)
def test_closed_forms_are_the_definitions(dim, bands, identity):
    """State by state. Denominators above 0.1 eV enter with the third power: 1e3 x EPS x 100 operations."""
    model = model_of_size(dim, bands)
    k = _points(model)
    assert len(k) == 3
    fast = band_geometry(model, operator="s", kpoints=k).compute()
    chi, q, derivative = (
        fast.torque_polarizability.values,
        fast.torque_quadrupole.values,
        _derivative_in_closed_form(fast),
    )
    xi = fast.berry_curvature_operator.values + derivative - derivative.swapaxes(2, 3)
    errors = {"quadrupole": [], "polarizability": [], "mixed curvature": []}
    for point in range(len(k)):
        definitions = Definitions(model, k[point])
        scale = max(1, abs(q[point]).max(), abs(chi[point]).max(), abs(derivative[point]).max())
        errors["quadrupole"].append(abs(q[point] - definitions.torque_quadrupole()).max() / scale)
        expected = definitions.torque_polarizability(derivative[point])
        errors["polarizability"].append(abs(chi[point] - expected).max() / scale)
        errors["mixed curvature"].append(abs(xi[point] - definitions.mixed_curvature()).max() / scale)
        errors["mixed curvature"].append(abs(fast.mixed_curvature[point] - definitions.mixed_curvature()).max() / scale)
    for name, values in errors.items():
        identity(name, model, max(values), 1e5 * EPS)


@pytest.mark.parametrize(("dim", "bands"), MODELS)
def test_derivative_of_the_dipole(dim, bands, identity):
    """Omega^lis + chi^il = d_l d^is + Omega^li s, with the derivative by finite differences."""
    model = model_of_size(dim, bands)
    k = _points(model)
    fast = band_geometry(model, operator="s", kpoints=k).compute()
    bracket = fast.s_berry_curvature.values + fast.torque_polarizability.values.swapaxes(2, 3)
    derivative, error = _derivative_of_dipole(model, k)
    scale = max(1, abs(bracket).max())
    assert error < 1e-6 * scale, "the finite difference says too little"
    difference = abs(bracket - derivative - fast.berry_curvature_operator.values).max()
    identity("bracket", model, difference / scale, error / scale)


@pytest.mark.parametrize("build", [doubled, lambda model, seed: inversion_times_time_reversal(model)])
def test_derivative_of_the_dipole_of_doublets(build):
    """Group traces of exact doublets; only the dipole's derivative has a form of its own for groups."""
    model = build(random_model(11, 2, 4), 3)
    k = _points(model, group=2)
    fast = band_geometry(model, operator="s", kpoints=k).compute()
    expected, error = _derivative_of_dipole(model, k)
    assert abs(expected).max() > 0.01
    assert error < 1e-6 * abs(expected).max()
    assert abs(_derivative_in_closed_form(fast) - expected).max() < error


@pytest.mark.parametrize(("dim", "bands"), SIZES)
def test_conservation_on_every_grid(dim, bands, identity):
    """D^lis + Q^il,tau = -epsilon_ilk M_k: algebraic with the flow form, hence to rounding on the coarsest grids.

    The smallest gap on the grid enters squared: 100 EPS/gap^2 of the scale.
    """
    model = model_of_size(dim, bands)
    for points in (3, 5):
        levels = band_geometry(model, operator="s", grid=points, quantities=["energy"]).energy.values
        gap = min(1.0, np.diff(levels, axis=1).min())
        result = equilibrium(model, operator="s", grid=points, mu=0.4, temperature=3000)
        total = (result.current_dipole_density + result.torque_quadrupole_density).squeeze()
        M = result.magnetization.squeeze().values
        scale = float(result.torque_quadrupole_density_scale.max())
        assert abs(M).max() > 1e-6 * scale
        error = abs(total.transpose("i", "l").values + antisymmetric(M, dim)).max() / scale
        identity("conservation", model, error, 100 * EPS / gap**2)


@pytest.mark.parametrize(("dim", "bands", "start"), [(2, 2, 4), (2, 3, 4), (2, 4, 4), (2, 5, 4), (3, 2, 3), (3, 3, 3)])
def test_conservation_as_an_integral(dim, bands, start, identity):
    """With the explicit derivative in chi it is a statement about the integral: it converges with the grid.

    Levels a good part of 1 eV apart (weak hopping): a dipole varies over gap/speed, which the grid has to resolve.
    """
    model = model_of_size(dim, bands, hopping=0.1 if dim == 2 else 0.05)
    grids = [start * 2**level for level in range(4)]
    residuals = [_conservation_residual(model, points) for points in grids]
    assert residuals[1] > 1e-8, "the coarse grid is good already"
    # an error exp(-c N) is squared when N doubles; 1.4 leaves room for prefactors
    assert residuals[2] < residuals[1] ** 1.4
    series = [(f"N = {points}", residual) for points, residual in zip(grids, residuals, strict=True)]
    identity("conservation integral", model, residuals[3], max(1e-12, residuals[2] ** 1.4), series)


def _conservation_residual(model, points, mu=0.4, T=0.7):
    """max |D + Q + epsilon M| / scale, from direct sums over states; T in eV."""
    bands = band_geometry(model, operator="s", grid=points).compute()
    x = (bands.energy - mu) / T
    f, g = 1 / (np.exp(x) + 1), -T * np.log1p(np.exp(-x))
    D = (f * bands.current_dipole + g * bands.s_berry_curvature).sum(("k", "band")).transpose("i", "l").values
    Q = (f * bands.torque_quadrupole + g * bands.torque_polarizability).sum(("k", "band")).transpose("i", "l").values
    circuit = (g * bands.berry_curvature_operator).sum(("k", "band")).transpose("l", "i").values
    M = (f * bands.magnetic_moment).sum(("k", "band")).values + axial(circuit) / 2
    scale = float((abs(g * bands.torque_polarizability)).sum(("k", "band")).max())
    return abs(D + Q + antisymmetric(M, model.dim)).max() / scale
