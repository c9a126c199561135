"""Mott and Einstein relations: what ties the responses to fields, to gradients of mu and to gradients of T."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from cc_kernels import band_geometry, build_model, equilibrium, transport
from cc_kernels.responses import transport as transport_response
from cc_kernels.sums import EnergyMesh, evaluate
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.units import KELVIN
from tests.identities.finite_differences import OFFSETS, derivative
from tests.identities.random_models import SIZES, antisymmetric, dispersed_model, model_of_size
from tests.identities.static_response import fermi_difference, static_response

MESH_ERROR = 5e-11
"""Of the scale: the energy mesh errs by (4/pi) (h/pi)^8 |F^(8)|, h = T/10, and the eighth derivative of -f' is
2 x 9!/pi^10/T^8, 31 times its maximum (2.7 times for f)."""


@pytest.mark.parametrize(("dim", "bands"), SIZES)
def test_maxwell_relation(dim, bands, identity):
    """d(sigma/e)/dT = d alpha/d mu: an identity of windows, so it holds on any grid."""
    model, T, mu = model_of_size(dim, bands), 2000.0, 0.4
    step = T / 40
    in_temperature = transport(
        model, operator="s", grid=4, mu=mu, temperature=T + OFFSETS * step
    ).sigma_intrinsic.values[0]
    result = transport(model, operator="s", grid=4, mu=mu + OFFSETS * step * KELVIN, temperature=T)
    scale = float(result.alpha_intrinsic_scale.max())
    left, left_error = derivative(in_temperature, step * KELVIN)
    right, right_error = derivative(result.alpha_intrinsic.values[:, 0], step * KELVIN)
    error = left_error + right_error + 2 * MESH_ERROR * scale / (step * KELVIN)
    size = np.abs(left).max()
    assert error < 1e-4 * size, "the finite difference says too little"
    identity("maxwell", model, np.abs(left - right).max() / size, error / size)


def intrinsic(model, operator, grid, mu, temperature):
    """sigma_intrinsic and alpha_intrinsic alone, as a function of (mu, temperature): one grid for many calls."""
    variables = transport_response.table(model.dim)
    wanted = {name: variables[name] for name in ("sigma_intrinsic", "alpha_intrinsic")}
    names = sorted({term.quantity for variable in wanted.values() for term in variable.terms})
    sums = sums_on_grid(model, names, operator, grid, EnergyMesh.covering(mu, temperature))
    return lambda mu, temperature, name: evaluate(sums, mu, temperature, {name: wanted[name]})


MOTT = {
    # model, operator, mu (eV), lowest temperature (eV), grid: speed and temperature ask for exp(-N pi T/speed) << 1e-3
    "Rashba electrons, exchange field": (
        lambda: build_model("rashba_square", bx=0.4, bz=0.3),
        "spin_z",
        2.0,
        0.034,
        448,
    ),
    "BHZ": (lambda: build_model("bhz"), "spin_z", 0.17, 0.004, 448),
    "random, 2 bands": (lambda: dispersed_model(1, 2), "s", 0.5, 0.034, 448),
    "random, 3 bands": (lambda: dispersed_model(2, 3), "s", 2.5, 0.034, 448),
}


@pytest.mark.parametrize("name", MOTT)
def test_mott_relation(name, identity):
    """alpha = (pi^2 T/3e) d sigma/d mu + O(T^3), so the relative deviation falls as T^2 (Sommerfeld's expansion).

    With a deviation a T^2 (1 + b T^2), the exponent between T and 2T is 2 + log2 (1 + 4 b T^2)/(1 + b T^2): one
    octave lower, its distance from 2 is a quarter while small. A half leaves room for the next order.
    """
    build, operator, mu, T, grid = MOTT[name]
    model, temperatures = build(), T * np.array([1, 2, 4])
    window = [mu - temperatures[-1] / 10, mu + temperatures[-1] / 10]
    response = intrinsic(model, operator, grid, window, temperatures / KELVIN)
    deviations = []
    for kelvin, T in zip(temperatures / KELVIN, temperatures, strict=True):
        sigma = response(mu + OFFSETS * T / 40, kelvin, "sigma_intrinsic").sigma_intrinsic.values[:, 0]
        slope, error = derivative(sigma, T / 40)
        alpha = response(mu, kelvin, "alpha_intrinsic").alpha_intrinsic.values[0, 0]
        deviations.append(np.linalg.norm(3 * alpha / (np.pi**2 * T) - slope) / np.linalg.norm(slope))
        assert error < 1e-3 * deviations[-1] * np.linalg.norm(slope), "the finite difference says too little"
    exponents = np.log2(np.divide(deviations[1:], deviations[:-1]))
    assert abs(exponents[1] - 2) < 0.5, "the temperatures are too high for an expansion"
    series = [(f"T = {T:.3f} eV", deviation) for T, deviation in zip(temperatures, deviations, strict=True)]
    identity("mott", model, abs(exponents[0] - 2), abs(exponents[1] - 2) / 2, series)


INTEGRAL = {
    "Rashba electrons, exchange field": (lambda: build_model("rashba_square", bx=0.4, bz=0.3), "spin_z", 1.5),
    "BHZ": (lambda: build_model("bhz"), "spin_z", 0.05),
    "random, 2D, 4 bands": (lambda: model_of_size(2, 4), "s", 0.4),
    "random, 3D, 3 bands": (lambda: model_of_size(3, 3), "s", 0.4),
}


def thermal_kernel(x: np.ndarray, ratio: float) -> np.ndarray:
    """K(x) with x (-df/dx) = K * (-df/dx at ratio x T), x = (eps - mu)/T: the thermal window, sharpened.

    -f' at T has the transform b(w) = pi T w/sinh(pi T w), and x (-f') that of -db/dw/T. Dividing by the transform at
    ratio x T leaves exp(-pi w T (1 - ratio)), so the inverse transform converges.
    """
    w = np.arange(1, 600) * 0.05  # exp(-pi 30 (1 - ratio)) is left beyond; images lie 2 pi/0.05 = 126 away
    a = np.pi * w
    slope = np.pi * (np.sinh(a) - a * np.cosh(a)) / np.sinh(a) ** 2
    return np.sin(np.multiply.outer(x, w)) @ (-slope * np.sinh(ratio * a) / (ratio * a)) * 0.05 / np.pi


@pytest.mark.parametrize("name", INTEGRAL)
def test_thermal_response_is_an_integral_of_the_conductivity(name, identity):
    """alpha = (1/e) int deps (-f') ((eps - mu)/T) sigma_0(eps) at any T and on any grid, sigma_0 = sigma at T = 0.

    On a coarse grid sigma_0 is a staircase. sigma at t = T/4 is sigma_0 smeared with -f', which the kernel undoes.
    """
    build, operator, mu = INTEGRAL[name]
    T, ratio, model = 2000.0 * KELVIN, 1 / 4, build()
    # sigma at t is analytic for |Im eps| < pi t: steps of t/1.4 sum to exp(-2 pi^2 1.4) = 1e-12
    step = ratio / 1.4
    x = np.arange(-int(40 / step), int(40 / step) + 1) * step  # 40 exp(-40) = 2e-16 is left beyond
    response = intrinsic(model, operator, 6, mu + x * T, [ratio * T / KELVIN, T / KELVIN])
    sigma = response(mu + x * T, ratio * T / KELVIN, "sigma_intrinsic")
    kernel = thermal_kernel(x, ratio) * step
    integral = np.einsum("e,eil->il", kernel, sigma.sigma_intrinsic.values[:, 0])
    alpha = response(mu, T / KELVIN, "alpha_intrinsic")
    difference = np.abs(integral - alpha.alpha_intrinsic.values[0, 0]).max()
    assert np.abs(integral).max() > 1e-3 * alpha.alpha_intrinsic_scale.item()
    # the energy mesh errs in both, and the sum by 1e-12, relative to the scale of sigma
    scale = np.abs(kernel).sum() * float(sigma.sigma_intrinsic_scale.max())
    identity("thermal integral", model, difference / scale, 2 * MESH_ERROR + 1e-12)


# -- the Einstein relation ------------------------------------------------------------------------------------------
#
# A gradient of mu drives, besides the circulating current, J_i = -d_l int f (d^lis + q^il,tau) - (curl M)_i: moments
# of wave packets carry their local occupation, and M is subtracted. With D + Q = -epsilon M this is
# -(sigma_il/e) d_l mu, sigma_il/e = d/dmu [epsilon_ilk M_k + int f (d^lis + q^il,tau)]: Fermi-surface sums, except for
# the derivative of the magnetization of Eq. (6). The response to E is the sum over the Fermi sea in Eq. (11).


@pytest.mark.parametrize(("dim", "bands"), SIZES)
def test_einstein_relation_on_every_grid(dim, bands, identity):
    """The response to -grad mu/e, from M and from the moments on the Fermi surface, is sigma_intrinsic."""
    model, grid, mu, T = model_of_size(dim, bands), 5, 0.4, 2000.0 * KELVIN
    step = T / 40
    result = equilibrium(model, operator="s", grid=grid, mu=mu + OFFSETS * step, temperature=T / KELVIN)
    slope, slope_error = derivative(result.magnetization.values[:, 0], step)
    states = band_geometry(model, operator="s", grid=grid).compute()
    surface = 1 / (4 * T * np.cosh((states.energy - mu) / (2 * T)) ** 2)
    moments = states.current_dipole.transpose("k", "band", "i", "l") + states.torque_quadrupole
    local = (surface * moments).sum(("k", "band")) * states.attrs["measure"] / states.sizes["k"]
    sigma = transport(model, operator="s", grid=grid, mu=mu, temperature=T / KELVIN).sigma_intrinsic.values[0, 0]
    size = np.abs(sigma).max()
    error = slope_error + 2 * MESH_ERROR * float(result.magnetization_scale.max()) / step
    assert error < 1e-4 * size, "the finite difference says too little"
    for part in (antisymmetric(slope, dim), local.transpose("i", "l").values):
        assert np.abs(part).max() > 0.01 * size, "the magnetization and the moments both matter"
    difference = antisymmetric(slope, dim) + local.transpose("i", "l").values - sigma
    identity("einstein surface", model, np.abs(difference).max() / size, error / size)


@pytest.mark.parametrize(("dim", "bands"), [(2, 2), (2, 3), (2, 4), (2, 5), (3, 2)])
def test_fermi_sea_and_fermi_surface_agree(dim, bands, identity):
    """int f (Omega^lis + chi^il,tau), the response to E, with chi from second-order perturbation theory: an integration
    by parts over the zone away from the Fermi-surface form, so it converges with the grid."""
    model, mu, T = model_of_size(dim, bands, hopping=0.1 if dim == 2 else 0.05), 0.4, 0.7
    grids = [(4 if dim == 2 else 3) * 2**level for level in range(4)]
    residuals = []
    for grid in grids:
        states = band_geometry(model, operator="s", grid=grid).compute()
        occupation = 1 / (np.exp((states.energy - mu) / T) + 1)
        bracket = states.s_berry_curvature.transpose("k", "band", "i", "l") + states.torque_polarizability
        sea = (occupation * bracket).sum(("k", "band")) * states.attrs["measure"] / states.sizes["k"]
        result = transport(model, operator="s", grid=grid, mu=mu, temperature=T / KELVIN)
        difference = np.abs(sea.transpose("i", "l").values - result.sigma_intrinsic.values[0, 0]).max()
        residuals.append(difference / float(result.sigma_intrinsic_scale.max()))
    assert residuals[1] > 1e-8, "the coarse grid is good already"
    # an error exp(-c N) is squared when N doubles; 1.4 leaves room for prefactors
    assert residuals[2] < residuals[1] ** 1.4
    series = [(f"N = {grid}", residual) for grid, residual in zip(grids, residuals, strict=True)]
    identity("einstein sea", model, residuals[3], max(MESH_ERROR, residuals[2] ** 1.4), series)


STATIC = [(2, 2), (2, 3), (2, 4), (2, 5), (3, 2), (3, 3)]


@pytest.mark.parametrize(("dim", "bands"), STATIC)
def test_a_static_potential_drives_the_dipole_densities(dim, bands, identity):
    """Global equilibrium in a slow potential V, mu + V constant: no transport, only what Eqs. (1) and (2) say.

    Exact static perturbation theory at wave vector q, to first order in q: J^is gains -d_l D^lis(mu - V), so
    dJ^i/dq_l = i V dD^lis/dmu, and the torque gains -d_i D^i,tau, so d tau/dq_i = i V dD^i,tau/dmu. Nothing of the
    semiclassical theory is on the other side.
    """
    model, grid, mu, T = model_of_size(dim, bands, hopping=0.1 if dim == 2 else 0.05), 24 if dim == 2 else 14, 0.4, 0.7
    s = model.operators["s"].matrix
    direction = np.array([0.8, -0.6, 0.3])[:dim]
    of_mu = partial(fermi_difference, mu=mu, T=T)
    first, error_of_first = static_response(model, s, grid, lambda pair: pair.back(np.eye(bands)), of_mu, direction)
    densities = equilibrium(model, operator="s", grid=grid, mu=mu + OFFSETS * 0.02, temperature=T / KELVIN)
    for name, variable, part in (
        ("static current", densities.current_dipole_density.transpose("mu", "temperature", "i", "l"), slice(0, dim)),
        ("static torque", densities.torque_dipole_density.expand_dims("none", 2), slice(dim, dim + 1)),
    ):
        slope, slope_error = derivative(variable.values[:, 0], 0.02)
        expected = 1j * slope @ direction
        size = np.abs(expected).max()
        error = error_of_first[part].max() + slope_error
        assert error < 1e-3 * size, f"{name}: the finite differences say too little"
        identity(name, model, np.abs(first[part] - expected).max() / size, error / size)
