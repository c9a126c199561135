"""Scatterers: Fourier transforms V(q) of their potential, diagonal and equal on all orbitals.

Ratios of the resulting currents depend neither on strength nor on density, which are 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated

Potential = Callable[[np.ndarray], np.ndarray]
"""|q| in 1/angstrom -> V(q), any shape."""
LEAST_LENGTH, MOST_LENGTH = 1e-6, 1e6
"""Angstrom, or its inverse: a potential of longer range scatters nothing, one of shorter is `delta`."""
ALLOWED = "a function of an array of |q| that returns as many real, finite numbers (eV angstrom^2), not all 0"


@dataclass(frozen=True)
class Delta:
    """V(q) = 1; on a lattice, scatterers on the sites."""

    def __call__(self, q: np.ndarray) -> np.ndarray:
        return np.ones_like(q)


@dataclass(frozen=True)
class Gaussian:
    """V(q) = exp(-(q range)^2/4), range in angstrom."""

    range: float = 1.0

    def __post_init__(self) -> None:
        _check("range", self.range, "angstrom")

    def __call__(self, q: np.ndarray) -> np.ndarray:
        return np.exp(-((q * self.range) ** 2) / 4)


@dataclass(frozen=True)
class ScreenedCoulomb:
    """V(q) = exp(-q setback)/(q + kappa), kappa in 1/angstrom; charges at a distance `setback` (angstrom) from the
    plane."""

    kappa: float = 1.0
    setback: float = 0.0

    def __post_init__(self) -> None:
        _check("kappa", self.kappa, "1/angstrom")
        _check("setback", self.setback, "angstrom", zero=True)

    def __call__(self, q: np.ndarray) -> np.ndarray:
        return np.exp(-q * self.setback) / (q + self.kappa)


@dataclass(frozen=True)
class Function:
    """V(q) from outside, checked."""

    function: Potential

    def __call__(self, q: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):  # an infinite value is named below
            value = np.asarray(self.function(q))
        if value.shape != q.shape or value.dtype.kind not in "iuf":
            given = stated(f"V(q) of shape {value.shape} and type {value.dtype} for q of shape {q.shape}")
            raise InputError("potential", given, ALLOWED)
        if not np.isfinite(value).all():
            where = np.flatnonzero(~np.isfinite(value))[0]
            raise InputError("potential", stated(f"V(q) = {value.flat[where]} at q = {q.flat[where]:g}"), ALLOWED)
        return value


POTENTIALS = {"delta": Delta, "gaussian": Gaussian, "screened_coulomb": ScreenedCoulomb}
_IN_WORDS = {"screened_coulomb": "screened Coulomb"}


def potential_of(potential: str | Potential, parameters: Mapping[str, float]) -> Potential:
    """A potential by name and parameters, or a function of |q| as it is."""
    if callable(potential):
        if parameters:
            raise InputError("potential", sorted(parameters), "no parameters beside a function of q")
        return Function(potential)
    if not isinstance(potential, str) or potential not in POTENTIALS:
        raise InputError("potential", potential, "a function of q, or one of " + ", ".join(POTENTIALS))
    form = POTENTIALS[potential]
    allowed = [field.name for field in fields(form)]
    for name in parameters:
        if name not in allowed:
            raise InputError(f"potential {potential}", name, ", ".join(allowed) or "no parameters")
    return form(**parameters)


def complete(name: str, parameters: Mapping[str, float]) -> dict[str, float]:
    """All parameters of a named potential, those left out at their defaults."""
    return {key: float(value) for key, value in asdict(POTENTIALS[name](**parameters)).items()}


def label(name: str, parameters: Mapping[str, float]) -> str:
    """A potential in words, such as "gaussian, range = 2"; without a distance that is 0."""
    given = {key: value for key, value in complete(name, parameters).items() if value}
    return ", ".join([_IN_WORDS.get(name, name), *(f"{key} = {value:.12g}" for key, value in given.items())])


def _check(name: str, value: Any, unit: str, zero: bool = False) -> None:
    allowed = f"{'zero or ' if zero else ''}a positive number ({unit})"
    checks.number(name, value, allowed, minimum=0.0 if zero else LEAST_LENGTH, maximum=MOST_LENGTH)
