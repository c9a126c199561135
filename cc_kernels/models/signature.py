"""Check keyword parameters against the signature of a model's `build` function."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping

from cc_kernels import checks
from cc_kernels.errors import InputError, stated


def checked_arguments(build: Callable, given: Mapping[str, object], who: str) -> dict[str, object]:
    """Return all parameters of `build`, given or default, with values of the annotated kind.

    That is float, int, or ``Literal["neel", "ferro"]``, one of these texts.

    Errors: `InputError` for an unknown or missing parameter and for a value that is not of that kind.
    """
    signature = inspect.signature(build)
    hints = typing.get_type_hints(build)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    declared = {
        key: p for key, p in signature.parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    }
    for key in given:
        if key not in declared and not takes_any:
            checks.unknown_name(f"parameter of {who}", key, declared)
    arguments = {key: p.default for key, p in declared.items() if p.default is not p.empty} | dict(given)
    for key in declared:
        if key not in arguments:
            raise InputError(f"parameter {key} of {who}", stated("nothing"), "a value; it has no default")
    return {key: _converted(key, value, hints.get(key), who) for key, value in arguments.items()}


def units_of(build: Callable) -> dict[str, str]:
    """The unit of each parameter of a named model's `build`: as in ``Annotated[float, "radian"]``, else eV.

    A whole number (a winding, a number of shells) has none, "1"; a text has what it may be, "neel or ferro".
    """
    hints = typing.get_type_hints(build, include_extras=True)
    plain = {key: "1" if hints[key] is int else "eV" for key in inspect.signature(build).parameters}
    plain |= {key: " or ".join(texts) for key, kind in hints.items() if (texts := _texts(kind))}
    return plain | {key: kind.__metadata__[0] for key, kind in hints.items() if hasattr(kind, "__metadata__")}


def first_line(function: Callable) -> str:
    """Return the first line of the docstring, the one-line description of a model."""
    return (inspect.getdoc(function) or "").split("\n", 1)[0].strip()


def _texts(kind: object) -> tuple[str, ...]:
    """What a parameter of texts may be; nothing for one of numbers."""
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()


def _converted(key: str, value: object, kind: object, who: str) -> object:
    label = f"parameter {key} of {who}"
    if kind is float:
        return checks.number(label, value)
    if kind is int:
        return checks.integer(label, value)
    if (texts := _texts(kind)) and (not isinstance(value, str) or value not in texts):
        checks.unknown_name(label, value, texts)
    if isinstance(value, float):
        return checks.number(label, value)
    return value
