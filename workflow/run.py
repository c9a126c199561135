"""The commands behind the Makefile: `python -m workflow.run figures --config config/paper.yaml --cores 4`.

The configuration is checked here, before Snakemake starts and before anything is written. Further arguments go to
Snakemake.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError
from cc_kernels.io import check_writable
from workflow.convergence import draw_convergence

if TYPE_CHECKING:
    from workflow.lock import Run
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
        ("unlock", "remove the lock that a killed run has left"),
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
        command.add_argument("--cores", default="all", help="number of cores")
        command.add_argument("--cache-folder", help="a folder of k-grid sums that several results share")
        command.add_argument("--profile", default="", help="a profile of Snakemake: a name in profiles/, or a folder")
    options, further = parser.parse_known_args(arguments)
    if address := os.environ.pop("DASK_SCHEDULER", ""):  # dask would take it for a setting, and refuse an address there
        os.environ["CC_DASK_SCHEDULER"] = address
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
    from workflow.plan import Plan

    plan = Plan(options.config)
    plan.check()
    further = [*_machines(options, plan, further), *further]
    begin = time.perf_counter()
    report = plan.results / "report.html"
    with _claimed(plan, options, further) as run:
        studies, figures = len(plan.configuration.studies), len(plan.configuration.figures)
        print(f"{plan.path}: {studies} studies, {figures} figures, into {plan.results}", file=sys.stderr)
        _forget_what_snakemake_missed(plan, run)
        status = _snakemake(options, further, run)
        if status:
            return _explain(plan, status)
        if run is None:
            return 0
        if (plan.results / "front_page.rst").exists() and _report_is_old(plan.results, report):
            status = _report(plan, options, report)
    _print_verdicts(plan, plan.configuration.studies)
    print(f"figures  {plan.results / 'figures'}\nreport   {report}\ntime     {time.perf_counter() - begin:.0f} s")
    return status


def _figure(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.plan import Plan
    from workflow.status import unfinished_verdicts

    plan = Plan(options.config)
    if options.name not in plan.configuration.figures:
        raise InputError(
            "NAME", options.name, "a figure of the configuration: " + ", ".join(plan.configuration.figures)
        )
    plan.check()
    further = [*_machines(options, plan, further), *further]
    files = plan.figure_files(options.name)
    studies = plan.configuration.figures[options.name].studies
    with _claimed(plan, options, further) as run:
        _forget_what_snakemake_missed(plan, run, {options.name, *studies})
        status = _snakemake(options, [files[0], *unfinished_verdicts(plan, studies), *further], run)
    if status:
        return _explain(plan, status)
    if run is None:
        return 0
    _print_verdicts(plan, plan.configuration.figures[options.name].studies)
    print("\n".join(files))
    return 0


def _table(options: argparse.Namespace, further: list[str]) -> int:
    from cc_kernels.tables import write_table
    from workflow.plan import Plan

    plan = Plan(options.config)
    print(write_table(plan.results, options.name, plan.configuration.figures, plan.configuration.studies))
    return 0


def _print(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.for_print import print_figures
    from workflow.plan import Plan

    print("\n".join(map(str, print_figures(Plan(options.config)))))
    return 0


def _unlock(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.lock import release
    from workflow.plan import Plan

    release(Plan(options.config).results)
    return _snakemake(options, [*further, "--unlock"])


def _status(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.plan import Plan
    from workflow.status_table import print_status

    print_status(Plan(options.config), sys.stdout)
    return 0


def _convergence(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.plan import Plan
    from workflow.status import stale_because

    plan = Plan(options.config)
    studies = plan.configuration.studies
    if options.study:
        if options.study not in studies:
            raise InputError("STUDY", options.study, "a study of the configuration: " + ", ".join(studies))
        studies = {options.study: studies[options.study]}
    _print_verdicts(plan, studies, details=True, stale=stale_because(plan))
    if options.study:
        print("\n".join(map(str, draw_convergence(plan, options.study))))
    return 0


def _provenance(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.crate import write_crate
    from workflow.plan import Plan

    path = write_crate(Plan(options.config))
    print(f"crate    {path}\nshare    the folder {path.parent}, for instance as a zip file")
    return 0


def _verify(options: argparse.Namespace, further: list[str]) -> int:
    from cc_kernels.verification import verify

    return verify(ROOT / "config" / "reference.yaml", sys.stdout)


def _machines(options: argparse.Namespace, plan: Plan, further: Sequence[str]) -> list[str]:
    """Arguments for the cluster that PROFILE names; it and a DASK_SCHEDULER have to answer before anything starts."""
    from workflow.cluster import check_cluster, check_dask_scheduler, profile_arguments, profile_folder
    from workflow.lock import current_run

    folder = profile_folder(options.profile) if options.profile else None
    run = current_run(plan.results)
    if not _computes_nothing(further) and not (run is not None and run.is_alive):  # whose jobs are its own
        check_dask_scheduler()
        if folder is not None:
            check_cluster(folder, plan.results)
    return [] if folder is None else profile_arguments(folder, plan.results)


def _computes_nothing(further: Sequence[str]) -> bool:
    return any(_NO_RUN.fullmatch(argument.partition("=")[0]) for argument in further)


def _claimed(plan: Plan, options: argparse.Namespace, further: Sequence[str]) -> AbstractContextManager[Run | None]:
    """The context of a run that has its folder of results for itself; None where nothing is computed."""
    if _computes_nothing(further):
        return nullcontext()
    from workflow.lock import claimed

    return claimed(plan.results, str(options.config))


def _forget_what_snakemake_missed(plan: Plan, run: Run | None, subjects: Collection[str] | None = None) -> None:
    from workflow.records import forget_what_snakemake_missed

    if run is not None and (dropped := forget_what_snakemake_missed(plan, subjects)):
        more = f" and {len(dropped) - 3} more" if len(dropped) > 3 else ""
        print(f"made with other parameters or sources, computed again: {', '.join(dropped[:3])}{more}", file=sys.stderr)


def _snakemake(options: argparse.Namespace, arguments: Sequence[str], run: Run | None = None) -> int:
    """Run Snakemake in this process: it needs what was imported for the checks, and imports cost seconds."""
    from snakemake.cli import main as snakemake

    os.environ["PYTHONPATH"] = str(ROOT)
    if run is not None and "--quiet" not in arguments and "--verbose" not in arguments:
        from workflow import run_lines

        arguments = [*arguments, *run_lines.snakemake_arguments()]
    try:
        snakemake(_command(options, arguments, run))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _command(options: argparse.Namespace, arguments: Sequence[str], run: Run | None = None, **settings: Path) -> list:
    """Snakemake's arguments; `settings` are paths that the Snakefile needs."""
    from workflow.cluster import is_cluster
    from workflow.settings import written

    # On a cluster the cores of this machine limit only what runs here.
    cores = "--local-cores" if options.profile and is_cluster(options.profile) else "--cores"
    values: dict[str, object] = {"configuration": options.config, **settings}
    if options.cache_folder:
        values["cache"] = Path(options.cache_folder).absolute()
    if run is not None:
        values |= {"run": run.token, "run_results": run.results}
    return [
        *("--snakefile", str(ROOT / "Snakefile"), cores, str(options.cores), *arguments),
        *("--config", "checked=1", *written(values)),
    ]


