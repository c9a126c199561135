"""Derivatives with respect to mu, T, ... from values at nine of its values, with a bound of the error."""

from __future__ import annotations

import numpy as np

OFFSETS = np.arange(-4, 5)
"""In steps of a finite difference."""


def derivative(values: np.ndarray, step: float) -> tuple[np.ndarray, float]:
    """Slope in the middle of nine values, by five-point differences, and a bound of its error beyond the mesh's."""
    fine, coarse = (
        (8 * (values[4 + n] - values[4 - n]) - (values[4 + 2 * n] - values[4 - 2 * n])) / (12 * n * step)
        for n in (1, 2)
    )
    # the finer error is 1/15 of the change; 1/5 leaves room for the next order
    return fine, np.abs(fine - coarse).max() / 5
