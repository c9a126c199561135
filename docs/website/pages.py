"""The pages of the site: documents of the repository, with links changed to lead to pages, and generated ones."""

from __future__ import annotations

import posixpath
import re
import shutil
from pathlib import Path

from docs.website import api, gallery, models

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "docs" / "_build"

# Documents that lie outside docs/; those in it are pages under their own names.
ELSEWHERE = {
    "README.md": "index",
    "config/README.md": "configuration",
    "results/README.md": "results",
    "tests/README.md": "tests",
    "CHANGELOG.md": "changelog",
}
GENERATED = {"gallery.md": gallery.page, "models.md": models.page, "api.rst": api.page}
# The menu. A document that is not named here stands at the end of the first part.
MENU = {
    "Use": ["tutorial", "materials", "how-to", "gallery", "results", "cluster", "provenance"],
    "Theory": ["theory", "bosons", "conventions", "tests"],
    "Reference": ["configuration", "models", "api", "changelog"],
}

_FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def documents() -> dict[str, str]:
    """Every document, as a path in the repository, with the name of its page."""
    own = {path.relative_to(ROOT).as_posix(): path.stem for path in sorted((ROOT / "docs").glob("*.md"))}
    return own | ELSEWHERE


def assemble(folder: Path) -> None:
    """Write the sources of all pages, and the files that they show or link to."""
    folder.mkdir(parents=True)
    pages = documents()
    for document, page in pages.items():
        text = with_links((ROOT / document).read_text(encoding="utf-8"), document, pages, folder)
        if page == "index":
            text = opening(text) + (HERE / "index.md").read_text(encoding="utf-8") + menu(list(pages.values()))
        (folder / f"{page}.md").write_text(text, encoding="utf-8")
    for name, page in GENERATED.items():
        (folder / name).write_text(page(folder), encoding="utf-8")


def opening(readme: str) -> str:
    """The README up to its second section: what this is, a picture, how to start."""
    return "\n## ".join(readme.split("\n## ")[:2]) + "\n"


def menu(pages: list[str]) -> str:
    """The menu at the side of every page, as tables of contents of the first."""
    named = {page for part in MENU.values() for page in part}
    extra = [page for page in pages if page not in named and page != "index"]
    parts = [(title, part + extra * (number == 0)) for number, (title, part) in enumerate(MENU.items())]
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(part) + "\n```\n" for title, part in parts
    )


def with_links(text: str, document: str, pages: dict[str, str], folder: Path) -> str:
    """The text with its relative links: to a page where there is one, else to a copy of the file in `folder`."""

    def changed(match: re.Match) -> str:
        target, _, anchor = match[1].partition("#")
        if ":" in target or not target:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(document), target))
        if path in pages:
            return f"]({pages[path]}.md{'#' * bool(anchor)}{anchor})"
        copy = folder / "files" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, copy)
        return f"](files/{path})"

    parts = _FENCE.split(text)
    return "".join(part if number % 2 else _LINK.sub(changed, part) for number, part in enumerate(parts))
