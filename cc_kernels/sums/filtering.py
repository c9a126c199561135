"""From B-spline sums to weights of the mesh nodes."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solveh_banded

_BSPLINE_AT_INTEGERS = np.array([2416, 1191, 120, 1]) / 5040


def filter_sums(sums: np.ndarray) -> np.ndarray:
    """Turn B-spline sums (nodes, ...) into weights w with sum_j w_j F(eps_j) = sum over states X F(eps)."""
    bands = np.repeat(_BSPLINE_AT_INTEGERS[::-1, None], len(sums), axis=1)
    flat = sums.reshape(len(sums), -1)
    return solveh_banded(bands, flat, check_finite=False).reshape(sums.shape)
