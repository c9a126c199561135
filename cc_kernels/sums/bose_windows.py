"""The windows of bosons, n the Bose function, on both sides of zero; see `windows`.

States of negative energy are holes: n(-x) = -1 - n(x). With g = T ln|1 - exp(-x)|, dg/d eps = n on both sides, and half
of g(-E) = E + g(E) is the zero-point energy (docs/bosons.md). No energy is 0.
"""

from __future__ import annotations

import numpy as np
from scipy.special import spence


def occupation(x: np.ndarray, T: float) -> np.ndarray:
    """n = 1/(exp(x) - 1)."""
    e, less = _exponential(x)
    return np.where(x > 0, e, -1.0) / less


def grand_potential(x: np.ndarray, T: float) -> np.ndarray:
    """g = T ln|1 - exp(-x)|, with dg/d eps = n."""
    return T * (np.maximum(-x, 0.0) + _log_less(x))


def occupation_slope(x: np.ndarray, T: float) -> np.ndarray:
    """-dn/d eps = n (1 + n)/T."""
    e, less = _exponential(x)
    return e / (less**2 * T)


def occupation_curvature(x: np.ndarray, T: float) -> np.ndarray:
    """d^2n/d eps^2 = n (1 + n)(1 + 2 n)/T^2."""
    e, less = _exponential(x)
    return np.sign(x) * e * (1 + e) / (less**3 * T**2)


def entropy(x: np.ndarray, T: float) -> np.ndarray:
    """S = -dg/dT = (1 + n) ln(1 + n) - n ln n, even in eps: the entropy of a mode, c_1(n)."""
    e, less = _exponential(x)
    return np.abs(x) * e / less - _log_less(x)


def entropy_slope(x: np.ndarray, T: float) -> np.ndarray:
    """(eps/T) (-dn/d eps) = -dS/d eps."""
    return x * occupation_slope(x, T)


def thermal_hall(x: np.ndarray, T: float) -> np.ndarray:
    """F(x) = int_x^inf y^2 (-dn/dy) dy = c_2(n) for x > 0; F(-x) = 2 pi^2/3 - F(x)."""
    y, (e, less) = np.abs(x), _exponential(x)
    # int_y^inf z n dz = -y ln(1 - e^-y) + Li2(e^-y), and Li2(z) = spence(1 - z).
    series = e * (1 + e * (1 / 4 + e * (1 / 9 + e / 16)))  # of Li2, where 1 - e has lost the digits of e
    above = y**2 * e / less + 2 * (np.where(e < _SMALL, series, spence(less)) - y * _log_less(x))
    return np.where(x > 0, above, 2 * np.pi**2 / 3 - above)


_SMALL = 1e-3


def _log_less(x: np.ndarray) -> np.ndarray:
    """ln(1 - exp(-|x|)), without loss where |x| is small, and where it is large."""
    e, less = _exponential(x)
    return np.where(e < 0.5, np.log1p(-np.minimum(e, 0.5)), np.log(less))


def _exponential(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """exp(-|x|) and 1 - exp(-|x|), the latter without loss where |x| is small."""
    y = -np.abs(x)
    return np.exp(y), -np.expm1(y)


LIMITS = {"occupation": (-1.0, 0.0), "grand_potential": (0.0, -1.0), "thermal_hall": (2 * np.pi**2 / 3, 0.0)}
