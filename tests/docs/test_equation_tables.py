"""The table of equations names functions, tests and figures that exist, leaves no cell empty, and stands once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cc_kernels as cc
from cc_kernels.configuration import load_configuration
from cc_kernels.geometry.quantities import PACKED, QUANTITIES, SECOND_ORDER
from cc_kernels.plotting.kind_files import figure_kinds
from cc_kernels.responses.registry import RESPONSES
from cc_kernels.scattering.contour_sums import ABOUT

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"`([^`]+)`")
FUNCTIONS = {
    "equilibrium",
    "transport",
    "companions",
    "thermal",
    "thermal_companions",
    "superconductor",
    "disorder",
    "band_geometry",
}
VARIABLES = (
    {name for table in RESPONSES.values() for dim in (2, 3) for name in table(dim)}
    | {*PACKED, *QUANTITIES, *SECOND_ORDER, *ABOUT, "sigma_band", "near_degeneracy_share", "narrowest_gap",
       "gap_weight", "spin_hall_conductance"}
)  # fmt: skip
ARGUMENTS = {"degeneracy_tolerance", "band_geometry", "operator_position_commutator", "equation_5"}


def rows(document: str, heading: str) -> list[list[str]]:
    """Cells of the table below a heading, without its head."""
    text = (ROOT / document).read_text().split(heading)[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


EQUATIONS = rows("docs/theory.md", "## From the paper to the code")
SHOWN = {
    name
    for file in ("paper", "theory", "outlook")
    for name in load_configuration(ROOT / "config" / f"{file}.yaml").figures
}


def test_every_equation_and_note_has_its_row():
    first = " ".join(row[0] for row in EQUATIONS)
    named = {int(n) for n in re.findall(r"[(\[](\d+)[)\]]", first)}
    for start, stop in re.findall(r"\((\d+)\)-\((\d+)\)", first):
        named |= set(range(int(start), int(stop) + 1))
    assert {*range(1, 16), 33, 46, 47} <= named


@pytest.mark.parametrize("row", EQUATIONS, ids=[row[0][:30] for row in EQUATIONS])
def test_row_of_the_table(row):
    _, computed, tested, drawn = row
    assert all(row)
    for name in NAME.findall(computed):
        assert name in VARIABLES | FUNCTIONS, name
    for path in NAME.findall(tested):
        assert (ROOT / "tests" / path).is_file(), path
    assert set(NAME.findall(drawn)) <= SHOWN
    assert NAME.findall(computed)
    assert NAME.findall(tested)
    assert NAME.findall(drawn)


def test_every_figure_kind_is_made():
    kinds = set()
    for file in ("paper", "theory", "materials", "outlook"):
        configuration = load_configuration(ROOT / "config" / f"{file}.yaml")
        kinds |= {configuration.figure_kind(name) for name in configuration.figures}
    assert kinds == set(figure_kinds())


def test_names_in_the_theory():
    text = (ROOT / "docs" / "theory.md").read_text()
    for path in re.findall(r"`(tests/[^`]+|cc_kernels/[^`]+)`", text):
        assert (ROOT / path).exists(), path
    functions = set(re.findall(r"`cc\.(\w+)", text))
    assert functions
    assert functions <= set(dir(cc))
    for name in re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", text):
        assert name in VARIABLES | ARGUMENTS | SHOWN | RESPONSES.keys(), name


def test_the_table_stands_once():
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        assert path.read_text().count("| paper | computed by |") == (path.name == "theory.md"), path
