"""A finished run as a Workflow Run RO-Crate: `ro-crate-metadata.json` in its folder of results.

Everything that the metadata name lies in that folder: the results, and copies of workflow, kernels, configuration and
licence below `code/`. What a job read, and with which parameters, its files say; its time is that of its log.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import file_digest
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from cc_kernels.errors import InputError, stated
from cc_kernels.files import replacing
from cc_kernels.provenance.ancestry import damage_of
from cc_kernels.provenance.stamps import canonical
from workflow.plan import Plan
from workflow.status import Job, Status

ROOT = Path(__file__).resolve().parents[1]
CODE, METADATA = "code", "ro-crate-metadata.json"
FOLDERS = ("workflow", "cc_kernels", "profiles")
FILES = ("Snakefile", "Makefile", "requirements.txt", "pyproject.toml", "LICENSE", "CITATION.cff")
_CRATE = "https://w3id.org/ro/crate/1.1"
_WORKFLOW = "https://w3id.org/workflowhub/workflow-ro-crate"
_PROFILES = [f"https://w3id.org/ro/wfrun/{kind}/0.5" for kind in ("process", "workflow", "provenance")]
_PROFILES += [f"{_WORKFLOW}/1.0"]
_SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
_COMPUTATIONAL = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_SNAKEMAKE = {"url": {"@id": "https://snakemake.readthedocs.io"}, "alternateName": "Snakemake"}
_SNAKEMAKE |= {"name": "Snakemake", "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"}}
_SCRIPTS = {"map": "bands"}
"""Rules whose script has another name."""
_FORMATS = {".nc": "application/x-netcdf", ".png": "image/png", ".pdf": "application/pdf", ".html": "text/html"}

Reference = dict[str, str]
"""How one entity names another."""


def write_crate(plan: Plan) -> Path:
    """Write the metadata of a finished run; two calls differ in nothing.

    Raises
    ------
    InputError : a run that is not finished, or whose results are no longer those of its sources and configuration.
    """
    status = Status(plan)
    _refuse_unfinished(status)
    configuration = _copy_code(plan, plan.results / CODE)
    graph = sorted(_crate(status, configuration).values(), key=lambda entity: entity["@id"])
    content = {"@context": [f"{_CRATE}/context", {"sha256": _SHA256}], "@graph": graph}
    path = plan.results / METADATA
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _refuse_unfinished(status: Status) -> None:
    jobs, path = status.jobs, status.plan.path
    wrong = [
        f"{job.files[0]} is {job.state}{f' ({job.why[0]})' if job.why else ''}" for job in jobs if job.state != "done"
    ]
    datasets = [Path(file) for job in jobs for file in job.files if file.endswith(".nc")]
    wrong = wrong or [f"{file} {damage}" for file in datasets if (damage := damage_of(file))]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        given = stated(f"not finished, or not up to date: {', '.join(wrong[:3])}{more}")
        raise InputError(f"the run of {path}", given, f"a finished run: make figures CONFIG={path}")


def _copy_code(plan: Plan, folder: Path) -> list[Path]:
    """Copy what made the results: workflow, kernels and licence; and configuration and models, which are returned."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
    for name in _files(ROOT):
        shutil.copy(ROOT / name, folder / name)
    (folder / "config").mkdir()
    models = [study.model for study in plan.configuration.studies.values()]
    names = {str(model.keys[key]) for model in models for key in model.source.files(model.keys)}
    files = [plan.path, *(plan.configuration.folder / name for name in sorted(names))]
    return [Path(shutil.copy(file, folder / "config")) for file in files]


def _files(root: Path) -> list[str]:
    return [name for name in FILES if (root / name).is_file()]


