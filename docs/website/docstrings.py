"""Docstrings as numpydoc reads them.

Here an item of a section is `name : what it is`, in plain text that may go on in the next lines, and the text below
"Returns" is prose. numpydoc wants the text in a line of its own below the name, and takes `*` and `|` for markup.
"""

from __future__ import annotations

import inspect
import itertools
import re

import cc_kernels as cc
from docs.website.texts import restructured

_ITEM = re.compile(r"(\S.*?) : (.*)")
_DATASET = re.compile(r"(Dataset(?: \([^)]*\))?):? ?(.*)")


def process(app: object, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Handler of Sphinx's `autodoc-process-docstring`."""
    lines[:] = converted(lines, _returned(obj))
    if isinstance(obj, type) and issubclass(obj, cc.Model) and obj is not cc.Model:
        lines += ["", "It has the attributes and methods of :obj:`~cc_kernels.Model`, too."]


def signature(
    app: object, what: str, name: str, obj: object, options: object, given: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Handler of `autodoc-process-signature`: a class is called as its `__init__` says, not its metaclass."""
    if what == "class" and isinstance(obj, type) and not issubclass(obj, Exception):
        parameters = list(inspect.signature(obj.__init__).parameters.values())[1:]
        bare = [one.replace(annotation=inspect.Parameter.empty) for one in parameters]
        return str(inspect.Signature(bare)), None
    return given, returned


def converted(lines: list[str], returned: str) -> list[str]:
    """The lines of a docstring in the form that numpydoc reads; `returned` names what a function returns."""
    out: list[str] = []
    for title, body in _sections(lines):
        if title is None:
            out += _text(body)
        elif title == "Returns":
            out += [title, "-" * len(title), *_returns(body, returned), ""]
        elif any(line.startswith(" ") or _ITEM.fullmatch(line) for line in body):
            out += [title, "-" * len(title), *_items(body), ""]
        else:  # "All as in `transport`."
            out += [f"{title}: {line[0].lower()}{line[1:]}" for line in _text(body)[:1]] + [""]
    return out


def _sections(lines: list[str]) -> list[tuple[str | None, list[str]]]:
    """Title (None for the text before the first) and lines of each section."""
    sections: list[tuple[str | None, list[str]]] = [(None, [])]
    for line, following in itertools.zip_longest(lines, lines[1:], fillvalue=""):
        if line.strip() and re.fullmatch("-{3,}", following.strip()):
            sections.append((line.strip(), []))
        elif not (re.fullmatch("-{3,}", line.strip()) and not sections[-1][1]):
            sections[-1][1].append(line)
    return sections


def _text(lines: list[str]) -> list[str]:
    """Prose with doctests, whose lines stay as they are up to the next empty one."""
    out, code = [], False
    for line in lines:
        code = line.lstrip().startswith(">>>") or (code and bool(line.strip()))
        out.append(line if code or line.startswith("    ") else restructured(line, _code))
    return out


def _items(lines: list[str]) -> list[str]:
    out = []
    for line in lines:
        if not line.strip():
            continue
        if match := _ITEM.fullmatch(line):
            out += [match[1].strip("`"), f"    {restructured(match[2], _code)}"]
        elif line.startswith(" "):
            out.append(f"    {restructured(line.strip(), _code)}")
        else:
            out.append(line)
    return out


def _returns(lines: list[str], returned: str) -> list[str]:
    first, *rest = [line for line in lines if line.strip()]
    match = _DATASET.fullmatch(first)
    head, told = match.groups() if match else (returned, first)
    return [head, *(f"    {restructured(line.strip(), _code)}" for line in (told, *rest) if line.strip())]


def _code(name: str) -> str:
    return f":obj:`~cc_kernels.{name}`" if name in cc.__all__ else f"``{name}``"


def _returned(obj: object) -> str:
    annotation = getattr(obj, "__annotations__", {}).get("return", "") if callable(obj) else ""
    return str(annotation).strip("'\"").split(".")[-1] or "result"
