"""Scatterers: Fourier transforms V(q) of their potential, diagonal and equal on all orbitals.

Ratios of the resulting currents depend neither on strength nor on density, which are 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature

import numpy as np

from cc_kernels.errors import InputError, phrase

Potential = Callable[[np.ndarray], np.ndarray]
"""|q| in 1/angstrom -> V(q), any shape."""


def delta() -> Potential:
    """V = 1."""
    return np.ones_like


def gaussian(range: float = 1.0) -> Potential:
    """V(q) = exp(-(q range)^2/4), range in angstrom."""
    scale = _positive("range", range, "angstrom")
    return lambda q: np.exp(-((q * scale) ** 2) / 4)


def screened_coulomb(kappa: float = 1.0) -> Potential:
    """V(q) = 1/(q + kappa), kappa in 1/angstrom."""
    kappa = _positive("kappa", kappa, "1/angstrom")
    return lambda q: 1 / (q + kappa)


POTENTIALS = {function.__name__: function for function in (delta, gaussian, screened_coulomb)}
_IN_WORDS = {"screened_coulomb": "screened Coulomb"}


def potential_of(potential: str | Potential, parameters: Mapping[str, float]) -> Potential:
    """A potential by name and parameters, or a function of |q| as it is."""
    if callable(potential):
        if parameters:
            raise InputError("potential", sorted(parameters), "no parameters beside a function of q")
        return lambda q: _checked(potential, q)
    if not isinstance(potential, str) or potential not in POTENTIALS:
        raise InputError("potential", potential, "a function of q, or one of " + ", ".join(POTENTIALS))
    form = POTENTIALS[potential]
    allowed = list(signature(form).parameters)
    for name in parameters:
        if name not in allowed:
            raise InputError(f"potential {potential}", name, ", ".join(allowed) or "no parameters")
    return form(**parameters)


def complete(name: str, parameters: Mapping[str, float]) -> dict[str, float]:
    """All parameters of a named potential, those left out at their defaults."""
    defaults = {key: value.default for key, value in signature(POTENTIALS[name]).parameters.items()}
    return {key: float(value) for key, value in (defaults | dict(parameters)).items()}


def label(name: str, parameters: Mapping[str, float]) -> str:
    """A potential in words, such as "gaussian, range = 2"."""
    words = [_IN_WORDS.get(name, name), *(f"{key} = {value:.12g}" for key, value in complete(name, parameters).items())]
    return ", ".join(words)


def _checked(potential: Potential, q: np.ndarray) -> np.ndarray:
    """V(q) of a function from outside."""
    with np.errstate(all="ignore"):  # an infinite value is named below
        value = np.asarray(potential(q))
    allowed = "a function of an array of |q| that returns as many real, finite numbers (eV angstrom^2), not all 0"
    if value.shape != q.shape or value.dtype.kind not in "iuf":
        given = phrase(f"V(q) of shape {value.shape} and type {value.dtype} for q of shape {q.shape}")
        raise InputError("potential", given, allowed)
    if not np.isfinite(value).all():
        where = np.flatnonzero(~np.isfinite(value))[0]
        raise InputError("potential", phrase(f"V(q) = {value.flat[where]} at q = {q.flat[where]:g}"), allowed)
    if not value.any():
        raise InputError("potential", phrase("V(q) = 0 between all states"), allowed)
    return value


def _positive(name: str, value: object, unit: str) -> float:
    try:
        number = np.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise InputError(name, value, f"a positive number ({unit})")
    return number
