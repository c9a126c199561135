"""What was made from other code, another model or by another checkout is never served for the present one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels import io
from cc_kernels.errors import InputError
from cc_kernels.provenance import dataset_attributes, source_hash
from cc_kernels.provenance.ancestry import ancestry
from cc_kernels.provenance.page import with_head
from cc_kernels.study.study_models import read_models, write_models
from tests.workflow.configurations import LATTICE
from workflow import job
from workflow.plan import Plan
from workflow.status import stale_files

# -- code ------------------------------------------------------------------------------------------------------------


def test_a_job_whose_sources_were_edited_meanwhile_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `git checkout` of another branch, and even where it is checked back before the next run."""
    script = tmp_path / "one.py"
    script.write_text("x = 1\n")
    monkeypatch.setattr(job, "SCRIPTS", tmp_path)
    called = []
    snakemake = SimpleNamespace(
        log=tmp_path / "one.log",
        params=SimpleNamespace(settings={"sources": source_hash(script)}),
        config={},
        rule="one",
        input=[],
        resources=SimpleNamespace(mem_mb=100),
    )
    job.run(snakemake, lambda settings, attributes: lambda: called.append("at the end"), "one.py")
    assert called == ["at the end"]

    def edits(settings: dict, attributes: dict) -> object:
        script.write_text("x = 2\n")
        return lambda: called.append("never")

    with pytest.raises(SystemExit, match=r"sources: got one.py edited while the job ran; allowed: the same code"):
        job.run(snakemake, edits, "one.py")
    assert called == ["at the end"]
    with pytest.raises(SystemExit, match=r"sources: got code that was edited after this job was planned"):
        job.run(snakemake, edits, "one.py")
    snakemake.params.settings["sources"] = source_hash(script)
    job.run(snakemake, lambda settings, attributes: script.write_text("# Two.\nx = 2\n") and None, "one.py")


# -- models ----------------------------------------------------------------------------------------------------------

STUDY = LATTICE.replace("name: rashba_square, alpha: 0.5", "file: mine.py")
READS_DATA = """\
from pathlib import Path
import numpy as np
import cc_kernels as cc
import helper


def build():
    table = np.loadtxt(Path(__file__).with_name("table.txt"))
    spin = {"spin_z": np.diag([0.5, -0.5])}
    return cc.TightBinding([[1.0]], [[0], [1], [-1]], [table, helper.hop(), helper.hop()], operators=spin)
"""
HELPER = "import numpy as np\n\n\ndef hop():\n    return -np.eye(2)\n"
IS_CODE = """\
import numpy as np
import cc_kernels as cc


def h(k):
    return np.diag([k[0]**2, -k[0]**2])


def build():
    return cc.from_function(h, dim=1, k_max=1.0, operators={"spin_z": np.diag([0.5, -0.5])})
"""
IS_NAMED = """\
import cc_kernels as cc


def build(*, alpha=0.5):
    return cc.build_model("rashba_square", alpha=alpha)
"""


@pytest.fixture
def content(tmp_path: Path):
    """The parameters of the model rule after files beside the configuration are written."""

    def read(**files: str) -> str:
        for name, text in files.items():
            (tmp_path / name.replace("_txt", ".txt").replace("_py", ".py")).write_text(text)
        (tmp_path / "a.yaml").write_text(STUDY)
        return Plan.of_files([tmp_path / "a.yaml"]).model_parameters("lattice")["content"]

    return read


def test_a_users_model_counts_by_its_numbers(content) -> None:
    """Wherever they come from: a table, a file beside it; comments and code that computes the same do not count."""
    first = content(mine_py=READS_DATA, helper_py=HELPER, table_txt="0 1\n1 0\n")
    assert content(table_txt="0 1.5\n1.5 0\n") != first
    assert content(table_txt="0 1\n1 0\n") == first
    assert content(helper_py=HELPER.replace("-np.eye(2)", "-2 * np.eye(2)")) != first
    assert content(helper_py=HELPER.replace("-np.eye(2)", "-1 * np.eye(2)")) == first
    function = content(mine_py=IS_CODE)
    assert content(mine_py=IS_CODE.replace("k[0]**2", "k[0]**4")) != function
    assert content(mine_py=f"# Mine.\n{IS_CODE}") == function


