"""Hermitian matrices as real ones of the same shape: half of the numbers, for what is linear in them."""

from __future__ import annotations

import numpy as np


def real_form(matrices: np.ndarray) -> np.ndarray:
    """Hermitian (..., n, n) -> float64: Re M_mn where m <= n, and Im M_nm where m > n.

    Examples
    --------
    >>> real_form(np.array([[1, 2 - 3j], [2 + 3j, 4]])).tolist()
    [[1.0, 2.0], [-3.0, 4.0]]
    """
    return np.triu(matrices.real) + np.tril(matrices.imag.swapaxes(-1, -2), -1)


def from_real_form(real: np.ndarray) -> np.ndarray:
    """The opposite, complex128.

    Examples
    --------
    >>> from_real_form(np.array([[1.0, 2.0], [-3.0, 4.0]])).tolist()
    [[(1+0j), (2-3j)], [(2+3j), (4+0j)]]
    """
    upper, lower = np.triu(real, 1), np.tril(real, -1)
    result = np.empty(real.shape, complex)
    result.real = np.triu(real) + upper.swapaxes(-1, -2)
    result.imag = lower.swapaxes(-1, -2) - lower
    return result
