"""What is done, running, missing and stale in a folder of results, and why.

Nothing is locked, and Snakemake is not asked: every dataset carries the parameters and the checksums of the inputs
that it was made from, and the plan knows the present ones. What runs is seen from the logs of jobs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cc_kernels.errors import InputError
from cc_kernels.io import read_attributes
from cc_kernels.provenance.page import read_page
from cc_kernels.provenance.stamps import canonical, check_beside, in_words
from workflow.job_logs import Log
from workflow.lock import Run, current_run
from workflow.plan import Plan

ORDER = ("running", "done", "stale", "failed", "damaged", "missing")


@dataclass
class Job:
    """One job of the plan, and what is on disk of it.

    Attributes
    ----------
    subject : the study or figure.
    name : what tells it from others of its rule and subject (points per axis, shard), or nothing.
    files : its outputs; the first that is a dataset says what it was made from.
    parameters : what the plan makes them with.
    seconds : how long it took, by its log.
    state : one of `ORDER`.
    reasons : why it is stale, failed or damaged, in words; nothing where it only follows another.
    follows : jobs before it that are stale.
    """

    rule: str
    subject: str
    name: str
    files: list[str]
    parameters: Mapping[str, object]
    seconds: float = 0.0
    state: str = "missing"
    reasons: list[str] = field(default_factory=list)
    follows: list[Job] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its name in tables: of a grid that is not split only the points per axis."""
        return self.name.removesuffix(".shard0of1")

    @property
    def why(self) -> list[str]:
        """Its own reasons, or those of what it follows."""
        return self.reasons or list(dict.fromkeys(reason for job in self.follows for reason in job.why))


