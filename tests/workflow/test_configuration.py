"""Every problem of a configuration is named before anything runs: the key, what was given, what is allowed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.configuration.document import ROOT, key_table, schema
from cc_kernels.configuration.results_folder import OF_PROJECT
from cc_kernels.provenance import content_hash
from tests.workflow.good_configuration import GOOD, with_value, write
from tests.workflow.good_configuration import STUDY as S


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
    assert (d_wave.operator, d_wave.mu, d_wave.mu_values.tolist(), d_wave.sweep_name) == ("charge", None, [0.0], "mu")
    np.testing.assert_array_equal(d_wave.sweep_values, [-1.5, -1.0])
    check_models(configuration)
    assert content_hash(configuration) == content_hash(load_configuration(write(tmp_path, yaml.safe_dump(GOOD))))


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
    (f"{S}.grid.tolerance", 0, f"{S}.grid.tolerance: got 0; allowed: greater than or equal to 0.000000000000001"),
    (f"{S}.grid.tolerance", 1.0, f"{S}.grid.tolerance: got 1.0; allowed: less than 1"),
    (f"{S}.grid.tolerance", float("nan"), f"{S}.grid.tolerance: got nan; allowed: a finite number"),
    (
        f"{S}.grid.shift",
        "0.5",
        f"{S}.grid.shift: got '0.5'; allowed: a number, or a fraction such as \"2/3\", from -1 to",
    ),
    (
        f"{S}.grid.shift",
        "4/3",
        f"{S}.grid.shift: got '4/3'; allowed: a number, or a fraction such as \"2/3\", from -1 to",
    ),
    (
        f"{S}.grid.shift",
        "1/0",
        f"{S}.grid.shift: got '1/0'; allowed: a number, or a fraction such as \"2/3\", from -1 to",
    ),
    (f"{S}.grid.shift", [0.5, 2], f"{S}.grid.shift[1]: got 2; allowed: less than or equal to 1"),
    (f"{S}.grid.shift", [], f"{S}.grid.shift: got []; allowed: List should have at least 1 item"),
    (f"{S}.grid.shift", [["1/3"]], f"{S}.grid.shift[0]: got ['1/3']; allowed: number"),
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
    ("study", 1, "study: got an unknown key (= 1); allowed: did you mean studies? one of name, results, data, studies"),
    ("figures.a", {"studies": ["b"]}, "figures.a.studies[0]: got 'b'; allowed: one of the studies rashba, d_wave"),
    ("figures.a", {"studies": []}, "figures.a.studies: got []; allowed: List should have at least 1 item"),
    ("figures.a", {"studies": ["rashba"] * 2}, "figures.a.studies: got ['rashba', 'rashba']; allowed: each study once"),
    ("figures.a/b", {"studies": ["rashba"]}, "figures.a/b: got 'a/b'; allowed: a name of lower-case letters"),
    ("name", "../elsewhere", "name: got '../elsewhere'; allowed: "),
    ("results", "", "results: got ''; allowed: String should have at least 1 character"),
    ("results", "~/out", "results: got '~/out'; allowed: "),
    ("results", "out{x}", "results: got 'out{x}'; allowed: "),
    ("name", "a" * 101, "String should have at most 100 characters"),
    # beyond what a machine could do
    (f"{S}.grid.start", 2**25, f"{S}.grid.start: got 33554432; allowed: less than or equal to 16777216"),
    (f"{S}.grid.largest", 10**30, f"{S}.grid.largest: got 1"),
    (f"{S}.grid.tolerance", 1e-300, f"{S}.grid.tolerance: got 1e-300; allowed: greater than or equal to 0.0000"),
    ("studies.d_wave.grid.shift", 1e30, "studies.d_wave.grid.shift: got 1e+30; allowed: less than or equal to 1"),
    (f"{S}.temperature", 1e-300, f"{S}.temperature: got 1e-300; allowed: numbers above 0, from 1e-06 to 1e+07"),
    (
        f"{S}.temperature",
        {"start": 1, "stop": 1e9, "num": 2},
        f"{S}.temperature.stop: got 1000000000.0; allowed: above",
    ),
    (f"{S}.mu", [0.0, 1e9], f"{S}.mu: got [0.0, 1000000000.0]; allowed: numbers, from -1e+06 to 1e+06"),
    (
        f"{S}.mu",
        {"start": 0, "stop": 1, "num": 100_001},
        f"{S}.mu.num: got 100001; allowed: less than or equal to 100000",
    ),
    (
        f"{S}.sweep",
        {"t": {"start": 1, "stop": 2, "num": 9000}},
        f"{S}.sweep.t: got 9,000 values; allowed: at most 1,000",
    ),
    (f"{S}.sweep", {"t": [1.0, 1e30]}, f"{S}.sweep.t: got [1.0, 1e+30]; allowed: numbers, from -1e+12 to 1e+12"),
    (f"{S}.shards", 1_000_000, f"{S}.shards: got 1000000; allowed: less than or equal to 1000"),
    (f"{S}.maps", {"grid": 10**9, "quantities": ["energy"]}, f"{S}.maps.grid: got 1000000000; allowed: less than"),
    (f"{S}.degeneracy_tolerance", 1e30, f"{S}.degeneracy_tolerance: got 1e+30; allowed: less than or equal to 1"),
    (f"{S}.chunk", 10**9, f"{S}.chunk: got 1000000000; allowed: less than or equal to 4194304"),
    (f"{S}.threads", 10**6, f"{S}.threads: got 1000000; allowed: less than or equal to 1024"),
    (f"{S}.model.alpha", 1e30, f"{S}.model.alpha: got 1e+30; allowed: a finite number, at most 1e+12"),
    # places that are not for results
    ("results", "a\0b", "results: got 'a\\x00b'; allowed: "),
    ("results", "a" * 300, "allowed: names of at most 255 bytes"),
    ("results", ".git", "results: got '.git/paper'; allowed: a folder for results alone, such as results, not in .git"),
    ("results", "results/../workflow", "such as results, not in the project's own workflow"),
    ("results", str(ROOT / "cc_kernels"), "such as results, not in the project's own cc_kernels"),
    ("results", ".snakemake/here", "such as results, not in .snakemake"),
    ("results", "/dev/null", "results: got /dev/null/paper, a place that no file stays in; allowed: "),
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


def test_a_list_of_mistakes_is_cut(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(write(tmp_path, with_value(f"{S}.mu", ["x"] * 5000)))
    assert len(caught.value.problems) == 5000
    assert str(caught.value).count("allowed: ") == 20
    assert str(caught.value).endswith("and 4,980 more")


def test_no_folder_of_the_project_is_for_results() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    folders = {name.partition("/")[0] for name in tracked if "/" in name} - {"results"}
    assert folders <= {*OF_PROJECT}


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
    "deep": ("a: " + "[" * 3000 + "]" * 3000, "line 1: got more than 20 levels, one in the other; allowed: sections"),
    "deep mappings": ("\n".join(" " * n + "a:" for n in range(300)), "line 20: got more than 20 levels"),
    "bomb": (
        "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        "words and numbers, once aliases are followed; allowed: aliases that make 500,000 words",
    ),
    "alias of itself": ("a: &a [*a]\n", "line 1: got an alias inside of what it stands for"),
    "large": ("a: [" + "1, " * 500_000 + "1]", "got 1,500,006 bytes; allowed: a YAML file of at most 1,000,000 bytes"),
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


def test_what_is_no_file(tmp_path: Path) -> None:
    """A pipe would be waited for, and a device read without an end."""
    os.mkfifo(tmp_path / "pipe.yaml")
    for path, given in (
        (tmp_path / "pipe.yaml", "a device or a pipe"),
        ("/dev/zero", "a device"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(ConfigurationError, match=f"configuration file: got {given}"):
            load_configuration(path)


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
