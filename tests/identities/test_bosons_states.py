"""State by state, for each of the 2N bands of bosons: the identities of the paper with the signs of the norm."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr
from scipy.linalg import expm

from cc_kernels import Operator, band_geometry, bosons
from cc_kernels.models import TightBinding
from cc_kernels.models.base import BOSE
from cc_kernels.models.bosonic_checks import exchanged
from tests.identities.boson_models import MODES, OPERATORS, bosons_of, pair_square
from tests.identities.definitions import derivative, derivative_of_dipole, errors_of_closed_forms, flux_through_squares
from tests.identities.eigensystems import eigensystem, metric
from tests.identities.random_models import EPS, STEP, ByProjectors, hermitian, random_bosons, random_kpoints

ROUNDING = 1e-12
"""Of the largest value: some 100 products of numbers that are known to 10 EPS |H|/gap, with gaps of 0.1 eV or more."""
EVEN = ("velocity", "torque_berry_curvature", "s_berry_curvature", "berry_curvature_operator", "mixed_curvature")
EVEN += ("torque_polarizability",)
ODD = ("energy", "operator_expectation", "operator_current", "s_dipole", "torque_dipole", "berry_curvature")
ODD += ("current_dipole", "torque_quadrupole")
EVERYTHING = (*EVEN, *ODD)
"""What is even, or odd, between particles at k and holes at -k: curvatures are odd without an odd factor."""
EACH = [(dim, modes, OPERATORS[n]) for dim, modes in MODES for n in ((dim + modes) % 2, 2)]
each_model = pytest.mark.parametrize(("dim", "modes", "operator"), EACH)


def bands_at(model: TightBinding, k: np.ndarray) -> xr.Dataset:
    return band_geometry(model, operator="s", kpoints=k, quantities=[*EVERYTHING]).compute()


@cache
def solved(dim: int, modes: int, operator: str) -> tuple[TightBinding, np.ndarray, xr.Dataset]:
    """Random bosons, some k, and all quantities there."""
    model = bosons_of(dim, modes, operator)
    k = random_kpoints(1, model, 10)
    return model, k, bands_at(model, k)


def largest(*parts: np.ndarray) -> float:
    return max(1.0, *(np.abs(np.asarray(part)).max(initial=0) for part in parts))


@pytest.mark.parametrize(("dim", "modes"), MODES)
def test_states_are_paraunitary(dim, modes, identity):
    """Colpa's states against what they have to obey, and against a solver for general matrices that knows no norm."""
    model = random_bosons(10 * dim + modes, modes, dim)
    k = random_kpoints(1, model, 200)
    solved, eta, hamiltonian = model.solve(k), metric(model), model.hamiltonian(k)
    T, adjoint = solved.states, solved.states.conj().swapaxes(-1, -2)
    of_norm = np.abs(adjoint @ eta @ T - np.diag(solved.signs)).max()
    of_energy = np.abs(eta @ hamiltonian @ T - T * solved.energies[:, None, :]).max()
    assert (np.sign(solved.energies) == solved.signs).all()
    energies, right, left = eigensystem(model, hamiltonian)
    occupation = 1 / np.expm1(solved.energies / 0.3)
    # <Psi^+_a Psi_b> as (n(eta H) eta)_ba: no phase, no norm and no order of states in it
    expected = (right / np.expm1(energies / 0.3)[:, None, :]) @ left @ eta
    correlation = (T * (solved.signs * occupation)[:, None, :]) @ adjoint
    error = max(
        of_norm,
        of_energy,
        np.abs(solved.energies - energies).max(),
        np.abs(solved.left @ T - np.eye(2 * modes)).max(),
        np.abs(correlation - expected).max() / np.abs(expected).max(),
    )
    identity("paraunitary", model, error, ROUNDING)


@each_model
def test_every_quantity_is_its_projector_formula(dim, modes, operator):
    """Finite differences of P = |n><n~|, from the general solver: no sum over states, no norm, no gauge."""
    model, k, bands = solved(dim, modes, operator)
    fine, coarse = (ByProjectors(model, k, 1, step).values for step in (STEP, 2 * STEP))
    for name, value in fine.items():
        # as for fermions: 1/15 of the change, with room; EPS |H|/gap of a projector over the step, |s| |v|/gap before
        error = np.abs(value - coarse[name]).max() / 5 + 50 * (20 * EPS / 0.1 / STEP)
        assert error <= 1e-4 * largest(value), f"{name}: the finite difference says too little"
        assert np.abs(bands[name].values - value).max() <= error, name


