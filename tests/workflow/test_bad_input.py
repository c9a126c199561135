"""A bad configuration ends in one message: the key, what was given, what is allowed; nothing on disk changes.

`test_configuration.py` has the table of all keys; here the command refuses. Beside it: `test_bad_arguments.py` for the
Python interface, `test_spoilt_files.py` for files, `test_command_line.py` for the command's own arguments.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.workflow.configurations import GOOD, changed
from tests.workflow.messages import check_message, refused
from workflow import run

ROOT = Path(__file__).resolve().parents[2]


def model_file(body: str) -> str:
    """A user's model file whose `build` has this body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"import numpy as np\nimport cc_kernels as cc\n\ndef build():\n{lines}\n"


CHAIN = "return cc.from_function(lambda k: {h}, dim=1, lattice=[[1.0]], operators={{'s': {s}}})"
MODELS = {
    "not_hermitian.py": model_file(CHAIN.format(h="np.exp(1j * k)[:, :, None]", s="[[1.0]]")),
    "nan.py": model_file(CHAIN.format(h="np.nan * k[:, :, None]", s="[[1.0]]")),
    "bad_operator.py": model_file(CHAIN.format(h="np.cos(k)[:, :, None]", s="[[1j]]")),
    "raises.py": model_file("return 1 / 0"),
    "syntax.py": "def build(:\n",
    "no_model.py": model_file("return 3"),
    "mixes_positions.py": model_file(
        "return cc.TightBinding([[1.0]], [[0]], [[[0, 1], [1, 0]]], [[0.0], [0.5]], {'s': [[0, 1], [1, 0]]})"
    ),
    "absent_function.py": "def bild():\n    pass\n",
    "exits.py": "import sys\n\ndef build():\n    sys.exit(3)\n",
    "interrupts.py": "raise KeyboardInterrupt('enough')\n",
    "recurses.py": "def build():\n    return build()\n",
}


def of_file(name: str) -> dict:
    return {"file": name}


S = "studies.one"
COMMAND_LINE = [
    # key of the configuration, its value, the key that is named, the value, what is allowed
    (f"{S}.grid.start", 0, f"{S}.grid.start", "0", "greater than or equal to 4"),
    (f"{S}.grid.largest", 48, f"{S}.grid.largest", "48", "start x 2^n"),
    (f"{S}.temperature", 0, f"{S}.temperature", "0.0", "above 0"),
    (f"{S}.temperature", [300, -5], f"{S}.temperature", "[300.0, -5.0]", "above 0"),
    (f"{S}.temperature", 1e-4, f"{S}.temperature", "0.0001", "energy mesh"),
    (f"{S}.temperature", float("nan"), f"{S}.temperature", "nan", "a finite number"),
    (f"{S}.mu", [0.0, float("inf")], f"{S}.mu[1]", "inf", "a finite number"),
    (f"{S}.mu", {"start": 2.0, "stop": -1.0, "num": 4}, f"{S}.mu.stop", "-1.0", "above start, which is 2"),
    (f"{S}.mu", [1.0, 0.0], f"{S}.mu", "[1.0, 0.0]", "increase strictly"),
    (f"{S}.chunk", 0, f"{S}.chunk", "0", "greater than or equal to 1"),
    (f"{S}.tempertaure", 300, f"{S}.tempertaure", "300", "did you mean temperature?"),
    (f"{S}.maps", {"grid": 8, "quantities": ["curvature"]}, f"{S}.maps.quantities[0]", "'curvature'", "energy, "),
    (f"{S}.model.name", "rashba", f"{S}.model", "'rashba'", "rashba_square"),
    (f"{S}.model.alhpa", 0.1, f"{S}.model", "'alhpa'", "did you mean alpha?"),
    (f"{S}.model.alpha", "big", f"{S}.model", "'big'", "a finite number"),
    (f"{S}.model", {"name": "rashba_continuum", "winding": 3}, f"{S}.model: k_max", "5.0", "at most 0.47619"),
    (f"{S}.operator", "spin_w", f"{S}.operator", "'spin_w'", "spin_x, spin_y, spin_z"),
    (f"{S}.responses", ["superconductor"], f"{S}.mu", "'start': -1.0", "nothing for a superconductor"),
    (f"{S}.sweep", {"alpha": [0.1]}, f"{S}.sweep.alpha", "'alpha'", "`model` does not set"),
    (f"{S}.sweep", {"winding": [1, 1.5]}, f"{S}.sweep", "1.5", "whole number"),
    ("studies.two.mu", 0.0, "studies.two.mu", "0.0", "nothing for a superconductor"),
    ("studies.two.model.name", "haldane", "studies.two.model", "haldane, a normal one", "a superconducting model"),
    ("figures.rashba_null.studies", ["three"], "figures.rashba_null.studies[0]", "'three'", "one, two"),
    ("figures.rashba_null.studies", ["two"], "figures.rashba_null.studies", "'two'", "responses include transport"),
    (f"{S}.operator", ["spin_z", "charge"], f"{S}.operator", "operators in hbar, e", "operators of one unit"),
    (f"{S}.variables", ["sigma_hall"], "figures.rashba_null.studies", "'one'", "sigma_conventional, sigma_intrinsic"),
    ("figures.pretty", {"studies": ["one"]}, "figures.pretty", "'pretty'", "rashba_null"),
    ("figures.d_id_maps", {"studies": ["two"]}, "figures.d_id_maps.studies", "'two'", "a study with maps"),
    (f"{S}.model", of_file("not_hermitian.py"), f"{S}.model: h", "|M - M^dagger|", "a Hermitian matrix"),
    (f"{S}.model", of_file("nan.py"), f"{S}.model: h", "NaN or infinity", "finite numbers"),
    (f"{S}.model", of_file("bad_operator.py"), f"{S}.model: s", "|M - M^dagger|", "a Hermitian matrix"),
    (
        f"{S}.model",
        of_file("raises.py"),
        f"{S}.model: model.file",
        "ZeroDivisionError in line 5",
        "runs without an error",
    ),
    (f"{S}.model", of_file("exits.py"), f"{S}.model: model.file", "SystemExit in line 4: 3", "runs without an error"),
    (
        f"{S}.model",
        of_file("interrupts.py"),
        f"{S}.model: model.file",
        "KeyboardInterrupt in line 1: enough",
        "runs without an error",
    ),
    (f"{S}.model", of_file("recurses.py"), f"{S}.model: model.file", "RecursionError in line 2", "without an error"),
    (f"{S}.model", of_file("syntax.py"), f"{S}.model: model.file", "SyntaxError in line 1", "runs without an error"),
    (f"{S}.model", of_file("no_model.py"), f"{S}.model: model.function", "type int", "a model"),
    (
        S,
        GOOD["studies"]["one"] | {"model": of_file("mixes_positions.py"), "operator": "s"},
        f"{S}.operator: s",
        "mixes orbitals at different positions",
        "commutes with the position operator",
    ),
    ("figures.pretty", {"studies": ["one"], "kind": "nice"}, "figures.pretty.kind", "'nice'", "rashba_null"),
    (f"{S}.model", of_file("absent.py"), f"{S}.model: model.file", "absent.py", "a Python file that exists"),
    (f"{S}.model", of_file("absent_function.py"), f"{S}.model: model.function", "'build'", "bild"),
]


