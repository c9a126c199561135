"""The ancestry of a result: down to the model, and honest about what has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import netCDF4
import pytest
import xarray as xr

from cc_kernels import io
from cc_kernels.errors import InputError
from cc_kernels.provenance import tree
from cc_kernels.provenance.__main__ import main
from cc_kernels.provenance.ancestry import ancestry, edited_sources
from cc_kernels.provenance.embedded import PDF_KEY, PNG_KEY, embedded, read_embedded

FIGURE = "figures/rashba_null"


@pytest.fixture
def told(project, small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[[object], str]:
    """What is printed of a file in the folder of the project, whose sources are those of its copy."""
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr(tree, "edited_sources", partial(edited_sources, root=project.folder))

    def printed(file: object) -> str:
        assert main([str(file)]) == 0
        return capsys.readouterr().out

    return printed


def changes(text: str) -> list[str]:
    return [line.strip(" -") for line in text.partition("changed since")[2].splitlines() if line]


@pytest.fixture
def copy(small, tmp_path: Path) -> Path:
    """The results, where they may be damaged, and away from the workflow."""
    return Path(shutil.copytree(small.results, tmp_path / "somewhere" / "else"))


@pytest.mark.parametrize("ending", ["png", "pdf", "nc"])
def test_a_figure_goes_back_to_the_parameters_of_its_model(told, ending: str) -> None:
    text = told(f"results/small/{FIGURE}.{ending}")
    for shown in (
        f"results/small/{FIGURE}.{ending}",
        "results/small/responses/lattice/32.nc",
        "results/small/sums/lattice/32.shard0of1.nc",
        "results/small/models/lattice.nc",
        "name rashba_square; parameters alpha = 0.5",
        "all parameters t = 1, alpha = 0.5, winding = 1",
        "operator spin_z",
        "axis 8, 16, 32",
        "mu 0 ... 2 (5 values)",
        "temperature 3000, 6000",
        "verdict: converged at 32 points per axis",
        "numpy",
    ):
        assert shown in text or shown in " ".join(text.split()), shown
    assert "changed   nothing: sources, parents and configuration are what they were" in text
    assert "mine" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_an_edited_source_is_named_with_the_rules_that_use_it(project, told) -> None:
    with project.changed("cc_kernels/sums/two_bands.py"):
        assert changes(told(f"results/small/{FIGURE}.nc")) == [
            "cc_kernels/sums/two_bands.py was edited; it is used by kgrid, level"
        ]
    with project.appended("cc_kernels/sums/two_bands.py", "\n# A comment.\n"):
        assert "changed   nothing" in told(f"results/small/{FIGURE}.nc"), "a comment is no change"
    with project.changed("cc_kernels/plotting/figures/rashba_null.py"):
        assert changes(told(f"results/small/{FIGURE}.nc")) == [
            "cc_kernels/plotting/figures/rashba_null.py was edited; it is used by figure"
        ]


def test_the_users_model_file_counts(project, told) -> None:
    with project.edited("config/mine.py", "bx=0.2", "bx=0.3"):
        assert "mine.py was edited; it is used by model" in told("results/small/sums/mine/16.nc")


def test_an_edited_configuration_is_named(project, told) -> None:
    with project.edited("config/small.yaml", "num: 5", "num: 7"):
        (change,) = changes(told(f"results/small/{FIGURE}.nc"))
        assert change.startswith("config/small.yaml has changed")


def test_missing_replaced_and_altered_parents_are_named(told, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = copy / f"{FIGURE}.nc"
    assert "changed   nothing" in told(result), "parents are found after the folder was moved"
    monkeypatch.chdir(copy)  # away from where the files were made
    (copy / "models/lattice.nc").unlink()
    shutil.copy(copy / "responses/mine/32.nc", copy / "responses/lattice/32.nc")
    with netCDF4.Dataset(copy / "sums/lattice/32.shard0of1.nc", "a") as file:
        name = next(name for name, variable in file.variables.items() if variable.ndim > 1)
        file[name][:] = file[name][:] + 1.0
    problems = {one.name: one.problem for one in ancestry(result).family() if one.problem}
    assert problems["results/small/sums/lattice/32.shard0of1.nc"].startswith("does not match its own checksum")
    assert problems["results/small/models/lattice.nc"] == "missing"
    assert problems["results/small/responses/lattice/32.nc"] in ("missing", "has other content now")


def test_a_picture_alone_still_says_what_it_is(told, copy: Path) -> None:
    for ending in ("png", "pdf"):
        alone = shutil.copy(copy / f"{FIGURE}.{ending}", copy.parent)
        text = told(alone)
        assert "kind rashba_null; studies lattice" in " ".join(text.split())
        assert "results/small/responses/lattice/32.nc" in text


def test_a_picture_beside_other_data_is_told(told, copy: Path) -> None:
    shutil.copy(copy / "figures/equilibrium_cancellation.nc", copy / f"{FIGURE}.nc")
    assert "was drawn from other data than those in the file beside it" in told(copy / f"{FIGURE}.png")


def test_what_is_embedded_comes_back(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    origin = embedded(
        "abc", {"provenance_rule": "a (b) \\ c", "provenance_commit": "1", "provenance_parents": '{"a":"b"}'}
    )
    figure = Figure()
    figure.savefig(tmp_path / "a.png", metadata={PNG_KEY: origin})
    figure.savefig(tmp_path / "a.pdf", metadata={PDF_KEY: origin})
    for name in ("a.png", "a.pdf"):
        found = read_embedded(tmp_path / name)
        assert found == {"cc_content": "abc", "provenance_rule": "a (b) \\ c", "provenance_parents": '{"a":"b"}'}


def test_foreign_files_are_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from matplotlib.figure import Figure

    Figure().savefig(tmp_path / "foreign.png")
    Figure().savefig(tmp_path / "foreign.pdf")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "cut.nc").write_bytes(b"\x89HDF\r\n\x1a\n")
    xr.Dataset({"a": 1.0}).to_netcdf(tmp_path / "other.nc")
    io.write_dataset(xr.Dataset({"a": 1.0}), tmp_path / "plain.nc", kind="sums")
    names = [
        "foreign.png",
        "foreign.pdf",
        "text.png",
        "a.txt",
        "cut.nc",
        "other.nc",
        "plain.nc",
        "absent.nc",
        "absent.png",
        "b",
    ]
    for name in names:
        with pytest.raises(InputError):
            ancestry(tmp_path / name)
        assert main([str(tmp_path / name)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        assert name in printed.err
        assert "allowed" in printed.err
