"""Write what is generated from the code: the JSON schema for editors, the tables of all keys and of all figure kinds.

    python -m cc_kernels.configuration.document [--check]

With ``--check`` nothing is written, and the exit status is 1 where a file is not up to date.
"""

from __future__ import annotations

import json
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from cc_kernels.configuration.problems import sections_in
from cc_kernels.configuration.schema import Configuration
from cc_kernels.configuration.values import Range
from cc_kernels.files import replacing

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path("workflow/schemas/config.schema.json")
README = Path("config/README.md")
BEGIN, END = "<!-- {} table: begin; written by cc_kernels.configuration.document -->", "<!-- {} table: end -->"


def schema() -> dict[str, Any]:
    """The JSON schema of a configuration file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Configuration.model_json_schema()}


def key_table() -> str:
    """A Markdown table with every key, its default and its description."""
    rows = ["| key | default | meaning |", "| --- | --- | --- |"]
    rows += [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in _rows(Configuration, "")]
    rows += [f"| `<values>.{key}` | {default} | {meaning} |" for key, default, meaning in _rows(Range, "")]
    return "\n".join(rows)


def figure_table() -> str:
    """A Markdown table with every figure kind, what it shows, and the responses that its studies must have."""
    from cc_kernels.plotting.kind_files import figure_kinds, needs_of
    from cc_kernels.plotting.kinds import load_kind

    rows = ["| kind | shows | its studies have |", "| --- | --- | --- |"]
    for kind in figure_kinds():
        module = load_kind(kind)
        needed = needs_of(kind).missing_responses(set()) + (", maps" if needs_of(kind).maps else "")
        rows.append(f"| `{kind}` | {str(module.__doc__).partition(chr(10))[0]} | {needed} |")
    return "\n".join(rows)


def documents(root: Path = ROOT) -> dict[Path, str]:
    """What each generated file should hold."""
    text = (root / README).read_text(encoding="utf-8")
    for name, table in (("key", key_table()), ("figure", figure_table())):
        begin, end = BEGIN.format(name), END.format(name)
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{table}\n\n{end}{rest.split(end)[1]}"
    return {SCHEMA: json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", README: text}


def _rows(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in section.model_fields.items():
        yield prefix + name, _default(field), str(field.description).replace("|", "\\|")
        for inner in sections_in(field.annotation):
            if inner is Range:  # documented once, for it stands wherever values do
                continue
            is_table = typing.get_origin(field.annotation) is dict
            yield from _rows(inner, f"{prefix}{name}.{'<name>.' if is_table else ''}")


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.default_factory() if field.default is PydanticUndefined else field.default
    return "" if value is None or value == {} else f"`{json.dumps(value)}`"


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` name those that differ."""
    stale = [
        path
        for path, text in documents().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in stale:
            print(f"{path} is not up to date; write it with: python -m {__spec__.name}", file=sys.stderr)
        return 1 if stale else 0
    texts = documents()
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        with replacing(ROOT / path) as partial:
            partial.write_text(texts[path], encoding="utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
