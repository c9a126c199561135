"""What the sections of the configuration are made of: a strict base, finite numbers, ranges, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, StringConstraints, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from cc_kernels.limits import MAGNITUDE, range_text

Problem = tuple[str, Any, str]
"""A key relative to the section, what was given, and what is allowed."""


class Section(BaseModel):
    """Unknown keys are errors, and a value is taken as it is written: no text for a number, no number for a truth."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def refuse(problems: Sequence[Problem]) -> None:
    """Report what is wrong between several keys of one section; nothing happens when there is nothing."""
    if problems:
        raise PydanticCustomError("problems", "{count} problems", {"count": len(problems), "problems": list(problems)})


def marked(tag: str):
    """Mark a union's member; `errors` leaves marks out of the keys that it reports."""
    return Tag(f"<{tag}>")


def is_mark(part: object) -> bool:
    """Whether a part of pydantic's error location is such a mark."""
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


class Range(Section):
    """Evenly spaced values, both ends included."""

    start: float = Field(description="First value.")
    stop: float = Field(description="Last value, included; above `start`.")
    num: int = Field(ge=1, le=100_000, description="Number of values, 1 to 100000; 1 gives `start` alone.")

    def problems(self) -> list[Problem]:
        """What is wrong between the keys; asked by the section that holds the range."""
        if self.num > 1 and not self.start < self.stop:
            return [("stop", self.stop, f"above start, which is {self.start:g}")]
        return []


Values = Annotated[
    Annotated[float, marked("number")]
    | Annotated[list[float], Field(min_length=1), marked("list")]
    | Annotated[Range, marked("range")],
    Discriminator(lambda given: _form(given)),
]
"""One number, a list of numbers, or a range."""

SafeName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=100)]
"""A name that becomes part of file names."""


def _parameter(given: object) -> object:
    if not isinstance(given, bool | int | float | str):
        raise PydanticCustomError("parameter", "a number, a text, or true or false")
    if not isinstance(given, str) and not abs(given) <= MAGNITUDE:
        raise PydanticCustomError("parameter", f"a finite number{range_text(None, MAGNITUDE)}")
    return given


Parameter = Annotated[Any, PlainValidator(_parameter), WithJsonSchema({"type": ["number", "string", "boolean"]})]
"""A parameter of a model, kept as it is written."""


def values_of(given: float | list[float] | Range | None) -> np.ndarray:
    """The numbers that a key stands for, shape (n,); none for an absent key."""
    if given is None:
        return np.empty(0)
    if isinstance(given, Range):
        return np.linspace(given.start, given.stop, given.num)
    return np.atleast_1d(np.asarray(given, dtype=float))


def value_problems(
    key: str, given: float | list[float] | Range | None, within: tuple[float, float] = (-MAGNITUDE, MAGNITUDE)
) -> list[Problem]:
    """Check that values increase strictly, and lie within bounds."""
    least, most = within
    kind = "above 0" if least > 0 else ""
    if isinstance(given, Range):
        ends = {"start": given.start, "stop": given.stop}
        far = [
            (f"{key}.{end}", value, f"{kind or 'a number'}{range_text(least, most)}")
            for end, value in ends.items()
            if not least <= value <= most
        ]
        return far or [(f"{key}.{part}", value, allowed) for part, value, allowed in given.problems()]
    values = values_of(given)
    if not ((values >= least) & (values <= most)).all():
        return [(key, given, f"numbers {kind}".rstrip() + range_text(least, most))]
    if not (np.diff(values) > 0).all():
        return [(key, given, "numbers that increase strictly")]
    return []


def _form(given: object) -> str:
    if isinstance(given, Mapping | Range):
        return "<range>"
    return "<list>" if isinstance(given, list | tuple) else "<number>"
