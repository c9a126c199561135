"""`merge`: the sums of disjoint sets of k-points (shards, levels of a doubling grid) add."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, phrase

_IDENTITY = ("mesh", "model", "model_parameters", "operator", "operator_unit", "degeneracy_tolerance")
GEOMETRY = ("measure", "longest_step")
"""Variables that belong to the grid and are not summed."""


def merge(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Add the sums of disjoint sets of k-points (shards of a level, levels of a doubling grid), in the given order.

    Raises
    ------
    InputError : no parts, parts of different models, operators or meshes, or overlapping points.
    """
    parts = list(parts)
    if not parts:
        raise InputError("sums", parts, "at least one dataset of `accumulate`")
    first = parts[0]
    for part in parts[1:]:
        for key in _IDENTITY:
            if part.attrs[key] != first.attrs[key]:
                raise InputError(f"sums: {key}", part.attrs[key], f"the same {key} in all parts ({first.attrs[key]!r})")
    pieces = [piece for part in parts for piece in json.loads(part.attrs["pieces"])]
    _check_disjoint(pieces)
    finest = max(parts, key=lambda part: max(json.loads(part.attrs["grid"])))
    total = first.copy(deep=True)
    for part in parts[1:]:
        for name in total.data_vars:
            if name == "fastest":
                total[name].data = np.maximum(total[name].data, part[name].data)
            elif name not in GEOMETRY:
                total[name].data = total[name].data + part[name].data
    for name in GEOMETRY:
        total[name].data = finest[name].data
    total.attrs |= {
        "pieces": json.dumps(pieces),
        "points": int(sum(part.attrs["points"] for part in parts)),
        "grid": finest.attrs["grid"],
    }
    return total


def points_expected(sums: xr.Dataset) -> int:
    """Number of k-points of the finest grid in `sums`."""
    return int(np.prod(json.loads(sums.attrs["grid"]), dtype=np.int64))


def _check_disjoint(pieces: list) -> None:
    """Ranges of one grid may not overlap, and a grid contains the coarser grids that it doubles."""
    for index, (shape, only_new, start, stop) in enumerate(pieces):
        for other_shape, other_new, other_start, other_stop in pieces[:index]:
            same = shape == other_shape and only_new == other_new
            if same and start < other_stop and other_start < stop:
                raise InputError(
                    "sums", phrase(f"points {start}..{stop} of {shape} twice"), "disjoint sets of k-points"
                )
            finer_is_whole = not (only_new if max(shape) > max(other_shape) else other_new)
            if shape != other_shape and finer_is_whole:
                raise InputError(
                    "sums", phrase(f"grids {shape} and {other_shape}"), "a doubled grid with its new points only"
                )
