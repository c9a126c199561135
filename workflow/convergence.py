"""`make convergence STUDY=name`: the picture of one study's convergence, from the results that it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError, stated
from cc_kernels.io import read_dataset, read_series

if TYPE_CHECKING:
    from workflow.plan import Plan


def draw_convergence(plan: Plan, study: str) -> list[Path]:
    """Write results/<configuration>/convergence/<study>.png, .pdf and .nc; return their paths."""
    from cc_kernels.plotting.render import render
    from cc_kernels.plotting.study_result import StudyResult

    done = plan.files.verdicts(study, plan.stages(study))
    if not done:
        raise InputError("STUDY", stated(f"{study}, which is not computed yet"), "a computed study: make figures first")
    levels = read_series(plan.files.response(study, done[-1][0]), "responses")
    verdict = read_dataset(plan.files.verdict(study, done[-1][0]), "verdict")
    if len(levels) == 1:
        raise InputError("STUDY", stated(f"{study}, computed on one grid"), "a study with two grids or more")
    folder = plan.results / "convergence"
    folder.mkdir(parents=True, exist_ok=True)
    return render("study_convergence", [StudyResult(study, levels[-1], verdict, levels)], folder / study)
