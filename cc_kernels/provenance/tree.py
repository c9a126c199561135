"""The ancestry of a result as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cc_kernels.provenance.ancestry import Ancestor, configuration_is_the_same, configuration_of, edited_sources
from cc_kernels.provenance.stamps import versions

_WIDTH = 110
_NOT_SHOWN = {"sources", "content", "caption", "chunk", "has_spin", "centre", "half", "width", "step"}
_NOT_SHOWN |= {"temperature_ceiling"}
_FEW = 3
"""Parameters in which a file may differ from the one above."""


def tree(result: Ancestor) -> str:
    """The tree, then with what it was computed, then what has changed since."""
    lines = list(_lines(result, "", "", set(), {}))
    return "\n".join([*lines, "", *_computed_with(result), "", *_changes(result)])


def _lines(one: Ancestor, first: str, rest: str, seen: set[int], stated: dict[str, dict[str, str]]) -> Iterator[str]:
    """A file, what made it, and its parents, coarse grids first; of those that stand above, only the names."""
    seen.add(id(one))
    yield f"{first}{one.name}{f'   !! {one.problem}' if one.problem else ''}"
    below = rest + ("│  " if one.parents else "   ")
    for text in _about(one, stated):
        yield from (f"{below}{line}" for line in _folded(text, _WIDTH - len(below)))
    parents = sorted(one.parents, key=_with_numbers)
    known = [parent for parent in parents if id(parent) in seen]
    for number, parent in enumerate(parents, 1):
        if id(parent) in seen:
            known += [parent] if parent not in known else []
            continue
        last = number == len(parents) and not known
        yield from _lines(parent, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), seen, stated)
    if known:
        names = ", ".join(_in_results(parent) for parent in sorted(known, key=_with_numbers))
        for number, line in enumerate(_folded(f"from above: {names}", _WIDTH - len(rest) - 3)):
            yield f"{rest}{'   ' if number else '└─ '}{line}"


def _in_results(one: Ancestor) -> str:
    """The name of a file from its room on: models/a.nc, sums/a/64.nc."""
    parts = Path(one.name).parts
    return "/".join(parts[-2:] if "models" in parts[-2:] else parts[-3:])


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
    if one.attributes.get("cc_kind") == "models" and "model_parameters" in one.attributes:
        yield f"all parameters {_plain(json.loads(one.attributes['model_parameters']))}"
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
        yield name.replace("_", " "), _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_plain(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, list):
        numbers = [item for item in value if isinstance(item, int | float) and not isinstance(item, bool)]
        if len(numbers) == len(value) > 3:
            return f"{_plain(min(numbers))} ... {_plain(max(numbers))} ({len(numbers)} values)"
        shown = ", ".join(map(_plain, value[:3]))
        return f"{shown}, ... ({len(value)})" if len(value) > 4 else ", ".join(map(_plain, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _folded(text: str, width: int) -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(text, max(width, 40), break_long_words=False, break_on_hyphens=False)


def _computed_with(result: Ancestor) -> Iterator[str]:
    commits: dict[str, set[str]] = {}
    packages: dict[str, set[str]] = {}
    for one in result.family():
        if not one.get("rule"):
            continue
        commit = one.get("commit", "none recorded")
        commit = commit[:12] if commit != "none recorded" else commit
        commits.setdefault(commit + (" with uncommitted changes" if one.get("uncommitted_changes", 0) else ""), set())
        for name, version in one.get("versions", {}).items():
            packages.setdefault(name, set()).add(version)
    yield f"commit    {', '.join(commits)}"
    now = versions()
    shown = []
    for name, found in packages.items():
        note = f" (now {now.get(name, 'absent')})" if found != {now.get(name)} else ""
        shown.append(f"{name} {'/'.join(sorted(found))}{note}")
    yield from _hanging("versions", ", ".join(shown) or "not recorded")


def _changes(result: Ancestor) -> Iterator[str]:
    family = result.family()
    found = [f"{one.name} {'is missing' if one.problem == 'missing' else one.problem}" for one in family if one.problem]
    for name, rules in edited_sources(family).items():
        found.append(f"{name} was edited; it is used by {', '.join(rules)}")
    if any(one.get("rule") and not one.get("modules", {}) for one in family):
        found.append("of some files the sources are not recorded: whether code was edited is not known for them")
    data = next((one for one in family if one.get("configuration")), None)
    path = configuration_of(data) if data else None
    if data is not None and path is not None and not configuration_is_the_same(data, path):
        found.append(f"{path.parent.name}/{path.name} has changed (perhaps in what this file does not depend on)")
    if not found:
        where = "sources, parents" + (" and configuration" if path else "")
        yield f"changed   nothing: {where} are what they were"
        return
    yield "changed since"
    yield from (f"  - {text}" for text in found)


def _hanging(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(_folded(text, _WIDTH - 10)):
        yield f"{label if not number else '':10s}{line}"
