"""The ancestry of a result as text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cc_kernels.models.storage import load_models
from cc_kernels.provenance.ancestry import Ancestor, configuration_of, edited_sources
from cc_kernels.provenance.stamps import content_hash, in_words, versions

_WIDTH = 110
_NOT_SHOWN = {"sources", "content", "caption", "chunk", "has_spin", "centre", "half", "width", "step"}
_NOT_SHOWN |= {"temperature_ceiling"}
_FEW = 3
"""Parameters in which a file may differ from the one above."""


def tree(result: Ancestor) -> str:
    """The tree, then with what it was computed, then what has changed since."""
    return "\n".join([*_lines(result, "", set(), {}), "", *_computed_with(result), "", *_changes(result)])


def _lines(one: Ancestor, indent: str, seen: set[int], stated: dict[str, dict[str, str]]) -> Iterator[str]:
    """A file, what made it, and its parents, coarse grids first; of those that stand above, only the names."""
    seen.add(id(one))
    yield f"{one.name}{f'   !! {one.problem}' if one.problem else ''}"
    yield from (line for text in _about(one, stated) for line in _folded(text, indent + "  "))
    above = []
    for parent in sorted(one.parents, key=_with_numbers):
        if id(parent) in seen:
            above.append("/".join(Path(parent.name).parts[-3:]))
            continue
        first, *more = _lines(parent, indent + "    ", seen, stated)
        yield from (f"{indent}  - {first}", *more)
    if above:
        yield from _folded(f"- from above: {', '.join(above)}", indent + "  ")


def _with_numbers(one: Ancestor) -> list[tuple[int, str]]:
    """A key that sorts 64.nc before 128.nc."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", one.name)]


def _about(one: Ancestor, stated: dict[str, dict[str, str]]) -> Iterator[str]:
    """What made the file; of the parameters that the file of the same rule above has, only those that differ."""
    rule, content = one.get("rule"), one.attributes.get("cc_content")
    parameters = {name: text for name, text in _flat(one.get("parameters", {})) if text}
    if rule:
        known = f", content {content[:12]}" if content else ""
        before = stated.get(rule, {})
        new = {name: text for name, text in parameters.items() if before.get(name) != text}
        is_like = bool(before) and before.keys() == parameters.keys() and len(new) <= _FEW
        repeated = f", parameters as above{' but' if new else ''}" if is_like and parameters else ""
        yield f"{one.attributes.get('cc_kind', 'file')} by rule {rule}{known}{repeated}"
        if shown := "; ".join(f"{name} {text}" for name, text in (new if is_like else parameters).items()):
            yield shown
        stated[rule] = parameters
    if one.attributes.get("cc_kind") == "models" and not one.problem:
        yield from (f"all parameters {in_words(model.parameters)}" for model in load_models(one.path)[0][:1])
    if "summary" in one.attributes:
        yield f"verdict: {one.attributes['summary']}"
    cache = one.attributes.get("provenance_cache")
    if cache:
        yield f"taken from the shared cache, computed at commit {json.loads(cache)['computed_at_commit'][:12]}"


def _flat(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if name in _NOT_SHOWN or value is None or value == []:
            continue
        if isinstance(value, str) and value.startswith("{"):
            yield from _flat(json.loads(value))
            continue
        yield name.replace("_", " "), in_words(value)


def _folded(text: str, indent: str) -> list[str]:
    width = max(_WIDTH, len(indent) + 40)
    options = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, **options)


def _computed_with(result: Ancestor) -> Iterator[str]:
    made = [one for one in result.family() if one.get("rule")]
    changed = {True: " with uncommitted changes", False: ""}
    commits = [f"{one.get('commit', 'unknown')[:12]}{changed[bool(one.get('uncommitted_changes', 0))]}" for one in made]
    yield f"commit    {', '.join(dict.fromkeys(commits))}"
    packages: dict[str, set[str]] = {}
    for name, version in (item for one in made for item in one.get("versions", {}).items()):
        packages.setdefault(name, set()).add(version)
    now = {name: versions().get(name, "absent") for name in packages}
    notes = {name: "" if found == {now[name]} else f" (now {now[name]})" for name, found in packages.items()}
    shown = [f"{name} {'/'.join(sorted(found))}{notes[name]}" for name, found in packages.items()]
    first, *more = _folded(", ".join(shown) or "not recorded", " " * 10)
    yield from (first.replace(" " * 10, "versions  ", 1), *more)


def _changes(result: Ancestor) -> Iterator[str]:
    from cc_kernels.configuration import load_configuration

    family = result.family()
    found = [f"{one.name} {'is missing' if one.problem == 'missing' else one.problem}" for one in family if one.problem]
    for name, rules in edited_sources(family).items():
        found.append(f"{name} was edited; it is used by {', '.join(rules)}")
    if any(one.get("rule") and not one.get("modules", {}) for one in family):
        found.append("of some files the sources are not recorded: whether code was edited is not known for them")
    data = next((one for one in family if one.get("configuration")), None)
    path = configuration_of(data) if data else None
    if path is not None and content_hash(load_configuration(path)) != data.get("configuration"):
        found.append(f"{path.parent.name}/{path.name} has changed (perhaps in what this file does not depend on)")
    if not found:
        where = "sources, parents" + (" and configuration" if path else "")
        yield f"changed   nothing: {where} are what they were"
        return
    yield "changed since"
    yield from (f"  - {text}" for text in found)
