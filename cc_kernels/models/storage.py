"""Save models to netCDF4 and load them again, without losing a bit."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cc_kernels.checksums import content_checksum
from cc_kernels.damaged_files import damage_named, refuse_endless, refuse_more_than_fits
from cc_kernels.errors import InputError, stated
from cc_kernels.files import path_of, replacing
from cc_kernels.models.base import FERMI, Model, Operator
from cc_kernels.models.kdotp import KDotP
from cc_kernels.models.tight_binding import TightBinding

if TYPE_CHECKING:
    import xarray as xr

KIND, KIND_SEVERAL, VERSION = "cc_kernels model", "cc_kernels models", 1
CHECKED = "cc_content"
"""Attribute with the checksum of a file's content. Files of one model had none before; they are read as they are."""
_WANTED = f"a model file of version {VERSION}, written by this package"

# the arrays of each form: attribute -> (dimensions, units); complex ones become two variables, _real and _imag
FORMS: dict[str, tuple[type[Model], dict[str, tuple[tuple[str, ...], str]]]] = {
    "TightBinding": (
        TightBinding,
        {
            "lattice": (("vector", "axis"), "angstrom"),
            "R": (("cell", "vector"), "1"),
            "hoppings": (("cell", "row", "column"), "eV"),
            "positions": (("row", "axis"), "angstrom"),
            "position_matrices": (("cell", "axis", "row", "column"), "angstrom"),
        },
    ),
    "KDotP": (
        KDotP,
        {
            "powers": (("term", "axis"), "1"),
            "matrices": (("term", "row", "column"), "eV angstrom^(sum of the powers)"),
            "lattice": (("vector", "axis"), "angstrom"),
        },
    ),
}
_OF_OPERATOR = "operator_{}"
"""Blocks of an operator that depends on R, by its number among all; constant ones are in one array."""
LABELS = ("name", "description", "parameters", "degeneracy_tolerance", "particle_hole_copies", "is_superconductor")
ANOTHER_STATISTICS = "statistics"
"""A label of models that are not of fermions: those of fermions keep the checksum that they always had."""


def save_model(model: Model, path: str | os.PathLike) -> None:
    """Write the model to a netCDF4 file: bitwise, in one step (a temporary name, then a rename), the same every time.

    Errors: `InputError` for a model that is a Python function, and for a path where no file can be written.

    Examples
    --------
    >>> import tempfile
    >>> import cc_kernels as cc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cc.save_model(cc.build_model("haldane", t2=0.1), f"{folder}/haldane.nc")
    ...     model = cc.load_model(f"{folder}/haldane.nc")
    >>> model.parameters["t2"]
    0.1
    """
    from cc_kernels.io import write_groups

    dataset = _dataset(model)
    with replacing(_target(path)) as partial:
        write_groups({"/": dataset.assign_attrs({CHECKED: content_checksum(dataset)})}, partial)


def save_models(models: Sequence[Model], path: str | os.PathLike, attrs: Mapping[str, object]) -> None:
    """Write several models to one netCDF4 file, a group each, and attributes beside them; as `save_model` otherwise."""
    import xarray as xr

    from cc_kernels.io import FORMAT, write_groups

    datasets = [_dataset(model) for model in models]
    head = {"kind": KIND_SEVERAL, "version": VERSION, "count": len(datasets), **attrs}
    head |= {"cc_content": _content(head, datasets), "cc_kind": "models", "cc_format": FORMAT}
    groups = {f"model_{index:04d}": dataset for index, dataset in enumerate(datasets)}
    with replacing(_target(path)) as partial:
        write_groups({"/": xr.Dataset(attrs=head), **groups}, partial)


def load_model(path: str | os.PathLike) -> Model:
    """Return the model of a file that `save_model` wrote.

    Errors: `InputError` for a missing, truncated, altered or foreign file, and for one whose content is no valid model.

    Examples
    --------
    >>> import tempfile
    >>> import cc_kernels as cc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cc.save_model(cc.build_model("bhz"), f"{folder}/bhz.nc")
    ...     model = cc.load_model(f"{folder}/bhz.nc")
    >>> model.name, model.num_bands
    ('bhz', 4)
    """
    path = path_of("model file", path)
    (dataset,), key = _read(path), f"model file {path}"
    model = _model(dataset, key)  # which names what is wrong, where it can
    if CHECKED in dataset.attrs:
        _refuse_altered(path, key, dataset.attrs[CHECKED], lambda: content_checksum(dataset))
    return model


