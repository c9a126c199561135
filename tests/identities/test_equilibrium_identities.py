"""Identities of the integrals: Eq. (5), how responses turn with the axes, and the thermal response."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cc_kernels import TightBinding, equilibrium, transport
from cc_kernels.units import KELVIN
from tests.identities.random_models import doubled, hermitian, inversion_times_time_reversal, random_model

HOT = 8000.0
"""kelvin (0.69 eV): f is analytic for |Im eps| < pi T = 2.2 eV, hence the integrand for |Im k| < 2.2 eV/|v|, and with
speeds of 1 to 3 eV angstrom a uniform grid of N points is off by exp(-N x 0.7 to 2.2)."""

MODELS = {
    "one dimension": (lambda: random_model(1, 1, 3, blocks=True), (6, 12, 48)),
    "two dimensions": (lambda: random_model(2, 2, 4), (8, 16, 48)),
    "two dimensions, two sites": (lambda: random_model(3, 2, 5, blocks=True), (8, 16, 48)),
    "three dimensions": (lambda: random_model(4, 3, 2, hopping=0.1), (6, 12, 28)),
    "three dimensions, two sites": (lambda: random_model(5, 3, 3, hopping=0.1, blocks=True), (6, 12, 28)),
    "doublets": (lambda: doubled(random_model(6, 2, 2), 7), (8, 16, 48)),
    "Kramers doublets": (lambda: inversion_times_time_reversal(random_model(8, 2, 4)), (8, 16, 48)),
}


@pytest.mark.parametrize("name", MODELS)
def test_net_current_vanishes_exponentially_with_the_grid(name):
    """Eq. (5): int f J + D_tau = 0."""
    build, grids = MODELS[name]
    model = build()
    coarse, middle, fine = (_net_current(model, points) for points in grids)
    assert coarse > 1e-11, "the coarse grid is good already: the test does not see the convergence"
    # a residual exp(-c N) is squared when N doubles; the power 1.4 leaves room for prefactors
    assert middle < coarse**1.4
    # the floor: rounding of some 1e3 to 1e5 terms, and the energy mesh's 4e-12 times what does not average out of it
    assert fine < 1e-12


def _net_current(model: TightBinding, points: int) -> float:
    """The largest component over the scale, for three chemical potentials."""
    result = equilibrium(model, "s", points, mu=[-1.0, 0.3, 2.0], temperature=HOT)
    return float((abs(result.net_current).max("i") / result.net_current_scale).max())


def test_both_parts_of_the_net_current_are_there():
    """Eq. (5) is a cancellation, not a sum of zeros."""
    result = equilibrium(random_model(2, 2, 4), "s", 16, mu=0.3, temperature=HOT)
    for part in (result.conventional_current, result.torque_dipole_density):
        assert abs(part).max() > 0.01 * result.net_current_scale.max()


@pytest.mark.parametrize(
    ("splitting", "bound"),
    [
        # within the tolerance of 1e-6 eV: a group has one energy, an error of first order in the splitting
        (1e-7, 1e-7),
        # apart: g_n - g_m is known to EPS |g| = 2e-16 and divided by the splitting, with |v s| up to 10 in front
        (3e-6, 2e-15 / 3e-6),
        (1e-4, 2e-15 / 1e-4),
    ],
)
def test_nearly_degenerate_levels_do_no_harm_to_the_net_current(splitting, bound):
    """Theory 5.2: the pair sums of the torque dipole density stay finite, though each term grows as 1/splitting."""
    exact = doubled(random_model(6, 2, 2), 7)
    hoppings = exact.hoppings.copy()
    hoppings[len(hoppings) // 2] += splitting * hermitian(np.random.default_rng(1), 4)
    model = TightBinding(exact.lattice, exact.R, hoppings, exact.positions, exact.operators)
    result, degenerate = (equilibrium(m, "s", 48, mu=0.3, temperature=HOT) for m in (model, exact))
    assert abs(result.net_current).max() < bound
    # and the parts differ from those of exact doublets by the perturbation, not by its inverse
    for part in ("conventional_current", "torque_dipole_density"):
        assert abs(result[part] - degenerate[part]).max() < splitting


ROTATIONS = {
    "x to y to z to x": np.roll(np.eye(3), 1, axis=0),
    "x and y exchanged (a mirror)": np.eye(3)[[1, 0, 2]],
    "any rotation": Rotation.from_rotvec([0.4, -1.1, 0.7]).as_matrix(),
    "inversion": -np.eye(3),
}


@pytest.mark.parametrize("name", ROTATIONS)
def test_responses_in_three_dimensions_turn_with_the_axes(name):
    """Vectors take O, tensors O x O, and the magnetization, an axial vector, det(O) O."""
    O = ROTATIONS[name]
    model = random_model(21, 3, 3, blocks=True)
    turned = TightBinding(model.lattice @ O.T, model.R, model.hoppings, model.positions @ O.T, model.operators)
    keywords = {"grid": (4, 5, 6), "mu": [0.0, 1.0], "temperature": [1000.0]}
    before, after = (equilibrium(m, "s", **keywords) for m in (model, turned))
    # k turns with errors EPS, states with EPS |v| |k|/gap, and the smallest gap of these 120 points is above 1e-2 eV
    rounding = 1e-11
    for variable in ("magnetization", "magnetization_local", "magnetization_global"):
        expected = np.linalg.det(O) * before[variable].values @ O.T
        assert np.abs(expected).max() > 1e-3 * before[f"{variable}_scale"].max()
        assert np.abs(after[variable].values - expected).max() < rounding * before[f"{variable}_scale"].max()
    expected = before.conventional_current.values @ O.T
    assert np.abs(after.conventional_current.values - expected).max() < rounding * before.net_current_scale.max()
    before, after = (transport(m, "s", **keywords) for m in (model, turned))
    for variable in ("sigma_conventional", "sigma_hall", "sigma_dipole", "alpha_intrinsic"):
        expected = O @ before[variable].values @ O.T
        assert np.abs(after[variable].values - expected).max() < rounding * before[f"{variable}_scale"].max()


def test_thermal_response_is_the_one_of_the_field():
    """d(sigma/e)/dT = d alpha/d mu: an identity of windows, so it holds on any grid (theory section 4)."""
    model, T, mu = random_model(22, 2, 3), 2000.0, 0.4
    steps = {step: step * T * KELVIN for step in (1 / 40, 1 / 20)}  # in units of T, and in eV
    offsets = np.arange(-4, 5) / 40
    in_temperature = transport(model, "s", 6, mu=mu, temperature=T * (1 + offsets)).sigma_intrinsic.values[0]
    result = transport(model, "s", 6, mu=mu + offsets * T * KELVIN, temperature=T)
    in_mu, scale = result.alpha_intrinsic.values[:, 0], float(result.alpha_intrinsic_scale.max())

    def slope(values: np.ndarray, stride: int, step: float) -> np.ndarray:
        near, far = (values[4 + n * stride] - values[4 - n * stride] for n in (1, 2))
        return (8 * near - far) / (12 * step)

    (left, left_coarse), (right, right_coarse) = (
        [slope(values, stride, step) for stride, step in zip((1, 2), steps.values(), strict=True)]
        for values in (in_temperature, in_mu)
    )
    # Five-point differences: the finer error is 1/15 of the change (1/5 for the next order).
    # The energy mesh: 4e-12 of the scale, over the step.
    error = (np.abs(left - left_coarse).max() + np.abs(right - right_coarse).max()) / 5 + 4e-12 * scale / steps[1 / 40]
    assert error < 1e-4 * np.abs(left).max(), "the finite difference says too little"
    assert np.abs(left - right).max() < error
