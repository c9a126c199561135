"""What the front page of a folder of results was made from, in the comment at its head."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cc_kernels.errors import InputError, stated

_HEAD = ".. made from "


def head_of_page(attributes: Mapping[str, object]) -> str:
    """The first line of a front page: a comment with its parameters and inputs, as datasets carry them."""
    kept = {key: attributes[key] for key in ("provenance_parameters", "provenance_parents") if key in attributes}
    return _HEAD + json.dumps(kept, sort_keys=True)


def read_page(path: str | Path) -> dict[str, str]:
    """The attributes in the head of a front page.

    Raises
    ------
    InputError : a file that cannot be read, or another one.
    """
    try:
        line = Path(path).read_text(encoding="utf-8").partition("\n")[0]
        return json.loads(line.removeprefix(_HEAD) if line.startswith(_HEAD) else "")
    except (OSError, ValueError):
        given = stated("a damaged file, or one of another origin")
        raise InputError(str(path), given, "the front page of a run; remove it, and it is made again") from None
