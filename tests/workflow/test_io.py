"""Files are whole or absent, recognized when they are not ours, and equal when their content is."""

import os
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels import io
from cc_kernels.checksums import content_checksum
from cc_kernels.errors import InputError


def example() -> xr.Dataset:
    random = np.random.default_rng(1)
    return xr.Dataset(
        {
            "sigma": (("mu", "i"), random.normal(size=(40, 2)), {"units": "e/2pi", "list": [1, 2], "one": [3]}),
            "count": ((), np.int64(7)),
            "null": ("mu", np.full(40, np.nan)),
            "degenerate": ("mu", random.random(40) < 0.5),
        },
        coords={"mu": np.linspace(-1, 1, 40), "i": ["x", "y"]},
        attrs={"cc_kind": "responses", "si_factor": 2.5, "nested": {"b": 1, "a": [1.5]}, "flag": True},
    )


def test_round_trip_keeps_content(tmp_path: Path) -> None:
    ds = example()
    read = io.read_dataset(io.write_dataset(ds, tmp_path / "a.nc"), "responses")
    xr.testing.assert_equal(read, ds)
    assert read["degenerate"].dtype == bool
    assert read.attrs["cc_content"] == content_checksum(read)
    assert io.read_dataset(io.write_dataset(read, tmp_path / "b.nc")).attrs == read.attrs


def test_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    other = example()[["null", "sigma", "degenerate", "count"]]
    other.attrs = dict(reversed(example().attrs.items()))
    first = io.write_dataset(example()[["null", "sigma", "degenerate", "count"]], tmp_path / "a.nc")
    assert first.read_bytes() == io.write_dataset(other, tmp_path / "b.nc").read_bytes()


def test_provenance_is_stored_and_does_not_count(tmp_path: Path) -> None:
    attrs = {"provenance_commit": "abc", "provenance_parents": {"a.nc": "1"}}
    read = io.read_dataset(io.write_dataset(example(), tmp_path / "a.nc", attrs))
    assert read.attrs["provenance_commit"] == "abc"
    plain = io.read_dataset(io.write_dataset(example(), tmp_path / "b.nc"))
    assert read.attrs["cc_content"] == plain.attrs["cc_content"]


@pytest.mark.parametrize(
    "change",
    [
        lambda ds: ds.assign(count=8),
        lambda ds: ds.rename(sigma="tau"),
        lambda ds: ds.assign_attrs(si_factor=2.6),
        lambda ds: ds.assign(sigma=ds.sigma.astype("float32")),
        lambda ds: ds.assign(sigma=ds.sigma.assign_attrs(units="1")),
        lambda ds: ds.assign_coords(i=["x", "z"]),
        lambda ds: ds.isel(mu=slice(None, None, -1)),
    ],
)
def test_checksum_sees_every_change(change) -> None:
    assert content_checksum(change(example())) != content_checksum(example())


@pytest.mark.parametrize("chunks", [{"mu": 7}, {"mu": 40}, {"mu": 16, "i": 1}])
def test_a_streamed_file_has_the_content_of_one_from_memory(tmp_path: Path, chunks: dict) -> None:
    streamed = io.read_dataset(io.stream_dataset(example().chunk(chunks), tmp_path / "a.nc"))
    written = io.read_dataset(io.write_dataset(example(), tmp_path / "b.nc"))
    assert streamed.attrs == written.attrs
    xr.testing.assert_identical(streamed, written)


@pytest.mark.parametrize("write", [io.write_dataset, io.stream_dataset])
def test_the_map_of_a_grid_comes_back(tmp_path: Path, write) -> None:
    bands = cc.band_geometry(cc.build_model("haldane"), operator="charge", grid=(3, 4), quantities=["energy"])
    read = io.read_dataset(write(bands, tmp_path / "a.nc"))
    xr.testing.assert_equal(read.unstack("k"), bands.unstack("k").compute())
    assert read.attrs["cc_content"] == content_checksum(read)
    assert io.read_dataset(io.write_dataset(read, tmp_path / "b.nc")).attrs == read.attrs
    with xr.open_dataset(tmp_path / "a.nc") as plain:  # as any other program sees it
        assert plain.k1.dims == plain.k2.dims == ("k",)


