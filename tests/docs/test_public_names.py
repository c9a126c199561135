"""The public names: seen by editors, typed, by keyword after the model, and each with an example that runs."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import cc_kernels as cc
from cc_kernels._cache import cache_folder
from cc_kernels._source import facts

ROOT = Path(__file__).resolve().parents[2]
BY_POSITION = {
    "accumulate": ["chunk", "quantities", "mesh"],
    "bosons": ["lattice", "R", "normal", "anomalous"],
    "couple_bosons": ["first", "second", "R", "normal", "anomalous"],
    "evaluate": ["sums", "what"],
    "from_function": ["h"],
    "judge": ["levels", "tolerance"],
    "nambu": ["normal", "pairing", "mu"],
    "open_study": ["results", "study"],
    "phonons": ["lattice", "positions", "masses", "R", "force_constants"],
    "read_dataset": ["path", "kind"],
    "respond": ["model", "responses"],
    "save_model": ["model", "path"],
    "spin_waves": ["lattice", "sites", "moments", "bonds"],
    "springs": ["lattice", "positions", "bonds"],
}
"""Of functions that take more, or another thing, than `model` by position."""
FUNCTIONS = [name for name in cc.__all__ if inspect.isfunction(getattr(cc, name))]
WITHOUT_A_CHOICE = {"KGrid", "Model", "Operator", "list_models", "open_study", "read_dataset"}


def test_editors_see_what_is_loaded_on_first_use() -> None:
    stub = ast.parse((ROOT / "cc_kernels" / "__init__.pyi").read_text())
    seen = {
        alias.asname: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == alias.asname
    }
    table = facts(ROOT / "cc_kernels" / "__init__.py").names
    assert seen == {name: f"cc_kernels.{home}" for name, home in table.items()}


def test_the_import_costs_nothing() -> None:
    """Time depends on the machine; what is loaded does not."""
    code = "import sys, cc_kernels; print(*{'numpy', 'numba', 'xarray', 'dask'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def callables() -> Iterator[tuple[str, object]]:
    """The public functions, and the methods that the public classes define themselves."""
    for name in cc.__all__:
        value = getattr(cc, name)
        if inspect.isfunction(value):
            yield name, value
        for method, code in vars(value).items() if inspect.isclass(value) else ():
            code = getattr(code, "__func__", code)
            if inspect.isfunction(code) and not method.startswith("_"):
                yield f"{name}.{method}", code


@pytest.mark.parametrize(
    ("name", "function"), list(callables()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_argument_and_result_has_a_type(name: str, function: object) -> None:
    signature = inspect.signature(function)
    bare = [key for key, p in signature.parameters.items() if key not in ("self", "cls") and p.annotation is p.empty]
    assert not bare
    assert signature.return_annotation is not signature.empty


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_after_the_model_are_keywords(name: str) -> None:
    parameters = inspect.signature(getattr(cc, name)).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    default = ["model"] if "model" in positional else positional[:1]
    assert positional == BY_POSITION.get(name, default)


def test_mypy_checks_a_user(tmp_path: Path) -> None:
    """And the package itself, as `make lint` does."""
    user = tmp_path / "user.py"
    user.write_text(
        "import numpy as np\n"
        "import cc_kernels as cc\n"
        "model = cc.TightBinding([[1.0]], [[0]], [[[1.0]]], name='site')\n"
        "result = cc.transport(model, operator=['spin_x', np.eye(1)], grid=64, mu=np.linspace(0, 1, 3))\n"
        "reveal_type(result)\n"
        "cc.transport(model, grid='64')\n"
        "cc.transprot(model)\n"
        "cc.from_function(lambda k: k, dim=1, nam='chain')\n"
    )
    files = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache_folder() / "mypy"), *files, str(user)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    lines = [line.partition("user.py:")[2] for line in done.stdout.splitlines() if "user.py:" in line]
    assert '5: note: Revealed type is "xarray.core.dataset.Dataset"' in lines, done.stdout + done.stderr
    assert [line.split(":")[0] for line in lines if "error" in line] == ["6", "7", "8"], done.stdout
    assert "Found 3 errors in 1 file" in done.stdout


@pytest.mark.parametrize("name", cc.__all__)
def test_every_name_has_an_example_that_runs(name: str) -> None:
    text = inspect.getdoc(getattr(cc, name))
    assert "\nExamples\n--------\n>>> " in text
    example = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)  # as typed into a new session
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # an example shows a sound choice of grid and temperature
        found = []
        doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=found.append)
    assert not found, "".join(found)


@pytest.mark.parametrize("name", sorted(set(cc.__all__) - WITHOUT_A_CHOICE))
def test_every_name_says_what_it_refuses(name: str) -> None:
    assert "InputError" in getattr(cc, name).__doc__
