"""Models of a user's own, and places for files, that are odd and yet have one right answer."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.io import write_dataset
from cc_kernels.models import from_file, load_from_python


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A rename would put a file in the place of a device, a pipe or a link, and whoever needs them would not know."""
    os.mkfifo(tmp_path / "pipe.nc")
    os.symlink(tmp_path / "nothing", tmp_path / "link.nc")
    (tmp_path / "folder.nc").mkdir()
    (tmp_path / "file").write_text("")

    def there() -> list[tuple]:
        states = [(path.name, path.lstat()) for path in sorted(tmp_path.iterdir())]
        return [(name, state.st_ino, state.st_mode, state.st_mtime_ns) for name, state in states]

    before = there()
    for name, given in (("pipe.nc", "a pipe"), ("link.nc", "a link to nothing"), ("file/a.nc", "Not a directory")):
        with pytest.raises(InputError, match=rf"{name}: got .*{given}; allowed: a file that can be written"):
            write_dataset(xr.Dataset({"a": 1.0}), tmp_path / name, kind="sums")
    for name in ("pipe.nc", "link.nc", "folder.nc", "file/a.nc"):
        with pytest.raises(InputError, match=f"{name}.*; allowed: a file"):
            cc.save_model(cc.build_model("rashba_square"), tmp_path / name)
    assert there() == before


@pytest.mark.parametrize("points", [1, 2, 8])
def test_a_grid_of_few_points_is_named(points: int) -> None:
    """At k = -k a band that is even in k has no velocity, and one or two points per axis are such."""
    model = cc.from_function(
        lambda k: (2 - np.cos(k).sum(-1))[:, None, None], dim=2, lattice=np.eye(2), operators={"s": np.eye(1)}
    )
    with pytest.warns(UserWarning, match="the grid step does not resolve the temperature"):
        cc.transport(model, grid=points, mu=0.5, temperature=300.0)


def test_a_velocity_that_is_the_derivative_is_taken() -> None:
    """In double precision, in single, and of a function that is too sharp for the differences of the default."""
    sharp = cc.from_function(
        lambda k: np.sqrt(k**2 + 1e-6)[:, :, None],
        dim=1,
        k_max=1.0,
        velocity=lambda k: (k / np.sqrt(k**2 + 1e-6))[..., None, None],
    )
    single = cc.from_function(
        lambda k: np.sin(k).astype(np.float32)[:, :, None],
        dim=1,
        k_max=3.0,
        velocity=lambda k: np.cos(k)[..., None, None],
    )
    assert sharp.velocity([[1.0]]).item() == pytest.approx(1.0)
    assert single.velocity([[0.0]]).item() == 1.0


def test_a_model_file_does_not_print_into_the_output(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "import cc_kernels as cc\nprint('hello')\n"
        "\ndef build():\n    print('there')\n    return cc.build_model('haldane')\n"
    )
    assert load_from_python(path).num_bands == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\nthere\n")


def test_a_model_file_that_does_not_return_is_named(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(from_file, "PATIENCE", 0.1)
    path = tmp_path / "mine.py"
    path.write_text("import time\n\ndef build():\n    time.sleep(1)\n    raise KeyboardInterrupt\n")
    with pytest.raises(InputError, match=r"mine.py: got KeyboardInterrupt in line 5"):
        load_from_python(path)
    assert capsys.readouterr().err == f"{path} has been running for 0.1 s; Ctrl-C ends it, and says in which line\n"
