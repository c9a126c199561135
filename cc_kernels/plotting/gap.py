"""Where the chemical potential lies in a gap, as the results themselves say."""

from __future__ import annotations

import numpy as np
import xarray as xr

_FLAT = 1e-3


def in_gap(scale: xr.DataArray) -> np.ndarray:
    """True for the chemical potentials in a gap.

    Parameters
    ----------
    scale : (mu,) sum of the absolute contributions of occupied states, which grows with every state that is filled. In
        a gap its slope is below a thousandth of the largest, with filled states below and empty ones above.
    """
    values = np.asarray(scale.values, dtype=float)
    if len(values) < 3:
        return np.zeros(len(values), dtype=bool)
    slope = np.gradient(values, scale["mu"].values)
    flat = abs(slope) < _FLAT * max(abs(slope).max(), np.finfo(float).tiny)
    filled = values > _FLAT * values.max()
    grows_later = np.concatenate([np.maximum.accumulate(values[::-1])[::-1][1:], [-np.inf]]) > values * (1 + _FLAT)
    return flat & filled & grows_later
