"""What a damaged netCDF file does to the libraries that read it, as one message that names the file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cc_kernels.errors import InputError, stated
from cc_kernels.hdf5_heaps import has_endless_heap

if TYPE_CHECKING:
    import xarray as xr

_MOST_COMPRESSED = 2000  # zlib makes a thousandth of zeros, at most; HDF5 leaves out pieces that were never written


@contextmanager
def damage_named(path: Path, allowed: str) -> Iterator[None]:
    """Whatever the libraries raise for a damaged file is an `InputError` that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of values that no coder can make sense of
            yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(str(path), stated(f"a damaged or truncated file ({error})"), allowed) from error


def refuse_endless(path: Path) -> None:
    """Refuse a file that the HDF5 library would read for ever."""
    if has_endless_heap(path):
        raise InputError(str(path), stated("a damaged file: a part of it is zeros"), "a file as it was written")


def refuse_more_than_fits(ds: xr.Dataset, path: Path) -> None:
    """A flipped bit can make a length of petabytes: so much is in no file, however well it is compressed."""
    if ds.nbytes > _MOST_COMPRESSED * path.stat().st_size:
        raise ValueError(f"{ds.nbytes:,} bytes of data in a file of {path.stat().st_size:,}")
