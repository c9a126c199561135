"""How changes upon doubling a grid fall: as a power of its density, exponentially, or not.

If x(N) = x + a N^-p, the change to 2N is a (1 - 2^-p) N^-p; if x(N) = x + a exp(-r N), it is a exp(-r N) up to a
factor that is soon 1. Either way the change to a grid measures the error of the grid before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDING = 1e-14
"""Changes below this part of the scale are the noise of summing millions of terms in double precision."""

LAWS = ("unknown (one grid)", "unknown (too few grids)", "rounding", "power", "exponential", "not falling")
ONE_GRID, TOO_FEW, NOISE, POWER, EXPONENTIAL, NOT_FALLING = range(len(LAWS))
_MOST = 4
"""Changes that a fit looks at, the last ones: coarse grids are not in the asymptotic range."""
_FLAT = 0.2
"""An exponent below this is no decay."""
_CLEAR = 0.2
"""Root mean square deviation of log(change) from a law that is clear."""


@dataclass(frozen=True)
class Decay:
    """The law of every series of changes.

    Attributes
    ----------
    law : index into LAWS.
    rate : exponent of 1/N, or e-folds per grid point; NaN where there is no law.
    error : estimate of what the finest grid is off by, in the units of the changes.
    clear : does the law fit three changes or more?
    """

    law: np.ndarray
    rate: np.ndarray
    error: np.ndarray
    clear: np.ndarray


def decay(points: np.ndarray, changes: np.ndarray) -> Decay:
    """Fit every series of relative changes.

    Parameters
    ----------
    points : (L,) points per axis of the grids, increasing.
    changes : (L - 1, ...) absolute changes from each grid to the next, relative to the scale.
    """
    shape = changes.shape[1:]
    if not len(changes):
        nothing = np.full(shape, np.nan)
        return Decay(np.full(shape, ONE_GRID), nothing, nothing, np.zeros(shape, bool))
    coarse = points[:-1].astype(float)
    last, usable = changes[-1], np.isfinite(changes) & (changes > 10 * ROUNDING)
    recent = np.cumsum(usable[::-1], axis=0)[::-1]
    usable &= recent <= _MOST
    count = usable.sum(axis=0)
    first = coarse[np.argmax(usable, axis=0)]
    y = np.log(np.where(usable, changes, 1))
    power, power_residual = _line(np.log(coarse), y, usable)
    exponential, exponential_residual = _line(coarse, y, usable)

    # Two changes cannot tell the laws apart.
    is_power = (count < 3) | (power_residual <= exponential_residual)
    law = np.where(is_power, POWER, EXPONENTIAL)
    rate = np.where(is_power, power, exponential)
    x = np.where(is_power, np.log(coarse[-1]), coarse[-1]) - np.where(is_power, np.log(first), first)
    # e-folds per doubling, of the fitted line
    law = np.where(rate * x <= _FLAT * np.log(2) * (count - 1), NOT_FALLING, law)
    law = np.where(count < 2, TOO_FEW, law)
    if len(changes) > 1:  # what rises out of rounding does not fall
        law = np.where((last > 10 * ROUNDING) & (changes[-2] <= 10 * ROUNDING), NOT_FALLING, law)
    # A change of NaN is no convergence; 0 <= ROUNDING is.
    law = np.where(last <= ROUNDING, NOISE, law)
    known = (law == POWER) | (law == EXPONENTIAL)
    rate = np.where(known, rate, np.nan)

    residual = np.where(is_power, power_residual, exponential_residual)
    with np.errstate(invalid="ignore", over="ignore"):
        beyond = np.where(
            law == POWER,
            last / np.maximum(2.0**rate - 1, 0.1),
            last * np.exp(-rate * float(points[-1] - points[-2])) + ROUNDING,
        )
    # Two points make any law: then the last change bounds the error of all that at least halves.
    error = np.where(known & (count >= 3), beyond, last)
    clear = known & (count >= 3) & (residual <= _CLEAR**2 * count)
    return Decay(law, rate, error, clear)


def points_needed(points: int, found: Decay, last: np.ndarray, tolerance: float) -> np.ndarray:
    """Points per axis at which the last two changes would meet the tolerance, by the law; NaN where there is none.

    Parameters
    ----------
    points : of the finest grid, whose change from the grid before is `last` (relative to the scale).
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        small, ratio = last <= tolerance, np.maximum(last / tolerance, 1)
        power = np.log2(ratio) / found.rate
        # The change to N falls as exp(-rate N/2).
        exponential = np.log2(1 + 2 * np.log(ratio) / (found.rate * points))
        doublings = np.ceil(np.where(found.law == EXPONENTIAL, exponential, power) - 1e-9)
        doublings = np.where(small, 0, doublings)
    known = (found.law == POWER) | (found.law == EXPONENTIAL) | (small & (found.law != NOT_FALLING))
    return np.where(known, points * 2.0 ** (doublings + 1), np.nan)


def _line(x: np.ndarray, y: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares lines y = a - rate x through the usable points: rates, and sums of squared residuals."""
    count = np.maximum(usable.sum(axis=0), 1)
    x = x.reshape(-1, *[1] * (y.ndim - 1))
    dx = np.where(usable, x - (usable * x).sum(axis=0) / count, 0)
    dy = np.where(usable, y - (usable * y).sum(axis=0) / count, 0)
    slope = (dx * dy).sum(axis=0) / np.maximum((dx**2).sum(axis=0), np.finfo(float).tiny)
    return -slope, ((dy - slope * dx) ** 2).sum(axis=0)
