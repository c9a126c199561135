"""The files and jobs of a finished run, from Snakemake's records and, where these are gone, the files themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cc_kernels.errors import InputError, stated
from cc_kernels.provenance.ancestry import Ancestor, ancestry, edited_sources
from cc_kernels.provenance.stamps import canonical
from workflow.plan import Plan
from workflow.records import record_of


@dataclass(frozen=True)
class Job:
    """What one job read and wrote, with its parameters and times (ISO 8601)."""

    rule: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Mapping[str, Any]
    start: str | None
    end: str


def finished_family(plan: Plan) -> list[Ancestor]:
    """Every dataset of the run, once each."""
    studies = plan.configuration.studies.items()
    wanted = [file for figure in plan.configuration.figures for file in plan.figure_files(figure)]
    wanted += [plan.bands_file(name) for name, study in studies if study.store_bands]
    wanted += [f"{plan.results}/front_page.rst", f"{plan.results}/report.html"]
    missing = [file for file in wanted if not Path(file).is_file()]
    if missing:
        raise _unfinished(plan, "not finished, missing: " + _some(missing))
    found: dict[str, Ancestor] = {}
    for file in wanted:
        if file.endswith(".nc"):
            found |= {one.name: one for one in ancestry(file).family()}
    for one in list(found.values()):  # what the same jobs wrote, and no figure shows
        for file in _siblings(plan, one):
            if file not in found and Path(file).is_file():
                found = {other.name: other for other in ancestry(file).family()} | found
    wrong = [
        f"{one.name} {'is missing' if one.problem == 'missing' else one.problem}"
        for one in found.values()
        if one.problem
    ]
    edited = edited_sources(list(found.values()))
    if edited:
        wrong.append("edited since: " + _some(list(edited)))
    wrong += [
        f"{one.name} was made with other parameters" for one in found.values() if not one.problem and _is_old(plan, one)
    ]
    if wrong:
        raise _unfinished(plan, "not up to date, " + _some(wrong))
    return [found[name] for name in sorted(found)]


def _siblings(plan: Plan, one: Ancestor) -> list[str]:
    if one.get("rule") != "level":
        return []
    place = Path(one.name).parent.name, int(Path(one.name).stem)
    return [plan.sums_file(*place), plan.response_file(*place), plan.verdict_file(*place)]


def _is_old(plan: Plan, one: Ancestor) -> bool:
    """Are the parameters of a file no longer those of the plan?"""
    path, rule = Path(one.name), one.get("rule")
    try:
        wanted = {
            "model": lambda: plan.model_parameters(path.stem),
            "kgrid": lambda: plan.kgrid_parameters(path.parent.name, *_level_and_shard(path)),
            "level": lambda: plan.level_parameters(path.parent.name),
            "map": lambda: plan.map_parameters(path.stem),
            "figure": lambda: plan.figure_parameters(path.stem),
        }[rule]()
    except KeyError:  # `bands` follows the verdict of its study, which is looked at
        return False
    return canonical(wanted) != one.attributes.get("provenance_parameters")


def _level_and_shard(path: Path) -> tuple[int, int]:
    level, _, shard = path.stem.partition(".shard")
    return int(level), int(shard.partition("of")[0])


def _unfinished(plan: Plan, text: str) -> InputError:
    return InputError(f"the run of {plan.path}", stated(text), f"a finished run: make figures CONFIG={plan.path}")


def _some(items: list[str], most: int = 3) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def jobs_of(plan: Plan, family: list[Ancestor]) -> list[Job]:
    """The jobs, in the order in which they ended."""
    outputs = {one.name: one for one in family}
    for figure in plan.configuration.figures:
        png, pdf, data = plan.figure_files(figure)
        outputs |= {png: outputs[data], pdf: outputs[data]}
    page = f"{plan.results}/front_page.rst"
    outputs[page] = Ancestor(page, Path(page), {"provenance_rule": "front_page"})
    grouped: dict[str, list[tuple[str, Ancestor, dict]]] = {}
    for name, one in sorted(outputs.items()):
        record = record_of(name)
        key = str(
            record.get("log") or [one.get("rule"), one.attributes.get("provenance_parents"), one.get("parameters")]
        )
        grouped.setdefault(key, []).append((name, one, record))
    jobs = []
    for members in grouped.values():
        _, one, record = members[0]
        ends = [record.get("endtime") or Path(name).stat().st_mtime for name, _, record in members]
        start = record.get("starttime")
        inputs = tuple(sorted(record.get("input") or one.get("parents", {})))
        names = tuple(name for name, _, _ in members)
        rule = one.get("rule")
        jobs.append(Job(rule, inputs, names, one.get("parameters", {}), start and _time(start), _time(max(ends))))
    return sorted(jobs, key=lambda job: (job.end, job.outputs))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
