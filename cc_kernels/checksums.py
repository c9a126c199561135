"""The checksum of what a dataset says, whatever file it lies in, and attributes in the form that survives a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from cc_kernels.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

PROVENANCE_PREFIX = "provenance_"
_BLOCK = 1 << 26  # bytes held at once


def content_checksum(ds: xr.Dataset) -> str:
    """The sha256 of the scientific content: variables (name, dims, dtype, shape, values) and attributes.

    Provenance, file encoding, chunking and the order of variables and attributes do not count. Data that are not in
    memory are taken block by block.
    """
    total, ds = sha256(), without_index(ds)
    for name in sorted(ds.variables, key=str):
        variable = ds.variables[name]
        textual = variable.dtype.kind in "OUST"
        dtype = "text" if textual else variable.dtype.newbyteorder("<").str
        head = [str(name), list(variable.dims), list(variable.shape), dtype, _plain_attributes(variable.attrs)]
        total.update(json.dumps(head, sort_keys=True).encode())
        if textual:
            total.update(json.dumps([str(item) for item in np.asarray(variable.values).ravel()]).encode())
        else:
            for block in _blocks(variable):
                total.update(np.ascontiguousarray(block, dtype=block.dtype.newbyteorder("<")).data)
    total.update(json.dumps(_plain_attributes(ds.attrs), sort_keys=True).encode())
    return total.hexdigest()


def without_index(ds: xr.Dataset) -> xr.Dataset:
    """Without the index of a k-grid (`KGrid.index`), which netCDF cannot hold; k1, k2, k3 stay as coordinates."""
    return ds.reset_index("k") if {"k", "k1"} <= set(ds.indexes) else ds


def storable(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as netCDF can hold them; sorted, for the same bytes however a dictionary was put together."""

    def one(name: str, value: Any) -> Any:
        try:
            if isinstance(value, Mapping):
                return json.dumps(value, sort_keys=True)
            if isinstance(value, bool | np.bool_):
                return int(value)
            if not isinstance(name, str) or np.asarray(value).dtype.kind not in "iufUS":
                raise TypeError
        except (TypeError, ValueError):  # of another type, or a ragged list
            allowed = "a name, and numbers, texts or a mapping of these, which an attribute of a file can hold"
            raise InputError(f"attribute {name}", value, allowed) from None
        return value

    return {name: one(name, attrs[name]) for name in sorted(attrs, key=str) if attrs[name] is not None}


def _plain_attributes(attrs: Mapping[str, Any]) -> dict[str, list]:
    """Attributes in the form that survives a file: one-element lists and scalars are the same there."""
    return {
        name: np.atleast_1d(np.asarray(value)).tolist()
        for name, value in storable(attrs).items()
        if name != "cc_content" and not name.startswith(PROVENANCE_PREFIX)
    }


def _blocks(variable: xr.Variable) -> Iterator[np.ndarray]:
    """The values in C order, in blocks of whole rows that fit into memory."""
    if variable.ndim == 0 or variable.size == 0:
        yield np.asarray(variable.values)
        return
    row = variable.dtype.itemsize * variable.size // variable.shape[0]
    step = max(1, _BLOCK // row)
    for start in range(0, variable.shape[0], step):
        yield np.asarray(variable[start : start + step].values)
