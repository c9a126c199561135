"""Data flow one way: no module imports itself in a circle, and no room one that comes after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["models", "geometry", "sums", "verdict", "responses", "scattering", "study", "plotting"]
"""In the order in which data pass them; `configuration`, `provenance` and single modules stand beside."""
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "cc_kernels").rglob("*.py")
}


def imports(path: Path, *, at_the_top: bool) -> Iterator[str]:
    """Modules of the package that a file imports: when it is loaded, or in all of its functions, too."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if at_the_top else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("cc_kernels"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in SOURCES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in SOURCES)


def test_no_import_is_a_circle() -> None:
    graph = {name: set(imports(path, at_the_top=True)) - {name} for name, path in SOURCES.items()}
    assert len(graph) > 100
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_reaches_ahead(room: str) -> None:
    """Not in functions either: those would be circles that only appear later."""
    ahead = set(ROOMS[ROOMS.index(room) + 1 :])
    for name, path in SOURCES.items():
        if name.startswith(f"cc_kernels.{room}"):
            tree_imports = set(imports(path, at_the_top=False))
            assert not {one for one in tree_imports if one.split(".")[1:2] and one.split(".")[1] in ahead}, name


def test_file_names_are_unique() -> None:
    """But for what has to have its name: the figures, models and packages that are found by it."""
    names = [
        path.stem
        for path in SOURCES.values()
        if path.stem not in ("__init__", "__main__") and path.parent.name not in ("figures", "library")
    ]
    assert sorted(names) == sorted(set(names))
