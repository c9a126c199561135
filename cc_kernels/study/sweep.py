"""A study's sweep: one more dim, named after the swept parameter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import xarray as xr

if TYPE_CHECKING:
    from cc_kernels.study.study_models import StudyModels


def along_sweep(study: StudyModels, parts: list[xr.Dataset]) -> xr.Dataset:
    """Datasets of the sweep's models as one, with the swept parameter as a dim."""
    if study.sweep_name is None:
        return parts[0]
    coordinate = xr.DataArray(study.sweep_values, dims=study.sweep_name, name=study.sweep_name)
    coordinate.attrs = {"long_name": f"model parameter {study.sweep_name}"}
    joined = xr.concat(parts, coordinate, combine_attrs="override")
    parameters = json.loads(parts[0].attrs["model_parameters"])
    parameters.pop(study.sweep_name, None)
    joined.attrs |= {"model_parameters": json.dumps(parameters, sort_keys=True), "sweep": study.sweep_name}
    if study.sweep_name == "k_max":
        joined.attrs.pop("k_max", None)
    return joined
