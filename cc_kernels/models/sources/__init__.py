"""Where models come from: what `model:` in a study can say. One file each here, found by its `SOURCE`.

The configuration's section, its messages and documents, hashes and reruns follow the registration.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cc_kernels.models.base import Model


@dataclass(frozen=True)
class Key:
    """One key of the section.

    Attributes
    ----------
    description : for the documents.
    kind : str, float, or str | list[list[int]].  default : None where the key may be left out, ... where it may not.
    is_file : does it name a file, relative to the configuration?  words : what it can say instead of a file's name.
    """

    description: str
    kind: Any = str
    default: Any = None
    is_file: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A source of models.

    Attributes
    ----------
    key : the key that tells this source from others; its value is the first argument of `build`.
    build : gives the model; all other keys are keyword arguments.
    description : one line.
    keys : the section's, `key` among them.
    code : from the value of `key`, the module or file that builds the model.
    takes_parameters : are further keys allowed, as arguments of `build`?
    may_be_code : can the model be a Python function, which counts by its code?
    title : names the model in a report, from all keys; default its file's name.
    """

    key: str
    build: Callable[..., Model]
    description: str
    keys: Mapping[str, Key]
    code: Callable[[str], str | Path]
    takes_parameters: bool = False
    may_be_code: bool = False
    title: Callable[[Mapping[str, Any]], str] | None = field(default=None)

    @property
    def label(self) -> str:
        """Of the section: NamedModel, FileModel, ..."""
        return "named" if self.key == "name" else self.key

    def files(self, arguments: Mapping[str, Any]) -> list[str]:
        """The keys that name files, of those that are given."""
        files = {name: key for name, key in self.keys.items() if key.is_file and arguments.get(name) is not None}
        return [name for name, key in files.items() if arguments[name] not in key.words]

    def model(self, arguments: Mapping[str, Any], **parameters: object) -> Model:
        """Build a model from the section's keys, files as they can be opened, and parameters."""
        rest = {name: value for name, value in arguments.items() if name != self.key}
        return self.build(arguments[self.key], **{**rest, **parameters})

    def named(self, arguments: Mapping[str, Any]) -> str:
        """Its title in a report."""
        return self.title(arguments) if self.title else Path(arguments[self.key]).name


@cache
def sources() -> dict[str, Source]:
    """All sources by their key; the named models last, which are taken where no other key is there."""
    modules = (importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__))
    found = {module.SOURCE.key: module.SOURCE for module in modules}
    return {key: found[key] for key in sorted(found, key=lambda key: (key == "name", key))}


def source_of(arguments: Mapping[str, Any]) -> Source:
    """The source that a section's keys name."""
    return next((source for key, source in sources().items() if key in arguments), sources()["name"])
