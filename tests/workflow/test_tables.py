"""Numbers as CSV: what stands in a table is what stands in the file that it is made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

import cc_kernels as cc
from cc_kernels import io
from cc_kernels.errors import InputError
from cc_kernels.plotting.render import render
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.tables import write_table
from tests.workflow.configurations import GOOD
from tests.workflow.messages import check_message, refused
from workflow import run

VARIABLES = ["sigma_conventional", "sigma_intrinsic", "sigma_hall", "sigma_dipole"]


def response(grid: int) -> xr.Dataset:
    model, operator = cc.build_model("rashba_square"), ["spin_x", "spin_z"]
    options = {"mu": [0.5, 1.0], "temperature": [2000.0, 3000.0], "variables": VARIABLES}
    return cc.transport(model, operator=operator, grid=grid, **options)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two operators, and a figure of one of them that has the study's name."""
    folder = tmp_path_factory.mktemp("results")
    levels = [response(grid) for grid in (32, 64)]
    verdict = cc.judge(levels, 0.9)
    io.write_dataset(levels[-1], folder / "responses" / "rashba" / "64.nc", kind="responses")
    io.write_dataset(verdict, folder / "verdicts" / "rashba" / "64.nc", kind="verdict")
    one = [level.sel(operator="spin_z", drop=True) for level in levels]
    shown = StudyResult("rashba", one[-1], cc.judge(one, 0.9), one)
    (folder / "figures").mkdir()
    render("conductivity", [shown], folder / "figures" / "rashba", {"provenance_commit": "abc"})
    return folder


def table(results: Path, name: str) -> tuple[pd.DataFrame, list[str]]:
    path = write_table(results, name, ["rashba", "not_drawn"], ["rashba", "not_run"])
    assert path == results / "tables" / f"{name}.csv"
    return pd.read_csv(path, comment="#"), [line for line in path.read_text().splitlines() if line.startswith("#")]


def test_responses_of_a_study(results: Path) -> None:
    """To the last bit; one row for each mu and temperature, components and operators as columns."""
    numbers, comments = table(results, "studies/rashba")
    assert list(numbers.columns[:3]) == ["study", "mu [eV]", "temperature [K]"]
    data = io.read_dataset(results / "responses" / "rashba" / "64.nc")
    assert len(numbers) == data.sizes["mu"] * data.sizes["temperature"]
    for name in VARIABLES:
        for operator in ("spin_x", "spin_z"):
            column = data[name].sel(operator=operator, i="x", l="y").transpose("mu", "temperature").values.ravel()
            np.testing.assert_array_equal(numbers[f"{name}_xy_{operator} [e]"], column)
        assert f"{name}_scale_spin_z [e]" in numbers
    assert any(line.startswith(f"# cc_content: {data.attrs['cc_content']}") for line in comments)
    assert "# sigma_hall: Hall part; e int f Omega_n^li s_n, Eq. (11)" in comments


def test_what_a_figure_shows(results: Path) -> None:
    numbers, comments = table(results, "rashba")
    data = io.read_dataset(results / "figures" / "rashba.nc")
    assert set(numbers.study) == {"rashba"}
    shown = data["rashba__sigma_hall"].sel(rashba__component="xy", rashba__temperature=3000)
    rows = numbers[numbers["temperature [K]"] == 3000]
    np.testing.assert_array_equal(rows["sigma_hall_xy [e]"], shown)
    np.testing.assert_array_equal(rows["mu [eV]"], [0.5, 1.0])
    assert "# commit: abc" in comments


@pytest.mark.parametrize("name", ["not_drawn", "not_run", "rashbo", "figures/not_run"])
def test_what_has_no_numbers_is_named(results: Path, name: str) -> None:
    with pytest.raises(InputError, match=name.rpartition("/")[2]):
        table(results, name)


def test_variables_of_other_axes_leave_cells_empty(tmp_path: Path) -> None:
    """A figure's studies stand below one another, each with its own axes."""
    data = xr.Dataset(
        {"a__x": ("a__t", [1.0, 2.0]), "b__x": (("b__t", "b__u"), [[3.0, 4.0]]), "b__y": ("b__v", [5.0])},
        {"a__t": [0, 1], "b__t": [2], "b__u": [7, 8], "b__v": [9]},
        {"studies": '["a", "b"]'},
    )
    io.write_dataset(data, tmp_path / "figures" / "f.nc", kind="figure")
    numbers = pd.read_csv(write_table(tmp_path, "f", ["f"], []), comment="#")
    assert numbers[["t", "u", "x"]].fillna(-1).values.tolist() == [
        [0, -1, 1],
        [1, -1, 2],
        [2, 7, 3],
        [2, 8, 4],
        [-1, -1, -1],
    ]
    assert numbers[["v", "y"]].dropna().values.tolist() == [[9, 5]]


def test_the_command(folder: Path, capsys: pytest.CaptureFixture) -> None:
    (folder / "good.yaml").write_text(yaml.safe_dump(GOOD))
    figure = next(iter(GOOD["figures"]))
    check_message(refused(capsys, "table", "pretty", "--config", "good.yaml"), "NAME", "'pretty'", figure)
    check_message(refused(capsys, "table", figure, "--config", "good.yaml"), "NAME", "not drawn yet", "make figures")
    data = xr.Dataset({"s__x": ("s__t", [1.0])}, {"s__t": [0]}, {"studies": '["s"]'})
    io.write_dataset(data, folder / "results" / "good" / "figures" / f"{figure}.nc", kind="figure")
    assert run.main(["table", figure, "--config", "good.yaml"]) == 0
    assert Path(capsys.readouterr().out.strip()).read_text().endswith("study,t,x\ns,0,1.0\n")