@each_model
def test_torque_dipole_and_torque_berry_curvature(dim, modes, operator, identity):
    model, k, b = solved(dim, modes, operator)
    difference = b.torque_dipole + b.operator_current - b.velocity * b.operator_expectation
    identity("torque dipole", model, np.abs(difference).max() / largest(b.operator_current), ROUNDING)
    # s_n is known to EPS |s| |H|/gap
    slope, error = derivative(model, k, "operator_expectation", 300 * EPS)
    scale = largest(slope)
    assert error < 1e-6 * scale, "the finite difference says too little"
    identity("torque curvature", model, np.abs(b.torque_berry_curvature - slope).max() / scale, error / scale)


@each_model
def test_closed_forms_are_the_definitions(dim, modes, operator, identity):
    """Torque quadrupole, polarizability with note [33], mixed curvature; tolerance as for fermions."""
    model, k, _ = solved(dim, modes, operator)
    for name, error in errors_of_closed_forms(model, k[:3]).items():
        identity(name, model, error, 1e5 * EPS)


@each_model
def test_derivative_of_the_dipole(dim, modes, operator, identity):
    """Omega^lis + chi^il = d_l d^is + Omega^li s, with the derivative by finite differences."""
    model, k, b = solved(dim, modes, operator)
    slope, error = derivative_of_dipole(model, k)
    bracket = b.s_berry_curvature.values + b.torque_polarizability.values.swapaxes(2, 3)
    scale = largest(bracket)
    assert error < 1e-6 * scale, "the finite difference says too little"
    identity("bracket", model, np.abs(bracket - slope - b.berry_curvature_operator).max() / scale, error / scale)
    xi = b.berry_curvature_operator + slope - slope.swapaxes(2, 3)
    identity("mixed curvature", model, np.abs(b.mixed_curvature - xi).max() / scale, 2 * error / scale)


@pytest.mark.parametrize(("dim", "modes"), [(dim, modes) for dim, modes in MODES if dim > 1])
def test_berry_curvature_is_the_phase_around_a_square(dim, modes, identity):
    model = random_bosons(20 * dim + modes, modes, dim)
    k = random_kpoints(6, model, 12)
    curvature = bands_at(model, k).berry_curvature.values
    for l, i in [(0, 1), (1, 2), (2, 0)][: 3 if dim == 3 else 1]:
        flux, error = flux_through_squares(model, k, (l, i))
        scale = np.abs(curvature).max()
        assert scale > 1e-3
        assert error < 1e-3 * scale, "the square says too little"
        identity("berry curvature", model, np.abs(curvature[:, :, l, i] - flux).max() / scale, error / scale)


@each_model
def test_holes_repeat_particles(dim, modes, operator, identity):
    """H_-k = tau_x H_k^* tau_x: hole bands at -k, from the top, are the particle bands at k, from the bottom."""
    model, k, bands = solved(dim, modes, operator)
    particles, holes = bands.isel(band=slice(modes, None)), bands_at(model, -k).isel(band=slice(modes - 1, None, -1))
    for name in EVERYTHING:
        sign = -1 if name in ODD else 1
        difference = np.abs(holes[name].values - sign * particles[name].values).max(initial=0)
        identity("holes", model, difference / largest(particles[name].values), ROUNDING)


@pytest.mark.parametrize(("dim", "modes"), MODES)
def test_what_is_conserved_has_no_dipole_and_no_torque(dim, modes, identity):
    model = random_bosons(10 * dim + modes, modes, dim, conserved=True)
    b = bands_at(model, random_kpoints(8, model, 10))
    for name in ("s_dipole", "torque_dipole", "torque_berry_curvature", "torque_quadrupole", "torque_polarizability"):
        identity("conserved", model, np.abs(b[name]).max() / largest(b.operator_current), ROUNDING)
    assert np.abs(np.abs(b.operator_expectation) - 1).max() < ROUNDING, "every state has one of the two charges"
    assert np.abs(b.operator_current).max() > 1e-2


