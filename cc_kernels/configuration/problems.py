"""All that is wrong with a configuration, in one message, in the words of `InputError`."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from cc_kernels.configuration.values import is_mark
from cc_kernels.errors import InputError, stated

MOST_SHOWN = 20
"""Problems in one message: a list of a thousand texts in the place of numbers has one for each."""


class ConfigurationError(InputError):
    """One or several problems of a configuration file.

    Attributes
    ----------
    source : the file.
    problems : one `InputError` per problem; `key`, `given` and `allowed` are those of the first.
    """

    def __init__(self, source: object, problems: Sequence[InputError]) -> None:
        first = problems[0]
        super().__init__(first.key, first.given, first.allowed)
        self.source, self.problems = str(source), list(problems)
        more = [f"and {len(problems) - MOST_SHOWN:,} more"] if len(problems) > MOST_SHOWN else []
        self.args = ("\n  ".join([f"{source} cannot be used:", *map(str, problems[:MOST_SHOWN]), *more]),)


def translate(error: ValidationError, root: type[BaseModel]) -> list[InputError]:
    """Pydantic's errors, each with its whole key, what was given and what is allowed."""
    problems = []
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        if detail["type"] == "problems":
            for key, given, allowed in detail["ctx"]["problems"]:
                parts = [part for part in (key_path(location), key) if part]
                problems.append(InputError(".".join(parts), _shown(given), allowed))
        else:
            problems.append(_translate_one(location, detail, root))
    return problems


def key_path(location: Sequence[str | int]) -> str:
    """A location as the user would write it: ``studies.rashba.temperature[1]``."""
    parts = [part for part in location if not is_mark(part) and part != "[key]"]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


def _translate_one(location: tuple, detail: dict, root: type[BaseModel]) -> InputError:
    section, field = _find(location, root)
    key, kind, given = key_path(location) or "the configuration", detail["type"], detail["input"]
    if kind == "extra_forbidden":
        keys = list(section.model_fields) if section else []
        close = difflib.get_close_matches(str(location[-1]), keys, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        return InputError(key, stated(f"an unknown key (= {given!r})"), f"{hint}one of {', '.join(keys)}")
    if location[-1:] == ("[key]",):
        return InputError(key, location[-2], "a name of lower-case letters, digits and underscores")
    if kind == "missing":
        return InputError(key, stated("nothing"), field.description if field else "a value")
    allowed = detail["msg"]
    for start in ("Input should be a valid ", "Input should be ", "Input should "):
        allowed = allowed.removeprefix(start)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        allowed = "a section with keys" + (f": {', '.join(section.model_fields)}" if section else "")
    if kind != "parameter" and field is not None and field.description:
        allowed = f"{allowed} ({field.description.rstrip('.')})"
    return InputError(key, _shown(given), allowed)


def _find(location: tuple, root: type[BaseModel]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The section class that a location lies in, and its nearest field."""
    section: type[BaseModel] | None = root
    field: FieldInfo | None = None
    inside: list[type[BaseModel]] = []
    for part in location:
        if section is not None and part in section.model_fields:
            field = section.model_fields[part]
            inside = sections_in(field.annotation)
            section = inside[0] if len(inside) == 1 and _is_plain(field.annotation) else None
        elif is_mark(part):
            section = next((one for one in inside if one.__name__.lower().startswith(part[1:-1])), None)
        elif inside and section is None:
            section = inside[0] if len(inside) == 1 else None
        if section is None and field is None:
            break
    return section, field


def _is_plain(annotation: object) -> bool:
    return isinstance(annotation, type) or type(None) in typing.get_args(annotation)


def sections_in(annotation: object) -> list[type[BaseModel]]:
    """The section classes anywhere inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in sections_in(part)]


def _shown(given: object) -> object:
    if isinstance(given, BaseModel):
        return given.model_dump()
    return stated("nothing") if given is None else given
