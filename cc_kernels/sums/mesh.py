"""The energy mesh of the additive sums, and degree-7 B-splines on it.

A sum over states X F(eps) is needed for every mu and T that a user may ask for later. Each state is spread over the
eight mesh nodes around its energy with the weights of a degree-7 B-spline; since F is smooth on the scale of the
step, the sum over nodes of (filtered weights) x F(node) gives the same number. The mesh depends only on the lowest
temperature and on the window of chemical potentials: at a distance x from the window only temperatures above x/40
matter, so the step may grow with x, as in eps = centre + width sinh(u/width), and temperatures up to a generous
ceiling are covered for few nodes.

Error: spline interpolation on a step h makes (4/pi) (h/pi)^8 max|F^(8)| at most; for a Fermi function of temperature
T, |F^(8)| <= 2 x 8!/pi^9/T^8. With h <= T/10 that is 4e-12 of F.

Bosons: the windows grow as 1/eps towards zero, on both sides, and the states end before it. With mu = 0, centre 0 and a
width far below the lowest energy the steps are in proportion to the energy, h = eps/200: 5e-19 of 1/eps, and, at
eps = 40 T, where h = T/5, 3e-10 of exp(-eps/T). So one mesh serves all temperatures, and depends on the largest energy
alone. Within the width around zero there is nothing: windows are taken at its edge there, and the weights of nodes that
far from any state are rounding (0.535^300).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.models.base import BOSE, FERMI
from cc_kernels.units import KELVIN

if TYPE_CHECKING:
    from cc_kernels.arguments import Numbers
    from cc_kernels.models import Model

POINTS_PER_TEMPERATURE = 10
REACH = 40
"""Occupations differ from 0 or 1 by exp(-40) = 4e-18 at this many temperatures from mu."""
NEAR_PER_STEP = 16
"""Two levels omega apart: the spline's errors in f and in dg/d eps differ, and a sum of both divides that by omega;
divided differences leave out omega^3 d^4 f/60. At a sixteenth of the step either is 1e-11/T."""
PAD = 64
"""Nodes beyond the window: the filter's memory decays as 0.535 per node."""
STEPS_PER_ENERGY = 200
"""Of bosons."""
LEAST_OF_BOSONS = 1e-8
"""Of the largest energy that the norm of H allows, the width: a tenth, or a twentieth, of the least energy that is told
from a zero mode (`models.paraunitary.LEAST_ENERGY`)."""
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
    statistics : "fermi" or "bose".

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
    statistics: str = FERMI

    @classmethod
    def of(cls, model: Model, mu: Numbers, temperature: Numbers) -> EnergyMesh:
        """The mesh for what a model's sums are to be evaluated at; of bosons, `of_bosons`."""
        if model.statistics == BOSE:
            check_values(0.0, temperature)
            return cls.of_bosons(model.largest_energy)
        return cls.covering(mu if model.has_mu else 0.0, temperature)

    @classmethod
    def of_bosons(cls, largest_energy: float) -> EnergyMesh:
        """The mesh for energies whose size is at most that (eV), at any temperature."""
        largest = 2.0 ** np.ceil(np.log2(largest_energy))  # the same for models that are nearly the same
        width = largest * LEAST_OF_BOSONS
        step = width / STEPS_PER_ENERGY
        half = int(np.ceil(np.arcsinh(1 / LEAST_OF_BOSONS) * STEPS_PER_ENERGY)) + PAD
        return cls(0.0, width, step, half, 0.0, 0.0, *limits.TEMPERATURE, BOSE)

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
        fields = asdict(self)
        if self.statistics == FERMI:  # as before there were others
            del fields["statistics"]
        return json.dumps(fields, sort_keys=True)

    @property
    def nodes(self) -> np.ndarray:
        """Energies of the nodes, eV."""
        return self._energy(np.arange(2 * self.half + 1))

    def where_windows_are_taken(self, energies: np.ndarray) -> np.ndarray:
        """Energies of nodes or bins; of bosons, those within the width around zero at its edge."""
        if self.statistics == FERMI:
            return energies
        return np.where(energies < 0, -1, 1) * np.maximum(np.abs(energies), self.width)

    @property
    def near(self) -> float:
        """Energy difference below which pairs of levels are summed by divided differences, eV."""
        return self.step / NEAR_PER_STEP

    @property
    def relative_near(self) -> float:
        """What is added to that for each eV of |energy|, where steps grow with it."""
        return self.near / self.width if self.statistics == BOSE else 0.0

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
        if self.statistics != other.statistics or (self.statistics == BOSE and self != other):
            return False
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
