"""Bad input ends in one message that names the key, what was given and what is allowed; nothing on disk changes.

`test_configuration.py` has the table of all configuration keys, `test_bad_arguments.py` that of the Python interface;
here it is the command line and the files.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
import yaml

import cc_kernels as cc
from cc_kernels import io
from cc_kernels.errors import InputError
from tests.workflow.messages import check_message, sums_of
from workflow import run
from workflow.settings import setting

ROOT = Path(__file__).resolve().parents[2]

GOOD = {
    "studies": {
        "one": {
            "model": {"name": "rashba_square", "alpha": 0.5},
            "operator": "spin_z",
            "responses": ["transport"],
            "mu": {"start": -1.0, "stop": 2.0, "num": 4},
            "temperature": [3000, 6000],
            "grid": {"start": 8, "largest": 32, "tolerance": 0.1},
        },
        "two": {
            "model": {"name": "d_id_square"},
            "responses": ["superconductor"],
            "temperature": 3000,
            "grid": {"start": 8, "largest": 32, "tolerance": 0.1},
        },
    },
    "figures": {"rashba_null": {"studies": ["one"]}},
}


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


def changed(key: str, value: object) -> dict:
    """`GOOD` with one key set."""
    content = copy.deepcopy(GOOD)
    *parents, last = key.split(".")
    section = content
    for part in parents:
        section = section.setdefault(part, {})
    section[last] = value
    return content


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, in which Snakemake must not be started."""
    for name, text in MODELS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)

    def started(*arguments: object) -> int:
        raise AssertionError("Snakemake was started")

    monkeypatch.setattr(run, "_snakemake", started)
    return tmp_path


def refused(capsys: pytest.CaptureFixture, *arguments: str) -> str:
    """The message of a command that must fail."""
    status = run.main(list(arguments))
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


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


@pytest.mark.parametrize("argument", ["-n", "-np", "-nq", "--dry-run", "--dag", "--summary", "-l", "--touch", "-D"])
def test_what_computes_nothing_changes_nothing(folder: Path, snapshot: Callable, argument: str) -> None:
    """A stale result stays, and no run is claimed."""
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    stale = folder / "results" / "good" / "models" / "one.nc"
    attributes = {"provenance_rule": "model", "provenance_parameters": "{}", "provenance_parents": "{}"}
    io.write_dataset(xr.Dataset({"a": 1.0}), stale, attributes, kind="models")
    before = snapshot(folder)
    with pytest.raises(AssertionError, match="Snakemake was started"):
        run.main(["figures", "--config", "good.yaml", argument])
    assert snapshot(folder) == before
    with pytest.raises(AssertionError, match="Snakemake was started"):
        run.main(["figures", "--config", "good.yaml", "-k", "--printshellcmds"])
    assert not stale.exists()


@pytest.mark.parametrize("name", ["config/my #1/x.yaml", "/home/a: b/x.yaml", "2024", "a 'b' \"c\".yaml"])
def test_paths_reach_snakemake_as_they_are(name: str) -> None:
    from snakemake.cli import parse_config

    options = SimpleNamespace(config=name, profile="", cores="2", cache_folder=f"/tmp/{name}")
    arguments = run._command(options, [], front_page=Path(name))
    config = parse_config(arguments[arguments.index("--config") + 1 :])
    assert setting(config, "configuration") == name
    assert setting(config, "front_page") == str(Path(name))
    assert setting(config, "cache") == str(Path(f"/tmp/{name}"))
    assert setting(config, "run_results") == ""


def test_a_profile_of_this_machine_takes_the_cores(tmp_path: Path) -> None:
    """Snakemake refuses to run anything here without --cores, and on a cluster that would limit the cluster's."""
    for executor, flag in (("", "--cores"), ("executor: local\n", "--cores"), ("executor: slurm\n", "--local-cores")):
        (tmp_path / "config.yaml").write_text(f"{executor}latency-wait: 5\n")
        options = SimpleNamespace(config="a", profile=str(tmp_path), cores="2", cache_folder=None)
        arguments = run._command(options, [])
        assert arguments[arguments.index("2") - 1] == flag


