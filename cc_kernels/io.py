"""Datasets on disk: netCDF4 files that are whole or absent, named when they are not ours, and comparable by content.

Every file carries the attributes ``cc_kind`` (what it holds), ``cc_format`` (the version of this layout) and
``cc_content`` (the checksum of its scientific content). Attributes that begin with ``provenance_`` say where a file
comes from and belong to no checksum. Beside a variable stands the name of its scale, ``ancillary_variables`` in the
words of the CF conventions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Files are written under a temporary name and renamed, so locks protect nothing; some cluster file systems refuse them.
os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")

import netCDF4
import numpy as np

from cc_kernels.checksums import content_checksum, storable, without_index
from cc_kernels.damaged_files import damage_named, refuse_endless, refuse_more_than_fits
from cc_kernels.errors import InputError, stated
from cc_kernels.files import path_of, replacing

if TYPE_CHECKING:  # attributes are read where nothing else needs xarray, which takes a second to import
    import xarray as xr

FORMAT = 1
_COARSER = "cc_coarser"
"""Attribute with the groups of a file, and the checksum of each."""

_OURS = "a netCDF file written by cc_kernels"
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_FILE_CHUNK = 1 << 22  # bytes of one piece of a streamed variable


def write_dataset(
    ds: xr.Dataset,
    path: str | Path,
    attrs: Mapping[str, Any] | None = None,
    kind: str | None = None,
    coarser: Sequence[xr.Dataset] = (),
) -> Path:
    """Write a dataset from memory; two runs give byte-identical files.

    Parameters
    ----------
    ds : real-valued variables (netCDF has no complex numbers); dask-backed ones are computed first.
    path : the file; it appears under this name only when it is whole.
    attrs : attributes that are added to those of `ds`; mappings are stored as JSON, None is left out.
    kind : what the file holds (``sums``, ``responses``, ...); default the attribute ``cc_kind`` of `ds` or `attrs`.
    coarser : the same on coarser grids, coarsest first; they become groups of the file, which `read_series` reads.
    """
    path = path_of("path", path)
    groups = {f"grid_{number}": _with_checksum(_prepare(one.load(), None, kind)) for number, one in enumerate(coarser)}
    ds = _prepare(_dataset(ds).load(), attrs, kind)
    ds.attrs.pop(_COARSER, None)
    if groups:  # the file's checksum covers all of them
        ds.attrs[_COARSER] = json.dumps({name: one.attrs["cc_content"] for name, one in groups.items()})
    with replacing(path) as temporary:
        write_groups({"/": _with_checksum(ds), **groups}, temporary, {"zlib": True, "complevel": 4, "shuffle": True})
    return path


def stream_dataset(
    ds: xr.Dataset, path: str | Path, attrs: Mapping[str, Any] | None = None, kind: str | None = None
) -> Path:
    """Write a dask-backed dataset chunk by chunk, in the memory of a few chunks.

    The bytes depend on the order in which chunks finish; the attribute ``cc_content`` does not, nor on the chunking.
    Parameters as for `write_dataset`.
    """
    path = path_of("path", path)
    ds = _prepare(_dataset(ds), attrs, kind)
    encoding = {
        name: {"_FillValue": None, **_piecewise(variable)}
        for name, variable in ds.variables.items()
        if variable.dtype.kind in "iufb"
    }
    import xarray as xr

    with replacing(path) as temporary:
        ds.to_netcdf(temporary, engine="netcdf4", format="NETCDF4", encoding=encoding)
        # Read back rather than hashed on the way: chunks finish in any order, and computing them twice costs more.
        with xr.open_dataset(temporary, engine="netcdf4", cache=False) as written:
            checksum = content_checksum(written)
        with netCDF4.Dataset(temporary, "a") as file:
            file.setncattr("cc_content", checksum)
    return path


def read_dataset(path: str | Path, kind: str | None = None) -> xr.Dataset:
    """Read a file whole and close it.

    Raises
    ------
    InputError
        for a missing, truncated, altered or foreign file, one of another kind, and one of another format version.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> figure = cc.read_dataset("results/paper/figures/rashba_null.nc")  # doctest: +SKIP
    >>> figure.attrs["caption"]  # doctest: +SKIP
    """
    path = path_of("path", path)
    read_attributes(path, kind)
    return _read(path, "/")


def read_series(path: str | Path, kind: str | None = None) -> list[xr.Dataset]:
    """What a file holds on grids of increasing density; `read_dataset` reads the last. Errors as there."""
    finest = read_dataset(path, kind)
    groups = json.loads(finest.attrs.pop(_COARSER, "{}"))
    coarser = [_read(Path(path), name, checksum) for name, checksum in groups.items()]
    return [*coarser, finest]


def is_unaltered(path: str | Path) -> bool:
    """Compare all that a dataset's file holds with its checksums, block by block; errors as for `read_dataset`."""
    attributes = read_attributes(path)
    groups = {"/": attributes.get("cc_content"), **json.loads(attributes.get(_COARSER, "{}"))}
    return all(_opened(Path(path), group, content_checksum) == checksum for group, checksum in groups.items())


