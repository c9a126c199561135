"""A study's sweep: one more dim, named after the swept parameter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.sums.merging import symmetry_of_all

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
    joined.attrs |= _symmetries(parts) | {
        "model_parameters": json.dumps(parameters, sort_keys=True),
        "sweep": study.sweep_name,
    }
    if study.sweep_name == "k_max":
        joined.attrs.pop("k_max", None)
    return joined


def _symmetries(parts: list[xr.Dataset]) -> dict[str, object]:
    """Those of all models, as a list where they are not all the same."""
    result = symmetry_of_all(parts)
    for name in ("symmetry", "symmetry_time_reversal", "symmetry_operations"):
        each = [part.attrs[name] for part in parts if name in part.attrs]
        if len(set(each)) > 1:
            result[name] = json.dumps(each)
    return result
