"""Write what is generated from the typed configuration: the JSON schema for editors, and the table of all keys.

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

from cc_kernels.configuration.potential import Potential
from cc_kernels.configuration.schema import Configuration, Figure
from cc_kernels.configuration.study import FileModel, Grid, Maps, NamedModel, Study
from cc_kernels.configuration.values import Range
from cc_kernels.files import replacing

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path("workflow/schemas/config.schema.json")
README = Path("config/README.md")
BEGIN, END = "<!-- key table: begin; written by cc_kernels.configuration.document -->", "<!-- key table: end -->"


def schema() -> dict[str, Any]:
    """The JSON schema of a configuration file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Configuration.model_json_schema()}


def key_table() -> str:
    """A Markdown table with every key, its default and its description."""
    rows = ["| key | default | meaning |", "| --- | --- | --- |"]
    rows += [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in _rows(Configuration, "")]
    rows += [f"| `<values>.{key}` | {default} | {meaning} |" for key, default, meaning in _rows(Range, "")]
    return "\n".join(rows)


def documents(root: Path = ROOT) -> dict[Path, str]:
    """What each generated file should hold."""
    text = (root / README).read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return {
        SCHEMA: json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        README: f"{before}{BEGIN}\n\n{key_table()}\n\n{END}{after}",
    }


def _rows(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in section.model_fields.items():
        yield prefix + name, _default(field), str(field.description).replace("|", "\\|")
        for inner in _inner(field.annotation):
            is_table = typing.get_origin(field.annotation) is dict
            yield from _rows(inner, f"{prefix}{name}.{'<name>.' if is_table else ''}")


def _inner(annotation: object) -> list[type[BaseModel]]:
    if annotation is Range:  # documented once, for it stands wherever values do
        return []
    if annotation in (Study, Figure, Grid, Maps, NamedModel, FileModel, Potential):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _inner(part)]


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
