"""Scatterers: Fourier transforms V(q) of their potential, diagonal and equal on all orbitals.

Ratios of the resulting currents depend neither on strength nor on density, which are 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cc_kernels.errors import InputError

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


def potential_of(potential: str | Potential, parameters: dict[str, float]) -> Potential:
    """A potential by name and parameters, or a function of |q| as it is."""
    if callable(potential):
        if parameters:
            raise InputError("potential", sorted(parameters), "no parameters beside a function of q")
        return potential
    if potential not in POTENTIALS:
        raise InputError("potential", potential, "a function of q, or one of " + ", ".join(POTENTIALS))
    form = POTENTIALS[potential]
    allowed = form.__code__.co_varnames[: form.__code__.co_argcount]
    for name in parameters:
        if name not in allowed:
            raise InputError(f"potential {potential}", name, ", ".join(allowed) or "no parameters")
    return form(**parameters)


def _positive(name: str, value: object, unit: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise InputError(name, value, f"a positive number ({unit})")
    return number
