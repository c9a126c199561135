"""What each job asks of a scheduler: memory, and time, predicted from the configuration before anything is computed.

Memory is that of `cc_kernels.study.memory`, which knows the arrays, and of Snakemake's own processes around a job.
Times are generous: a job that a scheduler ends has to start again, and one that asks for an hour waits no longer than
one that asks for ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, prod

from cc_kernels.geometry.quantities import packed_components
from cc_kernels.study import memory
from cc_kernels.study.memory import MIB, ModelSize, SumsSize
from cc_kernels.sums import products
from cc_kernels.verdict.gap_search import search_shape
from workflow.plan import Plan

SNAKEMAKE = 250
"""MiB: Slurm counts the Snakemake that starts the script, and the one that starts that, as parts of the job."""
SECONDS_PER_POINT = 0.15e-6
"""Per band^2 and dimension, on one core of 2020; `make bench` measures it."""
SECONDS_PER_CHUNK = 0.02
SECONDS_PER_PAIR = 1e-5
"""Of points on the longest Fermi line: six pairs of states, each with a hundred images q + G on a lattice."""
GENEROUS = 10
LEAST_MINUTES = 10


@dataclass(frozen=True)
class Request:
    """Memory in MiB, as `mem_mb`, and time in minutes, as `runtime`; the names are those of Snakemake."""

    mem_mb: int
    runtime: int = LEAST_MINUTES

    @classmethod
    def of(cls, peak: int, seconds: float = 0.0) -> Request:
        return cls(SNAKEMAKE + ceil(peak / MIB), LEAST_MINUTES + ceil(GENEROUS * seconds / 60))


class JobResources:
    """The needs of every rule of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._sizes = lru_cache(self._model_and_sums)

    def small(self) -> Request:
        """A job that reads, draws or writes little."""
        return Request.of(memory.small_memory())

    def model(self, study: str) -> Request:
        model, _ = self._sizes(study)
        return Request.of(
            memory.small_memory(model.copies * model.functions * model.bands**2 * 16 * (1 + model.dim) ** 2)
        )

    def kgrid(self, study: str, n: int) -> Request:
        model, _ = self._sizes(study)
        return Request.of(self.kgrid_memory(study, n), model.copies * self._seconds(study, self._points(study, n)))

    def kgrid_memory(self, study: str, n: int) -> int:
        """Predicted peak of the script of a k-grid job, in bytes."""
        section = self.plan.study(study)
        sizes, points, levels = self._sizes(study), self._points(study, n), len(section.grid.stages[n])
        return memory.kgrid_memory(*sizes, points, section.chunk, section.threads, levels)

    def level(self, study: str, n: int) -> Request:
        section = self.plan.study(study)
        model, sums = self._sizes(study)
        values = len(self.plan.mu(study)) * len(section.temperature_values)
        contour_points = n // 4 if section.has_disorder else 0
        levels = len(section.grid.stages[n])
        peak = memory.level_memory(model, sums, section.shards + 1, values, contour_points, levels)
        search = self._seconds(study, prod(search_shape(section.grid.shape_in(model.dim, n))))  # for narrow gaps
        return Request.of(peak, model.copies * (search + self._contour_seconds(study, contour_points)))

    def map(self, study: str) -> Request:
        maps, (model, _) = self.plan.study(study).maps, self._sizes(study)
        return self._bands(study, maps.points(model.dim), maps.quantities)

    def bands(self, study: str, n: int) -> Request:
        """A job that streams all quantities on a grid to a file."""
        return self._bands(study, prod(self._shape(study, n)))

    def _bands(self, study: str, points: int, quantities: Sequence[str] = ()) -> Request:
        section = self.plan.study(study)
        model, _ = self._sizes(study)
        components = packed_components(model.dim, quantities)
        peak = memory.bands_memory(model, components, points, section.chunk, section.threads)
        return Request.of(peak, 3 * self._seconds(study, points))

    def figure(self, figure: str) -> Request:
        files = 0
        for study in self.plan.configuration.figures[figure].studies:
            if (maps := self.plan.study(study).maps) is not None:
                model, _ = self._sizes(study)
                files += 8 * maps.points(model.dim) * model.bands * len(maps.quantities) * model.dim**2
        return Request.of(memory.small_memory(files))

    def _points(self, study: str, n: int) -> int:
        """k-points of a shard: all of them where the grid is the coarsest."""
        return ceil(prod(self._shape(study, n)) / self.plan.study(study).shards)

    def _shape(self, study: str, n: int) -> list[int]:
        return self.plan.study(study).grid.shape_in(self._sizes(study)[0].dim, n)

    def _seconds(self, study: str, points: int) -> float:
        section = self.plan.study(study)
        model, _ = self._sizes(study)
        per_point = SECONDS_PER_POINT * model.bands**2 * model.dim * (1 + model.bands / 20)
        return (points * per_point + ceil(points / section.chunk) * SECONDS_PER_CHUNK) / section.threads

    def _contour_seconds(self, study: str, points: int) -> float:
        """Of the Boltzmann equation on the Fermi lines, for every mu and potential."""
        section = self.plan.study(study)
        systems = len(self.plan.mu(study)) * len(section.potential_list)
        return systems * (0.3 + SECONDS_PER_PAIR * points**2)

    def _model_and_sums(self, study: str) -> tuple[ModelSize, SumsSize]:
        section = self.plan.study(study)
        model = self.plan.model(study)
        names = self.plan.state_sums(study)
        columns = sum(model.dim ** len(products.dims_of(name, model.dim)) for name in names)
        mesh = self.plan.mesh(study)
        size = ModelSize.of(model, max(1, len(section.sweep_values)))
        return size, SumsSize(2 * mesh.half + 1, columns)
