"""No time stamp decides which code runs: every edit here keeps the size of the file and its time, to the nanosecond."""

from __future__ import annotations

import importlib
import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from cc_kernels import _bytecode, _source
from cc_kernels.provenance import edited_since_loaded, source_hash
from cc_kernels.study.study_models import read_models
from tests.workflow.project import Project
from workflow import job

FILES = {
    "cc_kernels/units.py": "VALUE = 1\n",
    "cc_kernels/inner/__init__.py": "VALUE = 1\n",
    "cc_kernels/inner/deep.py": "VALUE = 1\n",
    "workflow/plan.py": "VALUE = 1\n",
    "cc_kernels/_lazy.py": (_source.ROOT / "cc_kernels/_lazy.py").read_text() + "\nVALUE = 1\n",
    # Python itself loads these, before there is anything else that could.
    "cc_kernels/__init__.py": (_source.ROOT / "cc_kernels/__init__.py").read_text() + "\nVALUE = 1\n",
    "cc_kernels/_bytecode.py": (_source.ROOT / "cc_kernels/_bytecode.py").read_text() + "\nVALUE = 1\n",
    "workflow/__init__.py": (_source.ROOT / "workflow/__init__.py").read_text() + "\nVALUE = 1\n",
}


def edit_at_the_same_time(path: Path, old: str, new: str) -> None:
    before, text = path.stat(), path.read_text()
    assert text.count(old) == 1
    assert len(old) == len(new)
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def bytecode_of(path: Path, prefix: Path | None = None) -> Path:
    """Where Python keeps the bytecode of a file; with PYTHONPYCACHEPREFIX under the whole path of its folder."""
    usual = Path(importlib.util.cache_from_source(str(path)))
    return usual if prefix is None else prefix / path.parent.relative_to("/") / usual.name


def carries_hash(bytecode: Path) -> bool:
    """PEP 552: bit 0 of the flags says hash, bit 1 that the source has to be looked at."""
    return bytecode.read_bytes()[4:8] == b"\3\0\0\0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of its own."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def value(root: Path, name: str, **environment: str) -> str:
    """VALUE in a module, as a new process finds it."""
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    code = f"import importlib, workflow; m = importlib.import_module({module!r}); print(m.VALUE, m.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    number, file = done.stdout.split()
    assert Path(file) == root / name
    return number


@pytest.mark.parametrize("name", FILES)
def test_a_new_process_runs_the_edited_code(root: Path, name: str) -> None:
    assert value(root, name) == "1"
    bytecode = bytecode_of(root / name)
    assert carries_hash(bytecode)
    kept = bytecode.stat().st_mtime_ns
    assert value(root, name) == "1"
    assert bytecode.stat().st_mtime_ns == kept, "compiled again, although nothing was edited"
    edit_at_the_same_time(root / name, "VALUE = 1", "VALUE = 2")
    assert value(root, name) == "2"
    assert carries_hash(bytecode)


@pytest.mark.parametrize(
    "environment", [{}, {"PYTHONDONTWRITEBYTECODE": "1"}, {"PYTHONPYCACHEPREFIX": "elsewhere"}], ids=str
)
def test_bytecode_that_goes_by_time_is_not_believed(root: Path, environment: dict[str, str]) -> None:
    """As an older version or `python -m compileall` has left it; wherever bytecode lies, and where none is written."""
    module = root / "cc_kernels/units.py"
    prefix = environment.get("PYTHONPYCACHEPREFIX")
    bytecode = bytecode_of(module, root / prefix if prefix else None)
    py_compile.compile(str(module), str(bytecode), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    assert not carries_hash(bytecode)
    edit_at_the_same_time(module, "VALUE = 1", "VALUE = 2")
    assert value(root, "cc_kernels/units.py", **environment) == "2"
    assert carries_hash(bytecode) is ("PYTHONDONTWRITEBYTECODE" not in environment)


def test_a_moved_or_damaged_bytecode_is_made_again(root: Path) -> None:
    """A traceback, and numba, go by the path that stands in the code."""
    name = "cc_kernels/units.py"
    value(root, name)
    shutil.copytree(root, root / "moved", ignore=shutil.ignore_patterns("moved"))
    assert value(root / "moved", name) == "1"
    assert bytes(root / "moved" / name) in bytecode_of(root / "moved" / name).read_bytes()
    whole = bytecode_of(root / name).read_bytes()
    for damaged in (b"", whole[:10], whole[:20], whole[:16] + b"?" * 20):
        bytecode_of(root / name).write_bytes(damaged)
        assert value(root, name) == "1"
        assert bytecode_of(root / name).read_bytes() == whole


def test_installed_packages_are_left_to_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment may lie beside a user's model."""
    monkeypatch.setattr(_bytecode, "_FOLDERS", {str(tmp_path)})
    for place, is_ours in (("", True), ("below", True), (".venv/lib/site-packages", False)):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / "a_module.py").write_text("")
        spec = _bytecode._Finder().find_spec("a_module", [str(tmp_path / place)])
        assert isinstance(spec.loader, _bytecode._Loader) is is_ours, place


MODEL = """\
import helper, shelf.alpha
from cc_kernels.models import build_model


def build():
    return build_model("rashba_square", alpha=shelf.alpha.ALPHA, t=helper.HOP)
"""