def test_a_model_of_a_named_one_follows_its_file(content, monkeypatch: pytest.MonkeyPatch) -> None:
    first = content(mine_py=IS_NAMED)
    build = cc.build_model
    monkeypatch.setattr(cc, "build_model", lambda name, **values: build(name, **{**values, "t": 1.5}))
    assert content(mine_py=IS_NAMED) != first


def test_helpers_of_two_folders_with_one_name_are_kept_apart(tmp_path: Path) -> None:
    from cc_kernels.models import load_from_python

    for folder, size in (("one", 1.0), ("two", 2.0), ("one", 1.0)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "mine.py").write_text(READS_DATA)
        (tmp_path / folder / "helper.py").write_text(HELPER.replace("-np", f"{size} * np"))
        (tmp_path / folder / "table.txt").write_text("0 1\n1 0\n")
        model = load_from_python(tmp_path / folder / "mine.py")
        np.testing.assert_array_equal(model.hoppings[model.R[:, 0] == 1][0], size * np.eye(2))


def test_a_model_that_is_code_is_the_same_for_all_jobs(tmp_path: Path) -> None:
    from cc_kernels.provenance import source_hash

    path, stored = tmp_path / "mine.py", tmp_path / "model.nc"
    path.write_text(IS_CODE)
    source = {"file": str(path), "function": "build", "parameters": {}, "sweep_name": None, "sweep_values": []}
    write_models(source, stored, {}, source_hash(path))
    before = io.read_attributes(stored)["cc_content"]
    read_models(stored)
    path.write_text(IS_CODE.replace("k[0]**2", "k[0]**4"))
    with pytest.raises(InputError, match=r"mine.py: got a file that was edited after the run had read its model"):
        read_models(stored)
    write_models(source, stored, {}, source_hash(path))
    assert io.read_attributes(stored)["cc_content"] != before, "what follows sees another input"


def test_the_same_model_however_the_configuration_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(IS_CODE)
    (tmp_path / "a.yaml").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    one, two = (Plan.of_files([path]).model_parameters("lattice") for path in ("a.yaml", tmp_path / "a.yaml"))
    assert one == two
    assert json.loads(one["source"])["file"] == "mine.py"


# -- results ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, list[str]]:
    """A model and sums made from it, as this checkout would make them."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(LATTICE)
    plan = Plan.of_files(["a.yaml"])
    files = {plan.files.model("lattice"): plan.model_parameters("lattice")}
    files[plan.shard_files("lattice", 32)[0]] = plan.kgrid_parameters("lattice", 32, 0)
    parents: list[str] = []
    for file, parameters in files.items():
        attributes = dataset_attributes("rule", parameters, "", parents, "")
        io.write_dataset(xr.Dataset({"a": 1.0}), file, attributes, kind="sums")
        parents = [file]
    return plan, list(files)


def test_results_of_this_checkout_stay(two_files) -> None:
    assert not stale_files(two_files[0])


def test_results_of_other_parameters_are_made_again(two_files) -> None:
    """Whatever Snakemake's records say, which may be those of other files; also what only follows."""
    Path("a.yaml").write_text(LATTICE.replace("alpha: 0.5", "alpha: 0.6"))
    found = stale_files(Plan.of_files(["a.yaml"]))
    assert found == {file: ["alpha changed 0.5 -> 0.6"] for file in two_files[1]}


