"""A study of files of Wannier90, and what a source of models is: one file with one registration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cc_kernels.configuration import ConfigurationError, load_configuration, study_model
from cc_kernels.models.storage import model_checksum
from cc_kernels.study.study_models import read_models, write_models
from tests.models import wannier_files as files
from tests.workflow.good_configuration import GOOD, STUDY, with_value, write
from tests.workflow.project import ROOT
from workflow.plan import Plan

MODEL = files.spinful_model()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.write_tb(tmp_path / "seed_tb.dat", MODEL)
    files.write_spin(tmp_path / "spin.nc", MODEL, files.random_spin(MODEL))
    return tmp_path


def configured(folder: Path, model: dict, **more: object) -> Path:
    content = with_value(f"{STUDY}.model", model)
    content["studies"]["rashba"] |= {"grid": {"start": 4, "largest": 16, "tolerance": 0.1}, **more}
    del content["studies"]["d_wave"], content["figures"]
    return write(folder, content)


def test_the_model_of_a_study(folder: Path) -> None:
    """Files are relative to the configuration; what the jobs read back is the model to the last bit."""
    section = {"wannier90": "seed_tb.dat", "spin": "spin.nc", "positions": "full", "fermi_energy": 0.5}
    path = configured(folder, section)
    plan = Plan.of_files([path])
    plan.check()
    model = plan.model("rashba")
    assert model.parameters["spin"] == "file"
    assert model.parameters["fermi_energy"] == 0.5
    parameters = plan.model_parameters("rashba")
    write_models(json.loads(parameters["source"]), folder / "models.nc", {})
    stored = read_models(folder / "models.nc")
    assert [model_checksum(one) for one in stored.models] == [model_checksum(model)]
    report = plan.report_parameters()["studies"]["rashba"]
    assert report["model"] == "seed_tb.dat"


def test_reruns_follow_the_content_of_the_files(folder: Path) -> None:
    path = configured(folder, {"wannier90": "seed_tb.dat", "spin": "spin.nc"})

    def parameters() -> dict:
        return Plan.of_files([path]).model_parameters("rashba")

    before = parameters()
    for name in ("seed_tb.dat", "spin.nc"):
        os.utime(folder / name, (1, 1))
    assert parameters() == before
    tb = folder / "seed_tb.dat"
    tb.write_text(tb.read_text().replace("written on", "WRITTEN ON"))  # the date
    assert parameters() == before
    files.write_spin(folder / "spin.nc", MODEL, files.random_spin(MODEL, seed=3))
    after = parameters()
    assert {key for key in before if before[key] != after[key]} == {"content"}
    files.write_tb(tb, files.spinful_model(1))
    assert parameters()["content"] != after["content"]


def test_pauli_is_no_file(folder: Path) -> None:
    path = configured(folder, {"wannier90": "seed_tb.dat", "spin": "pauli", "spin_order": "interlaced"})
    plan = Plan.of_files([path])
    plan.check()
    assert plan.model("rashba").parameters["spin"] == "Pauli, interlaced"


def test_the_fermi_energy_can_be_swept(folder: Path) -> None:
    section = {"wannier90": "seed_tb.dat", "spin_order": [[0, 1], [2, 3]]}
    path = configured(folder, section, sweep={"fermi_energy": [0.0, 1.0]}, operator=["spin_x", "spin_z"])
    study = load_configuration(path).studies["rashba"]
    levels = [study_model(study, folder, value).levels([[0.1, 0.2, 0.3]]) for value in (0.0, 1.0)]
    assert abs(levels[0] - levels[1] - 1).max() < 1e-12
    Plan.of_files([path]).check()


BAD = {
    "missing": (
        {"wannier90": "nowhere_tb.dat"},
        r"studies.rashba.model: tb_file: got '.*nowhere_tb.dat', where there is no file; allowed: a _tb",
    ),
    "truncated": (
        {"wannier90": "cut_tb.dat"},
        r"studies.rashba.model: tb_file .*cut_tb.dat, line \d+: got .*whole _tb.dat",
    ),
    "unknown key": (
        {"wannier90": "seed_tb.dat", "spins": "a.nc"},
        r"model.spins: got an unknown key .*did you mean spin",
    ),
    "no operator": ({"wannier90": "seed_tb.dat"}, r"studies.rashba.operator: operator of the model seed: got 'spin_z'"),
    "order": ({"wannier90": "seed_tb.dat", "spin_order": "blocks"}, r"studies.rashba.model: spin_order: got functions"),
    "pairs": (
        {"wannier90": "seed_tb.dat", "spin_order": [[0, "1"]]},
        r"studies.rashba.model.spin_order\[0\]\[1\]: got '1'",
    ),
    "number": ({"wannier90": "seed_tb.dat", "fermi_energy": "18"}, r"studies.rashba.model.fermi_energy: got '18'"),
    "two sources": ({"file": "a.py", "wannier90": "seed_tb.dat"}, "either `wannier90` or `file`, not both"),
    "empty": ({"wannier90": ""}, "studies.rashba.model.wannier90: got ''"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_sections(folder: Path, kind: str) -> None:
    section, message = BAD[kind]
    (folder / "cut_tb.dat").write_text((folder / "seed_tb.dat").read_text()[:3000])
    path = configured(folder, section)
    before = sorted(folder.iterdir())
    with pytest.raises(ConfigurationError, match=message):
        Plan.of_files([path]).check()
    assert sorted(folder.iterdir()) == before


def test_a_sweep_is_of_numbers(folder: Path) -> None:
    path = configured(folder, {"wannier90": "seed_tb.dat", "spin_order": "interlaced"}, sweep={"positions": [1.0, 2.0]})
    with pytest.raises(
        ConfigurationError, match=r"sweep.positions: got 'positions'; allowed: a parameter of the model"
    ):
        Plan.of_files([path])


def test_another_source_is_one_file(tmp_path: Path) -> None:
    """Its keys are in the configuration, its messages and its plan, and nothing else was touched."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "chains.py").write_text(
        textwrap.dedent('''
        """Chains of one number in a file."""
        from pathlib import Path
        import cc_kernels as cc
        from cc_kernels.models.sources import Key, Source

        def build(path, *, onsite=0.0):
            t = float(Path(path).read_text())
            return cc.TightBinding([[1.0]], [[-1], [0], [1]], [[[t]], [[onsite]], [[t]]], operators={"charge": [[1]]})

        SOURCE = Source("chain", build, "A chain.", {
            "chain": Key("A file.", default=..., is_file=True), "onsite": Key("eV.", kind=float)
        }, code=lambda path: __file__)
        ''')
    )
    (tmp_path / "t.txt").write_text("-0.5")
    study = GOOD["studies"]["rashba"] | {"model": {"chain": "t.txt", "onsite": 1.0}, "operator": "charge"}
    path = write(tmp_path, {"studies": {"one": study}})
    code = f"""
    import cc_kernels.models.sources as sources
    sources.__path__.append({str(tmp_path / "more")!r})
    from workflow.plan import Plan
    from cc_kernels.configuration.document import key_table
    plan = Plan.of_files([{str(path)!r}])
    plan.check()
    print(plan.model("one").levels([[0.0]]).item(), plan.report_parameters()["studies"]["one"]["model"])
    print(len(plan.model_parameters("one")["content"]), "model.onsite`" in key_table())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0.0", "t.txt", "64", "True"]
