"""A line for the verdict on each study, and (with details) its table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.plan import Plan


def print_verdicts(
    plan: Plan, studies: Iterable[str], details: bool = False, stale: Mapping[str, str] | None = None
) -> None:
    """The last verdict of each study; those that did not converge in red at a terminal.

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
            from cc_kernels.io import read_dataset
            from workflow.verdict_table import print_variables

            print_variables(read_dataset(plan.files.verdict(study, n)), sys.stdout)
    if failed:
        print(f"{failed} of {len(studies)} studies did NOT converge.", file=sys.stderr)