def _report(plan: Plan, options: argparse.Namespace, report: Path) -> int:
    """Snakemake's report; its front page is that of the run, with times and memory, which no job can know."""
    from workflow.front_page import with_costs
    from workflow.job_logs import costs

    partial, page = (report.with_name(f".report.{os.getpid()}.{ending}") for ending in ("html", "rst"))
    # A process of its own: Snakemake's log handlers are made for one call.
    command = [sys.executable, "-m", "snakemake"]
    command += _command(options, ["--nolock", "--report", str(partial)], front_page=page)
    try:
        text = (report.parent / "front_page.rst").read_text(encoding="utf-8")
        page.write_text(with_costs(text, costs(plan)), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode == 0:
            with partial.open("ab") as file:
                file.write(_mark_of(report.parent))
            partial.replace(report)
        else:
            print(f"{done.stdout}{done.stderr}The report could not be made.", file=sys.stderr)
    finally:
        partial.unlink(missing_ok=True)
        page.unlink(missing_ok=True)
    return done.returncode


def _report_is_old(results: Path, report: Path) -> bool:
    """Is it missing, or of other pages and figures than those that are there? The times of files say nothing."""
    return not report.exists() or not report.read_bytes().endswith(_mark_of(results))


def _mark_of(results: Path) -> bytes:
    """The last line of a report, a comment: a checksum of what it shows."""
    total = sha256()
    for file in (results / "front_page.rst", *sorted((results / "figures").glob("[!.]*.*"))):
        total.update(f"{file.name} {sha256(file.read_bytes()).hexdigest()}\n".encode())
    return f"\n<!-- made from {total.hexdigest()} -->\n".encode()


def _explain(plan: Plan, status: int) -> int:
    print(
        f"The run stopped; the same command goes on from here. Each rule has its log in {plan.results / 'logs'}, and "
        f"`make status CONFIG={plan.path}` names what failed. Where Snakemake says that its folder is locked, and no "
        "other run is going on: make unlock.",
        file=sys.stderr,
    )
    return status


def _print_verdicts(
    plan: Plan, studies: Collection[str], details: bool = False, stale: Mapping[str, str] | None = None
) -> None:
    """The last verdict of each study; those that did not converge in red at a terminal.

    `stale` : why a verdict belongs to another configuration or other sources than the present ones.
    """
    from cc_kernels.io import read_dataset

    failed = 0
    for study in studies:
        verdicts = plan.verdicts(study)
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
            from workflow.verdict_table import print_variables

            print_variables(read_dataset(plan.verdict_file(study, n)), sys.stdout)
    if failed:
        print(f"{failed} of {len(studies)} studies did NOT converge.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