def _read(path: Path, group: str, checksum: str | None = None) -> xr.Dataset:
    ds, found = _opened(path, group, lambda ds: (ds.load(), content_checksum(ds)))
    if (checksum or str(ds.attrs.get("cc_content"))) != found:
        raise InputError(str(path), stated("a file whose content does not match its checksum"), _OURS)
    return _indexed(ds.drop_encoding())


def _opened(path: Path, group: str, used: Callable[[xr.Dataset], Any]) -> Any:
    import xarray as xr

    with damage_named(path, _OURS), xr.open_dataset(path, engine="netcdf4", cache=False, group=group) as ds:
        refuse_more_than_fits(ds, path)
        return used(ds)


def read_attributes(path: str | Path, kind: str | None = None) -> dict[str, Any]:
    """The attributes of a file, without its data; errors as for `read_dataset`, except for damage inside the data."""
    path = path_of("path", path)
    _check_kind(kind)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # reading a pipe may never end
            raise OSError("a device or a pipe")
        with path.open("rb") as file:
            start = file.read(len(_HDF5_SIGNATURE))
    except OSError as error:
        raise InputError(str(path), stated(error.strerror or str(error)), _OURS) from None
    if not start:
        raise InputError(str(path), stated("an empty file"), _OURS)
    if start != _HDF5_SIGNATURE:
        raise InputError(str(path), stated("a file of another format"), _OURS)
    stat = path.stat()
    attrs = dict(_attributes(path, stat.st_ino, stat.st_size, stat.st_mtime_ns))
    if "cc_kind" not in attrs or "cc_format" not in attrs:
        raise InputError(str(path), stated("a netCDF file of another program"), _OURS)
    if str(attrs["cc_format"]) != str(FORMAT):
        age = "a newer" if str(attrs["cc_format"]) in map(str, range(FORMAT + 1, 1000)) else "an older"
        given = f"a file of {age} version of cc_kernels (format {attrs['cc_format']})"
        raise InputError(str(path), stated(given), f"format {FORMAT}; compute it again with this version")
    if kind is not None and str(attrs["cc_kind"]) != kind:
        raise InputError(str(path), stated(f"a file of kind {attrs['cc_kind']!r}"), f"a file of kind {kind!r}")
    return attrs


@lru_cache(maxsize=4096)
def _attributes(path: Path, *_signature: int) -> dict[str, Any]:
    """Of a file that has not changed: a plan asks for those of a verdict dozens of times."""
    refuse_endless(path)
    with damage_named(path, _OURS), netCDF4.Dataset(path) as file:
        return {name: file.getncattr(name) for name in file.ncattrs()}


def content_when_written(ds: xr.Dataset, attrs: Mapping[str, Any] | None, kind: str) -> str:
    """The checksum that `write_dataset` will give the file, for what is to name it."""
    return content_checksum(_prepare(_dataset(ds).load(), attrs, kind))


