"""`make print`: the finished figures once more, as a paper shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_kernels.errors import InputError, stated
from cc_kernels.io import read_attributes
from cc_kernels.provenance.stamps import file_checksum

if TYPE_CHECKING:
    from cc_kernels.plotting.study_result import StudyResult
    from workflow.plan import Plan

_ALLOWED = "figures that are drawn and up to date: make figures first"


def print_figures(plan: Plan) -> list[Path]:
    """Write results/<configuration>/figures/print/<name>.pdf of all figures, from what these were drawn from.

    Raises
    ------
    InputError : a figure that is not drawn yet, or whose results have changed since.
    """
    from cc_kernels.plotting.render import render_for_print

    drawn = {figure: _attributes(plan, figure) for figure in plan.configuration.figures}
    folder = plan.results / "figures" / "print"
    folder.mkdir(exist_ok=True)
    for figure, attributes in drawn.items():
        render_for_print(attributes["figure_kind"], _results(attributes), folder / f"{figure}.pdf", attributes)
    return [folder / f"{figure}.pdf" for figure in drawn]


def _attributes(plan: Plan, figure: str) -> dict[str, Any]:
    """The attributes of a figure's data file, after checking that all of its results are there as they were."""
    file = Path(plan.files.figure(figure)[-1])
    if not file.exists():
        raise InputError("figures", stated(f"{figure}, which is not drawn yet"), _ALLOWED)
    attributes = read_attributes(file, "figure")
    for name, content in json.loads(attributes["provenance_parents"]).items():
        if not Path(name).exists() or file_checksum(name) != content:
            raise InputError("figures", stated(f"{figure}, drawn before {name} changed"), _ALLOWED)
    return attributes


def _results(attributes: Mapping[str, Any]) -> list[StudyResult]:
    """What a figure was drawn from: responses/<study>/<points>.nc, verdicts likewise, maps/<study>.nc."""
    from cc_kernels.plotting.study_result import StudyResult

    files = [Path(name) for name in json.loads(attributes["provenance_parents"])]

    def read(study: str) -> StudyResult:
        rooms = {file.parts[-3]: file for file in files if file.parent.name == study}
        maps = (file for file in files if file.parts[-2:] == ("maps", f"{study}.nc"))
        return StudyResult.read(study, rooms["responses"], rooms["verdicts"], next(maps, None))

    return [read(study) for study in json.loads(attributes["studies"])]
