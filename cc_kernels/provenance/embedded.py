"""What a picture carries in itself of where it comes from, so that it may travel without its data file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cc_kernels.errors import InputError, stated
from cc_kernels.provenance.stamps import canonical

PNG_KEY, PDF_KEY = "cc_kernels provenance", "Keywords"
PICTURES = (".png", ".pdf")
_KEPT = ("rule", "parameters", "configuration", "parents", "source")
_FROM_ELSEWHERE = "a figure drawn by this version of cc_kernels"


def embedded(content: str, attributes: Mapping[str, Any]) -> str:
    """The text to put into a picture: the checksum of its data and what they were made from, as JSON.

    Neither commit nor versions are in it, for two runs of the same code give the same picture.
    """
    kept = {f"provenance_{name}": attributes.get(f"provenance_{name}") for name in _KEPT}
    return canonical({"cc_content": content, **{name: value for name, value in kept.items() if value is not None}})


def read_embedded(path: Path) -> dict[str, Any]:
    """What `embedded` has put into a PNG or PDF.

    Raises
    ------
    InputError : a missing, damaged or foreign file.
    """
    try:
        text = _png_text(path) if path.suffix == ".png" else _pdf_text(path)
        found = json.loads(text)
        if "cc_content" not in found:
            raise KeyError
    except FileNotFoundError:
        raise InputError(str(path), stated("no such file"), _FROM_ELSEWHERE) from None
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        raise InputError(str(path), stated("a picture without provenance"), _FROM_ELSEWHERE) from None
    return found


def _png_text(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as image:
        return image.text[PNG_KEY] if image.format == "PNG" else ""


def _pdf_text(path: Path) -> str:
    content = path.read_bytes()
    match = re.search(rb"/" + PDF_KEY.encode() + rb"\s*\(((?:[^()\\]|\\.)*)\)", content, re.DOTALL)
    return re.sub(rb"\\(.)", rb"\1", match[1], flags=re.DOTALL).decode("ascii") if match else ""