def check_writable(folder: str | Path, key: str = "results") -> None:
    """Refuse a folder in which nothing can be written, without creating it.

    Raises
    ------
    InputError
        naming `key`, when the folder, or the nearest of its parents that exists, is no folder or is read-only.
    """
    folder = Path(folder)
    nearest = next(parent for parent in (folder, *folder.absolute().parents) if os.path.lexists(parent))
    if not nearest.is_dir():
        raise InputError(key, stated(f"not a folder: {nearest}"), "a folder that can be written")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(key, stated(f"read-only: {nearest}"), "a folder that can be written")


def _check_kind(kind: object) -> None:
    if not isinstance(kind, str | None):
        raise InputError("kind", kind, "the name of a kind of file, or nothing")


def _dataset(ds: Any) -> xr.Dataset:
    if not hasattr(ds, "data_vars"):
        raise InputError("ds", ds, "a dataset of xarray")
    return ds


def _prepare(ds: xr.Dataset, attrs: Mapping[str, Any] | None, kind: str | None) -> xr.Dataset:
    """A copy with storable attributes and without the encoding of the file that it may come from."""
    for name, variable in ds.variables.items():
        if variable.dtype.kind == "c":
            raise InputError(
                str(name), stated("complex numbers"), "its real and imaginary parts, for netCDF has no other"
            )
    if not isinstance(attrs, Mapping | None):
        raise InputError("attrs", attrs, "a mapping of names and values, or nothing")
    _check_kind(kind)
    ds = without_index(ds).drop_encoding()
    merged = {**ds.attrs, **(attrs or {})}
    merged["cc_kind"] = kind or merged.get("cc_kind", "dataset")
    merged["cc_format"] = FORMAT
    merged.pop("cc_content", None)
    ds.attrs = storable(merged)
    for name, variable in ds.variables.items():
        scale = f"{name}_scale" if f"{name}_scale" in ds.variables else None
        variable.attrs = storable({**variable.attrs, "ancillary_variables": scale})
    return ds


def write_groups(datasets: Mapping[str, xr.Dataset], path: Path, encoding: Mapping[str, Any] | None = None) -> None:
    """Each into its group of one file, which is opened once: that takes as long as the file has groups.

    encoding : of numbers that are arrays.
    """
    from xarray.backends import NetCDF4DataStore

    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        for group, ds in datasets.items():
            encodings = {
                name: {"_FillValue": None, **((encoding or {}) if variable.ndim else {})}
                for name, variable in ds.variables.items()
                if variable.dtype.kind in "iufb"
            }
            ds.dump_to_store(NetCDF4DataStore(file if group == "/" else file.createGroup(group)), encoding=encodings)


def _with_checksum(ds: xr.Dataset) -> xr.Dataset:
    return ds.assign_attrs(cc_content=content_checksum(ds))


def _indexed(ds: xr.Dataset) -> xr.Dataset:
    """With the index that `without_index` took off."""
    levels = [name for name in ("k1", "k2", "k3") if name in ds.coords and ds[name].dims == ("k",)]
    if not levels:
        return ds
    import pandas as pd
    import xarray as xr

    index = pd.MultiIndex.from_arrays([ds[name].values for name in levels], names=levels)
    return ds.drop_vars(levels).assign_coords(xr.Coordinates.from_pandas_multiindex(index, "k"))


def _piecewise(variable: xr.Variable) -> dict[str, Any]:
    """Pieces that tile a dask chunk, so that none is written twice; uncompressed, for k data hardly shrink."""
    if variable.ndim == 0 or variable.size == 0:
        return {}
    shape = [sizes[0] for sizes in variable.chunks] if variable.chunks else list(variable.shape)
    while shape[0] % 2 == 0 and variable.dtype.itemsize * int(np.prod(shape)) > _FILE_CHUNK:
        shape[0] //= 2
    return {"chunksizes": tuple(shape)}
