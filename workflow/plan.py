"""The plan of a run: which files, and with which parameters each rule makes them.

A rule's parameters hold exactly what its result depends on: so more temperatures or chemical potentials rerun no
k-grid, and a plotting edit reruns plots only. `sources` is the hash of the rule's script and all that it imports.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_kernels.configuration import (
    Configuration,
    ConfigurationError,
    Study,
    configuration_of,
    model_problems,
    read_yaml,
    study_model,
)
from cc_kernels.errors import InputError
from cc_kernels.io import check_writable, read_attributes
from cc_kernels.models.base import BOSE
from cc_kernels.models.operators import has_conserved_spin
from cc_kernels.plotting.kind_files import caption_of, check_needs, figure_file, figure_kinds, needs_of
from cc_kernels.provenance import content_hash, source_hash
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.study.result_files import ResultFiles
from cc_kernels.study.study_models import checksums_of
from cc_kernels.sums.mesh import EnergyMesh

if TYPE_CHECKING:
    from cc_kernels.models import Model

SCRIPTS = Path(__file__).parent / "scripts"


class Plan:
    """Files and parameters of every rule for one configuration.

    Parameters
    ----------
    configuration : checked.
    path : its file, for messages.
    arguments : of Snakemake, with which another process gets the same configuration.
    """

    def __init__(self, configuration: Configuration, path: str | Path, arguments: Sequence[str] = ()) -> None:
        self.path, self.configuration, self.arguments = Path(path), configuration, list(arguments)
        self._models: dict[str, Model] = {}
        self._sources: dict[tuple[str | Path, ...], str] = {}

    @classmethod
    def of_files(cls, paths: Sequence[str | Path], changes: Mapping[str, object] | None = None) -> Plan:
        """The plan of configuration files, where later ones win, and of Snakemake's `--config key=value`.

        Raises
        ------
        InputError : naming every problem of the configuration.
        """
        content = reduce(_merged, [*map(read_yaml, paths), dict(changes or {})])
        path = Path(paths[-1])
        path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        further = [f"{key}={json.dumps(value)}" for key, value in (changes or {}).items()]
        arguments = ["--configfile", *map(str, paths), *(["--config", *further] if further else [])]
        return cls(configuration_of(content, path), path, arguments)

    @classmethod
    def of_mapping(cls, config: Mapping[str, object]) -> Plan:
        """The plan of a configuration that another workflow hands over (`module`); errors as in `of_files`."""
        path = Path("module.yaml")
        return cls(configuration_of(dict(config), path), path)

    def check(self) -> None:
        """Refuse what cannot be computed, drawn, written or read; this builds every model, so jobs do not call it."""
        if problems := [*model_problems(self.configuration), *self._figure_problems()]:
            raise ConfigurationError(self.path, problems)
        check_writable(self.results)
        self._check_results()

    def _figure_problems(self) -> Iterator[InputError]:
        for name, figure in self.configuration.figures.items():
            kind = self.configuration.figure_kind(name)
            if kind not in figure_kinds():
                key = f"figures.{name}" + (".kind" if self.configuration.figures[name].kind else "")
                allowed = "a figure kind as `kind` or as the figure's own name: " + ", ".join(figure_kinds())
                yield InputError(key, kind, allowed)
                continue
            responses = {study: self.study(study).responses for study in figure.studies}
            with_maps = [study for study in figure.studies if self.study(study).maps is not None]
            chosen = {study: self.study(study).variables for study in figure.studies}
            try:
                check_needs(kind, responses, with_maps, f"figures.{name}.studies", chosen)
            except InputError as error:
                yield error

    def _check_results(self) -> None:
        """Refuse damaged or foreign files where results belong: a job would fail on them, or nobody would notice."""
        errors = []
        for file in filter(os.path.lexists, self.datasets()):
            try:
                read_attributes(file)
            except InputError as error:
                errors.append(error)
        if errors:
            first, number = errors[0], len(errors)
            if number == 1:
                raise InputError(first.key, first.given, f"{first.allowed}; remove it, and it is computed again")
            key = f"{first.key} and {number - 1} more ({', '.join(error.key for error in errors[1:])})"
            allowed = f"{first.allowed}; remove them (or all of {self.results}), and they are computed again"
            raise InputError(key, first.given, allowed)

    def study(self, name: str) -> Study:
        return self.configuration.studies[name]

    def figure_studies(self, figure: str) -> list[str]:
        return list(self.configuration.figures[figure].studies)

    def studies_with_maps(self, *figures: str) -> list[str]:
        """The studies of which a figure shows maps; by default of all figures."""
        figures = figures or tuple(self.configuration.figures)
        shown = [name for name in figures if needs_of(self.configuration.figure_kind(name)).maps]
        wanted = {study for name in shown for study in self.figure_studies(name)}
        return [study for study in self.configuration.studies if study in wanted]

    @property
    def results(self) -> Path:
        return self.configuration.results_folder

    @cached_property
    def configuration_hash(self) -> str:
        return content_hash(self.configuration)

    def stages(self, study: str) -> list[int]:
        """Points per axis at which the stages of a study end, which name their files."""
        return list(self.study(study).grid.stages)

    def stage_before(self, study: str, n: int) -> int | None:
        return max((end for end in self.stages(study) if end < n), default=None)

    @cached_property
    def files(self) -> ResultFiles:
        return ResultFiles(self.results)

    def shard_files(self, study: str, n: int) -> list[str]:
        total = self.study(study).shards
        return [self.files.shard(study, n, shard, total) for shard in range(total)]

    def datasets(self) -> Iterator[str]:
        """Every netCDF file that a run may leave."""
        for name, study in self.configuration.studies.items():
            yield from (self.files.model(name), self.files.map(name), self.files.bands(name))
            for n in study.grid.stages:
                yield from (*self.shard_files(name, n), *self.files.level(name, n))
        for figure in self.configuration.figures:
            yield self.files.figure(figure)[-1]

    # -- parameters ----------------------------------------------------------------------------------------------

    def state_sums(self, study: str) -> list[str]:
        """What the k-grids of a study sum over states."""
        section = self.study(study)
        return state_sums_of(section.responses, self.model(study).dim, section.variables)

    def model_parameters(self, study: str) -> dict[str, object]:
        """What the model of a study is built from; a user's files count by their content."""
        section = self.study(study)
        keys = section.model.with_files(_from_here, self.configuration.folder)
        source = keys | {
            "parameters": section.model.parameters,
            "sweep_name": section.sweep_name,
            "sweep_values": [float(value) for value in section.sweep_values],
        }
        content = self._model_content(section, keys)
        return {"source": json.dumps(source, sort_keys=True), "content": content, "sources": self.sources("model")}

    def _model_content(self, section: Study, keys: Mapping[str, Any]) -> str:
        """Of files, the matrices that they give to the last bit, wherever these come from; of code, the code."""
        kind, checksums = section.model.source, None
        if kind.files(keys):
            values = section.sweep_values if section.sweep else [None]
            checksums = checksums_of(study_model(section, self.configuration.folder, value) for value in values)
        return source_hash(kind.code(keys[kind.key])) if checksums is None else content_hash(checksums)

    def kgrid_parameters(self, study: str, n: int, shard: int) -> dict[str, object]:
        """What additive sums depend on: not the values of mu and T, only the mesh that covers them."""
        section, dim = self.study(study), self.model(study).dim
        grid, levels = section.grid, section.grid.stages[n]
        return {
            "names": self.state_sums(study),
            "operator": section.operator,
            "points_per_axis": [grid.shape(level) for level in levels],
            "shift": [grid.shift_in(dim, level) for level in levels],
            "coarse_shift": grid.shift_in(dim, levels[0] // 2) if levels[0] > grid.levels[0] else None,
            "shard": shard,
            "shards": section.shards,
            "mesh": self.mesh(study).to_json(),
            "degeneracy_tolerance": section.degeneracy_tolerance,
            "symmetry": section.symmetry_choice,
            "chunk": section.chunk,
            "sources": self.sources("kgrid"),
        }

    def level_parameters(self, study: str) -> dict[str, object]:
        section = self.study(study)
        return {
            "operator": section.operator,
            "responses": list(section.responses),
            "variables": section.variables,
            "mu": self.mu(study),
            "temperature": [float(value) for value in section.temperature_values],
            "has_spin": has_conserved_spin(self.model(study)),
            "tolerance": section.grid.tolerance,
            "study": study,
            "disorder": self._disorder_parameters(section) if section.has_disorder else None,
            "sources": self.sources("level"),
        }

    def map_parameters(self, study: str, n: int | None = None) -> dict[str, object]:
        """Parameters of a map of the zone, or (with `n`) of the full band data on a grid."""
        section = self.study(study)
        maps = section.maps
        dim = self.model(study).dim
        return {
            "operator": section.operator,
            "points_per_axis": maps.grid if n is None else section.grid.shape(n),
            "plane": maps.plane if n is None else None,
            "path": maps.path if n is None else None,
            "shift": maps.shift_in(dim) if n is None else section.grid.shift_in(dim, n),
            "quantities": list(maps.quantities) if n is None else None,
            "degeneracy_tolerance": section.degeneracy_tolerance,
            "chunk": section.chunk,
            "sources": self.sources("bands"),
        }

    def caption(self, figure: str) -> str:
        """For the report; a change of it is one of the figure's source."""
        return caption_of(self.configuration.figure_kind(figure))

    def report_parameters(self) -> dict[str, object]:
        studies = {}
        for name in self.configuration.studies:
            section = self.study(name)
            model = json.loads(str(self.model_parameters(name)["source"]))
            mu, temperature = self.mu(name), [float(value) for value in section.temperature_values]
            studies[name] = {
                "model": section.model.source.named(model),
                "parameters": model["parameters"],
                "sweep": model["sweep_name"],
                "operator": section.operator,
                "responses": list(section.responses),
                "mu": None if section.mu is None else [min(mu), max(mu), len(mu)],
                "temperature": [min(temperature), max(temperature), len(temperature)],
                "grid": section.grid.names,
                "bands": section.store_bands,
            }
        return {
            "name": self.configuration.name,
            "studies": studies,
            "figures": list(self.configuration.figures),
            "sources": self.sources("report"),
        }

    def figure_parameters(self, figure: str) -> dict[str, object]:
        kind = self.configuration.figure_kind(figure)
        return {
            "kind": kind,
            "studies": list(self.configuration.figures[figure].studies),
            "sources": self.sources("figure", figure_file(kind)),
        }

    def sources(self, script: str, *more: str | Path) -> str:
        """The hash of what a script executes, looked at once: a run has one code, and jobs refuse another."""
        if (script, *more) not in self._sources:
            self._sources[script, *more] = source_hash(SCRIPTS / f"{script}.py", *more)
        return self._sources[script, *more]

    def _disorder_parameters(self, section: Study) -> dict[str, object]:
        return {
            "operator": section.operator,
            "potentials": [one.content for one in section.potential_list],
            "degeneracy_tolerance": section.degeneracy_tolerance,
        }

    def mu(self, study: str) -> list[float]:
        """Chemical potentials in eV; 0 for a superconductor, where it is in H, and for bosons."""
        return [float(value) for value in self.study(study).mu_values]

    def mesh(self, study: str) -> EnergyMesh:
        """The energy mesh of a study; that of bosons depends on the model, and serves all of a sweep."""
        section, model = self.study(study), self.model(study)
        if section.sweep and model.statistics == BOSE:
            every = (study_model(section, self.configuration.folder, float(value)) for value in section.sweep_values)
            return EnergyMesh.of_bosons(max(one.largest_energy for one in every))
        return EnergyMesh.of(model, self.mu(study), section.temperature_values)

    def model(self, study: str) -> Model:
        """The model of a study, the first of a sweep; built once, since every job and resource asks for it."""
        if study not in self._models:
            section = self.study(study)
            value = float(section.sweep_values[0]) if section.sweep else None
            self._models[study] = study_model(section, self.configuration.folder, value)
        return self._models[study]


def _merged(content: object, changes: object) -> object:
    """As Snakemake merges configuration files: keys of sections one by one, everything else as a whole."""
    if not (isinstance(content, Mapping) and isinstance(changes, Mapping)):
        return changes
    return {**content, **{key: _merged(content.get(key), value) for key, value in changes.items()}}


def _from_here(path: Path) -> Path:
    """The same text for the same file, however the configuration was named: relative to where the workflow runs."""
    path, here = path.absolute(), Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