def test_results_of_other_code_are_made_again(two_files) -> None:
    """A job on another machine ran what was checked out there at that time."""
    plan, (model, sums) = two_files
    other = {**plan.model_parameters("lattice"), "sources": "0" * 64}
    attributes = dataset_attributes("rule", other, "", [], "")
    io.write_dataset(xr.Dataset({"a": 1.0}), model, attributes, kind="sums")
    assert [*stale_files(plan)] == [model, sums]


def test_a_damaged_front_page_is_made_again(two_files) -> None:
    page = Path("results/a/front_page.rst")
    page.write_text("All studies converged.\n")
    Path("results/a/report.html").touch()
    assert str(page) in stale_files(two_files[0])


def study_results(folder: Path, levels: dict[int, bool], value: float) -> None:
    for n, converged in levels.items():
        attributes = {"summary": f"{value} at {n}", "has_converged": int(converged)}
        verdict = xr.Dataset({"converged": converged}, attrs=attributes)
        io.write_dataset(verdict, folder / "verdicts" / "s" / f"{n}.nc", kind="verdict")
        io.write_dataset(xr.Dataset({"x": value}), folder / "responses" / "s" / f"{n}.nc", kind="responses")


def test_finer_grids_of_an_older_model_are_not_opened(tmp_path: Path) -> None:
    """A model changed, on grids that did not converge; behind them lies a grid of the model before, which did."""
    study_results(tmp_path, {64: False, 128: False, 256: True}, 0.5)
    assert cc.open_study(tmp_path, "s").x == 0.5
    study_results(tmp_path, {64: False, 128: False}, 0.7)
    verdict = tmp_path / "verdicts" / "s" / "128.nc"
    page = with_head("\nText.\n", dataset_attributes("report", {}, "", [verdict], ""))
    (tmp_path / "front_page.rst").write_text(page)
    opened = cc.open_study(tmp_path, "s")
    assert opened.x == 0.7
    assert opened.verdict == "0.7 at 128"
    study_results(tmp_path, {128: False}, 0.9)
    with pytest.raises(InputError, match="results that have changed since its front page was made"):
        cc.open_study(tmp_path, "s")


def test_parents_of_one_name_elsewhere_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of results outside the one in which the workflow runs."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    parents = [tmp_path / room / "s" / "64.nc" for room in ("sums", "responses")]
    for number, path in enumerate(parents):
        attributes = dataset_attributes("level", {}, "", [], "")
        io.write_dataset(xr.Dataset({"a": float(number)}), path, attributes, kind="sums")
    child = tmp_path / "verdicts" / "s" / "64.nc"
    io.write_dataset(xr.Dataset({"b": 1.0}), child, dataset_attributes("level", {}, "", parents, ""), kind="sums")
    found = ancestry(child)
    assert [one.path.parts[-3] for one in found.parents] == ["responses", "sums"]
    assert not any(one.problem for one in found.family())


def test_the_bands_of_a_study_lie_on_its_own_grid(tmp_path: Path) -> None:
    """Of a series the last one, whose shift is not the first one's."""
    text = LATTICE.replace("start: 8, largest: 32,", "start: 8, largest: 32, shift: [1/3, 0.3],")
    (tmp_path / "a.yaml").write_text(text.replace("    grid:", "    store_bands: true\n    grid:"))
    plan = Plan.of_files([tmp_path / "a.yaml"])
    shifts = [plan.kgrid_parameters("lattice", 32, 0)["shift"][-1], plan.map_parameters("lattice", 32)["shift"]]
    assert shifts == [[1 / 3, 0.2]] * 2


def test_unfinished_files_go_when_the_next_run_begins(tmp_path: Path) -> None:
    """Also where the run that left them had removed its own lock, as after a job that ran out of memory."""
    from workflow import lock

    left = tmp_path / "results" / "sums" / f".8.nc.{os.getpid()}.part"
    left.parent.mkdir(parents=True)
    left.touch()
    with lock.claimed(tmp_path / "results", "a.yaml"):
        assert not left.exists()
