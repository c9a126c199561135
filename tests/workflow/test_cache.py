"""Sums that several results share: what is the same is taken, and nothing else ever is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cc_kernels import io
from cc_kernels.models import build_model
from cc_kernels.models.storage import load_models
from cc_kernels.provenance import stamps as attributes
from cc_kernels.study import shared_cache as cache
from cc_kernels.study.study_models import StudyModels, read_models, write_models
from tests.workflow.configurations import LATTICE_STUDY
from tests.workflow.project import DOUBLED
from workflow.plan import Plan

CONFIGURATION = f"studies:\n{LATTICE_STUDY}"
MODEL_FILE = """\
from cc_kernels.models import build_model

def build(*, alpha: float = 0.5):
    return build_model("rashba_square", alpha=alpha, bx=0.1)
"""
SAME = {
    "name of the study": ("  lattice:", "  another:"),
    "a denser range": ("num: 5", "num: 9"),
    "another temperature": ("[3000, 6000]", "[3000, 4500, 6000]"),
    "tolerance of the verdict": ("tolerance: 0.5", "tolerance: 0.4"),
    "largest grid": ("largest: 32", "largest: 64"),
    "a default, spelled out": ("alpha: 0.5", "alpha: 0.5, winding: 1"),
    "the same model from a file": ("name: rashba_square, alpha: 0.5", "file: same.py, function: build"),
}
OTHER = {
    "parameter": ("alpha: 0.5", "alpha: 0.5000000000000001"),
    "another model": ("name: rashba_square, alpha: 0.5", "name: rashba_dresselhaus, alpha: 0.5"),
    "a model of one's own": ("name: rashba_square, alpha: 0.5", "file: mine.py, alpha: 0.5"),
    "operator": ("spin_z", "spin_y"),
    "responses": ("[transport]", "[equilibrium]"),
    "grid": ("start: 8", "start: 16"),
    "shift": ("start: 8,", "start: 8, shift: 0.25,"),
    "shards": ("    grid:", "    shards: 2\n    grid:"),
    "end of the range of mu": ("stop: 2.0", "stop: 2.1"),
    "lowest temperature": ("[3000, 6000]", "[2900, 6000]"),
    "tolerance of degeneracies": ("    grid:", "    degeneracy_tolerance: 1.0e-5\n    grid:"),
    "points at once": ("    grid:", "    chunk: 128\n    grid:"),
    "sweep": ("    grid:", "    sweep: {bx: [0.0, 0.1]}\n    grid:"),
}


def requests(folder: Path, old: str = "  lattice:", new: str = "  lattice:") -> set[str]:
    """The requests of the first grids of the configuration with a piece of its text replaced."""
    assert CONFIGURATION.count(old) == 1
    folder.mkdir(exist_ok=True)
    path = folder / "a.yaml"
    path.write_text(CONFIGURATION.replace(old, new))
    (folder / "mine.py").write_text(MODEL_FILE)
    (folder / "same.py").write_text(MODEL_FILE.replace(", bx=0.1", ""))
    plan = Plan.of_files([path])
    (study,) = plan.configuration.studies
    import json

    write_models(json.loads(plan.model_parameters(study)["source"]), folder / "model.nc", {})
    models = read_models(folder / "model.nc")
    grids = plan.stages(study)[:1]
    shards = range(plan.study(study).shards)
    return {cache.request_of(models, plan.kgrid_parameters(study, n, shard)) for n in grids for shard in shards}


@pytest.mark.parametrize("case", SAME)
def test_what_does_not_matter_is_the_same_entry(tmp_path: Path, case: str) -> None:
    assert requests(tmp_path, *SAME[case]) == requests(tmp_path)


@pytest.mark.parametrize("case", OTHER)
def test_what_matters_is_another_entry(tmp_path: Path, case: str) -> None:
    before, after = requests(tmp_path), requests(tmp_path, *OTHER[case])
    # A grid that begins at 16 shares no entry either: its points of 16 are all, not the new ones.
    assert before
    assert after
    assert not before & after


def test_an_edit_of_the_users_model_file_is_another_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, original = OTHER["a model of one's own"], MODEL_FILE
    before = requests(tmp_path, *own)
    monkeypatch.setitem(globals(), "MODEL_FILE", MODEL_FILE.replace("bx=0.1", "bx=0.2"))
    assert not before & requests(tmp_path, *own)
    monkeypatch.setitem(globals(), "MODEL_FILE", "# Mine.\n" + original)
    assert requests(tmp_path, *own) == before


SETTINGS = {"points_per_axis": 8, "sources": "abc"}


@pytest.fixture
def study() -> StudyModels:
    return StudyModels([build_model("haldane")], None, np.array([]))


@pytest.fixture
def sums() -> xr.Dataset:
    return xr.Dataset({"a": ("x", np.arange(3.0))}, attrs={"cc_kind": "sums", "points": 9})


def test_an_entry_comes_back_as_it_was(tmp_path: Path, study, sums) -> None:
    one = cache.SumsCache(tmp_path, study, SETTINGS)
    assert one.fetch() is None
    one.store([sums], {"provenance_commit": "1234"})
    found, where = cache.SumsCache(tmp_path, study, SETTINGS).fetch()
    assert "1234" in where["provenance_cache"]
    a, b = (
        io.write_dataset(ds, tmp_path / f"{n}.nc", {"provenance_rule": "kgrid"})
        for n, ds in enumerate((found[0], sums))
    )
    assert a.read_bytes() == b.read_bytes()


def test_edited_sources_versions_and_models_miss(tmp_path: Path, study, sums, monkeypatch) -> None:
    cache.SumsCache(tmp_path, study, SETTINGS).store([sums], {})
    assert cache.SumsCache(tmp_path, study, SETTINGS).fetch() is not None
    assert cache.SumsCache(tmp_path, study, {**SETTINGS, "sources": "abd"}).fetch() is None
    other = StudyModels([build_model("haldane", t2=0.15000000000000002)], None, np.array([]))
    assert cache.SumsCache(tmp_path, other, SETTINGS).fetch() is None
    swept = StudyModels(study.models, "phi", np.array([1.0]))
    assert cache.SumsCache(tmp_path, swept, SETTINGS).fetch() is None
    monkeypatch.setattr(cache, "versions", lambda: {**attributes.versions(), "numpy": "0"})
    assert cache.SumsCache(tmp_path, study, SETTINGS).fetch() is None


def test_a_damaged_or_exchanged_entry_is_not_served(tmp_path: Path, study, sums, caplog) -> None:
    one = cache.SumsCache(tmp_path, study, SETTINGS)
    two = cache.SumsCache(tmp_path, study, {**SETTINGS, "points_per_axis": 16})
    one.store([sums], {})
    whole = one.entry.read_bytes()
    two.entry.parent.mkdir(exist_ok=True)
    shutil.copy(one.entry, two.entry)
    assert two.fetch() is None, "an entry under the name of another"
    assert "belongs to something else" in caplog.text
    for damaged in (b"", whole[: len(whole) // 2], b"nonsense"):
        one.entry.write_bytes(damaged)
        assert one.fetch() is None
    one.entry.write_bytes(whole)
    import netCDF4

    with netCDF4.Dataset(one.entry, "a") as file:
        file["a"][0] = 7.0
    assert one.fetch() is None, "numbers that were altered"
    one.store([sums], {})
    assert one.fetch() is not None, "computed again, it is whole again"


def test_a_model_that_is_code_is_never_shared(tmp_path: Path, sums) -> None:
    import cc_kernels as cc

    model = cc.from_function(lambda k: np.eye(2) * float(k[0] ** 2 + k[1] ** 2), dim=2, k_max=1.0)
    one = cache.SumsCache(tmp_path, StudyModels([model], None, np.array([])), SETTINGS)
    one.store([sums], {})
    assert one.fetch() is None
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_costs_a_warning(tmp_path: Path, study, sums, caplog) -> None:
    (tmp_path / "sums").write_text("in the way")
    cache.SumsCache(tmp_path, study, SETTINGS).store([sums], {})
    assert "not kept in the cache" in caplog.text


@pytest.mark.parametrize("error", [RuntimeError("NetCDF: HDF error"), OSError("No space left on device")])
def test_a_full_disk_costs_a_warning(tmp_path: Path, study, sums, caplog, monkeypatch, error: Exception) -> None:
    def full(*arguments: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(cache, "write_dataset", full)
    cache.SumsCache(tmp_path, study, SETTINGS).store([sums], {})
    assert f"not kept in the cache: {error}" in caplog.text


def test_a_colleagues_folder_that_cannot_be_read_is_passed_by(tmp_path: Path, study, sums, caplog, monkeypatch) -> None:
    """Root may read everything: the error that others get is raised by hand."""
    one = cache.SumsCache(tmp_path, study, SETTINGS)
    one.store([sums], {})

    def denied(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", denied)
    assert one.fetch() is None
    assert "not taken from the cache" in caplog.text


def test_an_altered_model_file_is_refused(tmp_path: Path) -> None:
    import netCDF4

    source = {"name": "haldane", "parameters": {}, "sweep_name": None, "sweep_values": []}
    write_models(source, tmp_path / "m.nc", {"provenance_commit": "1"})
    load_models(tmp_path / "m.nc")
    with netCDF4.Dataset(tmp_path / "m.nc", "a") as file:
        file["model_0000"]["hoppings_real"][0, 0, 0] += 0.5
    with pytest.raises(io.InputError, match="does not match its checksum"):
        load_models(tmp_path / "m.nc")


TARGET = "results/{}/sums/mine/16.shard0of1.nc"


def run(project, name: str, folder: Path):
    text = (project.folder / "config" / "small.yaml").read_text()
    (project.folder / "config" / f"{name}.yaml").write_text(text)
    shutil.rmtree(project.folder / "results" / name, ignore_errors=True)
    arguments = ["--cores", "1", TARGET.format(name), "--quiet", "all", "--configfile", f"config/{name}.yaml"]
    done = project.python("-m", "snakemake", *arguments, CC_CACHE=str(folder))
    assert done.returncode == 0, done.stderr
    log = project.folder / f"results/{name}/logs/kgrid/mine/16.shard0of1.log"
    return project.folder / TARGET.format(name), log.read_text()


@pytest.mark.slow
def test_a_second_run_computes_no_k_grid_and_an_edited_kernel_does(project, tmp_path: Path) -> None:
    first, log = run(project, "first", tmp_path)
    assert "kept in the cache" in log
    second, log = run(project, "second", tmp_path)
    assert "taken from the cache" in log
    assert "kept in the cache" not in log
    assert io.read_attributes(first)["cc_content"] == io.read_attributes(second)["cc_content"]
    xr.testing.assert_equal(io.read_dataset(first), io.read_dataset(second))
    with project.appended("cc_kernels/sums/splines.py", DOUBLED):
        edited, log = run(project, "second", tmp_path)
        assert "taken from the cache" not in log
        assert io.read_attributes(edited)["cc_content"] != io.read_attributes(first)["cc_content"]
    again, log = run(project, "second", tmp_path)
    assert "taken from the cache" in log
    assert io.read_attributes(again)["cc_content"] == io.read_attributes(first)["cc_content"]


def test_a_cache_that_cannot_be_is_refused_before_anything_runs(project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = project.run("figures", "--config", "config/small.yaml", "--cache-folder", str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stderr.startswith("CACHE: got not a folder")
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == ["file"]