def test_a_figure_that_is_not_configured(folder: Path, capsys) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    check_message(refused(capsys, "figure", "pretty", "--config", "good.yaml"), "NAME", "'pretty'", "rashba_null")


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


def test_a_results_folder_that_cannot_be_written(folder: Path, capsys, snapshot: Callable) -> None:
    # A file in the folder's place: root may write to a folder without permissions.
    (folder / "results").write_text("")
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    before = snapshot(folder)
    check_message(refused(capsys, "figures", "--config", "good.yaml"), "results", "not a folder", "can be written")
    assert snapshot(folder) == before


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    path.unlink()
    xr.Dataset({"a": 1.0}).to_netcdf(path, engine="netcdf4")


SPOILT = [
    (truncated, "damaged or truncated"),
    (emptied, "an empty file"),
    (foreign, "a netCDF file of another program"),
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda row: row[0].__name__)
@pytest.mark.parametrize("where", ["sums/one/16.nc", "sums/two/8.shard0of1.nc", "verdicts/one/8.nc", "models/two.nc"])
def test_results_that_were_spoilt(folder: Path, capsys, snapshot: Callable, where: str, spoil: tuple) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    path = Path("results/good") / where
    io.write_dataset(xr.Dataset({"a": ("k", np.arange(100.0))}), path, kind="sums")
    spoil[0](path)
    before = snapshot(folder)
    message = refused(capsys, "figures", "--config", "good.yaml")
    check_message(message, str(path), spoil[1], "remove it, and it is computed again")
    assert snapshot(folder) == before


def test_results_of_an_older_version(folder: Path, capsys, snapshot: Callable, monkeypatch) -> None:
    """One message for all of them."""
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    with monkeypatch.context() as older:
        older.setattr(io, "FORMAT", 0)
        for name in ("one/16", "two/8", "two/16"):
            io.write_dataset(xr.Dataset({"a": 1.0}), Path("results/good/sums") / f"{name}.nc", kind="sums")
    before = snapshot(folder)
    message = refused(capsys, "figures", "--config", "good.yaml")
    key = "results/good/sums/one/16.nc and 2 more (results/good/sums/two/8.nc, results/good/sums/two/16.nc)"
    given = "a file of an older version of cc_kernels (format 0)"
    check_message(message, key, given, "remove them (or all of results/good), and they are computed again")
    assert snapshot(folder) == before


@pytest.mark.parametrize("ending", ["png", "pdf"])
@pytest.mark.parametrize(
    ("content", "given"), [(b"", "an empty file"), (b"GIF89a", "another format"), (None, "a truncated file")]
)
def test_figures_that_were_spoilt(folder: Path, capsys, ending: str, content: bytes | None, given: str) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    path = Path("results/good/figures") / f"{next(iter(GOOD['figures']))}.{ending}"
    path.parent.mkdir(parents=True)
    path.write_bytes({"png": b"\x89PNG\r\n\x1a\n....", "pdf": b"%PDF-1.4 ..."}[ending] if content is None else content)
    message = refused(capsys, "figures", "--config", "good.yaml")
    check_message(message, str(path), given, f"a {ending} figure; remove it, and it is computed again")


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda row: row[0].__name__)
def test_files_that_are_not_ours(tmp_path: Path, snapshot: Callable, spoil: tuple) -> None:
    model, dataset = tmp_path / "model.nc", tmp_path / "data.nc"
    cc.save_model(cc.build_model("rashba_square"), model)
    io.write_dataset(sums_of(cc.build_model("rashba_square")), dataset, kind="sums")
    spoil[0](model)
    spoil[0](dataset)
    before = snapshot(tmp_path)
    with pytest.raises(InputError, match=r"model.nc: got .*; allowed: .*written by"):
        cc.load_model(model)
    with pytest.raises(InputError, match=rf"data.nc: got (a )?{spoil[1]}.*; allowed: a netCDF file written by"):
        io.read_dataset(dataset, "sums")
    assert snapshot(tmp_path) == before


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
        tmp_path, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1", "--config", "configuration=bad.yaml"
    )
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    after = {name: file for name, file in snapshot(tmp_path).items() if not name.startswith(".snakemake")}
    assert after == before
