"""The dataset of what a figure shows, which is drawn from and stored: curves of several studies side by side.

Studies differ in their axes, so that every dimension and variable carries the prefix `<study>__`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import xarray as xr

from cc_kernels.plotting.study_result import StudyResult


def dim_of(result: StudyResult, name: str) -> str:
    """The name of a study's variable or dimension in the plotted dataset."""
    return result.prefixed(name)


def curve_of(data: xr.Dataset, result: StudyResult, name: str, case: int | None = None) -> xr.DataArray:
    """A study's variable in the plotted dataset, in one case of the sweep."""
    array = data[dim_of(result, name)]
    dim = dim_of(result, result.sweep or "")
    return array.isel({dim: case}) if case is not None and dim in array.dims else array


def side_by_side(results: Sequence[StudyResult], parts: Mapping[str, xr.Dataset], title: str) -> xr.Dataset:
    """One dataset from the plotted data of each study (by study name), with what each study is in the attributes."""
    renamed = []
    for result in results:
        part = parts[result.name]
        names = {name: dim_of(result, str(name)) for name in {*part.variables, *part.dims}}
        renamed.append(part.rename(names))
    merged = xr.merge(renamed, combine_attrs="drop_conflicts")
    merged.attrs = {
        "title": title,
        "studies": json.dumps([result.name for result in results]),
        "models": json.dumps({result.name: result.caption_line() for result in results}, sort_keys=True),
        "verdicts": json.dumps(
            {result.name: result.verdict.attrs.get("summary", "") for result in results}, sort_keys=True
        ),
    }
    return merged
