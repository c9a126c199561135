"""The models of a study: one, or one per value of its sweep, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.models import Model
from cc_kernels.models.sources import source_of
from cc_kernels.provenance import source_hash


@dataclass(frozen=True)
class StudyModels:
    """The models along a study's sweep.

    Attributes
    ----------
    models : at least one.
    sweep_name, sweep_values : the swept parameter, or None and an empty array.
    """

    models: list[Model]
    sweep_name: str | None
    sweep_values: np.ndarray


def write_models(
    source: Mapping[str, object], path: str | Path, attrs: Mapping[str, object], content: str | None = None
) -> None:
    """Build the models of `source` and write them to one netCDF4 file.

    Parameters
    ----------
    source : the keys of one of `models.sources`; parameters; sweep_name, sweep_values.
    attrs : provenance.
    content : for a model that is code, the hash of its file, which is not to change before the jobs that read it.
    """
    from cc_kernels.models.storage import save_models

    try:
        save_models(_built(source), path, {"source": json.dumps(source), **attrs})
    except InputError as error:
        if error.key != "model" or not source_of(source).may_be_code:
            raise
        # A Python function cannot be data; its file is read again by each job, and is hashed like one.
        save_models([], path, {"source": json.dumps({**source, "content": content}), **attrs})


def checksums_of(models: Iterable[Model]) -> list[str] | None:
    """The checksum of each model; None where one is a Python function, which is no data."""
    from cc_kernels.models.storage import model_checksum

    try:
        return [model_checksum(model) for model in models]
    except InputError:
        return None


def read_models(path: str | Path) -> StudyModels:
    """The models of a file of `write_models`.

    Raises
    ------
    InputError : a damaged file, or one of a model that is code and has been edited since.
    """
    from cc_kernels.models.storage import load_models

    models, attrs = load_models(path)
    source = json.loads(attrs["source"])
    values = np.array(source["sweep_values"], float)
    if not models and source.get("content") is not None:
        kind = source_of(source)
        if source["content"] != source_hash(kind.code(source[kind.key])):
            given = stated("a file that was edited after the run had read its model")
            raise InputError(
                str(source[kind.key]), given, "the same file for all jobs of a run; the next run begins anew"
            )
    return StudyModels(models or _built(source), source["sweep_name"], values)


def _built(source: Mapping[str, object]) -> list[Model]:
    kind = source_of(source)
    keys = {key: source[key] for key in kind.keys if key in source}
    name, values, parameters = source["sweep_name"], source["sweep_values"], source["parameters"]
    return [kind.model(keys, **parameters, **({name: value} if name else {})) for value in (values or [None])]
