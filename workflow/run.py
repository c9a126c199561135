"""The commands behind the Makefile: `python -m workflow.run figures --config config/paper.yaml --cores 4`.

The configuration is checked here, before Snakemake starts and before anything is written. Further arguments go to
Snakemake.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError
from cc_kernels.io import check_writable
from workflow.job import CACHE
from workflow.verdicts import print_verdicts

if TYPE_CHECKING:
    from workflow.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
_NO_RUN = re.compile(
    r"-[Fkpq]*[nltD][Fkpq]*|--(dry-?run|unlock|(detailed-)?summary|dag|rulegraph|filegraph|d3dag|lint|touch|archive.*"
    r"|list.*|delete-.*|cleanup-.*|generate-.*|print-.*|report.*|help|version)"
)
"""Arguments with which Snakemake computes nothing; short ones may stand in one word."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="workflow.run", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("figures", "all figures of the configuration, and the report"),
        ("figure", "one figure"),
        ("print", "the finished figures once more, without the text below them"),
        ("table", "the numbers of a figure or study, as CSV"),
        ("unlock", "say that a run which was killed on another machine is gone"),
        ("status", "what is done, running, missing and stale, and why"),
        ("convergence", "the verdicts on all studies, as a table"),
        ("provenance", "the finished run as a Workflow Run RO-Crate, in its folder of results"),
        ("verify", "recompute the key numbers and compare them with the tracked ones"),
    ):
        command = commands.add_parser(name, help=text, allow_abbrev=False)
        if name in ("figure", "table"):
            command.add_argument("name", help="a figure of the configuration; for a table, or a study")
        if name == "convergence":
            command.add_argument("--study", default="", help="also draw the convergence of this study")
        command.add_argument("--config", default="config/paper.yaml", help="the configuration file")
        command.add_argument("--data", help="the folder of the files of models")
        command.add_argument("--cores", default="all", help="number of cores")
        command.add_argument("--cache-folder", help="a folder of k-grid sums that several results share")
        command.add_argument("--profile", default="", help="a profile of Snakemake: a name in profiles/, or a folder")
    options, further = parser.parse_known_args(arguments)
    try:
        if options.cache_folder:
            check_writable(options.cache_folder, "CACHE")
        return globals()[f"_{options.command}"](options, further)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _figures(options: argparse.Namespace, further: list[str]) -> int:
    plan = _checked_plan(options)
    return _snakemake(options, plan, further, plan.configuration.studies)


def _figure(options: argparse.Namespace, further: list[str]) -> int:
    plan = _checked_plan(options)
    if options.name not in plan.configuration.figures:
        allowed = "a figure of the configuration: " + ", ".join(plan.configuration.figures)
        raise InputError("NAME", options.name, allowed)
    files = plan.files.figure(options.name)
    status = _snakemake(options, plan, [*files, *further], plan.figure_studies(options.name))
    if not status and not _computes_nothing(further):
        print("\n".join(files))
    return status


def _table(options: argparse.Namespace, further: list[str]) -> int:
    from cc_kernels.tables import write_table

    plan = _plan(options)
    print(write_table(plan.results, options.name, plan.configuration.figures, plan.configuration.studies))
    return 0


def _print(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.for_print import print_figures

    print("\n".join(map(str, print_figures(_plan(options)))))
    return 0


def _unlock(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.lock import release

    release(_plan(options).results)
    return 0


def _status(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.status_table import print_status

    print_status(_plan(options), sys.stdout)
    return 0


def _convergence(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.status import stale_because
    from workflow.verdicts import draw_convergence

    plan = _plan(options)
    studies = plan.configuration.studies
    if options.study:
        if options.study not in studies:
            raise InputError("STUDY", options.study, "a study of the configuration: " + ", ".join(studies))
        studies = {options.study: studies[options.study]}
    print_verdicts(plan, studies, details=True, stale=stale_because(plan))
    if options.study:
        print("\n".join(map(str, draw_convergence(plan, options.study))))
    return 0


def _provenance(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.crate import write_crate

    path = write_crate(_plan(options))
    print(f"crate    {path}\nshare    the folder {path.parent}, for instance as a zip file")
    return 0


def _verify(options: argparse.Namespace, further: list[str]) -> int:
    from cc_kernels.verification import verify

    return verify(ROOT / "config" / "reference.yaml", sys.stdout)


def _computes_nothing(further: Sequence[str]) -> bool:
    return any(_NO_RUN.fullmatch(argument.partition("=")[0]) for argument in further)


def _plan(options: argparse.Namespace) -> Plan:
    from workflow.plan import Plan

    return Plan.of_files([options.config], {"data": os.path.abspath(options.data)} if options.data else None)


def _checked_plan(options: argparse.Namespace) -> Plan:
    """The plan, checked before Snakemake starts: it would leave files of its own, and a longer message."""
    plan = _plan(options)
    plan.check()
    return plan


def _snakemake(options: argparse.Namespace, plan: Plan, arguments: Sequence[str], studies: Collection[str]) -> int:
    """Run Snakemake in this process: it needs what was imported for the checks, and imports cost seconds."""
    from workflow.cluster import check_dask_scheduler, where_to_run
    from workflow.lock import check_free

    computes = not _computes_nothing(arguments)
    if computes:  # as a run does, too; but here nothing has been written yet
        check_free(plan.results)
        check_dask_scheduler()
    where = where_to_run(options.profile, str(options.cores), plan.results, computes)
    from snakemake.cli import main as snakemake

    from workflow import run_lines

    number, figures = len(plan.configuration.studies), len(plan.configuration.figures)
    print(f"{plan.path}: {number} studies, {figures} figures, into {plan.results}", file=sys.stderr)
    is_default = computes and not {"--quiet", "--verbose"} & {*arguments}
    lines = run_lines.snakemake_arguments() if is_default else []
    os.environ.pop("SNAKEMAKE_PROFILE", None)  # for other work: whoever wants a profile here says PROFILE
    if options.cache_folder:
        os.environ[CACHE] = os.path.abspath(options.cache_folder)
    try:
        snakemake(["--snakefile", str(ROOT / "Snakefile"), *where, *arguments, *lines, *plan.arguments])
    except SystemExit as end:
        if end.code:
            return end.code if isinstance(end.code, int) else 1
    if run_lines.NOTHING in run_lines.said:
        print_verdicts(plan, studies)
    return 0


if __name__ == "__main__":
    sys.exit(main())
