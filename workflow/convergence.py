"""`make convergence STUDY=name`: the picture of one study's convergence, from the results that it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError, stated
from cc_kernels.io import read_dataset

if TYPE_CHECKING:
    from workflow.plan import Plan


def draw_convergence(plan: Plan, study: str) -> list[Path]:
    """Write results/<configuration>/convergence/<study>.png, .pdf and .nc; return their paths."""
    from cc_kernels.plotting.render import render
    from cc_kernels.plotting.study_result import StudyResult

    done = [n for n, _ in plan.verdicts(study)]
    if not done:
        raise InputError("STUDY", stated(f"{study}, which is not computed yet"), "a computed study: make figures first")
    if len(done) == 1:
        raise InputError("STUDY", stated(f"{study}, computed on one grid"), "a study with two grids or more")
    levels = [read_dataset(plan.response_file(study, n), "responses") for n in done]
    verdict = read_dataset(plan.verdict_file(study, done[-1]), "verdict")
    folder = plan.results / "convergence"
    folder.mkdir(parents=True, exist_ok=True)
    return render("study_convergence", [StudyResult(study, levels[-1], verdict, levels)], folder / study)