def test_a_variable_names_its_scale(tmp_path: Path) -> None:
    """As CF's ancillary variable; a file of a variable alone does not name what is not there."""
    model = cc.build_model("haldane")
    names = ["sigma_hall", "sigma_intrinsic"]
    result = cc.transport(model, operator="charge", grid=8, mu=0.0, temperature=3000.0, variables=names)
    read = io.read_dataset(io.write_dataset(result, tmp_path / "a.nc", kind="responses"))
    for name in names:
        assert read[read[name].attrs["ancillary_variables"]].equals(result[f"{name}_scale"])
    assert "ancillary_variables" not in read.sigma_hall_scale.attrs
    alone = io.read_dataset(io.write_dataset(read[["sigma_hall"]], tmp_path / "b.nc"))
    assert "ancillary_variables" not in alone.sigma_hall.attrs


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    import dask.array as da

    path = io.write_dataset(example(), tmp_path / "a.nc")
    before = path.read_bytes()

    def fail(block):
        raise RuntimeError("no more")

    broken = da.map_blocks(fail, da.ones((4,), chunks=2), dtype=float, meta=np.empty(0))
    with pytest.raises(RuntimeError, match="no more"):
        io.stream_dataset(xr.Dataset({"a": ("k", broken)}), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.nc"]


def altered(path: Path) -> None:
    with netCDF4.Dataset(path, "a") as file:
        file["sigma"][0, 0] = 0.0


def other_format(version: int):
    def write(path: Path) -> None:
        with netCDF4.Dataset(path, "a") as file:
            file.setncattr("cc_format", version)

    return write


def foreign(path: Path) -> None:
    path.unlink()
    xr.Dataset({"a": 1}).to_netcdf(path, engine="netcdf4")


BAD_FILES = {
    "missing": (Path.unlink, "No such file"),
    "empty": (lambda path: path.write_bytes(b""), "an empty file"),
    "text": (lambda path: path.write_text("mu sigma\n0 1\n"), "another format"),
    "foreign": (foreign, "another program"),
    "half": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged or truncated"),
    "last byte": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "damaged or truncated"),
    "header": (lambda path: path.write_bytes(path.read_bytes()[:8]), "damaged or truncated"),
    "altered": (altered, "does not match its checksum"),
    "older": (other_format(0), "an older version"),
    "newer": (other_format(99), "a newer version"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files_are_named(tmp_path: Path, case: str) -> None:
    path = io.write_dataset(example(), tmp_path / "a.nc")
    spoil, text = BAD_FILES[case]
    spoil(path)
    with pytest.raises(InputError, match=text) as caught:
        io.read_dataset(path)
    assert str(path) in str(caught.value)


def test_a_lost_block_on_which_the_library_never_ends(tmp_path: Path) -> None:
    """The objects of a heap of texts, zero: each would begin where it ends."""
    path = io.write_dataset(example(), tmp_path / "a.nc")
    content = bytearray(path.read_bytes())
    begin = content.index(b"GCOL") + 16
    content[begin : begin + 64] = bytes(64)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a.nc: got a damaged file: a part of it is zeros"):
        io.read_attributes(path)


def test_wrong_kind_is_named(tmp_path: Path) -> None:
    path = io.write_dataset(example(), tmp_path / "a.nc")
    with pytest.raises(InputError, match=r"kind 'responses'; allowed: a file of kind 'sums'"):
        io.read_dataset(path, "sums")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    io.check_writable(tmp_path / "new" / "deeper")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"results: got not a folder: .*file;"):
        io.check_writable(tmp_path / "file" / "deeper")


def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere, whatever the mode bits
    with pytest.raises(InputError, match=r"results: got read-only: "):
        io.check_writable(tmp_path / "results")
