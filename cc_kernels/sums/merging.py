"""`merge`: the sums of disjoint sets of k-points (shards, levels of a doubling grid) add."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.sums.mesh import EnergyMesh

_IDENTITY = (
    "mesh",
    "model",
    "model_parameters",
    "model_checksum",
    "operator",
    "operator_unit",
    "operator_checksum",
    "degeneracy_tolerance",
    "particle_hole_copies",
    "num_bands",
    "dimension",
    "shift",
    "sweep",
    "symmetry",
    "symmetry_operations",
)
_ATTRIBUTES = ("mesh", "pieces", "grid", "points", "particle_hole_copies", "dimension", "operator_unit")
GEOMETRY = ("measure", "longest_step")
"""Variables that belong to the grid and are not summed."""
SYMMETRY: dict[str, Callable] = {
    "symmetry_points": sum,
    "symmetry_deviation": max,
    "symmetry_deviation_of_levels": max,
}
"""Attributes of folded grids that are numbers, and what becomes of those of several sums."""
_ALWAYS = ("fastest", *GEOMETRY)


def merge(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Add the sums of disjoint sets of k-points (shards of a level, levels of a doubling grid), in the given order.

    Raises
    ------
    InputError : no parts, parts of different models, operators or meshes, or overlapping points.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> model, mesh = cc.build_model("rashba_square"), cc.EnergyMesh.covering(mu=1.0, temperature=3000.0)
    >>> whole = cc.KGrid.of(model, 16)
    >>> bands = [cc.band_geometry(model, operator="spin_z", grid=whole.shard(n, 2)) for n in (0, 1)]
    >>> sums = cc.merge(cc.accumulate(half, ["velocity"], mesh) for half in bands)
    >>> int(sums.points)
    256
    """
    if isinstance(parts, xr.Dataset) or not isinstance(parts, Iterable):
        raise InputError("sums", parts, "a list of datasets of `accumulate`")
    try:
        parts = list(parts)
    except TypeError:  # an array without an axis
        raise InputError("sums", parts, "a list of datasets of `accumulate`") from None
    if not parts:
        raise InputError("sums", parts, "at least one dataset of `accumulate`")
    first = parts[0]
    for part in parts:
        check_sums(part)
        _check_same(part, first)
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
    total.attrs |= symmetry_of_all(parts) | {
        "pieces": json.dumps(pieces),
        "points": int(sum(part.attrs["points"] for part in parts)),
        "grid": finest.attrs["grid"],
    }
    return total


def symmetry_of_all(parts: Sequence[xr.Dataset]) -> dict[str, object]:
    """What parts say of the symmetry of their model, in one: how many points, and the largest deviations."""
    return {
        name: collect([part.attrs[name] for part in parts])
        for name, collect in SYMMETRY.items()
        if all(name in part.attrs for part in parts)
    }


def check_sums(sums: object) -> None:
    """Refuse what is no dataset of sums: responses and verdicts have some of the same attributes."""
    allowed = "a dataset of `accumulate` or `merge`"
    if not isinstance(sums, xr.Dataset) or "mesh" not in sums.attrs or "pieces" not in sums.attrs:
        raise InputError("sums", stated(f"a {type(sums).__name__}"), allowed)
    if missing := [name for name in _ALWAYS if name not in sums]:
        kind = sums.attrs.get("cc_kind", "a Dataset")
        raise InputError("sums", stated(f"{kind} without {', '.join(missing)}"), allowed)
    if missing := [name for name in _ATTRIBUTES if name not in sums.attrs]:
        raise InputError("sums", stated(f"sums without the attributes {', '.join(missing)}"), allowed)
    try:
        EnergyMesh.from_json(sums.attrs["mesh"])
        pieces, grid = json.loads(sums.attrs["pieces"]), json.loads(sums.attrs["grid"])
        is_known = all(len(piece) == 4 for piece in pieces) and all(n >= 1 for n in grid)
    except (TypeError, ValueError):
        is_known = False
    if not is_known:
        raise InputError("sums", stated("sums of an unknown mesh or grid"), allowed)


def _check_same(part: xr.Dataset, first: xr.Dataset) -> None:
    """Refuse parts that are sums of different things."""
    for key in _IDENTITY:
        one, other = part.attrs.get(key), first.attrs.get(key)
        if one != other:
            raise InputError(f"sums: {key}", one, f"the same {key} in all parts ({other!r})")
    if different := sorted(map(str, set(part.data_vars) ^ set(first.data_vars))):
        raise InputError("sums: quantities", stated(f"{different} in some parts only"), "the same in all parts")
    if not part.coords.to_dataset().equals(first.coords.to_dataset()):
        raise InputError("sums", stated("parts of different coordinates"), "the same coordinates in all parts")
    if not np.allclose(part["measure"], first["measure"], rtol=1e-9, atol=0):
        raise InputError("sums", stated("parts of different regions of k space"), "the same region in all parts")


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
                    "sums", stated(f"points {start}..{stop} of {shape} twice"), "disjoint sets of k-points"
                )
            finer_is_whole = not (only_new if max(shape) > max(other_shape) else other_new)
            if shape != other_shape and finer_is_whole:
                raise InputError(
                    "sums", stated(f"grids {shape} and {other_shape}"), "a doubled grid with its new points only"
                )
