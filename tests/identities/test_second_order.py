"""Second order in gradients: definitions (with note [33] of the paper) against closed forms, and D + Q = -epsilon M."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import band_geometry, equilibrium
from tests.identities.random_models import (
    EPS,
    away_from_crossings,
    doubled,
    inversion_times_time_reversal,
    random_kpoints,
    random_model,
)

MODELS = [(seed, dim, bands, bands > 3) for seed, (dim, bands) in enumerate([(1, 3), (2, 2), (2, 4), (2, 5), (3, 3)])]


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
    return away_from_crossings(model, random_kpoints(5, model, 12), group)[:3]


def _derivative_of_dipole(model, k, step=1e-3):
    """d_l d_n^is over (k, n, l, i), five-point differences: error step^4/30 x fifth derivative, some 1e-10."""

    def dipole(points):
        return band_geometry(model, "s", kpoints=points, quantities=["s_dipole"]).s_dipole.values

    axes = step * np.eye(model.dim)
    near, far = (np.stack([dipole(k + n * a) - dipole(k - n * a) for a in axes], axis=2) for n in (1, 2))
    return (8 * near - far) / (12 * step)


@pytest.mark.parametrize(("seed", "dim", "bands", "blocks"), MODELS)
def test_closed_forms_are_the_definitions(seed, dim, bands, blocks):
    """State by state. Denominators above 0.1 eV enter with the third power: 1e3 x EPS x a few operations."""
    model = random_model(seed, dim, bands, blocks=blocks)
    k = _points(model)
    fast = band_geometry(model, "s", kpoints=k).compute()
    chi, q = fast.torque_polarizability.values, fast.torque_quadrupole.values
    derivative = chi.swapaxes(2, 3) - fast.berry_curvature_operator.values + fast.s_berry_curvature.values  # (k,n,l,i)
    for point in range(len(k)):
        definitions = Definitions(model, k[point])
        scale = max(1, abs(q[point]).max(), abs(chi[point]).max(), abs(derivative[point]).max())
        tolerance = 1e5 * EPS * scale
        assert abs(q[point] - definitions.torque_quadrupole()).max() < tolerance
        assert abs(chi[point] - definitions.torque_polarizability(derivative[point])).max() < tolerance
        xi = fast.berry_curvature_operator.values[point] + derivative[point] - derivative[point].swapaxes(1, 2)
        assert abs(xi - definitions.mixed_curvature()).max() < tolerance


@pytest.mark.parametrize(("seed", "dim", "bands", "blocks"), MODELS)
def test_derivative_of_the_dipole(seed, dim, bands, blocks):
    """Omega^lis + chi^il = d_l d^is + Omega^li s, with the derivative by finite differences."""
    model = random_model(seed, dim, bands, blocks=blocks)
    k = _points(model)
    fast = band_geometry(model, "s", kpoints=k).compute()
    bracket = fast.s_berry_curvature.values + fast.torque_polarizability.values.swapaxes(2, 3)
    expected = _derivative_of_dipole(model, k) + fast.berry_curvature_operator.values
    # step^4/30 times the fifth derivative, which grows as (speed/gap)^5, up to 1e5 times the dipole
    assert abs(bracket - expected).max() < 1e-13 / 30 * 1e7 * max(1, abs(expected).max())


@pytest.mark.parametrize("build", [doubled, lambda model, seed: inversion_times_time_reversal(model)])
def test_derivative_of_the_dipole_of_doublets(build):
    """Group traces of exact doublets; only the dipole's derivative has a form of its own for groups."""
    model = build(random_model(11, 2, 4), 3)
    k = _points(model, group=2)
    fast = band_geometry(model, "s", kpoints=k).compute()
    derivative = (
        fast.torque_polarizability.values.swapaxes(2, 3)
        - fast.berry_curvature_operator.values
        + fast.s_berry_curvature.values
    )
    expected = _derivative_of_dipole(model, k)
    assert abs(expected).max() > 0.01
    assert abs(derivative - expected).max() < 1e-13 / 30 * 1e7 * max(1, abs(expected).max())


@pytest.mark.parametrize(("seed", "dim", "bands", "blocks"), [model for model in MODELS if model[1] > 1])
@pytest.mark.parametrize("points", [3, 5])
def test_conservation_on_every_grid(seed, dim, bands, blocks, points):
    """D^lis + Q^il,tau = -epsilon_ilk M_k: algebraic with the flow form, hence to rounding on the coarsest grids.

    The gap of two levels enters squared and may be 1e-3 eV on a random grid: 1e6 x EPS x the scale.
    """
    result = equilibrium(random_model(seed, dim, bands, blocks=blocks), "s", points, mu=0.4, temperature=3000)
    total = (result.current_dipole_density + result.torque_quadrupole_density).squeeze().transpose("i", "l").values
    M = result.magnetization.squeeze().values
    epsilon_M = M * np.array([[0, 1], [-1, 0]]) if dim == 2 else np.einsum("ilk,k->il", _levi_civita(), M)
    scale = float(result.torque_quadrupole_density_scale.max())
    assert abs(total + epsilon_M).max() < 1e6 * EPS * scale
    assert abs(M).max() > 1e-6 * scale


def test_conservation_as_an_integral():
    """With the explicit derivative in chi it is a statement about the integral: it converges with the grid.

    Levels a good part of 1 eV apart (weak hopping): a dipole varies over gap/speed, which the grid has to resolve.
    """
    model = random_model(2, 2, 3, hopping=0.1)
    residuals = [_conservation_residual(model, points) for points in (4, 8, 16, 32)]
    assert residuals[1] > 1e-8, "the coarse grid is good already"
    assert residuals[2] < residuals[1] ** 1.4, (
        "an error exp(-c N) is squared when N doubles; 1.4 leaves room for prefactors"
    )
    assert residuals[3] < 1e-12


def _conservation_residual(model, points, mu=0.4, T=0.7):
    """max |D + Q + epsilon M| / scale, from direct sums over states; T in eV."""
    bands = band_geometry(model, "s", grid=points).compute()
    x = (bands.energy - mu) / T
    f, g = 1 / (np.exp(x) + 1), -T * np.log1p(np.exp(-x))
    D = (f * bands.current_dipole + g * bands.s_berry_curvature).sum(("k", "band")).transpose("i", "l").values
    Q = (f * bands.torque_quadrupole + g * bands.torque_polarizability).sum(("k", "band")).transpose("i", "l").values
    M = float((f * bands.magnetic_moment + g * bands.berry_curvature_operator[..., 0, 1]).sum())
    scale = float((abs(g * bands.torque_polarizability)).sum(("k", "band")).max())
    return abs(D + Q + M * np.array([[0, 1], [-1, 0]])).max() / scale


def _levi_civita():
    epsilon = np.zeros((3, 3, 3))
    for i, l, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        epsilon[i, l, k], epsilon[l, i, k] = 1, -1
    return epsilon
