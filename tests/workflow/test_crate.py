"""A finished run as an RO-Crate: complete, true, and valid by the profiles that it names."""

from __future__ import annotations

import importlib.resources
import json
from hashlib import sha256
from pathlib import Path

import pytest

from cc_kernels import io

PROFILES = [
    *(
        pytest.param(general, marks=pytest.mark.slow)  # the last one contains what these ask for
        for general in ("ro-crate-1.1", "workflow-ro-crate-1.0", "process-run-crate-0.5", "workflow-run-crate-0.5")
    ),
    "provenance-run-crate-0.5",
]
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
AS_IN_1_1 = {
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
}
"""Among the terms that we use, those that the context of version 1.3, which `rocrate` brings, gives another meaning."""


@pytest.fixture(scope="module")
def crate(project, small) -> Path:
    done = project.run("provenance", "--config", "config/small.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("crate    results/small/ro-crate-metadata.json")
    return small.results


@pytest.fixture(scope="module")
def entities(crate: Path) -> dict[str, dict]:
    return {one["@id"]: one for one in json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]}


def listed(value: object) -> list[str]:
    return [one["@id"] for one in (value if isinstance(value, list) else [value])]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one outside document that the validator asks for, from the package `rocrate`; any other is an error."""
    from rocrate_validator.utils.http import HttpRequester

    context = json.loads(importlib.resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_text("utf8"))
    context["@context"] |= AS_IN_1_1

    class Response:
        status_code, headers, text = 200, {"Content-Type": "application/ld+json"}, json.dumps(context)

        def json(self) -> dict:
            return context

    def get(self, url: str, *arguments: object, **keywords: object) -> Response:
        assert url == CONTEXT, f"the validator asks for {url}"
        return Response()

    monkeypatch.setattr(HttpRequester, "get", get, raising=False)


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_valid(crate: Path, offline: None, tmp_path: Path, profile: str) -> None:
    from rocrate_validator import services

    settings = {
        "rocrate_uri": str(crate),
        "profile_identifier": profile,
        "requirement_severity": "REQUIRED",
        "offline": True,
        "cache_path": tmp_path / "http",
        "skip_availability_check": True,
    }
    result = services.validate(settings)
    assert [issue.message for issue in result.get_issues()] == []
    assert result.passed()


def test_the_validator_would_notice(crate: Path, offline: None, tmp_path: Path) -> None:
    from rocrate_validator import services

    content = json.loads((crate / "ro-crate-metadata.json").read_text())
    content["@graph"] = [
        {key: value for key, value in one.items() if (one["@type"], key) != ("CreateAction", "instrument")}
        for one in content["@graph"]
    ]
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(content))
    settings = {"rocrate_uri": str(tmp_path), "profile_identifier": "process-run-crate-0.5", "offline": True}
    result = services.validate({**settings, "cache_path": tmp_path / "http", "metadata_only": True})
    assert any("instrument" in issue.message for issue in result.get_issues())


def test_every_result_is_there_with_its_checksum_and_its_job(crate: Path, entities: dict[str, dict]) -> None:
    made = {
        name
        for one in entities.values()
        if one["@id"].startswith("#job-") and "result" in one
        for name in listed(one["result"])
    }
    results = {
        path.relative_to(crate).as_posix()
        for path in crate.rglob("*")
        if path.suffix in (".nc", ".png", ".pdf", ".rst", ".html") and "code" not in path.relative_to(crate).parts
    }
    assert made == results
    for name, one in entities.items():
        if "sha256" in one:
            content = (crate / name).read_bytes()
            assert one["sha256"] == sha256(content).hexdigest(), name
            assert one["contentSize"] == str(len(content))


def test_jobs_say_what_they_read_and_with_which_parameters(crate: Path, entities: dict[str, dict]) -> None:
    done = [one for one in entities.values() if one["@id"].startswith("#job-") and "result" in one]
    jobs = {" ".join(listed(one["result"])): one for one in done}
    job = jobs["sums/mine/32.shard0of1.nc"]
    assert job["instrument"]["@id"] == "code/workflow/scripts/kgrid.py"
    assert job["startTime"] <= job["endTime"]
    given = listed(job["object"])
    assert "models/mine.nc" in given
    parameters = {entities[one]["name"]: entities[one]["value"] for one in given if one.startswith("#")}
    recorded = json.loads(io.read_attributes(crate / "sums/mine/32.shard0of1.nc")["provenance_parameters"])
    assert parameters["operator"] == "spin_y"
    assert json.loads(parameters["points_per_axis"]) == recorded["points_per_axis"] == [32]
    level = next(one for name, one in jobs.items() if "responses/mine/32.nc" in name)
    assert len(listed(level["result"])) == 3
    assert {"responses/mine/16.nc", "sums/mine/16.nc", "sums/mine/32.shard0of1.nc"} <= set(listed(level["object"]))


def test_it_names_workflow_licence_authors_and_versions(crate: Path, entities: dict[str, dict]) -> None:
    root = entities["./"]
    assert root["mainEntity"]["@id"] == "code/Snakefile"
    assert root["license"]["@id"] == "https://spdx.org/licenses/BSD-3-Clause"
    assert entities[root["author"]["@id"]]["name"] == "the cc_kernels developers"
    assert "PhysRevB.104.L241411" in root["citation"]["@id"]
    software = {
        one["name"]: one["softwareVersion"] for one in entities.values() if one["@type"] == "SoftwareApplication"
    }
    assert {"python", "snakemake", "numpy", "numba", "cc_kernels"} <= set(software)
    run = entities["#run"]
    assert {"code/config/small.yaml", "code/config/mine.py"} == set(listed(run["object"]))
    assert "figures/rashba_null.pdf" in listed(run["result"])


@pytest.mark.slow
def test_twice_is_the_same(project, crate: Path) -> None:
    before = (crate / "ro-crate-metadata.json").read_bytes()
    assert project.run("provenance", "--config", "config/small.yaml").returncode == 0
    assert (crate / "ro-crate-metadata.json").read_bytes() == before
    assert project.planned("small") == set(), "and nothing has to run again"


def refused(project, config: str = "config/small.yaml") -> str:
    done = project.run("provenance", "--config", config)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "a finished run: make figures CONFIG=" in done.stderr
    return done.stderr


def test_an_unfinished_run_is_refused(project, crate: Path) -> None:
    text = (project.folder / "config" / "small.yaml").read_text()
    (project.folder / "config" / "never.yaml").write_text(text)
    message = refused(project, "config/never.yaml")
    assert "results/never/models/lattice.nc is missing" in message
    assert not (project.folder / "results" / "never").exists()


def test_a_run_that_is_no_longer_true_is_refused(project, crate: Path) -> None:
    before = (crate / "ro-crate-metadata.json").read_bytes()
    with project.changed("cc_kernels/sums/two_bands.py"):
        assert "(source of kgrid changed)" in refused(project)
    with project.edited("config/small.yaml", "num: 5", "num: 7"):
        assert "(mu changed" in refused(project)
    data = crate / "models" / "mine.nc"
    content = data.read_bytes()
    data.unlink()
    try:
        assert "models/mine.nc is missing" in refused(project)
    finally:
        data.write_bytes(content)
    assert (crate / "ro-crate-metadata.json").read_bytes() == before