def test_one_mode_in_closed_form(identity):
    """eps = A_o + sqrt(A_e^2 - |B|^2), c = A_e/(eps - A_o), s = -c, d = -(1/2)(c^2 - 1) d phi, and
    Omega^xy = -(1/2) dc x d phi: Eq. (9) with the hyperbolic sign. H from the sines and cosines of `pair_square`.
    """
    model = pair_square()
    k = random_kpoints(9, model, 50)
    cos, sin = np.cos(k), np.sin(k)
    A_even, dA = (5.6 - 2 * cos.sum(1)) * 1e-3, 2e-3 * sin
    A_odd = 2e-3 * 0.4 * sin[:, 0]
    B = (0.6 * cos[:, 0] + 0.5j * cos[:, 1]) * 1e-3
    dB = np.stack([-0.6 * sin[:, 0], -0.5j * sin[:, 1]], 1) * 1e-3
    root = np.sqrt(A_even**2 - abs(B) ** 2)
    c = A_even / root
    dphi = (B.conj()[:, None] * dB).imag / abs(B[:, None]) ** 2
    # c^-2 = 1 - |B|^2/A_even^2
    of_B = (B.conj()[:, None] * dB).real / A_even[:, None] ** 2
    dc = c[:, None] ** 3 * (of_B - (abs(B) ** 2 / A_even**3)[:, None] * dA)
    b = band_geometry(model, operator="spin_z", kpoints=k).compute().isel(band=1)
    expected = {
        "energy": A_odd + root,
        "operator_expectation": -c,
        "s_dipole": -(c**2 - 1)[:, None] * dphi / 2,
        "torque_berry_curvature": -dc,
    }
    for name, value in expected.items():
        identity("one mode", model, np.abs(b[name].values - value).max() / np.abs(value).max(), ROUNDING)
    curvature = -(dc[:, 0] * dphi[:, 1] - dc[:, 1] * dphi[:, 0]) / 2
    difference = np.abs(b.berry_curvature.sel(l="x", i="y").values - curvature).max()
    identity("one mode", model, difference / np.abs(curvature).max(), ROUNDING)


def test_an_operator_of_the_modes_is_doubled():
    """b^+ a b is (1/2) Psi^+ diag(a, a^T) Psi up to a number; an operator of (b, b^+) stays as it is."""
    a, whole = hermitian(np.random.default_rng(1), 2), bosons_of(1, 2, "anomalous").operators["s"].matrix
    given = {"matrix": a, "with a unit": (a, "hbar"), "operator": Operator(a, "hbar"), "whole": whole}
    model = bosons([[1.0]], [[0]], [np.eye(2)], operators=given)
    doubled = np.block([[a, np.zeros((2, 2))], [np.zeros((2, 2)), a.T]])
    for name, operator in model.operators.items():
        assert np.array_equal(operator.matrix, whole if name == "whole" else doubled), name
        assert operator.unit == ("1" if name in ("matrix", "whole") else "hbar")


@each_model
def test_no_dependence_on_a_paraunitary_basis(dim, modes, operator, identity):
    """Psi = Q Psi', Q^+ eta Q = eta, constant in k, within sites and with Q = tau_x Q^* tau_x: the same bosons.

    Such as another reference frequency of phonons. Q = exp(-i eta K), K = tau_x K^* tau_x Hermitian.
    """
    model, k, one = solved(dim, modes, operator)
    same_site = np.abs(model.positions[:, None] - model.positions).max(-1) == 0
    K = 0.5 * hermitian(np.random.default_rng(modes), 2 * modes) * same_site
    Q = expm(-1j * metric(model) @ (K + exchanged(K.conj())) / 2)
    assert np.abs(Q.conj().T @ Q - np.eye(2 * modes)).max() > 0.1, "it mixes b and b^+"
    other = TightBinding(
        model.lattice,
        model.R,
        Q.conj().T @ model.hoppings @ Q,
        model.positions,
        {"s": Q.conj().T @ model.operators["s"].matrix @ Q},
        statistics=BOSE,
        particle_hole_copies=2,
    )
    two = bands_at(other, k)
    for name in EVERYTHING:
        error = np.abs((one[name] - two[name]).values).max(initial=0) / largest(one[name])
        identity("change of basis", model, error, ROUNDING)