@pytest.fixture
def folder(folder: Path) -> Path:
    """With model files of a user's own."""
    for name, text in MODELS.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("key", "value", "named", "given", "allowed"), COMMAND_LINE, ids=[f"{row[0]}={row[1]}"[:60] for row in COMMAND_LINE]
)
def test_the_command_line(
    folder: Path, capsys, snapshot: Callable, key: str, value: object, named: str, given: str, allowed: str
) -> None:
    (folder / "bad.yaml").write_text(yaml.safe_dump(changed(key, value)))
    before = snapshot(folder)
    check_message(refused(capsys, "figures", "--config", "bad.yaml"), named, given, allowed)
    assert snapshot(folder) == before


def test_all_problems_are_listed_at_once(folder: Path, capsys) -> None:
    """Of models, of what is asked of them, and of figures."""
    content = changed(f"{S}.operator", "spin_w")
    content["studies"]["one"]["temperature"] = 1e-4
    content["figures"]["pretty"] = {"studies": ["one"]}
    content["figures"]["d_id_maps"] = {"studies": ["two"]}
    (folder / "bad.yaml").write_text(yaml.safe_dump(content))
    message = refused(capsys, "figures", "--config", "bad.yaml")
    assert message.startswith("bad.yaml cannot be used:\n")
    assert message.count("; allowed: ") == 4


def test_a_good_configuration_is_not_refused(folder: Path) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    with pytest.raises(AssertionError, match="Snakemake was started"):
        run.main(["figures", "--config", "good.yaml"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: 2024-13-45\n", "studies: got nothing"),
        ("name: !!int abc\n", "configuration file: got invalid literal"),
        ("name: !!bool abc\n", "configuration file: got 'abc'"),
        ("studies: {a: {temperature: 1:30}}\n", "temperature: got '1:30'"),
        ("studies: {a: {shards: 010}}\n", "shards: got '010'"),
    ],
)
def test_yaml_that_would_be_misread(folder: Path, capsys, text: str, message: str) -> None:
    (folder / "bad.yaml").write_text(text)
    assert message in refused(capsys, "figures", "--config", "bad.yaml")


def test_a_missing_configuration(folder: Path, capsys) -> None:
    message = refused(capsys, "figures", "--config", "absent.yaml")
    assert "absent.yaml cannot be used" in message
    check_message(message, "configuration file", "No such file", "a YAML file that can be read")


# -- the real thing: separate processes --------------------------------------------------------------------------


def process(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_a_process_that_refuses(tmp_path: Path, snapshot: Callable) -> None:
    content = changed(f"{S}.shards", 0)
    content["studies"]["one"]["grid"]["start"] = 0
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(content))
    before = snapshot(tmp_path)
    done = process(tmp_path, "-m", "workflow.run", "figures", "--config", "bad.yaml", "--cores", "1")
    assert done.returncode == 2
    assert done.stdout == ""
    header, *problems = done.stderr.splitlines()
    assert header == "bad.yaml cannot be used:"
    assert len(problems) == 2
    assert f"{S}.shards: got 0; allowed: greater than or equal to 1" in done.stderr
    assert f"{S}.grid.start: got 0; allowed: greater than or equal to 4" in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (f"{S}.grid.start", 0, f"{S}.grid.start: got 0; allowed: greater than or equal to 4"),
        (f"{S}.model", of_file("raises.py"), "ZeroDivisionError"),
        ("figures.pretty", {"studies": ["one"]}, "figures.pretty: got 'pretty'; allowed: "),
    ],
)
def test_snakemake_called_directly(tmp_path: Path, snapshot: Callable, key: str, value: object, message: str) -> None:
    """Snakemake keeps a log of each call in .snakemake; nothing else changes."""
    (tmp_path / "raises.py").write_text(MODELS["raises.py"])
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(changed(key, value)))
    before = snapshot(tmp_path)
    done = process(
        tmp_path, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1", "--configfile", "bad.yaml"
    )
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    after = {name: file for name, file in snapshot(tmp_path).items() if not name.startswith(".snakemake")}
    assert after == before
