"""Plain text of docstrings, captions and descriptions as Markdown or reStructuredText: nothing in it is markup but
`names` in backticks."""

from __future__ import annotations

import re
from collections.abc import Callable

_CODE = re.compile(r"(``[^`]+``|`[^`]+`)")


def markdown(text: str) -> str:
    """The text for a page in Markdown."""
    return _outside_code(text, lambda part: re.sub(r"([\\*_<>\[\]$|{}#~^])", r"\\\1", part), "`{}`".format)


def restructured(text: str, code: Callable[[str], str] = "``{}``".format) -> str:
    """The text for a page in reStructuredText; `code` is what becomes of a name in backticks."""
    return _outside_code(text, lambda part: re.sub(r"([\\*|]|_(?!\w))", r"\\\1", part), code)


def _outside_code(text: str, escape: Callable[[str], str], code: Callable[[str], str]) -> str:
    parts = _CODE.split(text)
    return "".join(code(part.strip("`")) if number % 2 else escape(part) for number, part in enumerate(parts))


def paragraphs(docstring: str | None) -> list[str]:
    """Paragraphs of a docstring, each on one line."""
    return [" ".join(part.split()) for part in (docstring or "").split("\n\n") if part.strip()]
