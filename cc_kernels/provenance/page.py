"""The front page of a folder of results: the comment at its head says what it was made from, and what belongs to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from cc_kernels.errors import InputError, stated
from cc_kernels.provenance.stamps import BESIDE

_HEAD = ".. made from "
_KEPT = ("provenance_parameters", "provenance_parents", BESIDE)


def with_head(text: str, attributes: Mapping[str, object]) -> str:
    """The page below a comment with its parameters and inputs, as datasets carry them, and its own checksum."""
    kept = {key: attributes[key] for key in _KEPT if key in attributes}
    return f"{_HEAD}{json.dumps(kept | {'content': _checksum(text)}, sort_keys=True)}\n{text}"


def read_page(path: str | Path) -> dict[str, str]:
    """The attributes in the head of a front page.

    Raises
    ------
    InputError : a file that cannot be read, another one, or one that has changed since it was written.
    """
    try:
        line, _, text = Path(path).read_text(encoding="utf-8").partition("\n")
        attributes = json.loads(line.removeprefix(_HEAD) if line.startswith(_HEAD) else "")
        if attributes["content"] == _checksum(text):
            return attributes
    except (OSError, ValueError, KeyError, TypeError):
        pass
    given = stated("a damaged file, or one of another origin")
    raise InputError(str(path), given, "the front page of a run; remove it, and it is made again")


def _checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()
