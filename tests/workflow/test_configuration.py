"""Every problem of a configuration is named before anything runs: the key, what was given, what is allowed."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

import cc_kernels as cc
from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.configuration.document import ROOT, key_table, schema
from cc_kernels.provenance import content_hash
from cc_kernels.study.levels import level_responses
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from workflow.plan import Plan

GOOD = {
    "studies": {
        "rashba": {
            "model": {"name": "rashba_square", "alpha": 0.5},
            "operator": "spin_z",
            "responses": ["transport", "equilibrium"],
            "mu": {"start": -1.0, "stop": 2.0, "num": 4},
            "temperature": [100, 300],
            "grid": {"start": 8, "largest": 32, "tolerance": 1.0e-3},
        },
        "d_wave": {
            "model": {"name": "d_id_square"},
            "responses": ["superconductor"],
            "temperature": 10,
            "sweep": {"mu": [-1.5, -1.0]},
            "grid": {"start": 8, "largest": 8, "tolerance": 0.1, "shift": 0.5},
        },
    },
    "figures": {"rashba_null": {"studies": ["rashba"], "kind": "null"}},
}


def write(folder: Path, content: object) -> Path:
    path = folder / "paper.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return path


def with_value(path: str, value: object) -> dict:
    """`GOOD` with one key set, or removed where the value is `...`."""
    content = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    section = content
    for part in parents:
        section = section.setdefault(part, {})
    if value is ...:
        del section[last]
    else:
        section[last] = value
    return content


def test_a_good_configuration(tmp_path: Path) -> None:
    configuration = load_configuration(write(tmp_path, GOOD))
    rashba, d_wave = configuration.studies["rashba"], configuration.studies["d_wave"]
    assert configuration.name == "paper"
    assert configuration.folder == tmp_path
    assert configuration.results_folder == Path("results/paper")
    assert configuration.figure_kind("rashba_null") == "null"
    np.testing.assert_array_equal(rashba.mu_values, [-1, 0, 1, 2])
    np.testing.assert_array_equal(rashba.temperature_values, [100, 300])
    assert rashba.grid.levels == [8, 16, 32]
    assert rashba.model.parameters == {"alpha": 0.5}
    assert (rashba.shards, rashba.store_bands, rashba.chunk, rashba.threads) == (1, False, 16384, 1)
    assert (rashba.sweep_name, rashba.sweep_values.size) == (None, 0)
    assert (d_wave.operator, d_wave.mu_values.size, d_wave.sweep_name) == ("charge", 0, "mu")
    np.testing.assert_array_equal(d_wave.sweep_values, [-1.5, -1.0])
    check_models(configuration)
    assert content_hash(configuration) == content_hash(load_configuration(write(tmp_path, yaml.safe_dump(GOOD))))


S = "studies.rashba"
BAD = [
    # key that is set, value, what the message says
    (f"{S}.grid.start", 0, f"{S}.grid.start: got 0; allowed: greater than or equal to 4"),
    (f"{S}.grid.start", 8.5, f"{S}.grid.start: got 8.5; allowed: integer"),
    (f"{S}.grid.start", "8", f"{S}.grid.start: got '8'; allowed: integer"),
    (f"{S}.grid.start", ..., f"{S}.grid.start: got nothing; allowed: Points per axis"),
    (f"{S}.grid.start", True, f"{S}.grid.start: got True; allowed: integer"),
    (f"{S}.grid.largest", 24, f"{S}.grid.largest: got 24; allowed: start x 2^n: 8, 16, 32, 64, ..."),
    (f"{S}.grid.largest", 4, f"{S}.grid.largest: got 4; allowed: start x 2^n"),
    (f"{S}.grid.largest", -8, f"{S}.grid.largest: got -8; allowed: start x 2^n"),
    (f"{S}.grid.tolerance", 0, f"{S}.grid.tolerance: got 0; allowed: greater than 0"),
    (f"{S}.grid.tolerance", 1.0, f"{S}.grid.tolerance: got 1.0; allowed: less than 1"),
    (f"{S}.grid.tolerance", float("nan"), f"{S}.grid.tolerance: got nan; allowed: a finite number"),
    (f"{S}.grid.shift", 0.5, f"{S}.grid.shift: got 0.5; allowed: 0, because shifted grids do not nest"),
    (f"{S}.grid.points", 3, f"{S}.grid.points: got an unknown key (= 3); allowed: one of start, largest, tolerance"),
    (f"{S}.grid", 8, f"{S}.grid: got 8; allowed: a section with keys: start, largest, tolerance, shift"),
    (f"{S}.temperature", 0, f"{S}.temperature: got 0.0; allowed: numbers above 0"),
    (f"{S}.temperature", [100, -1], f"{S}.temperature: got [100.0, -1.0]; allowed: numbers above 0"),
    (f"{S}.temperature", [300, 100], f"{S}.temperature: got [300.0, 100.0]; allowed: numbers that increase strictly"),
    (f"{S}.temperature", [100, 100], f"{S}.temperature: got [100.0, 100.0]; allowed: numbers that increase"),
    (f"{S}.temperature", [], f"{S}.temperature: got []; allowed: List should have at least 1 item"),
    (f"{S}.temperature", [100, float("inf")], f"{S}.temperature[1]: got inf; allowed: a finite number"),
    (f"{S}.temperature", "cold", f"{S}.temperature: got 'cold'; allowed: number (Temperature in K"),
    (f"{S}.temperature", ..., f"{S}.temperature: got nothing; allowed: Temperature in K"),
    (f"{S}.mu", ..., f"{S}.mu: got nothing; allowed: values in eV"),
    (f"{S}.mu", [0.0, float("nan")], f"{S}.mu[1]: got nan; allowed: a finite number"),
    (f"{S}.mu", {"start": 0, "stop": 0, "num": 2}, f"{S}.mu.stop: got 0.0; allowed: above start, which is 0"),
    (f"{S}.mu", {"start": 0, "stop": 1, "num": 0}, f"{S}.mu.num: got 0; allowed: greater than or equal to 1"),
    (f"{S}.mu", {"start": 0, "stop": 1}, f"{S}.mu.num: got nothing; allowed: Number of values"),
    (
        f"{S}.mu",
        {"start": 0, "stop": 1, "num": 3, "nun": 3},
        f"{S}.mu.nun: got an unknown key (= 3); allowed: did you mean",
    ),
    (f"{S}.operator", ..., f"{S}.operator: got nothing; allowed: the name of an operator"),
    (f"{S}.operator", 3, f"{S}.operator: got 3; allowed: string"),
    (f"{S}.operator", [], f"{S}.operator: got []; allowed: List should have at least 1 item"),
    (f"{S}.operator", ["spin_x", "spin_x"], "allowed: each operator once"),
    ("studies.d_wave.operator", ["charge", "spin"], "allowed: one name beside superconductor"),
    (f"{S}.variables", ["sigma_hal"], f"{S}.variables[0]: got 'sigma_hal'; allowed: one of sigma_conventional"),
    (f"{S}.variables", [], f"{S}.variables: got []; allowed: List should have at least 1 item"),
    (f"{S}.responses", [], f"{S}.responses: got []; allowed: List should have at least 1 item"),
    (f"{S}.responses", "transport", f"{S}.responses: got 'transport'; allowed: list"),
    (
        f"{S}.responses",
        ["transports"],
        f"{S}.responses[0]: got 'transports'; allowed: 'equilibrium', 'transport', 'comp",
    ),
    (f"{S}.responses", ["transport"] * 2, f"{S}.responses: got ['transport', 'transport']; allowed: each response"),
    (f"{S}.responses", ["superconductor", "transport"], "superconductor alone: its mu is a model parameter"),
    ("studies.d_wave.mu", 0.0, "studies.d_wave.mu: got 0.0; allowed: nothing for a superconductor"),
    (f"{S}.sweep", {}, f"{S}.sweep: got {{}}; allowed: Dictionary should have at least 1 item"),
    (
        f"{S}.sweep",
        {"t": [1], "bz": [1]},
        f"{S}.sweep: got {{'t': [1], 'bz': [1]}}; allowed: Dictionary should have at",
    ),
    (f"{S}.sweep", {"alpha": [1.0]}, f"{S}.sweep.alpha: got 'alpha'; allowed: a parameter that `model` does not set"),
    (f"{S}.sweep", {"temperature": [1.0]}, "another name: the results have an axis temperature already"),
    (f"{S}.sweep", {"mu": [1.0]}, "another name: the results have an axis mu already"),
    (f"{S}.sweep", {"t": "all"}, f"{S}.sweep.t: got 'all'; allowed: number"),
    (f"{S}.shards", 0, f"{S}.shards: got 0; allowed: greater than or equal to 1"),
    (f"{S}.store_bands", "yes please", f"{S}.store_bands: got 'yes please'; allowed: boolean"),
    (f"{S}.maps", {"grid": 0, "quantities": ["energy"]}, f"{S}.maps.grid: got 0; allowed: greater than or equal to 1"),
    (f"{S}.maps", {"grid": 9, "quantities": []}, f"{S}.maps.quantities: got []; allowed: List should have at least"),
    (f"{S}.maps", {"grid": 9, "quantities": ["enrgy"]}, f"{S}.maps.quantities[0]: got 'enrgy'; allowed: one of"),
    (f"{S}.degeneracy_tolerance", 0, f"{S}.degeneracy_tolerance: got 0; allowed: greater than 0"),
    (f"{S}.chunk", 0, f"{S}.chunk: got 0; allowed: greater than or equal to 1"),
    (f"{S}.threads", 0, f"{S}.threads: got 0; allowed: greater than or equal to 1"),
    (f"{S}.model", {}, f"{S}.model.name: got nothing; allowed: A named model"),
    (f"{S}.model", "rashba_square", f"{S}.model: got 'rashba_square'; allowed: a section with keys: name"),
    (f"{S}.model", {"name": "a", "file": "a.py"}, f"{S}.model.name: got 'a'; allowed: either `name` or `file`"),
    (f"{S}.model.alpha", float("nan"), f"{S}.model.alpha: got nan; allowed: a finite number"),
    (f"{S}.model.alpha", [1], f"{S}.model.alpha: got [1]; allowed: a number, a text, or true or false"),
    (f"{S}.opertor", "spin_z", f"{S}.opertor: got an unknown key (= 'spin_z'); allowed: did you mean operator?"),
    ("studies", {}, "studies: got {}; allowed: Dictionary should have at least 1 item"),
    (
        "studies.Rashba-2",
        GOOD["studies"]["rashba"],
        "studies.Rashba-2: got 'Rashba-2'; allowed: a name of lower-case letters",
    ),
    ("studies.rashba", None, "studies.rashba: got nothing; allowed: a section with keys: model, operator"),
    ("study", 1, "study: got an unknown key (= 1); allowed: did you mean studies? one of name, results, studies"),
    ("figures.a", {"studies": ["b"]}, "figures.a.studies[0]: got 'b'; allowed: one of the studies rashba, d_wave"),
    ("figures.a", {"studies": []}, "figures.a.studies: got []; allowed: List should have at least 1 item"),
    ("figures.a", {"studies": ["rashba"] * 2}, "figures.a.studies: got ['rashba', 'rashba']; allowed: each study once"),
    ("figures.a/b", {"studies": ["rashba"]}, "figures.a/b: got 'a/b'; allowed: a name of lower-case letters"),
    ("name", "../elsewhere", "name: got '../elsewhere'; allowed: "),
    ("results", "", "results: got ''; allowed: String should have at least 1 character"),
    ("results", "~/out", "results: got '~/out'; allowed: "),
    ("results", "out{x}", "results: got 'out{x}'; allowed: "),
    ("name", "a" * 101, "String should have at most 100 characters"),
]


@pytest.mark.parametrize(("key", "value", "message"), BAD, ids=[f"{key}={value}"[:60] for key, value, _ in BAD])
def test_bad_values_are_named(tmp_path: Path, key: str, value: object, message: str) -> None:
    path = write(tmp_path, with_value(key, value))
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(caught.value.problems) == 1
    assert str(caught.value).count("allowed: ") == 1


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


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    content = with_value(f"{S}.grid.start", 0)
    content["studies"]["rashba"]["shards"] = -1
    content["results"] = 5
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(write(tmp_path, content))
    assert [problem.key for problem in caught.value.problems] == [
        "results",
        "studies.rashba.grid.start",
        "studies.rashba.shards",
    ]


BAD_TEXTS = {
    "duplicate": ("studies:\n  a: {}\n  b: {}\n  a: {}\n", "line 4: got the key 'a' a second time, after line 2"),
    "syntax": ("studies:\n  a: [1, 2\n", "line 3: got "),
    "tab": ("studies:\n\ta: 1\n", "line 2: got "),
    "list": ("- a\n- b\n", "got a list; allowed: a mapping with the keys name, results"),
    "empty": ("", "got an empty file; allowed: a mapping with the keys"),
    "complex key": ("? [a]\n: 1\n", "line 1: got a key that is not a plain word"),
    "code": ("studies: !!python/object/apply:os.getcwd []\n", "line 1: got could not determine a constructor"),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_bad_yaml_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    text, message = BAD_TEXTS[case]
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(write(tmp_path, text))
    assert message in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent.yaml cannot be used:\s+configuration file: got No such file"):
        load_configuration(tmp_path / "absent.yaml")


def test_numbers_as_physicists_write_them(tmp_path: Path) -> None:
    text = yaml.safe_dump(GOOD).replace("0.001", "1e-3")
    assert "1e-3" in text
    assert load_configuration(write(tmp_path, text)).studies["rashba"].grid.tolerance == 1e-3


def test_schema_and_key_table_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cc_kernels.configuration.document", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_key_is_described() -> None:
    def walk(node: object, path: str) -> None:
        if isinstance(node, dict):
            for name, value in node.get("properties", {}).items():
                assert value.get("description"), f"{path}.{name} has no description"
            for name, value in node.items():
                walk(value, f"{path}.{name}")

    walk(schema(), "")
    assert "| `studies.<name>.grid.tolerance` |" in key_table()
    json.dumps(schema())


def test_operators_and_variables_of_a_study(tmp_path: Path) -> None:
    """From the configuration to the responses of a level: what `cc.respond` gives for the same."""
    content = with_value(f"{S}.operator", ["spin_x", "spin_y"])
    content["studies"]["rashba"] |= {"variables": ["sigma_intrinsic", "net_current"], "temperature": [2000]}
    plan = Plan(write(tmp_path, content))
    asked, section = plan.level_parameters("rashba"), plan.study("rashba")
    arguments = {key: value for key, value in plan.kgrid_parameters("rashba", 8, 0).items() if key != "sources"}
    sums = shard_sums(StudyModels([plan.model("rashba")], None, np.empty(0)), **arguments)
    names = ("operator", "responses", "mu", "temperature", "has_spin", "variables")
    result = level_responses(sums, [plan.model("rashba")], *(asked[name] for name in names))
    settings = {"grid": 8, "mu": section.mu_values, "temperature": [2000], "variables": section.variables}
    with pytest.warns(UserWarning, match="does not resolve the temperature"):
        expected = cc.respond(plan.model("rashba"), section.responses, operator=section.operator, **settings)
    assert set(result.data_vars) == set(expected.data_vars)
    assert result.sigma_intrinsic.sizes["operator"] == 2
    xr.testing.assert_allclose(result.sigma_intrinsic, expected.sigma_intrinsic)
