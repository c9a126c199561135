"""Groups of degenerate levels: single linkage within a tolerance.

In an exactly degenerate group the s_n or Omega_n of one band has no meaning; group traces do. Every quantity here
is therefore the trace over the group divided by its size, with sums over intermediate states outside the group.
"""

from __future__ import annotations

import numpy as np

ROUNDING = 1e-12
"""Relative to the largest level at a k: levels closer than that are not told apart, whatever the tolerance."""
SMALLEST_CLOSENESS = 1e-8
"""eV."""


def closeness(tolerance: float) -> float:
    """Pairs of levels closer than this (eV) are nearly degenerate: ten tolerances, for which even 0 may be given."""
    return max(10 * tolerance, SMALLEST_CLOSENESS)


def group_starts(energies: np.ndarray, tolerance: float, signs: np.ndarray | None = None) -> np.ndarray:
    """Index of the first member of each level's group.

    Parameters
    ----------
    energies : (..., bands), ascending, eV.
    tolerance : levels closer than this to their neighbour belong together (a time hbar/tau of the user's), eV.
    signs : (bands,), eta_n of bosons, for whom only levels of equal sign belong together.

    Returns
    -------
    (..., bands) int64.
    """
    opens = np.ones(energies.shape, dtype=bool)
    rounding = ROUNDING * np.abs(energies).max(axis=-1, keepdims=True)
    opens[..., 1:] = np.diff(energies, axis=-1) > np.maximum(tolerance, rounding)
    if signs is not None:
        opens[..., 1:] |= np.diff(signs) != 0
    index = np.where(opens, np.arange(energies.shape[-1]), 0)
    return np.maximum.accumulate(index, axis=-1)


def same_group(starts: np.ndarray) -> np.ndarray:
    """(..., bands, bands) bool: do n and m belong to one group?"""
    return starts[..., :, None] == starts[..., None, :]


def group_mean(values: np.ndarray, together: np.ndarray) -> np.ndarray:
    """Mean over each level's group: values (..., bands), together (..., bands, bands) from `same_group`."""
    return np.einsum("...nm,...m->...n", together / together.sum(-1, keepdims=True), values)
