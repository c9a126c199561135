"""The verdicts of a run: a line for each study, and for `make convergence` their tables and the picture of one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError, stated
from cc_kernels.io import read_dataset

if TYPE_CHECKING:
    import xarray as xr

    from workflow.plan import Plan

_FEW = 6
_HEAD = ["variable", "T (K)", "last changes", "error", "scale", "law", "where the last is largest", "verdict"]


def print_verdicts(
    plan: Plan, studies: Iterable[str], details: bool = False, stale: Mapping[str, str] | None = None
) -> None:
    """The last verdict of each study, with details also its table; those that did not converge in red at a terminal.

    `stale` : why a verdict belongs to another configuration or other sources than the present ones.
    """
    studies, failed = list(studies), 0
    for study in studies:
        verdicts = plan.files.verdicts(study, plan.stages(study))
        if not verdicts:
            print(f"{study:24s} not computed")
            continue
        n, attributes = verdicts[-1]
        text = attributes["summary"]
        if not attributes["has_converged"]:
            failed += 1
            text = f"\033[1;31m{text}\033[0m" if sys.stdout.isatty() else text
        print(f"{study:24s} {text}")
        if stale and study in stale:
            print(f"  STALE: {stale[study]}; `make figures CONFIG={plan.path}` computes it again")
        if details:
            from workflow.status_table import print_table

            print_table([_HEAD, *_rows(read_dataset(plan.files.verdict(study, n)))], sys.stdout)
    if failed:
        print(f"{failed} of {len(studies)} studies did NOT converge.", file=sys.stderr)


def draw_convergence(plan: Plan, study: str) -> list[Path]:
    """Write results/<configuration>/convergence/<study>.png, .pdf and .nc; return their paths."""
    from cc_kernels.plotting.render import render
    from cc_kernels.plotting.study_result import StudyResult

    done = plan.files.verdicts(study, plan.stages(study))
    if not done:
        raise InputError("STUDY", stated(f"{study}, which is not computed yet"), "a computed study: make figures first")
    n, _ = done[-1]
    result = StudyResult.read(study, plan.files.response(study, n), plan.files.verdict(study, n))
    if len(result.levels) == 1:
        raise InputError("STUDY", stated(f"{study}, computed on one grid"), "a study with two grids or more")
    folder = plan.results / "convergence"
    folder.mkdir(parents=True, exist_ok=True)
    return render("study_convergence", [result], folder / study)


def _rows(verdict: xr.Dataset) -> Iterable[list[str]]:
    """One for each variable and temperature; of many temperatures the worst, and those that have not converged."""
    import numpy as np

    from cc_kernels.verdict.summary import place_text

    for name in verdict["variable"].values:
        of_name = verdict.sel(variable=name)
        worst, total = np.argmax(of_name.error_estimate.fillna(np.inf).values), of_name.sizes["temperature"]
        for n in range(total):
            one = of_name.isel(temperature=n)
            if total > _FEW and n != worst and not one.obstacle.item():
                continue
            kelvin = float(one["temperature"])
            places = {str(key).removeprefix("worst_"): one[key].item() for key in one if str(key).startswith("worst_")}
            yield [
                str(name),
                "-" if np.isnan(kelvin) else f"{kelvin:g}",
                ", ".join(f"{float(change):.1e}" for change in one.change.values[-2:]),
                f"{float(one.error_estimate):.1e}",
                f"{float(one.scale):.2e}",
                one.law.item() + (f" {float(one.rate):.3g}" if np.isfinite(one.rate) else ""),
                place_text(places) or "-",
                one.obstacle.item() or "converged",
            ]
