"""The windows of energy against what defines them: integrals and derivatives of the Fermi and of the Bose function."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from cc_kernels.sums.windows import LIMITS, NAMES, WINDOWS

T = 0.37  # eV: of no special value
POINTS = [-35.0, -8.0, -1.3, -0.2, 0.1, 0.9, 5.0, 30.0]
AT_ZERO = {"fermi": [0.0], "bose": []}
"""No boson has energy 0."""
QUADRATURE = 1e-12
"""Asked of `quad`; the windows themselves are good to a few EPS of their largest value."""


def f(x: float) -> float:
    return 1 / (np.exp(x) + 1)


def minus_f_prime(x: float) -> float:
    return 1 / (4 * np.cosh(x / 2) ** 2)


def n(x: float) -> float:
    return 1 / np.expm1(x)


def minus_n_prime(x: float) -> float:
    return 1 / (4 * np.sinh(x / 2) ** 2)


def to_infinity(integrand, x: float) -> float:
    """int_x^inf, split where the integrand bends; beyond 60 temperatures nothing is left (1e-26)."""
    edges = [x, *[edge for edge in (-5.0, 0.0, 5.0, 20.0, 60.0) if edge > x]]
    return sum(quad(integrand, a, b, epsabs=QUADRATURE / 10, epsrel=QUADRATURE)[0] for a, b in pairwise(edges))


def bose_potential(x: float) -> float:
    """dg/d eps = n on both sides of zero; g vanishes far above, and g(-E) = E + g(E)."""
    return -T * to_infinity(n, x) if x > 0 else -T * x + bose_potential(-x)


def bose_entropy(x: float) -> float:
    """That of a mode that is occupied n times on average, with n of the size of the energy."""
    m = n(abs(x))
    return (1 + m) * np.log1p(m) - m * np.log(m)


def bose_hall(x: float) -> float:
    return to_infinity(lambda y: y**2 * minus_n_prime(y) if y else 1.0, x)


DEFINITIONS = {
    "fermi": {
        "occupation": f,
        # dg/d eps = f, and g vanishes far above mu
        "grand_potential": lambda x: -T * to_infinity(f, x),
        "occupation_slope": lambda x: minus_f_prime(x) / T,
        "occupation_curvature": lambda x: minus_f_prime(x) * (1 - 2 * f(x)) / T**2,
        # S = -dg/dT is the entropy of a state that is occupied with probability f
        "entropy": lambda x: -f(x) * np.log(f(x)) - f(-x) * np.log(f(-x)),
        "entropy_slope": lambda x: x * minus_f_prime(x) / T,
        "thermal_hall": lambda x: to_infinity(lambda y: y**2 * minus_f_prime(y), x),
        "everything": lambda x: 1.0,
    },
    "bose": {
        "occupation": n,
        "grand_potential": bose_potential,
        "occupation_slope": lambda x: minus_n_prime(x) / T,
        "occupation_curvature": lambda x: minus_n_prime(x) * (1 + 2 * n(x)) / T**2,
        "entropy": bose_entropy,
        "entropy_slope": lambda x: x * minus_n_prime(x) / T,
        "thermal_hall": bose_hall,
        "everything": lambda x: 1.0,
    },
}
EACH = [(statistics, name) for statistics in WINDOWS for name in NAMES]


def test_every_window_has_a_definition_here():
    assert DEFINITIONS.keys() == WINDOWS.keys()
    for statistics, windows in WINDOWS.items():
        assert DEFINITIONS[statistics].keys() == windows.keys() == set(NAMES)


@pytest.mark.parametrize(("statistics", "name"), EACH)
def test_window_is_its_definition(statistics, name):
    points = POINTS + AT_ZERO[statistics]
    value = WINDOWS[statistics][name](np.array(points), T)
    expected = np.array([DEFINITIONS[statistics][name](x) for x in points])
    assert np.abs(value - expected).max() < 10 * QUADRATURE * np.abs(expected).max()


@pytest.mark.parametrize("statistics", WINDOWS)
def test_entropy_is_the_temperature_derivative_of_the_grand_potential(statistics):
    energy, step = np.array(POINTS) * T, 1e-3 * T

    def g(temperature: float) -> np.ndarray:
        return WINDOWS[statistics]["grand_potential"](energy / temperature, temperature)

    slope = (8 * (g(T + step) - g(T - step)) - (g(T + 2 * step) - g(T - 2 * step))) / (12 * step)
    # 1e-12/30 times a fifth derivative of order 100/T^4; rounding: EPS |g|/step with |g| = 35 T
    assert np.abs(WINDOWS[statistics]["entropy"](energy / T, T) + slope).max() < 1e-10


@pytest.mark.parametrize(("statistics", "name"), EACH)
def test_limits_far_from_the_chemical_potential(statistics, name):
    """a + b (eps - mu) below, nothing above; what is left 40 temperatures away is 1600 exp(-40) = 7e-15 at most."""
    x = np.array([40.0, 100.0, 800.0, 1e5])
    a, b = LIMITS[statistics].get(name, (0.0, 0.0))
    below = WINDOWS[statistics][name](-x, T)
    assert np.abs(below - (a - b * x * T)).max() <= 1e-14 / T
    assert np.abs(WINDOWS[statistics][name](x, T)).max() <= 1e-14 / T or name == "everything"


SMALL = np.array([1e-3, 1e-6, 1e-9])
GROWTH = {  # leading terms at small x, and the power of x by which the next one is smaller
    "occupation": (lambda x: 1 / x - 0.5, 2),
    "grand_potential": (lambda x: T * (np.log(x) - x / 2), 2),
    "occupation_slope": (lambda x: (1 / x**2 - 1 / 12) / T, 4),
    "occupation_curvature": (lambda x: 2 / x**3 / T**2, 3),
    "entropy": (lambda x: 1 - np.log(x), 2),
    "entropy_slope": (lambda x: (1 / x - x / 12) / T, 4),
    "thermal_hall": (lambda x: np.pi**2 / 3 - x, 3),
}


@pytest.mark.parametrize("name", GROWTH)
def test_bosons_at_small_energies(name):
    """The growth towards zero energy keeps its digits: series of Bernoulli numbers, coefficients below 1/12."""
    value, (series, power) = WINDOWS["bose"][name](SMALL, T), GROWTH[name]
    expected = series(SMALL)
    assert (np.abs(value - expected) <= (SMALL**power + 10 * np.finfo(float).eps) * np.abs(expected)).all()


@pytest.mark.parametrize(("name", "parity"), [("entropy", 1), ("entropy_slope", -1), ("occupation_slope", 1)])
def test_holes_of_bosons(name, parity):
    x = np.array([0.01, 0.7, 6.0, 50.0])
    window = WINDOWS["bose"][name]
    assert (window(-x, T) == parity * window(x, T)).all()
    n, g, F = (WINDOWS["bose"][one] for one in ("occupation", "grand_potential", "thermal_hall"))
    few = 8 * np.finfo(float).eps
    assert np.abs(n(-x, T) + 1 + n(x, T)).max() <= few * n(0.01, T)
    assert np.abs(g(-x, T) - x * T - g(x, T)).max() <= few * 50 * T
    assert np.abs(F(x, T) + F(-x, T) - 2 * np.pi**2 / 3).max() <= few * 7


TAIL = np.array([30.0, 38.0, 60.0, 300.0])
TAILS = {  # leading terms far above; what follows is smaller by exp(-x)
    "occupation": lambda x: np.exp(-x),
    "grand_potential": lambda x: -T * np.exp(-x),
    "entropy": lambda x: (1 + x) * np.exp(-x),
    "entropy_slope": lambda x: x * np.exp(-x) / T,
    "thermal_hall": lambda x: (x**2 + 2 * x + 2) * np.exp(-x),
}


@pytest.mark.parametrize("name", TAILS)
def test_tails_of_bosons(name):
    """All that there is of a magnet colder than its gap. exp(-x) is known to x EPS."""
    value, expected = WINDOWS["bose"][name](TAIL, T), TAILS[name](TAIL)
    assert (np.abs(value - expected) <= (2 * np.exp(-TAIL) + 4 * TAIL * np.finfo(float).eps) * np.abs(expected)).all()
