"""What the file of a figure kind says without being imported: what draws takes a second to import."""

from __future__ import annotations

import ast
from pathlib import Path

from cc_kernels.errors import InputError

FIGURES = Path(__file__).parent / "figures"


def figure_kinds() -> list[str]:
    """Names of all figure kinds, sorted."""
    return sorted(path.stem for path in FIGURES.glob("[!_]*.py"))


def figure_file(kind: str) -> Path:
    """The file that defines a figure kind; reruns follow its content. `InputError` for an unknown name."""
    if not isinstance(kind, str) or kind not in figure_kinds():
        raise InputError("figure kind", kind, "any of " + ", ".join(figure_kinds()))
    return FIGURES / f"{kind}.py"


def shows_maps(kind: str) -> bool:
    """Does the kind's `NEEDS` name variables of maps?"""
    needs = [
        node.value
        for node in ast.parse(figure_file(kind).read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NEEDS" and isinstance(node.value, ast.Call)
    ]
    return any(keyword.arg == "map_variables" for call in needs for keyword in call.keywords)
