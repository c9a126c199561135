"""Do the chemical potentials lie within the bands? Beyond, nothing is left to compute, and a unit may be mistaken."""

from __future__ import annotations

import numpy as np
import xarray as xr


def outside(result: xr.Dataset) -> np.ndarray:
    """Chemical potentials (eV) below or above all bands, of all values of a sweep."""
    if "band_bottom" not in result or "mu" not in result.coords or result["mu"].ndim == 0:
        return np.empty(0)
    mu = result["mu"].values
    return mu[(mu < float(result["band_bottom"].min())) | (mu > float(result["band_top"].max()))]


def is_all_outside(result: xr.Dataset) -> bool:
    """Is there no chemical potential within the bands? Then a verdict on convergence is about nothing."""
    return "mu" in result.coords and 0 < outside(result).size == result["mu"].size


def warning_of(result: xr.Dataset) -> str:
    """A sentence where chemical potentials lie outside the bands, else empty."""
    mu = outside(result)
    if not mu.size:
        return ""
    bottom, top = float(result["band_bottom"].min()), float(result["band_top"].max())
    sides = [name for name, there in (("below", mu < bottom), ("above", mu > top)) if there.any()]
    which = f"mu = {mu[0]:g}" if mu.size == 1 else f"{mu.size} mu from {mu.min():g} to {mu.max():g}"
    lie = "lies" if mu.size == 1 else "lie"
    text = f"{which} eV {lie} {' and '.join(sides)} all bands, {bottom:.4g} to {top:.4g} eV"
    scaled = mu / 1000
    far = np.abs(mu).min() > 10 * max(abs(bottom), abs(top))
    meant = is_all_outside(result) and far and ((bottom <= scaled) & (scaled <= top)).any()
    return text + ("; did you mean meV?" if meant else "")
