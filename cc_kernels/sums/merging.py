"""`merge`: the sums of disjoint sets of k-points (shards, levels of a doubling grid) add."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.grid_series import Piece, check_disjoint, piece_of
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
    "sweep",
)
_ATTRIBUTES = ("mesh", "pieces", "grid", "shift", "points", "particle_hole_copies", "dimension", "operator_unit")
GEOMETRY = ("measure", "longest_step")
"""Variables that belong to the grid and are not summed."""
SYMMETRY: dict[str, Callable] = {
    "symmetry_points": sum,
    "symmetry_deviation": max,
    "symmetry_deviation_of_levels": max,
}
"""Attributes of folded grids that are numbers, and what becomes of those of several sums."""
_GROUP = ("symmetry", "symmetry_operations", "symmetry_time_reversal")
_ALWAYS = ("fastest", *GEOMETRY)


def merge(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Add the sums of disjoint sets of k-points (shards of a level, levels of a doubling grid), in the given order.

    Raises
    ------
    InputError : no parts, parts of different models, operators or meshes, overlapping points, or levels whose shifts do
        not double modulo 1.

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
    entries = [one for part in parts for one in json.loads(part.attrs["pieces"])]
    pieces = list(map(piece_of, entries))
    check_disjoint(pieces)
    group = _group_of_all(parts, pieces)
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
    total.attrs |= (
        symmetry_of_all(parts)
        | group
        | {
            "pieces": json.dumps(entries),
            "points": int(sum(part.attrs["points"] for part in parts)),
            "grid": finest.attrs["grid"],
            "shift": finest.attrs["shift"],
        }
    )
    return total


def _group_of_all(parts: Sequence[xr.Dataset], pieces: Sequence[Piece]) -> dict[str, object]:
    """The symmetries by which all parts are folded: the same, but where a shift doubles to one that keeps more.

    The coarse grids of a hexagonal lattice with the shift 1/2 have half turns alone, and the next ones, which have
    none, all that the lattice has.
    """
    each = {tuple(part.attrs.get(key) for key in _GROUP): _operations(part) for part in parts}
    smallest = min(each, key=lambda group: sum(map(len, each[group])) / len(each[group]))
    is_shifted = any(points.is_shifted for points, *_ in pieces)
    for group, operations in each.items():
        may_differ = is_shifted and None not in (*group, *smallest)
        if group != smallest and not (may_differ and _include(operations, each[smallest])):
            key, one, other = next(
                (key, one, other) for key, one, other in zip(_GROUP, group, smallest, strict=True) if one != other
            )
            raise InputError(f"sums: {key}", one, f"the same {key} in all parts ({other!r})")
    return {key: one for key, one in zip(_GROUP, smallest, strict=True) if one is not None}


def _operations(part: xr.Dataset) -> list[set[str]]:
    """The operations by which sums are folded: one set, or one for each value of a sweep where they differ."""
    found = json.loads(part.attrs.get("symmetry_operations", "[]"))
    return [set(json.loads(one)) for one in found] if found and found[0].startswith("[") else [set(found)]


def _include(operations: list[set[str]], fewer: list[set[str]]) -> bool:
    """At each value of a sweep."""
    values = max(len(operations), len(fewer))
    more, few = (one * (values // len(one)) for one in (operations, fewer))
    return all(a >= b for a, b in zip(more, few, strict=True))


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
        is_known = all(map(piece_of, pieces)) and all(n >= 1 for n in grid)
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
