"""The sections that `model:` can be: one for each source of models (`cc_kernels.models.sources`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import ConfigDict, Discriminator, Field, create_model, model_validator

from cc_kernels.configuration.values import Parameter, Section, marked, refuse
from cc_kernels.models.sources import Key, Source, source_of, sources


class ModelSection(Section):
    """What all of them share."""

    @property
    def source(self) -> Source:
        return _SOURCES[type(self)]

    @property
    def keys(self) -> dict[str, Any]:
        """The keys that the source declares, given or by default."""
        given = {name: getattr(self, name) for name in self.source.keys}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def parameters(self) -> dict[str, Any]:
        """All further keys."""
        return dict(self.model_extra or {})

    @property
    def given(self) -> set[str]:
        """Keys and parameters that are written in the configuration."""
        return {*self.model_fields_set, *self.parameters}

    def with_files(self, found: Callable[[Path], Path], folder: Path) -> dict[str, Any]:
        """`keys` with paths of files, which are relative to `folder`, as `found` writes them."""
        keys = self.keys
        return keys | {name: str(found(folder / keys[name])) for name in self.source.files(keys)}


class _OpenSection(ModelSection):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Parameter]

    @model_validator(mode="after")
    def _only_one_source(self) -> Self:
        for other in sources():
            if other in self.parameters:
                refuse([(other, self.parameters[other], f"either `{other}` or `{self.source.key}`, not both")])
        return self


def _kind(key: Key) -> Any:
    """A text or a list is told by what it is, so that a message concerns one of the two."""
    if get_args(key.kind):
        text, lists = get_args(key.kind)
        return Annotated[
            Annotated[text, marked("text")] | Annotated[lists, Field(min_length=1), marked("list")],
            Discriminator(lambda given: "<list>" if isinstance(given, list) else "<text>"),
        ]
    return key.kind


def _field(key: Key) -> tuple[Any, Any]:
    least = {"min_length": 1} if key.kind is str and key.is_file else {}
    kind = _kind(key) if key.default is not None else _kind(key) | None
    return kind, Field(default=key.default, description=key.description, **least)


def _section(source: Source) -> type[ModelSection]:
    fields: dict[str, Any] = {name: _field(key) for name, key in source.keys.items()}
    base = _OpenSection if source.takes_parameters else ModelSection
    name = f"{source.label.capitalize()}Model"
    return create_model(name, __base__=base, __doc__=source.description, __module__=__name__, **fields)


_SOURCES = {_section(source): source for source in sources().values()}
MODEL_SECTIONS = tuple(_SOURCES)


def _label(given: object) -> str:
    if isinstance(given, ModelSection):
        return f"<{given.source.label}>"
    return f"<{source_of(given if isinstance(given, Mapping) else {}).label}>"


AnyModel = Annotated[
    reduce(or_, [Annotated[section, marked(source.label)] for section, source in _SOURCES.items()]),
    Discriminator(_label),
]
"""The union of all, told apart by the key of each source."""