class Status:
    """The state of all jobs of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.run: Run | None = current_run(plan.results)
        self._attributes: dict[str, dict | InputError | None] = {}
        self.jobs: list[Job] = []
        self.verdicts: dict[str, Job] = {}
        maps: dict[str, Job] = {}
        for study in plan.configuration.studies:
            self._add_study(study, maps)
        for figure in plan.configuration.figures:
            before = [self.verdicts[study] for study in plan.figure_studies(figure)]
            before += [maps[study] for study in plan.studies_with_maps(figure)]
            self._add("figure", figure, "", plan.files.figure(figure), plan.figure_parameters(figure), before)
        files = [plan.files.front_page, plan.files.report]
        self._add("report", "", "", files, plan.report_parameters(), self.verdicts.values())

    def _add_study(self, study: str, maps: dict[str, Job]) -> None:
        plan, files = self.plan, self.plan.files
        model = self._add("model", study, "", [files.model(study)], plan.model_parameters(study), [])
        if study in plan.studies_with_maps():
            maps[study] = self._add("map", study, "", [files.map(study)], plan.map_parameters(study), [model])
        coarser: list[Job] = []
        for n in plan.stages(study):
            shards = [
                self._add("kgrid", study, Path(file).stem, [file], plan.kgrid_parameters(study, n, shard), [model])
                for shard, file in enumerate(plan.shard_files(study, n))
            ]
            before = [model, *shards, *coarser]
            coarser.append(
                self._add("level", study, str(n), files.level(study, n), plan.level_parameters(study), before)
            )
            # What follows an unfinished or stale level is not known; what lies there of it may still be of use.
            if coarser[-1].state != "done" and not Path(files.verdict(study, 2 * n)).exists():
                break
            attributes = self.read(files.verdict(study, n))
            if not isinstance(attributes, Mapping) or attributes["has_converged"]:
                break
        self.verdicts[study] = coarser[-1]
        if plan.study(study).store_bands:
            parameters = plan.map_parameters(study, n)
            self._add("bands", study, "", [files.bands(study)], parameters, [model, coarser[-1]])

    def _add(
        self,
        rule: str,
        subject: str,
        name: str,
        files: Sequence[str],
        parameters: Mapping[str, object],
        before: Iterable[Job],
    ) -> Job:
        log = Log.read(Path(self.plan.files.log(rule, *filter(None, (subject, name)))))
        job, before = Job(rule, subject, name, list(files), parameters, log.seconds or 0.0), list(before)
        self.jobs.append(job)
        missing = [file for file in files if not Path(file).exists()]
        if not missing:
            self._compare(job, parameters)
        job.follows = [other for other in before if other.state in ("stale", "damaged")]
        if job.state == "done" and rule != "level":
            pending = [other for other in before if other.rule == "level" and other.state in ("missing", "failed")]
            job.reasons = [f"{other.subject} at {other.label} points per axis is not computed" for other in pending]
        if job.state == "done" and (job.follows or job.reasons):
            job.state = "stale"
        if self.run is not None and self.run.is_alive and log.run == self.run.token and not log.ended:
            job.state, job.reasons = "running", []
        elif job.state == "missing" and log.error:
            job.state, job.reasons = "failed", [log.error]
        elif missing and len(missing) < len(files):
            job.reasons = ["incomplete: " + ", ".join(Path(file).name for file in missing) + " is missing"]
        return job

    def _compare(self, job: Job, parameters: Mapping[str, object]) -> None:
        """Done, stale or damaged, from what the files themselves say."""
        for file in job.files:
            attributes = self.read(file)
            if isinstance(attributes, InputError):
                job.state, job.reasons = "damaged", [str(attributes)]
                return
            if attributes is None:
                continue
            old = json.loads(attributes.get("provenance_parameters", "{}"))
            job.reasons = differences(old, json.loads(canonical(parameters)), job.rule)
            job.reasons += self._changed_inputs(attributes)
            if job.reasons:
                break
        job.state = "stale" if job.reasons else "done"

    @staticmethod
    def parents(attributes: Mapping[str, str]) -> dict[str, str]:
        """What a file was made from: file -> the checksum of its content."""
        return json.loads(attributes.get("provenance_parents", "{}"))

    def _changed_inputs(self, attributes: Mapping[str, str]) -> list[str]:
        parents = self.parents(attributes)
        present = {name: self.read(name) for name in parents}
        changed = [
            name
            for name, attributes in present.items()
            if isinstance(attributes, Mapping) and attributes.get("cc_content") != parents[name]
        ]
        return [f"input newer: {', '.join(changed)}"] if changed else []

    def read(self, file: str) -> dict | InputError | None:
        """The attributes of a dataset, the error that it is, or None for no dataset."""
        if file not in self._attributes:
            try:
                self._attributes[file] = self._read(file) if Path(file).exists() else None
            except InputError as error:
                self._attributes[file] = error
        return self._attributes[file]

    def _read(self, file: str) -> dict | None:
        if file.endswith(".nc"):
            return read_attributes(file)
        if file == self.plan.files.front_page:
            return read_page(file)
        beside = self.plan.files.front_page if file == self.plan.files.report else Path(file).with_suffix(".nc")
        if isinstance(attributes := self.read(str(beside)), Mapping):
            check_beside(file, attributes)
        return None


def differences(old: Mapping[str, object], new: Mapping[str, object], rule: str) -> list[str]:
    """What changed between two sets of parameters of a rule, in words.

    >>> differences({"tolerance": 1e-3, "sources": "a"}, {"tolerance": 1e-4, "sources": "b"}, "level")
    ['tolerance changed 0.001 -> 0.0001', 'source of level changed']
    """
    texts = []
    for name in sorted({*old, *new}, key=lambda name: (name in ("sources", "content"), name)):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name == "sources":
            texts.append(f"source of {rule} changed")
        elif name == "content":
            texts.append("the model itself changed")
        elif (inner := (_mapping(before), _mapping(after))) != ({}, {}):
            texts += _essential(name, differences(*inner, rule))
        elif name not in old or name not in new:
            texts.append(f"{name} {'is new' if name in new else 'is no parameter any more'}")
        else:
            texts.append(f"{name} changed {in_words(before)} -> {in_words(after)}")
    return texts


def _mapping(value: object) -> dict:
    """A mapping, also one that is written as JSON."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    return dict(value) if isinstance(value, Mapping) else {}


def _essential(name: str, texts: list[str]) -> list[str]:
    """Of an energy mesh, what a user has set; everything else follows from that."""
    if name != "mesh":
        return texts
    ends = [text for text in texts if text.startswith(("mu_", "temperature_"))]
    return [f"energy mesh: {text.replace('_', ' ', 1)}" for text in ends or texts]


def stale_files(plan: Plan) -> dict[str, list[str]]:
    """Results that are stale or damaged, which Snakemake would not always notice, and why.

    It goes by its own records. These may be gone (a removed .snakemake), or be those of other files under the same
    names: results copied from elsewhere, or made by another checkout.
    """
    jobs = [job for job in Status(plan).jobs if job.state in ("stale", "damaged")]
    return {file: job.why for job in jobs for file in job.files if os.path.lexists(file)}


def stale_because(plan: Plan) -> dict[str, str]:
    """Studies whose verdict does not belong to the present configuration and sources, and why."""
    verdicts = Status(plan).verdicts
    return {study: "; ".join(job.why) or "unknown" for study, job in verdicts.items() if job.state == "stale"}
