"""The examples of the documentation run, print what they say, and are the files that they name."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import warnings
from pathlib import Path

import pytest
import yaml

from cc_kernels.configuration import check_models, load_configuration, study_model
from cc_kernels.io import write_dataset
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.study.levels import level_responses, stage_sums
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.verdict import judge

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "results" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = ROOT / "docs" / "examples"
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?^```(?P<kind>\w+)(?P<flags>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S
)
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def blocks(document: Path) -> list[re.Match]:
    return list(BLOCK.finditer(document.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the examples and their results, from grids that take no time.

    The files carry the names of the real levels; what the documents print of them is the same to the digits shown,
    since 128 points per axis are as good as 512 to 1e-3 at these temperatures.
    """
    folder = tmp_path_factory.mktemp("documents")
    shutil.copytree(EXAMPLES, folder / "docs" / "examples")
    compute("my_study", "my_model", 512, folder)
    compute("tour", "in_plane", 256, folder)
    return folder


def compute(configuration: str, name: str, finest: int, folder: Path) -> None:
    """Sums, responses and verdict of a study on 32, 64 and 128 points, stored as if `finest` were the last of them."""
    study = load_configuration(EXAMPLES / f"{configuration}.yaml").studies[name]
    models = [study_model(study, EXAMPLES, value) for value in (study.sweep_values if study.sweep else [None])]
    names = state_sums_of(study.responses, models[0].dim)
    mu, temperature = study.mu_values, study.temperature_values
    mesh = EnergyMesh.covering(mu, temperature).to_json()
    source = StudyModels(models, study.sweep_name, study.sweep_values)
    results = folder / "results" / configuration
    shard = shard_sums(source, names, study.operator, [32, 64, 128], [0.0] * 3, None, 0, 1, mesh, None, 16384)
    sums = stage_sums(None, [shard])
    levels = [level_responses(one, models, study.operator, study.responses, mu, temperature, False) for one in sums]
    write_dataset(sums[-1], results / "sums" / name / f"{finest}.nc", kind="sums")
    write_dataset(levels[-1], results / "responses" / name / f"{finest}.nc", kind="responses", coarser=levels[:-1])
    write_dataset(judge(levels, 0.9), results / "verdicts" / name / f"{finest}.nc", kind="verdict")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_runs_and_prints_what_it_says(document: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])
    namespace: dict[str, object] = {"__name__": "document"}
    printed = None
    for block in blocks(document):
        line = block.string[: block.start()].count("\n") + 1
        if block["kind"] == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output), warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)  # an example shows a sound choice of grid and temperature
                exec(compile("\n" * line + block["text"], str(document), "exec"), namespace)
            printed = output.getvalue()
        elif block["kind"] == "text" and "shortened" not in block["flags"]:
            assert printed is not None, f"{document.name}:{line}: output of no Python block"
            assert_same_text(printed, block["text"], f"{document.name}:{line}")
            printed = None


def assert_same_text(given: str, shown: str, where: str) -> None:
    """Words as they are, numbers to the digits shown; 1e-12 is zero, for rounding differs by machine."""
    words = [NUMBER.sub("#", side).split() for side in (given, shown)]
    assert words[0] == words[1], where
    numbers = [[float(text) for text in NUMBER.findall(side)] for side in (given, shown)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.01, abs=1e-12), where


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_configurations_can_be_used(document: Path, folder: Path) -> None:
    """A whole configuration, or keys of a study that replace those of my_study.yaml."""
    example = yaml.safe_load((EXAMPLES / "my_study.yaml").read_text(encoding="utf-8"))
    for number, block in enumerate(blocks(document)):
        if block["kind"] != "yaml":
            continue
        text = block["text"]
        if "studies:" not in text:
            keys = yaml.safe_load(text)
            study = {**example["studies"]["my_model"], **keys}
            text = yaml.safe_dump({"studies": {"my_model": study}})
        path = folder / "docs" / "examples" / f"block_{number}.yaml"
        path.write_text(text, encoding="utf-8")
        check_models(load_configuration(path))


def test_every_example_file_is_shown_as_it_is_and_can_be_used() -> None:
    shown = {block["file"]: block["text"] for document in DOCUMENTS for block in blocks(document) if block["file"]}
    for file, text in shown.items():
        assert (ROOT / file).read_text(encoding="utf-8") == text, file
    for path in EXAMPLES.glob("*.yaml"):
        check_models(load_configuration(path))
