"""The sources of the site name everything that there is; `make docs` (in `make test-slow`) makes pages of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cc_kernels as cc
from cc_kernels.plotting.kind_files import figure_kinds
from docs.website import docstrings, pages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "source"
    pages.assemble(folder)
    return folder


def headings(page: Path) -> set[str]:
    return set(re.findall(r"^## (\w+)$", page.read_text(encoding="utf-8"), re.M))


def test_generated_pages_have_every_name_model_and_figure_kind(sources: Path) -> None:
    listed = set(re.findall(r"^   (\w+)$", (sources / "api.rst").read_text(encoding="utf-8"), re.M))
    assert listed == set(cc.__all__)
    assert headings(sources / "models.md") == set(cc.list_models())
    assert headings(sources / "gallery.md") == set(figure_kinds())


def test_the_gallery_shows_configurations_as_they_are_written(sources: Path) -> None:
    text = (sources / "gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r"From `(config/\w+\.yaml)`.*?```yaml\n(.*?)```", text, re.S)
    assert len(shown) >= len(figure_kinds()) - 1  # nothing but `make convergence` draws study_convergence
    for file, block in shown:
        written = (ROOT / file).read_text(encoding="utf-8").splitlines()
        assert set(block.splitlines()) <= set(written)


def test_every_document_is_in_the_menu_once(sources: Path) -> None:
    menu = re.findall(r":caption: [^\n]+\n\n(.*?)\n```", (sources / "index.md").read_text(encoding="utf-8"), re.S)
    names = [name for part in menu for name in part.split()]
    assert sorted(names) == sorted(path.stem for path in sources.glob("*.*") if path.stem != "index")


def test_items_of_a_docstring_become_names_with_text_below() -> None:
    lines = """Sum of \\|V(q)\\| over `band_geometry`.

Parameters
----------
q : (N, 2) wave vectors,
    1/angstrom.
a, b : two `numbers`.

Returns
-------
Dataset (mu, i): what is *meant*,
and more.

Raises
------
InputError : for bad ones.""".replace("\\", "").splitlines()
    assert docstrings.converted(lines, "Dataset") == [
        r"Sum of \|V(q)\| over :obj:`~cc_kernels.band_geometry`.",
        "",
        *("Parameters", "----------", "q", "    (N, 2) wave vectors,", "    1/angstrom."),
        *("a, b", "    two ``numbers``.", ""),
        *("Returns", "-------", "Dataset (mu, i)", r"    what is \*meant\*,", "    and more.", ""),
        *("Raises", "------", "InputError", "    for bad ones.", ""),
    ]


@pytest.mark.slow
def test_make_docs_has_no_warning() -> None:
    done = subprocess.run([sys.executable, "-m", "docs.website"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    html = ROOT / "docs" / "_build" / "html"
    assert 'src="http' not in "".join(page.read_text(encoding="utf-8") for page in html.rglob("*.html"))
