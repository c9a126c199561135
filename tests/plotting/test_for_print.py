"""Figures for print: the panels of the figure without the text below them, from exactly what it was drawn from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from cc_kernels import io
from cc_kernels.errors import InputError
from cc_kernels.plotting import style
from cc_kernels.plotting.render import render, render_for_print
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.provenance.embedded import read_embedded
from cc_kernels.provenance.stamps import file_checksum
from cc_kernels.study.result_files import ResultFiles
from workflow.for_print import print_figures


@pytest.fixture
def plan(studies, tmp_path: Path) -> SimpleNamespace:
    """The files of a run with one finished figure, `spin_hall` of the study `field`."""
    shown = converged(studies["field"], True)
    for n, level in zip((4, 8, 16), shown.levels, strict=True):
        io.write_dataset(level, tmp_path / "responses" / "field" / f"{n}.nc", kind="responses")
    io.write_dataset(shown.verdict, tmp_path / "verdicts" / "field" / "16.nc", kind="verdict")
    parents = {str(file): file_checksum(file) for file in tmp_path.rglob("*.nc")}
    (tmp_path / "figures").mkdir()
    attributes = {"provenance_parents": json.dumps(parents), "provenance_rule": "figure"}
    render("conductivity", [shown], tmp_path / "figures" / "spin_hall", attributes)
    configuration = SimpleNamespace(figures={"spin_hall": None})
    return SimpleNamespace(results=tmp_path, files=ResultFiles(tmp_path), configuration=configuration)


def converged(result: StudyResult, is_so: bool) -> StudyResult:
    return replace(result, verdict=result.verdict.assign(converged=((), np.int8(is_so))))


def width_and_height(pdf: Path) -> list[float]:
    box = pdf.read_bytes().partition(b"/MediaBox [")[2].partition(b"]")[0]
    return [float(number) / 72 for number in box.split()[2:]]


def test_a_printed_figure_has_no_foot_and_says_where_it_comes_from(plan: SimpleNamespace) -> None:
    (path,) = print_figures(plan)
    assert path == plan.results / "figures" / "print" / "spin_hall.pdf"
    width, height = width_and_height(path)
    assert width in (style.SINGLE, style.DOUBLE)
    assert height < width_and_height(plan.results / "figures" / "spin_hall.pdf")[1] - 0.3
    data = io.read_attributes(plan.results / "figures" / "spin_hall.nc")
    assert read_embedded(path)["cc_content"] == data["cc_content"]
    before = path.read_bytes()
    print_figures(plan)
    assert path.read_bytes() == before


def test_what_has_not_converged_still_says_so(plan: SimpleNamespace, studies) -> None:
    heights = []
    for is_so in (True, False):
        path = plan.results / f"{is_so}.pdf"
        render_for_print("conductivity", [converged(studies["field"], is_so)], path, {"cc_content": "abc"})
        heights.append(width_and_height(path)[1])
    assert heights[0] < heights[1]


def test_results_that_changed_are_not_printed(plan: SimpleNamespace) -> None:
    file = plan.results / "responses" / "field" / "8.nc"
    io.write_dataset(xr.Dataset({"a": 1.0}), file, kind="responses")
    with pytest.raises(InputError, match="spin_hall, drawn before"):
        print_figures(plan)
    plan.configuration.figures = {"new": None}
    with pytest.raises(InputError, match="new, which is not drawn yet"):
        print_figures(plan)
    assert not (plan.results / "figures" / "print").exists()