def load_models(path: str | os.PathLike) -> tuple[list[Model], dict[str, object]]:
    """Return the models and the attributes of a file that `save_models` wrote; errors as `load_model`.

    Also refused is a file whose content is not that of its checksum.
    """
    path = path_of("model file", path)
    key = f"model file {path}"
    (head,) = _read(path)
    _check_kind(head, key, KIND_SEVERAL)
    with damage_named(path, _WANTED):
        count = min(int(head.attrs["count"]), path.stat().st_size)  # a group takes more than a byte
    groups = [f"model_{index:04d}" for index in range(count)]
    datasets = _read(path, *groups) if groups else []  # of models that are code, there are none
    _refuse_altered(path, key, head.attrs.get(CHECKED), lambda: _content(head.attrs, datasets))
    models = [_model(dataset, f"{key}, {group}") for dataset, group in zip(datasets, groups, strict=True)]
    return models, dict(head.attrs)


def model_checksum(model: Model) -> str:
    """The checksum of all that a model is: its matrices to the last bit, operators, parameters and labels.

    Errors: `InputError` for a model that is a Python function, of which nothing of the kind can be known.
    """
    return content_checksum(_dataset(model))


def _refuse_altered(path: Path, key: str, stored: object, content: Callable[[], str]) -> None:
    with damage_named(path, _WANTED):
        is_whole = str(stored) == content()
    if not is_whole:
        raise InputError(key, stated("a file whose content does not match its checksum"), _WANTED)


def _content(head: Mapping[str, object], datasets: Sequence) -> str:
    import xarray as xr

    own = {name: value for name, value in head.items() if name not in ("cc_kind", "cc_format", "cc_content")}
    content = "".join([content_checksum(xr.Dataset(attrs=own)), *map(content_checksum, datasets)])
    return sha256(content.encode()).hexdigest()


def _model(dataset: xr.Dataset, key: str) -> Model:
    _check_kind(dataset, key, KIND)
    try:
        form, arrays = FORMS[dataset.attrs["form"]]
        arguments: dict[str, Any] = {
            name: _array(dataset, name) for name in arrays if name in dataset or f"{name}_real" in dataset
        }
        labels = json.loads(dataset.attrs["labels"])
        operators = _operators(dataset)
        if "k_max" in dataset.attrs:
            labels["k_max"] = json.loads(dataset.attrs["k_max"])
        return form(**arguments, operators=operators, **labels)
    except InputError as error:
        raise InputError(f"{key}, {error.key}", error.given, error.allowed) from error
    except Exception as error:
        raise InputError(key, stated(f"a damaged file ({type(error).__name__}: {error})"), _WANTED) from error


def _check_kind(dataset: xr.Dataset, key: str, wanted: str) -> None:
    if str(dataset.attrs.get("kind")) != wanted or str(dataset.attrs.get("version")) != str(VERSION):
        kind, version = (dataset.attrs.get(label, "none") for label in ("kind", "version"))
        raise InputError(key, stated(f"a file of kind {kind}, version {version}"), _WANTED)


def _target(path: str | os.PathLike) -> Path:
    path = path_of("path", path)
    if not os.path.isdir(path.parent) or os.path.isdir(path):  # false for names that are too long, too
        raise InputError("path", str(path), "a file name in a folder that exists")
    return path


