"""The energy mesh of the additive sums, and degree-7 B-splines on it.

A sum over states X F(eps) is needed for every mu and T that a user may ask for later. Each state is spread over the
eight mesh nodes around its energy with the weights of a degree-7 B-spline; since F is smooth on the scale of the
step, the sum over nodes of (filtered weights) x F(node) gives the same number. The mesh depends only on the lowest
temperature and on the window of chemical potentials: at a distance x from the window only temperatures above x/40
matter, so the step may grow with x, as in eps = centre + width sinh(u/width), and temperatures up to a generous
ceiling are covered for few nodes.

Error: spline interpolation on a step h makes (4/pi) (h/pi)^8 max|F^(8)| at most; for a Fermi function of temperature
T, |F^(8)| <= 2 x 8!/pi^9/T^8. With h <= T/10 that is 4e-12 of F.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.units import KELVIN

if TYPE_CHECKING:
    from cc_kernels.arguments import Numbers

POINTS_PER_TEMPERATURE = 10
REACH = 40
"""Occupations differ from 0 or 1 by exp(-40) = 4e-18 at this many temperatures from mu."""
NEAR_PER_STEP = 16
"""Two levels omega apart: the spline's errors in f and in dg/d eps differ, and a sum of both divides that by omega;
divided differences leave out omega^3 d^4 f/60. At a sixteenth of the step either is 1e-11/T."""
PAD = 64
"""Nodes beyond the window: the filter's memory decays as 0.535 per node."""
BIN = 16
"""Nodes per bin of the absolute sums and of the largest speed, which only set scales."""

MOST_NODES = 4_000_000
"""Sums of all responses on so many take some gigabytes. Enough for 100 eV of mu at 4.3 K."""


@dataclass(frozen=True)
class EnergyMesh:
    """Nodes eps_j = centre + width sinh((j - half) step / width), j = 0 .. 2 half.

    Attributes
    ----------
    centre, width, step : eV; the step is that in the middle of the window.
    half : number of nodes on each side of the centre.
    mu_start, mu_stop : window of chemical potentials, eV.
    temperature_lowest, temperature_ceiling : range of temperatures, kelvin.

    Errors: `InputError` of `covering` for arguments out of their range.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> mesh = cc.EnergyMesh.covering(mu=[-1.0, 1.0], temperature=[300.0, 600.0])
    >>> mesh.mu_start, mesh.mu_stop, mesh.temperature_lowest
    (-1.0, 1.0, 300.0)
    """

    centre: float
    width: float
    step: float
    half: int
    mu_start: float
    mu_stop: float
    temperature_lowest: float
    temperature_ceiling: float

    @classmethod
    def covering(cls, mu: Numbers, temperature: Numbers) -> EnergyMesh:
        """The mesh for chemical potentials (eV) and temperatures (kelvin) within the ranges of the arguments.

        Errors: `InputError` for a mesh of more than `MOST_NODES` nodes.
        """
        mu, temperature = check_values(mu, temperature)
        lowest = float(temperature.min())
        ceiling = 3000.0
        while ceiling < temperature.max():
            ceiling *= 10
        start, stop = float(mu.min()), float(mu.max())
        T = lowest * KELVIN
        width = (stop - start) / 2 + REACH * T
        # At a distance x >= width from the centre the step is at most sqrt(2) x/width times that in the middle.
        step = T / POINTS_PER_TEMPERATURE / np.sqrt(2)
        edge = (stop - start) / 2 + REACH * ceiling * KELVIN
        with np.errstate(all="ignore"):  # T may be too small to divide by
            half = np.ceil(np.arcsinh(np.divide(edge, width)) * np.divide(width, step)) + PAD
        if not 2 * half + 1 <= MOST_NODES:
            raise InputError(
                "temperature",
                stated(f"{lowest:g} K for mu from {start:g} to {stop:g} eV"),
                f"a lowest temperature and a range of mu that need at most {MOST_NODES:,} nodes of the energy mesh",
            )
        half = int(half)
        return cls((start + stop) / 2, width, float(step), half, start, stop, lowest, ceiling)

    @classmethod
    def from_json(cls, text: str) -> EnergyMesh:
        return cls(**json.loads(text))

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def nodes(self) -> np.ndarray:
        """Energies of the nodes, eV."""
        return self._energy(np.arange(2 * self.half + 1))

    @property
    def near(self) -> float:
        """Energy difference below which pairs of levels are summed by divided differences, eV."""
        return self.step / NEAR_PER_STEP

    @property
    def bins(self) -> int:
        return 2 * self.half // BIN + 1

    @property
    def bin_centres(self) -> np.ndarray:
        return self._energy(BIN * np.arange(self.bins) + (BIN - 1) / 2)

    def _energy(self, index: np.ndarray) -> np.ndarray:
        return self.centre + self.width * np.sinh((index - self.half) * self.step / self.width)

    def contains(self, other: EnergyMesh) -> bool:
        """May (mu, T) within `other`'s range be evaluated on this mesh?"""
        return (
            self.mu_start <= other.mu_start
            and other.mu_stop <= self.mu_stop
            and self.temperature_lowest <= other.temperature_lowest
            and other.temperature_ceiling <= self.temperature_ceiling
        )


def check_mu(mu: Numbers) -> np.ndarray:
    """Chemical potentials as a 1D array, eV."""
    return checks.numbers(
        "mu", mu, "one finite number, or a list of them, in eV", minimum=-limits.MU, maximum=limits.MU
    )


def check_temperature(temperature: Numbers) -> np.ndarray:
    """Temperatures as a 1D array, kelvin."""
    least, most = limits.TEMPERATURE
    allowed = "one positive number, or a list of them, in kelvin"
    return checks.numbers("temperature", temperature, allowed, minimum=least, maximum=most)


def check_values(mu: Numbers, temperature: Numbers) -> tuple[np.ndarray, np.ndarray]:
    """Both, where a result has a number for each pair of them."""
    mu, temperature = check_mu(mu), check_temperature(temperature)
    if mu.size * temperature.size > limits.VALUES:
        given = stated(f"{mu.size:,} values, and {temperature.size:,} of temperature")
        raise InputError("mu", given, f"at most {limits.VALUES:,} pairs of them: a number of each variable at all")
    return mu, temperature
