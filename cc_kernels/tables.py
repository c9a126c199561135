"""Numbers as CSV, for gnuplot, pandas and spreadsheets: of a figure what it shows, of a study its responses.

A row is a point of the numbered axes (mu, temperature, a sweep, ...); axes of names (components, operators) are columns
of their own, ``sigma_intrinsic_xy [e]``. A figure shows several studies below one another, each in rows that its first
column names; a cell is empty where a variable has no such axis. Comments, ``# ...``, come first: what the columns are,
and what the numbers were made from.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.files import replacing
from cc_kernels.io import read_dataset
from cc_kernels.study.opened import open_study

if TYPE_CHECKING:
    import pandas as pd

_ABOUT = (
    "provenance_commit",
    "cc_content",
    "model",
    "model_parameters",
    "models",
    "operator",
    "grid",
    "verdict",
    "verdicts",
)
"""Attributes that the comments tell, where there are any."""


def write_table(results: str | Path, name: str, figures: Collection[str], studies: Collection[str]) -> Path:
    """Write `<results>/tables/<name>.csv`, and return its path.

    Parameters
    ----------
    results : the folder of a configuration, such as "results/paper".
    name : a figure, or a study; of a study that has the name of a figure, "studies/<name>".
    figures, studies : the names that there are.

    Raises
    ------
    InputError : for another name, and where a figure or study has no results yet.
    """
    room, _, plain = name.rpartition("/")
    if room in ("", "figures") and plain in figures:
        source = Path(results) / "figures" / f"{plain}.nc"
        if not source.exists():
            raise InputError(
                "NAME", stated(f"{plain}, which is not drawn yet"), "a finished figure: make figures first"
            )
        data = read_dataset(source, "figure")
        parts = {study: _of_study(data, study) for study in json.loads(data.attrs["studies"])}
    elif room in ("", "studies") and plain in studies:
        source, data = Path(results) / "responses" / plain, open_study(results, plain)
        scaled = [str(variable) for variable in data.data_vars if f"{variable}_scale" in data]
        parts = {plain: data[[column for variable in scaled for column in (variable, f"{variable}_scale")]]}
    else:
        allowed = f"a figure ({', '.join(figures)}) or a study ({', '.join(studies)}) of the configuration"
        raise InputError("NAME", name, allowed)
    path = Path(results) / "tables" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text("".join(_text(parts, source, data.attrs)), encoding="utf-8")
    return path


def _of_study(data: xr.Dataset, study: str) -> xr.Dataset:
    """What a figure shows of one study, under the names that it has there (`plotting.plotted`)."""
    own = {name: name.removeprefix(f"{study}__") for name in map(str, {*data.variables, *data.dims})}
    own = {name: plain for name, plain in own.items() if name != plain}
    return data[[name for name in data.data_vars if name in own]].rename(own)


def _text(parts: Mapping[str, xr.Dataset], source: Path, attrs: Mapping[str, object]) -> Iterator[str]:
    import pandas as pd

    yield f"# {source}\n"
    for key in _ABOUT:
        if key in attrs:
            yield f"# {key.removeprefix('provenance_')}: {attrs[key]}\n"
    variables = {name: variable.attrs for part in parts.values() for name, variable in part.data_vars.items()}
    for name, about in variables.items():
        yield f"# {name}: {'; '.join(str(about[key]) for key in ('long_name', 'formula') if key in about)}\n"
    frames = [frame for study, part in parts.items() for frame in _frames(study, part)]
    yield pd.concat(frames).to_csv(index=False)


def _frames(study: str, part: xr.Dataset) -> Iterator[pd.DataFrame]:
    """A table for each set of numbered axes; variables with fewer of these are repeated along the others."""
    columns = [column for name in part.data_vars for column in _columns(part[name])]
    axes = [frozenset(column.dims) for column in columns]
    for whole in dict.fromkeys(axes):
        if any(whole < other for other in axes):
            continue
        kept = {column.name: column for column, own in zip(columns, axes, strict=True) if own <= whole}
        order = [dim for dim in part.dims if dim in whole]
        frame = xr.Dataset(kept).expand_dims([] if order else ["row"]).to_dataframe(dim_order=order or None)
        frame = frame.reset_index(drop=not order).rename(columns={dim: _header(str(dim), part[dim]) for dim in order})
        for name, value in part.coords.items():
            if not value.ndim:  # the one temperature, say
                frame.insert(0, _header(str(name), value), value.item())
        frame.insert(0, "study", study)
        yield frame


def _columns(variable: xr.DataArray) -> Iterator[xr.DataArray]:
    """A variable at each of the names along its axes, without other coordinates."""
    named = [dim for dim in variable.dims if dim in variable.coords and variable[dim].dtype.kind in "UO"]
    for labels in itertools.product(*(variable[dim].values for dim in named)):
        at = dict(zip(named, labels, strict=True))
        indices = "".join(str(at[dim]) for dim in ("i", "l") if dim in at)  # of sigma_xy
        words = [str(variable.name), indices, *(str(at[dim]) for dim in named if dim not in ("i", "l"))]
        column = variable.sel(at, drop=True).reset_coords(drop=True)
        yield column.rename(_header("_".join(filter(None, words)), variable))


def _header(name: str, array: xr.DataArray) -> str:
    """`name [units]`; of a number, the name alone."""
    units = array.attrs.get("units", "1")
    return name if units == "1" else f"{name} [{units}]"
