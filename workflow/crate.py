"""A finished run as a Workflow Run RO-Crate: `ro-crate-metadata.json` in its folder of results.

Everything that the metadata name lies in that folder: the results, and copies of workflow, kernels, configuration and
licence below `code/`. Inputs, outputs and times of the jobs come from Snakemake's own records; what is missing there
(results that were moved here) from the attributes of the files.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from cc_kernels.files import replacing
from cc_kernels.provenance.stamps import canonical
from workflow.finished_run import Job, finished_jobs
from workflow.plan import SCRIPTS, Plan

ROOT = Path(__file__).resolve().parents[1]
CODE = "code"
VERSIONS = "provenance_versions"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
_SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
_SCRIPTS = {"map": "bands"}  # rules whose script has another name
_FORMATS = {".nc": "application/x-netcdf", ".png": "image/png", ".pdf": "application/pdf", ".html": "text/html"}


def write_crate(plan: Plan) -> Path:
    """Write the metadata of a finished run; two calls differ in nothing.

    Raises
    ------
    InputError : a run that is not finished, or whose results are no longer those of its sources and configuration.
    """
    jobs = finished_jobs(plan)
    folder = plan.results
    _copy_code(plan, folder / CODE)
    content = _crate(plan, jobs).metadata.generate()
    path = folder / "ro-crate-metadata.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _copy_code(plan: Plan, folder: Path) -> None:
    """Workflow, kernels, configuration and licence as they are, and were when the results were made."""
    shutil.rmtree(folder, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    for name in ("workflow", "cc_kernels", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("Snakefile", "Makefile", "requirements.txt", "pyproject.toml", "LICENSE", "CITATION.cff"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder / name)
    (folder / "config").mkdir()
    for file in (plan.path, *_model_files(plan)):
        shutil.copy(file, folder / "config" / file.name)


def _model_files(plan: Plan) -> Iterator[Path]:
    models = [study.model for study in plan.configuration.studies.values()]
    files = {str(model.keys[key]) for model in models for key in model.source.files(model.keys)}
    yield from (plan.configuration.folder / file for file in sorted(files))


def _crate(plan: Plan, jobs: list[Job]) -> Any:
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms["sha256"] = _SHA256
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    def add(identifier: str, kind: str | list[str], /, **properties: Any) -> Any:
        return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))

    def path_of(name: str) -> Path:
        return plan.results / name if name.startswith(CODE + "/") else Path(name)

    def add_file(name: str, kind: str | list[str] = "File", /, **properties: Any) -> Any:
        """A file of the crate, given by its path from where the workflow runs, or below code/."""
        path = path_of(name)
        inside = Path(os.path.relpath(path, plan.results)).as_posix()
        known = crate.dereference(inside)
        if known is not None:
            return known
        described = {
            "name": inside,
            "sha256": _file_sha256(path),
            "contentSize": str(path.stat().st_size),
            "encodingFormat": _FORMATS.get(path.suffix, "text/plain"),
            **properties,
        }
        return crate.add_file(dest_path=inside, properties={"@type": kind, **described}, fetch_remote=False)

    def value(name: str, of: Any, owner: str) -> Any:
        return add(f"#{owner}/{name}", "PropertyValue", name=name, value=of if isinstance(of, str) else canonical(of))

    attributes = [of for job in jobs for of in job.outputs.values()]
    versions = json.loads(next(of[VERSIONS] for of in attributes if VERSIONS in of))
    commits = sorted({str(of["provenance_commit"]) for of in attributes if "provenance_commit" in of})
    license_ = add(f"https://spdx.org/licenses/{citation['license']}", "CreativeWork", name=citation["license"])
    authors = [
        add(f"#author-{n}", _author_type(one), name=_author_name(one)) for n, one in enumerate(citation["authors"])
    ]
    paper = [_paper(add, one, n) for n, one in enumerate(citation.get("references", []))]

    engine = _application(add, "snakemake", metadata.version("snakemake"))
    software = [engine, *(_application(add, name, version) for name, version in sorted(versions.items()))]
    language = add(
        "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
        "ComputerLanguage",
        name="Snakemake",
        alternateName="Snakemake",
        identifier={"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
        url={"@id": "https://snakemake.readthedocs.io"},
    )

    rules = sorted({job.rule for job in jobs})
    tools = {}
    for rule in rules:
        script = f"{CODE}/workflow/scripts/{_SCRIPTS.get(rule, rule)}.py"
        tools[rule] = add_file(
            script,
            ["File", "SoftwareSourceCode"],
            name=_summary(SCRIPTS / Path(script).name),
            version=citation["version"],
        )
    steps = {
        rule: add(f"#step-{rule}", "HowToStep", name=rule, position=str(n), workExample=tools[rule])
        for n, rule in enumerate(_in_order(jobs), 1)
    }

    formal_config = add("#configuration", "FormalParameter", name="configuration", additionalType="File")
    formal_figures = add("#figures", "FormalParameter", name="figures", additionalType="File")
    configuration = add_file(
        f"{CODE}/config/{plan.path.name}", exampleOfWork=formal_config, encodingFormat="application/yaml"
    )
    formal_config["workExample"] = configuration
    models = [add_file(f"{CODE}/config/{file.name}") for file in _model_files(plan)]

    workflow = add_file(
        f"{CODE}/Snakefile",
        ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        name=citation["title"],
        version=citation["version"],
        programmingLanguage=language,
        conformsTo={"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"},
        license=license_,
        author=_single(authors),
        input=formal_config,
        output=formal_figures,
        hasPart=list({id(tool): tool for tool in tools.values()}.values()),
        step=list(steps.values()),
        softwareRequirements=software,
    )
    crate.root_dataset["mainEntity"] = workflow
    for name in ("cc_kernels/", "workflow/", "profiles/"):
        crate.add_dataset(dest_path=f"{CODE}/{name}", properties={"name": f"{name[:-1]}, as it was run"})
    for name in ("requirements.txt", "LICENSE", "CITATION.cff", "Makefile", "pyproject.toml"):
        if path_of(f"{CODE}/{name}").is_file():
            add_file(f"{CODE}/{name}")

    actions, controls = [], []
    for number, job in enumerate(jobs):
        results = []
        for name, of in job.outputs.items():
            more = {"identifier": f"cc_content:{of['cc_content']}"} if "cc_content" in of else {}
            if name.startswith(f"{plan.results}/figures/"):
                more["exampleOfWork"] = formal_figures
            results.append(add_file(name, **more))
        owner = f"job-{number:03d}"
        parameters = [
            value(key, of, owner) for key, of in sorted(job.parameters.items()) if of is not None and key != "caption"
        ]
        inputs = [add_file(name) for name in job.inputs]
        action = add(
            f"#{owner}",
            "CreateAction",
            name=f"{job.rule}: {', '.join(Path(name).relative_to(plan.results).as_posix() for name in job.outputs)}",
            description=f"Rule {job.rule} of the workflow",
            instrument=tools[job.rule],
            object=_single([*inputs, *parameters]),
            result=_single(results),
            endTime=job.end,
            actionStatus="http://schema.org/CompletedActionStatus",
            **({"startTime": job.start} if job.start else {}),
        )
        actions.append(action)
        controls.append(
            add(
                f"#control-{number:03d}",
                "ControlAction",
                name=f"step {job.rule}",
                instrument=steps[job.rule],
                object=action,
            )
        )

    figures = [add_file(file) for figure in plan.configuration.figures for file in plan.files.figure(figure)]
    formal_figures["workExample"] = figures
    report = add_file(plan.files.report)
    starts = [job.start for job in jobs if job.start]
    run = add(
        "#run",
        "CreateAction",
        name=f"run of the configuration {plan.configuration.name}",
        description="All results of the configuration; parts may come from earlier runs with the same sources",
        instrument=workflow,
        object=_single([configuration, *models]),
        result=[*figures, report],
        endTime=jobs[-1].end,
        actionStatus="http://schema.org/CompletedActionStatus",
        **({"startTime": min(starts)} if starts else {}),
    )
    organize = add("#organize", "OrganizeAction", name="Snakemake", instrument=engine, object=controls, result=run)
    profiles = [
        add(identifier, "CreativeWork", name=name, version=identifier.rsplit("/", 1)[1])
        for identifier, name in _PROFILES.items()
    ]
    crate.root_dataset.properties()["conformsTo"] = [{"@id": one.id} for one in profiles]
    crate.metadata["conformsTo"] = [{"@id": one} for one in ("https://w3id.org/ro/crate/1.1", list(_PROFILES)[-1])]
    root = crate.root_dataset
    root["name"] = f"{citation['title']}: results of the configuration {plan.configuration.name}"
    root["description"] = citation["abstract"]
    root["license"] = license_
    root["author"] = _single(authors)
    root["datePublished"] = jobs[-1].end[:10]
    root["mentions"] = [run, *actions, organize]
    if paper:
        root["citation"] = _single(paper)
    if commits:
        root["version"] = ", ".join(commits)
    return crate


def _single(items: list[Any]) -> Any:
    """The format wants a list of one written as that one."""
    return items[0] if len(items) == 1 else items


def _in_order(jobs: list[Job]) -> list[str]:
    return list(dict.fromkeys(job.rule for job in jobs))


def _application(add: Any, name: str, version: str) -> Any:
    url = {"python": "https://www.python.org", "snakemake": "https://snakemake.github.io"}.get(
        name, f"https://pypi.org/project/{name}/{version}"
    )
    identifier = f"{url}#{version}" if name in ("python", "snakemake") else url
    return add(identifier, "SoftwareApplication", name=name, softwareVersion=version, url={"@id": url})


def _author_type(author: Mapping[str, Any]) -> str:
    return "Person" if "family-names" in author else "Organization"


def _author_name(author: Mapping[str, Any]) -> str:
    return author.get("name") or f"{author.get('given-names', '')} {author['family-names']}".strip()


def _paper(add: Any, reference: Mapping[str, Any], number: int) -> Any:
    identifier = f"https://doi.org/{reference['doi']}" if "doi" in reference else f"#reference-{number}"
    authors = [
        add(f"#author-of-reference-{number}-{place}", _author_type(one), name=_author_name(one))
        for place, one in enumerate(reference.get("authors", []))
    ]
    return add(identifier, "ScholarlyArticle", name=reference["title"], author=_single(authors))


def _summary(script: Path) -> str:
    return script.read_text(encoding="utf-8").split('"""')[1].strip().splitlines()[0]


def _file_sha256(path: Path) -> str:
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            total.update(block)
    return total.hexdigest()
