"""The commands behind the Makefile: `python -m workflow.run figures --config config/paper.yaml --cores 4`.

The configuration is checked here, before Snakemake starts and before anything is written. Further arguments go to
Snakemake.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError

if TYPE_CHECKING:
    from workflow.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
_NO_RUN = ("-n", "--dry-run", "--dryrun", "--unlock", "--summary", "--dag", "--rulegraph")
"""Arguments with which Snakemake computes nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="workflow.run", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("figures", "all figures of the configuration, and the report"),
        ("figure", "one figure"),
        ("unlock", "remove the lock that a killed run has left"),
        ("convergence", "the verdicts on all studies, as a table"),
        ("verify", "recompute the key numbers and compare them with the tracked ones"),
    ):
        command = commands.add_parser(name, help=text)
        if name == "figure":
            command.add_argument("name", help="a figure of the configuration")
        command.add_argument("--config", default="config/paper.yaml", help="the configuration file")
        command.add_argument("--cores", default="all", help="number of cores")
        command.add_argument("--profile", default="", help="a profile of Snakemake: a name in profiles/, or a folder")
    options, further = parser.parse_known_args(arguments)
    if address := os.environ.pop("DASK_SCHEDULER", ""):  # dask would take it for a setting, and refuse an address there
        os.environ["CC_DASK_SCHEDULER"] = address
    try:
        return globals()[f"_{options.command}"](options, further)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2


def _figures(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.plan import Plan

    plan = Plan(options.config)
    plan.check()
    further = [*_machines(options, plan), *further]
    begin = time.perf_counter()
    status = _snakemake(options, further)
    if status:
        return _explain(plan, status)
    report = plan.results / "report.html"
    if any(argument in _NO_RUN for argument in further):
        return 0
    if not report.exists() or _newer_than(plan.results, report):
        status = _report(options, report)
    _print_verdicts(plan, plan.configuration.studies)
    print(f"figures  {plan.results / 'figures'}\nreport   {report}\ntime     {time.perf_counter() - begin:.0f} s")
    return status


def _figure(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.plan import Plan

    plan = Plan(options.config)
    if options.name not in plan.configuration.figures:
        raise InputError(
            "NAME", options.name, "a figure of the configuration: " + ", ".join(plan.configuration.figures)
        )
    plan.check()
    further = [*_machines(options, plan), *further]
    files = plan.figure_files(options.name)
    status = _snakemake(options, [files[0], *further])
    if status:
        return _explain(plan, status)
    if any(argument in _NO_RUN for argument in further):
        return 0
    _print_verdicts(plan, plan.configuration.figures[options.name].studies)
    print("\n".join(files))
    return 0


def _unlock(options: argparse.Namespace, further: list[str]) -> int:
    return _snakemake(options, [*further, "--unlock"])


def _convergence(options: argparse.Namespace, further: list[str]) -> int:
    from workflow.plan import Plan

    plan = Plan(options.config)
    _print_verdicts(plan, plan.configuration.studies, details=True)
    return 0


def _verify(options: argparse.Namespace, further: list[str]) -> int:
    from cc_kernels.verification import verify

    return verify(ROOT / "config" / "reference.yaml", sys.stdout)


def _machines(options: argparse.Namespace, plan: Plan) -> list[str]:
    """Arguments for the cluster that PROFILE names; it and a DASK_SCHEDULER have to answer before anything starts."""
    from workflow.cluster import check_dask_scheduler, profile_arguments

    check_dask_scheduler()
    return profile_arguments(options.profile, plan.results) if options.profile else []


def _snakemake(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Run Snakemake in this process: it needs what was imported for the checks, and imports cost seconds."""
    from snakemake.cli import main as snakemake

    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        snakemake(_command(options, arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _command(options: argparse.Namespace, arguments: Sequence[str]) -> list[str]:
    return [
        *("--snakefile", str(ROOT / "Snakefile"), _cores(arguments), str(options.cores), *arguments),
        *("--config", f"configuration={options.config}", "checked=1"),
    ]


def _cores(arguments: Sequence[str]) -> str:
    """On a cluster the cores of this machine limit only what runs here."""
    return "--local-cores" if "--profile" in arguments else "--cores"


def _report(options: argparse.Namespace, report: Path) -> int:
    partial = report.with_name(".report.part.html")
    arguments = ["--quiet", "all", "--nolock", "--report", str(partial)]
    # A process of its own: Snakemake's log handlers are made for one call.
    command = [sys.executable, "-m", "snakemake", *_command(options, arguments)]
    status = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode
    if status == 0:
        partial.replace(report)
    partial.unlink(missing_ok=True)
    return status


def _newer_than(folder: Path, report: Path) -> bool:
    stamp = report.stat().st_mtime
    files = [folder / "front_page.rst", *(folder / "figures").glob("*")]
    return any(file.exists() and file.stat().st_mtime > stamp for file in files)


def _explain(plan: object, status: int) -> int:
    print(
        f"The run stopped. Each rule has its log in {plan.results / 'logs'}. If a run that was killed has left its "
        "lock, and no other is going on: make unlock, then the same command again.",
        file=sys.stderr,
    )
    return status


def _print_verdicts(plan: object, studies: Collection[str], details: bool = False) -> None:
    """The last verdict of each study; those that did not converge in red at a terminal."""
    from cc_kernels.io import read_attributes, read_dataset

    failed = 0
    for study in studies:
        files = [plan.verdict_file(study, n) for n in plan.study(study).grid.levels]
        done = {file: read_attributes(file, "verdict") for file in files if Path(file).exists()}
        if not done:
            print(f"{study:24s} not computed")
            continue
        # A run with another tolerance may have left finer grids: the first that converged is the one in use.
        file = next((file for file, attrs in done.items() if attrs["has_converged"]), list(done)[-1])
        text = done[file]["summary"]
        if not done[file]["has_converged"]:
            failed += 1
            text = f"\033[1;31m{text}\033[0m" if sys.stdout.isatty() else text
        print(f"{study:24s} {text}")
        if details:
            _print_variables(read_dataset(file))
    if failed:
        print(f"{failed} of {len(studies)} studies did NOT converge.", file=sys.stderr)


def _print_variables(verdict: object) -> None:
    for name in verdict["variable"].values:
        row = verdict.sel(variable=name)
        rate = f"rate {float(row.rate):.3g}" if row.rate.notnull() else ""
        print(
            f"  {name:30s} error {float(row.error_estimate):.1e}  scale {float(row.scale):.2e}  {row.law.item()} {rate}"
        )


if __name__ == "__main__":
    sys.exit(main())
