"""Relative links in the documents lead to files that are there, and to headings that these have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("config", "results", "tests")),
]
FENCE = re.compile(r"^(```+).*?^\1$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]:\s+(\S+)", re.M)


def prose(document: Path) -> str:
    """The text without its blocks of code, in which a # begins no heading and a bracket no link."""
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """The anchors of all headings, as GitHub and MyST make them: lower case, no punctuation, hyphens for spaces."""
    found: list[str] = []
    for heading in re.findall(r"^#+\s+(.*?)\s*$", prose(document), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        before = sum(one == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", one) is not None for one in found)
        found.append(f"{slug}-{before}" if before else slug)
    return set(found)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(document: Path) -> None:
    broken = []
    for target in (one or other for one, other in LINK.findall(prose(document))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_headings_have_the_anchors_that_readers_see(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# Eqs. (1)-(6)\n\n```sh\n# no heading\n```\n\n## ... split the `work`\n\n## Twice\n\n## Twice\n"
    )
    assert anchors(document) == {"eqs-1-6", "-split-the-work", "twice", "twice-1"}
