"""The chemical potential that a number of electrons fills the bands up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.grid import DEFAULT_CHUNK, KGrid, points_per_chunk
from cc_kernels.sums.mesh import check_temperature
from cc_kernels.units import KELVIN

if TYPE_CHECKING:
    from cc_kernels.arguments import Grid
    from cc_kernels.models import Model

_PRECISE = 1e-13
"""Of the largest energy: rounding of the levels."""


def fermi_energy(model: Model, *, electrons: float, grid: Grid, temperature: float = 300.0) -> float:
    """The chemical potential (eV) at which the bands of a lattice hold so many electrons per cell.

    Parameters
    ----------
    electrons : per cell, one for each filled band; a model with spin has two bands where one without has one.
    grid : points per axis. The result converges with the grid as any sum over it, exponentially for a temperature that
        the grid step resolves.
    temperature : kelvin. In an insulator the result is in the gap.

    Raises
    ------
    InputError : a continuum model; a superconductor or bosons, whose number of electrons is not that of filled bands;
        a number that the bands cannot hold.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> round(cc.fermi_energy(cc.build_model("rashba_square"), electrons=1, grid=64), 3)  # half filled, E -> 8 - E
    4.0
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    checks.model(model)
    if model.lattice is None or not model.has_mu:
        given = stated(f"{model.name}, {model.quasiparticles or 'a continuum model'}")
        raise InputError("model", given, "a model of normal electrons on a lattice")
    allowed = f"a number between 0 and {model.num_bands}, that of the bands"
    electrons = checks.number("electrons", electrons, allowed, minimum=0.0, maximum=float(model.num_bands))
    if electrons in (0.0, model.num_bands):
        raise InputError("electrons", electrons, f"{allowed}, neither none nor all")
    (kelvin,) = check_temperature(temperature)
    points = KGrid.of(model, grid)
    size = points_per_chunk(DEFAULT_CHUNK, model.num_bands)
    energies = np.concatenate([model.levels(points.points(*chunk)).ravel() for chunk in points.chunks(size)])

    def too_many(mu: float) -> float:
        return float(expit((mu - energies) / (kelvin * KELVIN)).sum()) / len(points) - electrons

    low, high = energies.min() - 50 * kelvin * KELVIN, energies.max() + 50 * kelvin * KELVIN
    return float(brentq(too_many, low, high, xtol=_PRECISE * max(abs(low), abs(high))))