def _dataset(model: Model) -> xr.Dataset:
    import xarray as xr

    form = type(model).__name__
    if form not in FORMS or type(model) is not FORMS[form][0]:
        raise InputError(
            "model",
            model,
            f"a model that is data ({' or '.join(FORMS)}); for a Python function, name its file in the configuration "
            "instead: model: {file: my_model.py, function: build}",
        )

    variables: dict[str, tuple] = {}
    for key, (dims, units) in FORMS[form][1].items():
        if getattr(model, key) is not None:
            variables |= _variables(key, dims, getattr(model, key), units)
    constant = [operator.matrix for operator in model.operators.values() if operator.R is None]
    if constant:
        dims = ("operator", "row", "column")
        variables |= _variables("operator_matrices", dims, np.array(constant), "see attribute operators")
    for number, operator in enumerate(model.operators.values()):
        if operator.R is not None:
            cell = f"{_OF_OPERATOR.format(number)}_cell"
            variables |= _variables(f"{_OF_OPERATOR.format(number)}_R", (cell, "vector"), operator.R, "1")
            blocks = _variables(_OF_OPERATOR.format(number), (cell, "row", "column"), operator.matrix, operator.unit)
            variables |= blocks
    labels = {key: getattr(model, key) for key in LABELS}
    if model.statistics != FERMI:
        labels[ANOTHER_STATISTICS] = model.statistics
    attrs = {
        "kind": KIND,
        "version": VERSION,
        "form": form,
        "labels": _json(labels),
        "operators": _json([[key, op.unit, op.description] for key, op in model.operators.items()]),
    }
    if model.k_max is not None:
        attrs |= {"k_max": _json(model.k_max), "k_max_units": "1/angstrom"}
    return xr.Dataset(variables, attrs=attrs)


def _variables(key: str, dims: tuple[str, ...], value: np.ndarray, units: str) -> dict:
    attrs = {"units": units}
    if not np.iscomplexobj(value):
        return {key: (dims, value, attrs)}
    return {f"{key}_real": (dims, value.real.copy(), attrs), f"{key}_imag": (dims, value.imag.copy(), attrs)}


def _read(path: Path, *groups: str) -> list[xr.Dataset]:
    """The groups of a file, by default the one at its root."""
    import netCDF4
    import xarray as xr
    from xarray.backends import NetCDF4DataStore

    if not os.path.isfile(path):
        raise InputError("model file", str(path), "a file that exists, written by save_model")
    try:
        refuse_endless(path)
        with netCDF4.Dataset(path) as file:
            found = []
            for store in [NetCDF4DataStore(file[group]) for group in groups] or [NetCDF4DataStore(file)]:
                dataset = xr.open_dataset(store, decode_cf=False)
                refuse_more_than_fits(dataset, path)
                found.append(dataset.load())
            return found
    except InputError:
        raise
    except Exception as error:  # the netCDF and HDF5 libraries raise many kinds for a damaged file
        raise InputError(
            f"model file {path}",
            stated(f"a truncated file, or no netCDF4 file ({type(error).__name__})"),
            "a file written by save_model",
        ) from error


def _array(dataset: xr.Dataset, key: str) -> np.ndarray:
    if key in dataset:
        return dataset[key].values
    result = np.empty(dataset[f"{key}_real"].shape, dtype=complex)
    result.real, result.imag = dataset[f"{key}_real"].values, dataset[f"{key}_imag"].values
    return result


def _operators(dataset: xr.Dataset) -> dict[str, Operator]:
    names = json.loads(dataset.attrs["operators"])
    cells = [f"{_OF_OPERATOR.format(number)}_R" for number in range(len(names))]
    has_constant = any(key not in dataset for key in cells)
    constant = iter(_array(dataset, "operator_matrices") if has_constant else np.empty(0))
    result = {}
    for number, ((name, unit, description), key) in enumerate(zip(names, cells, strict=True)):
        if key in dataset:
            result[name] = Operator(
                _array(dataset, _OF_OPERATOR.format(number)), unit, description, _array(dataset, key)
            )
        else:
            result[name] = Operator(next(constant), unit, description)
    if next(constant, None) is not None:
        raise ValueError("more matrices than operators")
    return result


def _json(value: object) -> str:
    def plain(item: object) -> object:
        if isinstance(item, np.generic):
            return item.item()
        if isinstance(item, np.ndarray):
            return item.tolist()
        if isinstance(item, Mapping):
            return dict(item)
        raise InputError("parameters", item, "numbers and texts, which a file can hold")

    return json.dumps(value, default=plain)
