"""The windows of fermions, f the Fermi function; see `windows`."""

from __future__ import annotations

import numpy as np
from scipy.special import spence


def occupation(x: np.ndarray, T: float) -> np.ndarray:
    """f = 1/(exp(x) + 1)."""
    e = _exponential(x)
    return np.where(x > 0, e, 1.0) / (1 + e)


def grand_potential(x: np.ndarray, T: float) -> np.ndarray:
    """g = -T ln(1 + exp(-x)), with dg/d eps = f."""
    return -T * (np.maximum(-x, 0.0) + np.log1p(_exponential(x)))


def occupation_slope(x: np.ndarray, T: float) -> np.ndarray:
    """-df/d eps = f (1 - f)/T."""
    e = _exponential(x)
    return e / ((1 + e) ** 2 * T)


def occupation_curvature(x: np.ndarray, T: float) -> np.ndarray:
    """d^2f/d eps^2 = f (1 - f)(1 - 2f)/T^2."""
    e = _exponential(x)
    return np.sign(x) * e * (1 - e) / ((1 + e) ** 3 * T**2)


def entropy(x: np.ndarray, T: float) -> np.ndarray:
    """S = -dg/dT = ln(1 + exp(-x)) + x f: the entropy of a state."""
    e = _exponential(x)
    return np.log1p(e) + np.abs(x) * e / (1 + e)


def entropy_slope(x: np.ndarray, T: float) -> np.ndarray:
    """((eps - mu)/T) (-df/d eps) = -dS/d eps."""
    return x * occupation_slope(x, T)


def thermal_hall(x: np.ndarray, T: float) -> np.ndarray:
    """F(x) = int_x^inf y^2 (-df/dy) dy; F(-inf) = pi^2/3."""
    y, e = np.abs(x), _exponential(x)
    # int_y^inf z f dz = y ln(1 + e^-y) - Li2(-e^-y), and Li2(z) = spence(1 - z).
    above = y**2 * e / (1 + e) + 2 * (y * np.log1p(e) - spence(1 + e))
    return np.where(x >= 0, above, np.pi**2 / 3 - above)


def _exponential(x: np.ndarray) -> np.ndarray:
    """exp(-|x|): no window overflows, none loses digits, and numpy has it in vectors."""
    return np.exp(-np.abs(x))


LIMITS = {"occupation": (1.0, 0.0), "grand_potential": (0.0, 1.0), "thermal_hall": (np.pi**2 / 3, 0.0)}
