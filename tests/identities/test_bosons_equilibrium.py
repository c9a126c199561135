"""Equilibrium of bosons: Eq. (5) and the magnetization, from the zero-point motion at T -> 0 to temperatures above all
bands, and the dipole density of the current from exact static perturbation theory."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pytest
import xarray as xr

from cc_kernels import band_geometry, equilibrium, respond
from cc_kernels.geometry.formulas import axial
from cc_kernels.models import TightBinding
from cc_kernels.units import KELVIN
from tests.identities.boson_models import bosons_of
from tests.identities.finite_differences import OFFSETS, derivative
from tests.identities.random_models import COUPLING, EPS, LOWEST, antisymmetric, random_bosons
from tests.identities.static_response import bose_difference, static_response

COLD, WARM, HOT = 0.003, 0.2, 3.0
"""eV, where levels are 0.15 to 3 eV: n is at most exp(-50), of order one, up to 20."""
GRIDS = {1: (6, 12, 32), 2: (5, 10, 28), 3: (4, 8, 20)}
EACH = [
    (1, 1, "anomalous"),
    (1, 3, "number conserving"),
    (2, 1, "anomalous"),
    (2, 2, "diagonal"),
    (2, 3, "number conserving"),
    (3, 1, "anomalous"),
    (3, 2, "diagonal"),
]
NEEDED = ["conventional_current", "torque_dipole_density", "net_current", "current_dipole_density"]
NEEDED += ["torque_quadrupole_density", "magnetization", "magnetization_sea", "alpha_intrinsic", "alpha_intrinsic_sea"]
each_model = pytest.mark.parametrize(("dim", "modes", "operator"), EACH)
above_one_dimension = pytest.mark.parametrize(("dim", "modes", "operator"), [one for one in EACH if one[0] > 1])


@cache
def integrals(dim: int, modes: int, operator: str, grid: int) -> xr.Dataset:
    temperatures = np.array([COLD, WARM, HOT]) / KELVIN
    variables = [name for name in NEEDED if dim > 1 or "magnetization" not in name]
    at = {"grid": grid, "temperature": temperatures, "variables": variables}
    return respond(bosons_of(dim, modes, operator), ["equilibrium", "thermal"], **at).squeeze("mu")


def bose(x: np.ndarray, T: float) -> tuple[np.ndarray, np.ndarray]:
    """n and g = T ln|1 - exp(-eps/T)|."""
    return 1 / np.expm1(x / T), T * np.log(np.abs(np.expm1(-x / T)))


@each_model
def test_net_current_vanishes_exponentially_with_the_grid(dim, modes, operator, identity):
    """Eq. (5), int n J + D_tau = 0, at three temperatures; at the lowest there is the zero-point part alone.

    The integrand is analytic for |Im k| < gap/speed, some 0.5 to 1 here.
    """
    each = [integrals(dim, modes, operator, grid) for grid in GRIDS[dim]]
    residuals = [float((abs(one.net_current).max("i") / one.net_current_scale).max()) for one in each]
    assert residuals[0] > 1e-11, "the coarse grid is good already: the test does not see the convergence"
    # a residual exp(-c N) is squared when N doubles; the power 1.4 leaves room for prefactors
    assert residuals[1] < residuals[0] ** 1.4
    series = [(f"N = {grid}", residual) for grid, residual in zip(GRIDS[dim], residuals, strict=True)]
    # the floor: rounding, and the energy mesh's 1e-18 of n and g
    identity("net current", bosons_of(dim, modes, operator), residuals[-1], 1e-12, series)
    for part in ("conventional_current", "torque_dipole_density"):
        assert (abs(each[-1][part]).max("i") > 1e-4 * each[-1].net_current_scale).all(), "a sum of zeros"


@above_one_dimension
def test_conservation_on_every_grid(dim, modes, operator, identity):
    """D^lis + Q^il,tau = -epsilon_ilk M_k with closed forms, where Eq. (5) has not converged: 100 EPS/gap^2."""
    for grid in GRIDS[dim][:2]:
        result = integrals(dim, modes, operator, grid)
        total = (result.current_dipole_density + result.torque_quadrupole_density).transpose(..., "i", "l").values
        M, scale = result.magnetization.values, result.torque_quadrupole_density_scale.values
        assert (np.abs(M).reshape(len(scale), -1).max(1) > 1e-6 * scale)[1:].all()
        error = np.abs(total + antisymmetric(M, dim)).max((1, 2)) / scale
        gap = 1 - 2 * COUPLING
        identity("conservation", bosons_of(dim, modes, operator), error.max(), 100 * EPS / gap**2)


@pytest.mark.parametrize("modes", [1, 2])
def test_conservation_as_an_integral(modes, identity):
    """With the explicit derivative of the dipole in chi, from direct sums over states: it converges with the grid."""
    model, grids = bosons_of(2, modes, "anomalous"), (5, 10, 20)
    residuals = [_conservation_residual(model, grid, WARM) for grid in grids]
    assert residuals[0] > 1e-10, "the coarse grid is good already"
    assert residuals[1] < residuals[0] ** 1.4
    series = [(f"N = {grid}", residual) for grid, residual in zip(grids, residuals, strict=True)]
    identity("conservation integral", model, residuals[2], max(1e-12, residuals[1] ** 1.4), series)


def _conservation_residual(model: TightBinding, grid: int, T: float) -> float:
    """max |D + Q + epsilon M| / scale; T in eV."""
    bands = band_geometry(model, operator="s", grid=grid).compute()
    n, g = bose(bands.energy, T)
    D = (n * bands.current_dipole + g * bands.s_berry_curvature).sum(("k", "band")).transpose("i", "l").values
    Q = (n * bands.torque_quadrupole + g * bands.torque_polarizability).sum(("k", "band")).transpose("i", "l").values
    circuit = (g * bands.berry_curvature_operator).sum(("k", "band")).transpose("l", "i").values
    M = (n * bands.magnetic_moment).sum(("k", "band")).values + axial(circuit) / 2
    scale = float((abs(g * bands.torque_polarizability)).sum(("k", "band")).max())
    return abs(D + Q + antisymmetric(M, model.dim)).max() / scale


@above_one_dimension
def test_sea_forms(dim, modes, operator, identity):
    """They differ from the others by integrals of derivatives, below 1e-12 on the finest grid (see Eq. 5)."""
    model, errors = bosons_of(dim, modes, operator), {"sea magnetization": [], "sea thermal": []}
    for grid in GRIDS[dim]:
        result = integrals(dim, modes, operator, grid)
        difference = abs(result.magnetization_sea - result.magnetization) / result.magnetization_scale
        errors["sea magnetization"].append(float(difference.max()))
        alpha = result.alpha_intrinsic.transpose(..., "i", "l").values[1:]  # there is none at the lowest temperature
        antisymmetric_part = (alpha - alpha.swapaxes(1, 2)) / 2
        sea, scale = result.alpha_intrinsic_sea.transpose(..., "i", "l").values[1:], result.alpha_intrinsic_scale[1:]
        errors["sea thermal"].append(np.max(np.abs(sea - antisymmetric_part).max((1, 2)) / scale.values))
    has_any = np.abs(sea[0]).max() > 1e-3 * scale.values[0]
    assert has_any == (modes > 1), "of one mode, s, c and phi are even in k, and particles and holes cancel"
    for name, each in errors.items():
        assert each[0] > 1e-9, "the forms do not differ"
        series = [(f"N = {grid}", error) for grid, error in zip(GRIDS[dim], each, strict=True)]
        identity(name, model, each[-1], 1e-12, series)


@pytest.mark.parametrize(("dim", "modes"), [(1, 2), (2, 1), (2, 3), (3, 2)])
def test_a_modulated_energy_density_drives_the_dipole_densities(dim, modes, identity):
    """Luttinger's field: H -> (1 + psi/2) H (1 + psi/2), slow in space. No wave packets, no zone integration by parts.

    All energies scale with 1 + psi at constant T, so a density of dimension energy gains psi (D - T dD/dT) where it is,
    and J^is = -d_l of that: -i q_l psi (D - T dD/dT)^li at wave vector q; the torque likewise with D^i,tau. Particle-
    hole pairs are among the transitions. Of the operators, what psi adds to them is even in q.
    """
    model, grid, T = bosons_of(dim, modes, "anomalous"), {1: 32, 2: 20, 3: 10}[dim], 0.5
    s, step = model.operators["s"].matrix, T / 160
    wanted = ["current_dipole_density", "torque_dipole_density"]
    densities = equilibrium(model, grid=grid, temperature=(T + OFFSETS * step) / KELVIN, variables=wanted)
    directions = np.eye(dim) if dim < 3 else np.array([[0.8, -0.6, 0.3]])
    driven = [
        static_response(model, s, grid, lambda pair: pair.back(pair.middle), partial(bose_difference, T=T), direction)
        for direction in directions
    ]
    response, error_of_response = (np.stack(each) for each in zip(*driven, strict=True))
    current = densities.current_dipole_density.transpose(..., "temperature", "l", "i")
    torque = densities.torque_dipole_density.transpose(..., "temperature", "i").expand_dims("none", -1)
    for name, density, part in (
        ("luttinger current", current, slice(0, dim)),
        ("luttinger torque", torque, slice(dim, dim + 1)),
    ):
        slope, slope_error = derivative(density.values[0], step)
        expected = -1j * directions @ (density.values[0, 4] - T * slope)
        size = np.abs(expected).max()
        error = error_of_response[:, part].max() + T * slope_error
        assert error < 1e-5 * size, f"{name}: the finite differences say too little"
        assert np.abs(slope).max() * T > 0.01 * size, "the change with temperature matters"
        identity(name, model, np.abs(response[:, part] - expected).max() / size, error / size)


@above_one_dimension
def test_zero_point_motion_magnetizes_and_carries_no_heat(dim, modes, operator, identity):
    """At T -> 0 every mode holds half a boson: M = sum over particles of int (m/2 + (E/2) Omega s); alpha vanishes."""
    model, grid = bosons_of(dim, modes, operator), GRIDS[dim][1]
    names = ["energy", "magnetic_moment", "berry_curvature_operator"]
    bands = band_geometry(model, grid=grid, quantities=names).compute().isel(band=slice(modes, None))
    circuit = (bands.energy * bands.berry_curvature_operator).sum(("k", "band")).transpose("l", "i").values
    total = bands.magnetic_moment.sum(("k", "band")).values / 2 + axial(circuit) / 4
    expected = total * bands.attrs["measure"] / bands.sizes["k"]
    result = integrals(dim, modes, operator, grid)
    M, scale = result.magnetization.values[0], result.magnetization_scale.values[0]
    if modes > 1:
        assert np.abs(M).max() > 1e-4 * scale, "there is a zero-point part"
    else:  # it falls with the grid
        assert np.abs(integrals(dim, modes, operator, GRIDS[dim][2]).magnetization.values[0]).max() < 1e-12 * scale
    # the mesh's 1e-18 of n and g; thermal bosons, exp(-50)
    frozen = np.exp(-(LOWEST - COUPLING) / COLD)
    identity("zero point", model, np.abs(M - expected).max() / scale, 1e-14 + frozen)
    alpha = np.abs(result.alpha_intrinsic.values).max((1, 2))
    assert alpha[1] > 1e-3 * result.alpha_intrinsic_scale.values[1]
    # S = (1 + x) exp(-x), against some tenths at WARM
    identity("zero point", model, alpha[0] / alpha[1], 1e4 * frozen)


@pytest.mark.parametrize("modes", [1, 2, 3])
def test_the_bundle_of_the_particles_is_trivial(modes, identity):
    """Positive definite H can be deformed to 1: the integral of the particles' summed curvature is 0."""
    model, grids = random_bosons(40 + modes, modes, 2), (5, 10, 24)
    errors = []
    for grid in grids:
        bands = band_geometry(model, grid=grid, quantities=["berry_curvature"]).compute()
        particles = bands.berry_curvature.sel(l="x", i="y", band=slice(modes, None)).sum("band").values
        errors.append(abs(particles.sum()) / np.abs(particles).sum())
    assert np.abs(particles).max() > 1e-4
    assert errors[0] > 1e-11
    assert errors[1] < errors[0] ** 1.4
    series = [(f"N = {grid}", error) for grid, error in zip(grids, errors, strict=True)]
    identity("trivial bundle", model, errors[-1], 1e-12, series)
