"""Disorder at one grid level: the contour sums of a study, beside the responses from its k-grid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import check_tolerance, constant_operator
from cc_kernels.scattering.contour_sums import contour_dataset
from cc_kernels.scattering.disorder import with_band_current
from cc_kernels.scattering.potentials import label, potential_of
from cc_kernels.study.study_models import StudyModels
from cc_kernels.study.sweep import along_sweep
from cc_kernels.verdict.line_resolution import IN_A_STUDY

if TYPE_CHECKING:
    from cc_kernels.models import Model

_NAMES = {
    "sigma_dipole": "sigma_dipole_contour",
    "sigma_dipole_scale": "sigma_dipole_contour_scale",
    **IN_A_STUDY,
    "contours": "number_of_contours",
    "states": "number_of_contour_states",
}
"""Names beside those of the other responses; transport has a sigma_dipole of its own, at the study's temperatures."""
_KEYS = {"points": "grid.start", "grid": "grid.start"}
"""What sets the arguments of `disorder` in a study."""


def contour_points(points_per_axis: int) -> int:
    """Points on the longest Fermi line at a grid level: they double with the grid, so that the verdict judges both."""
    return points_per_axis // 4


def search_grid(points_per_axis: int) -> int:
    """Steps per axis of the search for Fermi lines; it only has to find them."""
    return min(max(points_per_axis, 128), 256)


def with_disorder(
    response: xr.Dataset,
    models: StudyModels,
    operator: str,
    potentials: Sequence[Mapping[str, object]],
    degeneracy_tolerance: float | None,
    study: str,
) -> xr.Dataset:
    """The responses of a level with those of disorder, for every mu and potential.

    Parameters
    ----------
    response : with sigma_hall, from the sums of the level.
    models : along the sweep of `response`.
    potentials : name, and parameters under their names.
    study : its name, for messages.

    Returns
    -------
    Contour sums at T = 0, dims ([sweep,] [potential,] mu, Cartesian), sigma_band (..., temperature, Cartesian), and
    `<name>_scale`.

    Raises
    ------
    InputError : a mu at a band edge or crossing, a degenerate Fermi line; names the study.
    """
    points_per_axis = max(json.loads(response.attrs["grid"]))
    grid, points = search_grid(points_per_axis), contour_points(points_per_axis)
    forms = {}
    for one in potentials:
        parameters = {key: value for key, value in one.items() if key != "name"}
        forms[label(one["name"], parameters)] = potential_of(one["name"], parameters)
    mu = response["mu"].values
    parts = []
    for index, model in enumerate(models.models):
        value = None if models.sweep_name is None else f"{models.sweep_name} = {models.sweep_values[index]:g}"
        parts.append(_of(model, operator, mu, forms, grid, points, degeneracy_tolerance, study, value))
    contours = along_sweep(models, parts).rename(_NAMES)
    result = xr.merge([response, contours], combine_attrs="override", join="exact", compat="equals")
    result = with_band_current(result, "sigma_dipole_contour")
    result["potential"].attrs = {"long_name": "potential of the scatterers, lengths in angstrom"}
    return result.assign_attrs(
        potentials=json.dumps(list(potentials)),
        disorder="Fermi lines at T = 0, density of scatterers 1; sigma_hall in sigma_band at the temperature",
        contour_points=points,
        contour_search_grid=grid,
    )


def _of(
    model: Model,
    operator: str,
    mu: np.ndarray,
    forms: Mapping[str, object],
    grid: int,
    points: int,
    tolerance: float | None,
    study: str,
    value: str | None,
) -> xr.Dataset:
    resolved, _ = constant_operator(model, operator, "disorder on Fermi lines")
    try:
        tolerance = check_tolerance(model, tolerance)
        result = contour_dataset(model, resolved.matrix, resolved.unit, mu, forms, grid, points, tolerance)
    except InputError as error:
        given = error.given if value is None else stated(f"{error.given} ({value})")
        key = _KEYS.get(error.key, error.key)
        raise InputError(f"studies.{study}.{key}", given, error.allowed) from None
    return result.assign_attrs(model_parameters=json.dumps(model.parameters, sort_keys=True))