def test_what_lies_beside_a_users_model_is_read_anew(tmp_path: Path) -> None:
    """A module and a package, whose bytecode a script of the user's has left."""
    files = {"mine.py": MODEL, "helper.py": "HOP = 1.0\n", "shelf/__init__.py": "", "shelf/alpha.py": "ALPHA = 0.5\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run([sys.executable, "-c", "import helper, shelf.alpha"], cwd=tmp_path, check=True)
    assert bytecode_of(tmp_path / "helper.py").exists()
    assert loaded(tmp_path) == (1.0, 0.5)
    before = source_hash(tmp_path / "mine.py")
    edit_at_the_same_time(tmp_path / "helper.py", "1.0", "1.5")
    edit_at_the_same_time(tmp_path / "shelf/alpha.py", "0.5", "0.7")
    assert source_hash(tmp_path / "mine.py") != before
    assert loaded(tmp_path) == (1.5, 0.7)


def loaded(folder: Path) -> tuple[float, float]:
    """Hopping and spin-orbit coupling, in a new process."""
    code = "import cc_kernels.models as m; p = m.load_from_python('mine.py').parameters; print(p['t'], p['alpha'])"
    environment = {**os.environ, "PYTHONPATH": str(_source.ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, stdout=subprocess.PIPE, check=True)
    hopping, coupling = map(float, done.stdout.split())
    return hopping, coupling


# -- jobs ------------------------------------------------------------------------------------------------------------


def test_a_job_that_has_loaded_what_was_edited_before_its_hash_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the imports of a job and its first look at the sources: the hash is that of the edited file."""
    script, module = tmp_path / "one.py", tmp_path / "a_helper.py"
    script.write_text("import a_helper\n")
    module.write_text("VALUE = 1\n")
    monkeypatch.setattr(job, "SCRIPTS", tmp_path)
    monkeypatch.setattr(_bytecode, "_FOLDERS", {str(tmp_path)})
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.import_module("a_helper").VALUE == 1
    try:
        run_one(tmp_path)
        assert edited_since_loaded(script) == []
        module.write_text("VALUE = 1  # one\n")
        assert edited_since_loaded(script) == [], "how it is written does not count"
        module.write_text("VALUE = 2\n")
        assert edited_since_loaded(script) == ["a_helper.py"]
        with pytest.raises(SystemExit, match=r"sources: got a_helper.py edited while the job ran"):
            run_one(tmp_path)
    finally:
        del sys.modules["a_helper"]


def test_a_job_that_runs_an_older_copy_of_its_script_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snakemake copies a script when it first needs it, and gives that copy to all jobs of a run."""
    (tmp_path / "one.py").write_text("x = 1\n")
    copy = tmp_path / "copy.py"
    copy.write_bytes(b"snakemake = 1\n" + job._END_OF_PREAMBLE + b"x = 1\n")
    main = ModuleType("__main__")
    main.__file__ = str(copy)
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(job, "SCRIPTS", tmp_path)
    run_one(tmp_path)
    (tmp_path / "one.py").write_text("x = 1  # one\n")
    run_one(tmp_path)
    (tmp_path / "one.py").write_text("x = 2\n")
    with pytest.raises(SystemExit, match=r"sources: got one.py edited while the job ran"):
        run_one(tmp_path)


def run_one(folder: Path) -> None:
    snakemake = SimpleNamespace(
        log=folder / "one.log",
        params=SimpleNamespace(settings={"sources": source_hash(folder / "one.py")}),
        config={},
        rule="one",
        input=[],
        resources=SimpleNamespace(mem_mb=100),
    )
    job.run(snakemake, lambda settings, attributes: None, "one.py")


STUDY = """\
studies:
  lattice:
    model: {file: same_time.py}
    operator: spin_z
    responses: [transport]
    mu: [0.5]
    temperature: [3000]
    grid: {start: 8, largest: 8, tolerance: 0.5}
"""


def test_the_job_of_a_run_sees_both_edits(project: Project) -> None:
    """Of the package, and of a file beside the user's model, with bytecode of before; Snakemake as a user calls it."""
    config, target = project.folder / "config", "results/same_time/models/lattice.nc"
    library, helper = project.folder / "cc_kernels/models/library/rashba_square.py", config / "helper.py"
    (config / "same_time.yaml").write_text(STUDY)
    (config / "same_time.py").write_text(MODEL.replace(", shelf.alpha", "").replace("shelf.alpha.ALPHA", "0.5"))
    helper.write_text("HOP = 1.0\n")
    before = source_hash(library, root=project.folder)
    for path in (helper, library):
        py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    edit_at_the_same_time(helper, "1.0", "1.5")
    edit_at_the_same_time(library, "4 * t", "6 * t")
    try:
        assert source_hash(library, root=project.folder) != before
        arguments = ("--cores", "1", "--configfile", "config/same_time.yaml")
        done = project.python("-m", "snakemake", target, *arguments)
        assert done.returncode == 0, done.stderr
    finally:
        edit_at_the_same_time(library, "6 * t", "4 * t")
    model = read_models(project.folder / target).models[0]
    assert model.hoppings[(model.R == 0).all(axis=1)][0, 0, 0] == 6 * 1.5
