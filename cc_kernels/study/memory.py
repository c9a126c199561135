"""Peak memory of the jobs of a study, in bytes, from sizes alone: known before anything is computed.

Each function adds what is alive at the worst moment: what every process has, the arrays of a chunk of k-points once
per thread, sums in reduction, and the task graph. Measured peaks are below, and within a factor of three where a
chunk or the sums are not small (tests/workflow/test_memory.py; `make bench BENCH_ARGS=memory` for large grids).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

from cc_kernels.grid import points_per_chunk
from cc_kernels.sums.block import BLOCK, MOST_TASKS

MIB = 2**20
PROCESS = 400 * MIB
"""Interpreter, imports and compiled kernels: 270 MiB, and 60 more in the process that first compiles them."""
PER_CHUNK = 160_000
"""The tasks of one chunk in the dask graph, and what the allocator cannot give back for them."""
ROUGH = 1.2
"""Small temporaries and fragmentation, on all that is counted."""
READ_BACK = 3 * 2**26
"""A checksum reads blocks of 64 MiB, and converts and hashes copies of them."""
REAL, COMPLEX = 8, 16


@dataclass(frozen=True)
class ModelSize:
    """What the memory of a model's chunk depends on.

    Attributes
    ----------
    bands, dim : number of bands and of dimensions.
    functions : cosines and sines, or monomials, from which H(k) is combined.
    copies : models that a job holds (the values of a sweep), and whose sums it joins.
    """

    bands: int
    dim: int
    functions: int = 0
    copies: int = 1

    @classmethod
    def of(cls, model: object, copies: int = 1) -> ModelSize:
        terms = next((getattr(model, name) for name in ("R", "powers") if hasattr(model, name)), ())
        return cls(model.num_bands, model.dim, 2 * len(terms), copies)


@dataclass(frozen=True)
class SumsSize:
    """What the memory of additive sums depends on: mesh nodes, and components of all state sums together."""

    nodes: int
    columns: int

    @property
    def bytes(self) -> int:
        return REAL * self.nodes * self.columns


def kgrid_memory(model: ModelSize, sums: SumsSize, points: int, chunk: int, threads: int = 1, levels: int = 1) -> int:
    """Peak of a job that sums over `points` k-points on each of some levels, or fewer; all are those of the shard."""
    size, chunks = _chunks(model, points, chunk)
    tasks = min(chunks, MOST_TASKS)
    busy = min(threads, tasks)
    k = REAL * size * (6 * model.dim + 2)  # indices, fractions, points, weights
    part = min(size, BLOCK // model.bands**2 + 1)  # points whose matrices are there together
    matrices = COMPLEX * model.bands**2 * (4 + 6 * model.dim)  # H, v, their factors and lines, states, LAPACK's copy
    functions = 3 * REAL * (model.functions + 1)
    partial = busy + ceil(log2(tasks + 1)) + 2  # of a pairwise reduction
    joined = (levels + 2) * model.copies  # every value of the sweep, joined, and as the variables of a file
    return _rough(busy * (k + part * (matrices + functions)), chunks) + (partial + joined) * sums.bytes


def bands_memory(model: ModelSize, components: int, points: int, chunk: int, threads: int = 1) -> int:
    """Peak of a job that streams so many components of band geometry to a file; the rest as for `kgrid_memory`."""
    size, chunks = _chunks(model, points, chunk)
    packed = REAL * model.bands * components
    matrix = COMPLEX * model.bands**2
    # the second derivatives of H, and in the band basis, beside H, v and s
    second_order = matrix * (3 * model.dim**2 + 5 * model.dim + 4)
    geometry = matrix * (4 + 5 * model.dim) + 3 * REAL * model.functions
    # Files are written by one thread at a time: the others' chunks wait, whole.
    each = max(geometry, second_order) + 3 * packed
    return _rough(min(threads, chunks) * size * each, chunks) + READ_BACK


def level_memory(
    model: ModelSize, sums: SumsSize, parts: int, values: int, contour_points: int = 0, levels: int = 1
) -> int:
    """Peak of a job that merges `parts` sums of each of some levels and evaluates them.

    Parameters
    ----------
    values : of mu times temperature.
    contour_points : on the longest Fermi line, of a study with disorder.
    """
    evaluated = REAL * values * sums.columns * model.copies
    windows = 4 * 2**25 + 8 * sums.bytes
    scattering = 0
    if contour_points:
        search, lines = 256**model.dim, 2 * model.bands
        scattering = search * COMPLEX * model.bands**2 * (4 + 5 * model.dim)
        scattering += 8 * REAL * (lines * contour_points) ** 2
    return int(
        PROCESS
        + ROUGH * (((parts + 1) * levels + 2) * model.copies * sums.bytes + windows + 12 * evaluated + scattering)
    )


def small_memory(*files: int) -> int:
    """Peak of a job that reads files of so many bytes whole, and draws or lists them."""
    return int(PROCESS + 2**27 + 4 * sum(files))


def _chunks(model: ModelSize, points: int, chunk: int) -> tuple[int, int]:
    size = min(points_per_chunk(chunk, model.bands), max(points, 1))
    return size, ceil(points / size)


def _rough(arrays: int, chunks: int) -> int:
    return int(PROCESS + ROUGH * arrays + PER_CHUNK * chunks)
