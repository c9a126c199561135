"""The windows of energy against what defines them: integrals and derivatives of the Fermi function."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from cc_kernels.sums.windows import LIMITS, WINDOWS

T = 0.37  # eV: of no special value
POINTS = [-35.0, -8.0, -1.3, -0.2, 0.0, 0.1, 0.9, 5.0, 30.0]
QUADRATURE = 1e-12
"""Asked of `quad`; the windows themselves are good to a few EPS of their largest value."""


def f(x: float) -> float:
    return 1 / (np.exp(x) + 1)


def minus_f_prime(x: float) -> float:
    return 1 / (4 * np.cosh(x / 2) ** 2)


def to_infinity(integrand, x: float) -> float:
    """int_x^inf, split where the integrand bends; beyond 60 temperatures nothing is left (1e-26)."""
    edges = [x, *[edge for edge in (-5.0, 0.0, 5.0, 20.0, 60.0) if edge > x]]
    return sum(quad(integrand, a, b, epsabs=QUADRATURE / 10, epsrel=QUADRATURE)[0] for a, b in pairwise(edges))


DEFINITIONS = {
    "fermi": f,
    # dg/d eps = f, and g vanishes far above mu
    "grand_potential": lambda x: -T * to_infinity(f, x),
    "fermi_surface": lambda x: minus_f_prime(x) / T,
    "fermi_curvature": lambda x: minus_f_prime(x) * (1 - 2 * f(x)) / T**2,
    # S = -dg/dT is the entropy of a state that is occupied with probability f
    "entropy": lambda x: -f(x) * np.log(f(x)) - f(-x) * np.log(f(-x)),
    "thermal_fermi_surface": lambda x: x * minus_f_prime(x) / T,
    "thermal_hall": lambda x: to_infinity(lambda y: y**2 * minus_f_prime(y), x),
    "everything": lambda x: 1.0,
}


def test_every_window_has_a_definition_here():
    assert DEFINITIONS.keys() == WINDOWS.keys()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_window_is_its_definition(name):
    value = WINDOWS[name](np.array(POINTS), T)
    expected = np.array([DEFINITIONS[name](x) for x in POINTS])
    assert np.abs(value - expected).max() < 10 * QUADRATURE * np.abs(expected).max()


def test_entropy_is_the_temperature_derivative_of_the_grand_potential():
    energy, step = np.array(POINTS) * T, 1e-3 * T

    def g(temperature: float) -> np.ndarray:
        return WINDOWS["grand_potential"](energy / temperature, temperature)

    slope = (8 * (g(T + step) - g(T - step)) - (g(T + 2 * step) - g(T - 2 * step))) / (12 * step)
    # 1e-12/30 times a fifth derivative of order 100/T^4; rounding: EPS |g|/step with |g| = 35 T
    assert np.abs(WINDOWS["entropy"](energy / T, T) + slope).max() < 1e-10


@pytest.mark.parametrize("name", WINDOWS)
def test_limits_far_from_the_chemical_potential(name):
    """a + b (eps - mu) below, nothing above; what is left 40 temperatures away is 1600 exp(-40) = 7e-15 at most."""
    x = np.array([40.0, 100.0, 800.0, 1e5])
    a, b = LIMITS.get(name, (0.0, 0.0))
    below = WINDOWS[name](-x, T)
    assert np.abs(below - (a - b * x * T)).max() <= 1e-14 / T
    assert np.abs(WINDOWS[name](x, T)).max() <= 1e-14 / T or name == "everything"
