"""What the models of a configuration refuse is named before anything runs; what they accept reaches the responses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.configuration.document import ROOT
from cc_kernels.study.levels import level_responses
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from tests.workflow.good_configuration import GOOD, with_value, write
from tests.workflow.good_configuration import STUDY as S
from workflow.plan import Plan

BAD_MODELS = [
    (f"{S}.model.name", "rashba_squar", "studies.rashba.model: ", "did you mean rashba_square"),
    (f"{S}.model", {"name": "rashba_square", "alhpa": 1}, "studies.rashba.model: ", "alhpa"),
    (f"{S}.model.alpha", "strong", "studies.rashba.model: ", "'strong'"),
    (f"{S}.operator", "spin_q", "studies.rashba.operator: ", "spin_x, spin_y, spin_z"),
    (f"{S}.sweep", {"beta": [1.0]}, "studies.rashba.sweep: ", "beta"),
    (f"{S}.model", {"file": "absent.py"}, "studies.rashba.model: ", "absent.py"),
    ("studies.d_wave.model", {"name": "rashba_square"}, "studies.d_wave.sweep: ", "'mu'"),
]


@pytest.mark.parametrize(("key", "value", "prefix", "text"), BAD_MODELS)
def test_bad_models_are_named(tmp_path: Path, key: str, value: object, prefix: str, text: str) -> None:
    configuration = load_configuration(write(tmp_path, with_value(key, value)))
    with pytest.raises(ConfigurationError) as caught:
        check_models(configuration)
    assert prefix in str(caught.value)
    assert text in str(caught.value)


TOO_LARGE = [
    (
        "grid",
        {"start": 2**20, "largest": 2**20, "tolerance": 0.1},
        "grid.largest: got 1,048,576 points per axis in 2 dim",
    ),
    (
        "maps",
        {"grid": 20_000, "quantities": ["energy"]},
        "maps.grid: got 20,000 points per axis in 2 dimensions; allowed",
    ),
    ("shards", 65, "shards: got 65; allowed: no more than the first grid has points, 64"),
    (
        "grid",
        {"start": 2**18, "largest": 2**18, "tolerance": 0.1},
        "chunk: got chunks of 16,384 for 68,719,476,736 k-points, 4,194,304 chunks; allowed: larger ones",
    ),
]


@pytest.mark.parametrize(("key", "value", "message"), TOO_LARGE)
def test_grids_that_are_too_large_for_the_dimensions_of_a_model(
    tmp_path: Path, key: str, value: object, message: str
) -> None:
    configuration = load_configuration(write(tmp_path, with_value(f"{S}.{key}", value)))
    with pytest.raises(ConfigurationError, match=rf"studies.rashba.{message}"):
        check_models(configuration)


def in_a_box(responses: list[str], mu: float, **model: object) -> dict:
    """A study of a continuum model."""
    good = {key: value for key, value in GOOD["studies"]["rashba"].items() if key != "mu"}
    return {**good, "operator": "spin_z", "responses": responses, "mu": mu, "model": model}


def test_a_mu_whose_fermi_lines_leave_the_box_is_named(tmp_path: Path) -> None:
    dirac = in_a_box(["transport"], 6.0, name="massive_dirac")
    swept = {**in_a_box(["transport"], 4.0, name="rashba_continuum"), "sweep": {"k_max": [3.0, 5.0]}}
    hole = in_a_box(["equilibrium"], 0.5, name="rashba_continuum")
    configuration = load_configuration(write(tmp_path, {"studies": {"dirac": dirac, "swept": swept, "hole": hole}}))
    with pytest.raises(ConfigurationError) as caught:
        check_models(configuration)
    lines = [str(problem) for problem in caught.value.problems]
    beyond = "eV: beyond, Fermi lines leave the box |k| <= k_max ="
    assert lines == [
        f"studies.dirac.mu: got 6; allowed: between -5.02494 and 5.02494 {beyond} 5",
        f"studies.swept.mu: got 4 (k_max = 3); allowed: at most 2.4 {beyond} 3",
    ]


@pytest.mark.parametrize("name", ["paper", "theory", "quick"])
def test_shipped_configurations_pass(name: str) -> None:
    check_models(load_configuration(ROOT / "config" / f"{name}.yaml"))


BESIDE_A_SWEEP = [
    ({"name": "rashba_square", "alhpa": 1}, {"t": [1.0, 2.0]}, "model: parameter of the model rashba_square"),
    ({"name": "rashba_square", "alpha": "strong"}, {"t": [1.0, 2.0]}, "model: parameter alpha of the model"),
    ({"name": "rashba_squar"}, {"t": [1.0, 2.0]}, "model: model name"),
    ({"file": "absent.py"}, {"t": [1.0, 2.0]}, "model: model.file"),
    ({"name": "rashba_square"}, {"winding": [1, 1.5]}, "sweep: parameter winding of the model"),
    ({"name": "rashba_continuum", "winding": 3}, {"alpha": [0.01, 0.5]}, "sweep: k_max"),
    ({"file": "mine.py"}, {"strength": [-1.0, 1.0]}, "sweep: strength"),
    ({"file": "mine.py", "other": 1}, {"strength": [1.0]}, "model: parameter of build"),
]


@pytest.mark.parametrize(("model", "sweep", "key"), BESIDE_A_SWEEP)
def test_a_mistake_beside_a_sweep_is_reported_where_it_is(tmp_path: Path, model: dict, sweep: dict, key: str) -> None:
    """Under `sweep` only where the swept parameter is the culprit, on its own or beside the others."""
    (tmp_path / "mine.py").write_text(
        "from cc_kernels import InputError, build_model\n\n"
        "def build(*, strength: float):\n"
        "    if strength < 0:\n        raise InputError('strength', strength, 'a number above 0')\n"
        "    return build_model('rashba_square', alpha=strength)\n"
    )
    content = with_value(f"{S}.model", model)
    content["studies"]["rashba"]["sweep"] = sweep
    configuration = load_configuration(write(tmp_path, content))
    with pytest.raises(ConfigurationError) as caught:
        check_models(configuration)
    assert [problem.key.startswith(f"studies.rashba.{key}") for problem in caught.value.problems] == [True]


def test_a_normal_model_has_no_superconducting_response(tmp_path: Path) -> None:
    content = with_value("studies.d_wave", {**GOOD["studies"]["d_wave"], "model": {"name": "haldane"}, "sweep": None})
    with pytest.raises(ConfigurationError, match=r"studies.d_wave.model: got haldane, a normal one; allowed: "):
        check_models(load_configuration(write(tmp_path, content)))


def test_a_model_file_is_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from cc_kernels.models import build_model\n\n"
        "def chain(*, strength: float = 1.0):\n    return build_model('rashba_square', alpha=strength)\n"
    )
    model = {"file": "mine.py", "function": "chain", "strength": 0.25}
    configuration = load_configuration(write(tmp_path, with_value(f"{S}.model", model)))
    assert configuration.studies["rashba"].model.parameters == {"strength": 0.25}
    check_models(configuration)


def test_operators_and_variables_of_a_study(tmp_path: Path) -> None:
    """From the configuration to the responses of a level: what `cc.respond` gives for the same."""
    content = with_value(f"{S}.operator", ["spin_x", "spin_y"])
    content["studies"]["rashba"] |= {"variables": ["sigma_intrinsic", "net_current"], "temperature": [2000]}
    plan = Plan.of_files([write(tmp_path, content)])
    asked, section = plan.level_parameters("rashba"), plan.study("rashba")
    arguments = plan.kgrid_parameters("rashba", plan.stages("rashba")[0], 0) | {"points_per_axis": [8]}
    del arguments["sources"]
    (sums,) = shard_sums(StudyModels([plan.model("rashba")], None, np.empty(0)), **arguments)
    names = ("operator", "responses", "mu", "temperature", "has_spin", "variables")
    result = level_responses(sums, [plan.model("rashba")], *(asked[name] for name in names))
    settings = {"grid": 8, "mu": section.mu_values, "temperature": [2000], "variables": section.variables}
    with pytest.warns(UserWarning, match="does not resolve the temperature"):
        expected = cc.respond(plan.model("rashba"), section.responses, operator=section.operator, **settings)
    assert set(result.data_vars) == set(expected.data_vars)
    assert result.sigma_intrinsic.sizes["operator"] == 2
    xr.testing.assert_allclose(result.sigma_intrinsic, expected.sigma_intrinsic)
