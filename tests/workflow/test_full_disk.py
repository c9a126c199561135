"""A disk without room: one message, and what was there stays."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cc_kernels import io
from cc_kernels.errors import InputError


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB in memory; only root can mount one."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)], capture_output=True)
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)  # HDF5 keeps a file open that it could not write


def test_a_full_disk_is_one_message(small_disk: Path) -> None:
    path = small_disk / "a.nc"
    io.write_dataset(xr.Dataset({"a": 1.0}), path, kind="sums")
    before = path.read_bytes()
    large = xr.Dataset({"a": ("k", np.random.default_rng(1).normal(size=2**19))})
    with pytest.raises(InputError, match=r"a.nc: got No space left on device; allowed: room on its disk for the file"):
        io.write_dataset(large, path, kind="sums")
    assert path.read_bytes() == before
    assert [file.name for file in small_disk.iterdir()] == ["a.nc"]