class _Crate(dict[str, dict[str, Any]]):
    """The entities of a crate, by their identifiers."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def add(self, identifier: str, kind: str | list[str], /, **properties: Any) -> Reference:
        """An entity, unless its identifier is known; the format wants a list of one written as that one."""
        given = {name: one[0] if isinstance(one, list) and len(one) == 1 else one for name, one in properties.items()}
        known = {name: one for name, one in given.items() if one not in (None, [])}
        self.setdefault(identifier, {"@id": identifier, "@type": kind, **known})
        return {"@id": identifier}

    def file(self, name: str | Path, kind: str | list[str] = "File", /, **properties: Any) -> Reference:
        """A file, by its path from where the workflow runs."""
        path = Path(name)
        inside = Path(os.path.relpath(path, self.folder)).as_posix()
        if inside not in self:
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            of_file = {"name": inside, "sha256": digest, "contentSize": str(path.stat().st_size)}
            properties = of_file | {"encodingFormat": _FORMATS.get(path.suffix, "text/plain")} | properties
        return self.add(inside, kind, **properties)

    def action(self, identifier: str, times: tuple[str, str], /, **properties: Any) -> Reference:
        """What a job, or the whole run, did between two times."""
        done = {"startTime": times[0], "endTime": times[1], "actionStatus": "http://schema.org/CompletedActionStatus"}
        return self.add(identifier, "CreateAction", **done, **properties)

    def values_of(self, job: str, parameters: Mapping[str, object]) -> list[Reference]:
        given = {
            name: of if isinstance(of, str) else canonical(of)
            for name, of in sorted(parameters.items())
            if of is not None
        }
        return [self.add(f"{job}/{name}", "PropertyValue", name=name, value=of) for name, of in given.items()]

    def authors(self, of: str, listed: Sequence[Mapping[str, str]]) -> list[Reference]:
        """Those of CITATION.cff: persons have family names, organizations a name."""
        kinds = ["Person" if "family-names" in one else "Organization" for one in listed]
        names = [one.get("name") or f"{one.get('given-names', '')} {one['family-names']}".strip() for one in listed]
        pairs = enumerate(zip(kinds, names, strict=True))
        return [self.add(f"#author-{number}-of-{of}", kind, name=name) for number, (kind, name) in pairs]


def _crate(status: Status, configuration: list[Path]) -> _Crate:
    plan, crate = status.plan, _Crate(status.plan.results)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    attributes = [of for job in status.jobs for name in job.files if (of := status.read(name))]
    figures = {name for figure in plan.configuration.figures for name in plan.files.figure(figure)}
    jobs = sorted(((*_times(job), job.files[0], job) for job in status.jobs), key=lambda one: one[1:3])
    versions = json.loads(next(of["provenance_versions"] for of in attributes if "provenance_versions" in of))
    versions["snakemake"] = metadata.version("snakemake")
    asked, shown = (
        crate.add(f"#{name}", "FormalParameter", name=name, additionalType="File")
        for name in ("configuration", "figures")
    )
    license_ = crate.add(f"https://spdx.org/licenses/{citation['license']}", "CreativeWork", name=citation["license"])
    about = {"license": license_, "author": crate.authors("workflow", citation["authors"])}
    software = {
        name: crate.add(f"#{name}-{of}", "SoftwareApplication", name=name, softwareVersion=of)
        for name, of in sorted(versions.items())
    }
    tools = {job.rule: _script(crate, job.rule, citation["version"]) for *_, job in jobs}
    steps = {
        rule: crate.add(f"#step-{rule}", "HowToStep", name=rule, position=str(number), workExample=tool)
        for number, (rule, tool) in enumerate(tools.items(), 1)
    }
    workflow = crate.file(
        plan.results / CODE / "Snakefile",
        ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        name=citation["title"],
        version=citation["version"],
        programmingLanguage=crate.add(f"{_WORKFLOW}#snakemake", "ComputerLanguage", **_SNAKEMAKE),
        conformsTo={"@id": _COMPUTATIONAL},
        input=asked,
        output=shown,
        hasPart=list({tool["@id"]: tool for tool in tools.values()}.values()),
        step=list(steps.values()),
        softwareRequirements=list(software.values()),
        **about,
    )
    for name in FOLDERS:
        crate.add(f"{CODE}/{name}/", "Dataset", name=f"{name}, as it was run")
    for name in _files(plan.results / CODE):
        crate.file(plan.results / CODE / name)

    def result(name: str) -> Reference:
        content = (status.read(name) or {}).get("cc_content")
        identifier = content and f"cc_content:{content}"
        return crate.file(name, identifier=identifier, exampleOfWork=shown if name in figures else None)

    actions, controls = [], []
    for number, (start, end, _, job) in enumerate(jobs):
        parents = {name for file in job.files for name in status.parents(status.read(file) or {})}
        made = [result(name) for name in job.files]
        action = crate.action(
            f"#job-{number:03d}",
            (start, end),
            name=f"{job.rule}: {', '.join(one['@id'] for one in made)}",
            instrument=tools[job.rule],
            object=[*map(result, sorted(parents)), *crate.values_of(f"#job-{number:03d}", job.parameters)],
            result=made,
        )
        actions += [action]
        about_step = {"name": f"step {job.rule}", "instrument": steps[job.rule], "object": action}
        controls += [crate.add(f"#control-{number:03d}", "ControlAction", **about_step)]
    run = crate.action(
        "#run",
        (min(start for start, *_ in jobs), jobs[-1][1]),
        name=f"run of the configuration {plan.configuration.name}",
        description="All results of the configuration; parts may come from earlier runs with the same sources",
        instrument=workflow,
        object=[crate.file(configuration[0], exampleOfWork=asked), *map(crate.file, configuration[1:])],
        result=[result(name) for name in (*sorted(figures), plan.files.report)],
    )
    about_run = {"name": "Snakemake", "instrument": software["snakemake"], "object": controls, "result": run}
    organize = crate.add("#organize", "OrganizeAction", **about_run)
    commits = sorted({str(of["provenance_commit"]) for of in attributes if "provenance_commit" in of})
    crate.add(
        "./",
        "Dataset",
        name=f"{citation['title']}: results of the configuration {plan.configuration.name}",
        description=citation["abstract"],
        citation=[_paper(crate, one) for one in citation["references"]],
        conformsTo=[crate.add(one, "CreativeWork", **_profile(one)) for one in _PROFILES],
        datePublished=jobs[-1][1][:10],
        version=", ".join(commits) or None,
        mainEntity=workflow,
        mentions=[run, *actions, organize],
        hasPart=[{"@id": name} for name, one in crate.items() if "File" in one["@type"] or one["@type"] == "Dataset"],
        **about,
    )
    crate.add(
        METADATA, "CreativeWork", about={"@id": "./"}, conformsTo=[{"@id": name} for name in (_CRATE, _PROFILES[-1])]
    )
    return crate


def _times(job: Job) -> tuple[str, str]:
    """When a job began and ended (ISO 8601): its files say the one, its log how long it took."""
    end = max(os.stat(file).st_mtime for file in job.files)
    begin, end = (datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds") for time in (end - job.seconds, end))
    return begin, end


def _script(crate: _Crate, rule: str, version: str) -> Reference:
    path = crate.folder / CODE / "workflow" / "scripts" / f"{_SCRIPTS.get(rule, rule)}.py"
    summary = path.read_text(encoding="utf-8").split('"""')[1].strip().splitlines()[0]
    return crate.file(path, ["File", "SoftwareSourceCode"], name=summary, version=version)


def _paper(crate: _Crate, one: Mapping[str, Any]) -> Reference:
    authors = crate.authors("paper", one["authors"])
    return crate.add(f"https://doi.org/{one['doi']}", "ScholarlyArticle", name=one["title"], author=authors)


def _profile(identifier: str) -> dict[str, str]:
    *_, kind, version = identifier.split("/")
    return {"name": f"{kind} crate", "version": version}
