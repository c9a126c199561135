"""The models that a configuration names: built once before the workflow starts, and again in its jobs."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import limits
from cc_kernels.configuration.problems import ConfigurationError
from cc_kernels.configuration.schema import Configuration
from cc_kernels.configuration.study_section import MU_ALLOWED, Study
from cc_kernels.configuration.symmetry_section import check_asserted
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import one_unit
from cc_kernels.grid import check_number_of_chunks, points_per_chunk, points_text
from cc_kernels.models.base import BOSE

if TYPE_CHECKING:
    from cc_kernels.models import Model


def study_model(study: Study, folder: str | Path, value: float | None = None) -> Model:
    """The model of a study.

    Parameters
    ----------
    study : its `model` names the model and its parameters.
    folder : the folder of the configuration file, to which a model file is relative.
    value : the swept parameter's value; None without a sweep.

    Raises
    ------
    InputError : an unknown model or parameter, or a file that does not give a model.
    """
    parameters = dict(study.model.parameters)
    if study.sweep_name is not None and value is not None:
        parameters[study.sweep_name] = value
    return study.model.source.model(study.model.with_files(Path, Path(folder)), **parameters)


def check_models(configuration: Configuration) -> None:
    """Refuse studies whose models cannot be built, or cannot be computed as the study wants it.

    Raises
    ------
    ConfigurationError
        that lists what is wrong, one problem per study.
    """
    if problems := model_problems(configuration):
        raise ConfigurationError(f"the configuration {configuration.name}", problems)


def model_problems(configuration: Configuration) -> list[InputError]:
    """Build the model of every study, at every value of its sweep, and look its operator up: what is wrong."""
    problems: list[InputError] = []
    for name, study in configuration.studies.items():
        values = study.sweep_values if study.sweep else [None]
        of_values = (_problems_at(value, study, configuration.folder) for value in values)
        found = next(filter(None, of_values), [])
        problems += [InputError(f"studies.{name}.{one.key}", one.given, one.allowed) for one in found]
    return problems


def _problems_at(value: float | None, study: Study, folder: Path) -> list[InputError]:
    """What is wrong with the model at a value of the sweep, or with what is asked of it, and with its energy mesh."""
    try:
        model = study_model(study, folder, value)
    except InputError as error:
        key = "sweep" if value is not None and not _fails_alike(study, folder, error) else "model"
        return [InputError(f"{key}: {error.key}", error.given, error.allowed)]
    return [one for one in (_no_mesh(study, model), _problem_of(model, value, study)) if one]


def _problem_of(model: Model, value: float | None, study: Study) -> InputError | None:
    """What is wrong with what is asked of the model."""
    try:
        names = study.operator if isinstance(study.operator, list) else [study.operator]
        one_unit([model.operator(name).unit for name in names])
    except InputError as error:
        return InputError(f"operator: {error.key}", error.given, error.allowed)
    if study.is_superconductor and not model.is_superconductor:
        allowed = "a superconducting model for the response superconductor, or other responses"
        what = model.quasiparticles or "a normal one"
        return InputError("model", stated(f"{model.name}, {what}"), allowed)
    for look in (_no_disorder, _no_response, _other_axes, _shifted_box, _too_many_points, _no_such_maps, _zero_mode):
        if problem := look(study, model):
            return problem
    if problem := _outside_box(study, model):
        at = "" if value is None else f" ({study.sweep_name} = {value:g})"
        return InputError(problem.key, stated(f"{problem.given:g}{at}"), problem.allowed)
    try:
        check_asserted(study, model)
    except InputError as error:
        return error
    return None


def _no_response(study: Study, model: Model) -> InputError | None:
    """A response, or chemical potentials, of which the quasiparticles of the model know nothing, or none of these."""
    from cc_kernels.responses.one_pass import check_response, chemical_potentials

    try:
        for name in study.responses:
            if name != "disorder":  # which says more itself
                check_response(model, name)
        chemical_potentials(model, None if study.mu is None else study.mu_values)
    except InputError as error:
        return InputError(error.key, error.given, MU_ALLOWED) if model.has_mu and error.key == "mu" else error
    return None


def _no_mesh(study: Study, model: Model) -> InputError | None:
    """Why no energy mesh covers the temperatures and chemical potentials."""
    from cc_kernels.sums.mesh import EnergyMesh

    try:
        EnergyMesh.of(model, study.mu_values, study.temperature_values)
    except InputError as error:
        return error
    return None


def _other_axes(study: Study, model: Model) -> InputError | None:
    """Points, or a shift, along more or fewer axes than the model has."""
    for key, given in (("grid.start", study.grid.start), ("grid.shift", study.grid.shift)):
        if isinstance(given, list) and len(given) != model.dim:
            axes = f"{model.dim} number{'s' if model.dim > 1 else ''}"
            return InputError(key, given, f"{axes}, one for each dimension of {model.name}, or one number for all")
    return None


def _shifted_box(study: Study, model: Model) -> InputError | None:
    """Shifted grids that double, in a box, beyond which they would reach."""
    grid = study.grid
    if model.reciprocal is None and len(grid.levels) > 1 and any(grid.shift_in(model.dim, grid.levels[0])):
        allowed = f"0 for the box of {model.name}, which is not periodic: shifted grids do not nest in it"
        return InputError("grid.shift", grid.shift, f"{allowed} (or start = largest)")
    return None


def _too_many_points(study: Study, model: Model) -> InputError | None:
    """Grids that cannot be summed or stored in so many dimensions, or split as is asked for."""
    dim = model.dim
    first, last = (study.grid.shape_in(dim, study.grid.levels[n]) for n in (0, -1))
    kept = [("grid.largest", last, limits.POINTS)]
    kept += [("store_bands", last, limits.STORED_POINTS)] if study.store_bands else []
    if study.maps and study.maps.grid is not None and study.maps.plane is None:
        kept.append(("maps.grid", [study.maps.grid] * dim, limits.STORED_POINTS))
    elif study.maps and study.maps.points(dim) > limits.STORED_POINTS:
        return InputError(
            "maps.grid", study.maps.grid, limits.too_many_points([study.maps.grid] * 2, limits.STORED_POINTS)
        )
    for key, shape, most in kept:
        if fewer := limits.too_many_points(shape, most):
            given = stated(f"{points_text(shape, ',')} points per axis in {dim} dimension{'s' if dim > 1 else ''}")
            return InputError(key, given, fewer)
    if study.shards > prod(first):
        allowed = f"no more than the first grid has points, {prod(first):,}"
        return InputError("shards", study.shards, allowed)
    size = points_per_chunk(study.chunk, model.num_bands)
    stored = max([prod(shape) for key, shape, _ in kept if key != "grid.largest"], default=0)
    try:
        check_number_of_chunks(-(-prod(last) // study.shards), size, limits.CHUNKS)
        check_number_of_chunks(stored, size, limits.LAZY_CHUNKS)
    except InputError as error:
        return InputError("chunk", error.given, error.allowed)
    return None


def _no_such_maps(study: Study, model: Model) -> InputError | None:
    """A plane through a layer, or a path through a zone that there is not."""
    if study.maps is None:
        return None
    if study.maps.plane is not None and (model.dim != 3 or model.lattice is None):
        given = stated(f"a plane for a model in {model.dim} dimensions")
        return InputError("maps.plane", given, "a plane through the zone of a crystal in three dimensions, or nothing")
    if study.maps.path is not None and model.lattice is None:
        return InputError("maps.path", stated("a path for a continuum model"), "a model on a lattice, or nothing")
    return None


def _zero_mode(study: Study, model: Model) -> InputError | None:
    """A mode of bosons without energy at k = 0, in one of the grids that the study may need."""
    if model.statistics != BOSE:
        return None
    grids = [("grid.shift", study.grid.shift, study.grid.shift_in(model.dim, level)) for level in study.grid.levels]
    if study.maps and study.maps.grid is not None:
        grids.append(("maps.shift", study.maps.shift, study.maps.shift_in(model.dim)))
    for key, given, shift in grids:
        if not np.any(np.mod(shift, 1)):
            try:
                model.solve(np.zeros((1, model.dim)))
            except InputError as error:
                allowed = f"one that misses k = 0 on all grids, as 1/3 does (1/2 is 0 on the next): {error.given}"
                return InputError(key, given, allowed)
    return None


def _no_disorder(study: Study, model: Model) -> InputError | None:
    """Why the response `disorder`, or a potential, is not for this model."""
    if not study.has_disorder:
        return None
    from cc_kernels.scattering.contour_sums import check_model

    try:
        check_model(model)
    except InputError as error:
        return InputError("model", error.given, error.allowed)
    for number, potential in enumerate(study.potential_list):
        if problem := potential.problem_in(model):
            key, given, allowed = problem
            return InputError(f"potentials[{number}].{key}", given, allowed)
    return None


def _outside_box(study: Study, model: Model) -> InputError | None:
    """Which Fermi lines leave the box of a continuum model."""
    from cc_kernels.verdict.box import check_box

    try:
        check_box(model, study.mu_values)
    except InputError as error:
        return InputError("model.k_max", error.given, error.allowed) if error.key == "k_max" else error
    return None


def _fails_alike(study: Study, folder: str | Path, error: InputError) -> bool:
    """Does the model fail with the same message without the swept parameter, which is then not the culprit?"""
    try:
        study_model(study, folder)
    except InputError as alone:
        return str(alone) == str(error)
    return False
