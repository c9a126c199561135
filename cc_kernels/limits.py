"""The smallest and largest numbers that a calculation could do something with, each with what decides it.

The configuration and the Python functions refuse the same ones: far beyond what anybody needs, and short of what would
never end, fill any memory, or drown in rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MAGNITUDE = 1e12
"""Of any energy, length, wave vector or parameter, in its unit. At 1e12 eV rounding is 1e-4 eV, above k_B at 1 K; and
products of a dozen factors must not overflow."""
MU = 1e6
"""eV; ten times the deepest core level. Rounding of so large an energy is 1e-10 eV, a microkelvin."""
TEMPERATURE = (1e-6, 1e7)
"""Kelvin. k_B x 1e-6 K is 9e-11 eV, and rounding of energies of some eV a 1e-5 of that; k_B x 1e7 K is 860 eV."""
DEGENERACY = 1.0
"""eV. Levels closer than the tolerance are one group, and within a group nothing is resolved: at 1 eV, all there is."""
SHIFT = 1.0
"""Grid steps, either way: a lattice's grid repeats after one, a box's leaves the box."""
TOLERANCE = 1e-15
"""Relative to a sum of absolute contributions, which is known to rounding, 2e-16."""
POINTS_PER_AXIS = 2**24
"""The coordinates along an axis are held at once: 128 MiB."""
POINTS = 2**36
"""Of a whole grid. A core sums 5 million points of two bands in a second, and so many in four hours; beyond, rounding
of 1e-16 per point adds up, too."""
CHUNK = 2**22
"""k-points that are held at once: 2 GB for two bands, per thread."""
CHUNKS = POINTS // 2**15
"""Of one grid: those of the default size on the largest one. Each costs 50 us beside its points."""
LAZY_CHUNKS = 2**15
"""Of band data, where each is a few tasks of dask: 160 kB, and 100 us before anything is computed."""
STORED_POINTS = 2**26
"""Points of maps and of stored band data: 1 GB per variable of two bands, 50 GB for all variables."""
SHARDS = 1000
"""Jobs of one grid; Snakemake plans some hundred a second, those of every grid again."""
THREADS = 1024
"""More than one machine has."""
SWEEP = 1000
"""Values of a swept parameter: each is a model that is built before anything runs, and a set of sums in memory."""
VALUES = 1_000_000
"""Pairs of mu and temperature: each variable has a number at all of them, and a hundred variables 1 GB."""
CONTOUR_GRID = 2048
"""Points per axis of the search for Fermi lines: 4 GB of matrices for two bands."""
CONTOUR_POINTS = 4096
"""On a Fermi line: scattering rates between all pairs of two lines' points are 4 GB."""


def range_text(least: float | None, most: float) -> str:
    """Words to follow what is allowed: ", from 1 to 1,000", or ", at most 1e+12" where that says where it begins."""
    return f", from {_plain(least)} to {_plain(most)}" if least else f", at most {_plain(most)}"


def too_many_points(shape: Sequence[int], most: int = POINTS) -> str:
    """What is allowed instead, where a grid of so many points per axis has more than `most`; else empty."""
    if math.prod(shape) <= most:
        return ""
    axis = math.floor(most ** (1 / len(shape)) * (1 + 1e-12))
    return f"at most {most:,} points in all, such as {' x '.join([f'{axis:,}'] * len(shape))}"


def _plain(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
