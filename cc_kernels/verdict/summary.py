"""The verdict in a sentence: which variable, at which temperature and mu, why, and what would help."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from cc_kernels.grid import points_text
from cc_kernels.verdict import band_range, box, narrowest_gap, near_degeneracy, resolution
from cc_kernels.verdict import line_resolution as points_on_lines
from cc_kernels.verdict import obstacles as kinds
from cc_kernels.verdict.changes import Changes
from cc_kernels.verdict.laws import LAWS, Decay
from cc_kernels.verdict.obstacles import Obstacle

_UNITS = {"mu": " eV"}
_NAMED = 3
_MANY = 1_000_000


def summary_of(
    last: xr.Dataset,
    changes: Changes,
    found: Decay,
    obstacles: Sequence[Obstacle],
    points: np.ndarray,
    needed: np.ndarray,
    tolerance: float,
) -> str:
    """The sentence; `needed` (variable, temperature): points per axis, NaN where it cannot be told."""
    at, finest = {one.name: one.where for one in obstacles}, points_text(json.loads(last.attrs["grid"]))
    notes = [text for what in (near_degeneracy, box, points_on_lines) if (text := what.warning_of(last))]
    if not at[kinds.OUTSIDE].any() and (text := band_range.warning_of(last)):
        notes.append(text)
    if not any(where.any() for where in at.values()):
        two = [f"{float(worst):.1e}" for worst in changes.size[-2:].max(("variable", "temperature"))]
        text = f"converged at {finest} points per axis: last changes {', '.join(two)} <= {tolerance:.1e}"
        return "; ".join([text, *notes])
    reasons = []
    if at[kinds.OUTSIDE].any():
        reasons.append(band_range.warning_of(last))
    if at[kinds.GRIDS].any():
        reasons.append(f"{len(points)} grid(s) evaluated, a verdict needs three")
    elif at[kinds.CHANGES].any():
        reasons.append(_of_changes(at[kinds.CHANGES], changes, found, tolerance))
    if at[kinds.SCALE].any() and not at[kinds.GRIDS].any():
        names = _list([str(name) for name in changes.size["variable"].values[at[kinds.SCALE].any(1)]])
        reasons.append(
            f"{names}: the scale, the sum of absolute contributions, has not settled (levels that come close at a "
            "point of the grid)"
        )
    if (rising := at[kinds.RISING] & ~at[kinds.CHANGES] & ~at[kinds.GRIDS]).any():
        reasons.append(_of_changes(rising, changes, found, tolerance))
    if at[kinds.COARSE].any():
        cold = last["temperature"].values[at[kinds.COARSE].any(0)] if "temperature" in last.coords else []
        reasons.append(resolution.warning_of(last) + (f", at {_kelvin(cold)}" if len(cold) else ""))
    if at[kinds.GAP].any():
        reasons.append(_of_gap(at[kinds.GAP], last, changes))
    if at[kinds.INTEGER].any():
        reasons.append(_of_chern(last))
    text = f"NOT CONVERGED at {finest} points per axis: " + "; ".join(reasons)
    blocked = np.any(list(at.values()), axis=0)
    wanted = needed[blocked]
    if np.isfinite(wanted).all() and wanted.max() > points[-1]:
        many = wanted.max() > _MANY
        about = "at least" if at[kinds.GAP].any() else "about"  # a gap begins to be resolved there
        text += f"; {f'more than {_MANY:,}' if many else f'{about} {wanted.max():.0f}'} points per axis are needed"
    return "; ".join([text, *notes])


def _of_changes(where: np.ndarray, changes: Changes, found: Decay, tolerance: float) -> str:
    """The worst of the variables and temperatures in `where`, and how many others there are."""
    size = changes.size.values[-2:].max(0)
    row, column = np.unravel_index(np.argmax(np.where(where, np.nan_to_num(size, nan=np.inf), -1)), size.shape)
    name, kelvin = str(changes.size["variable"].values[row]), float(changes.size["temperature"].values[column])
    two = changes.size.values[-2:, row, column]
    place = place_text({dim: place.values[row, column] for dim, place in changes.place.items()}, kelvin)
    law, rate = LAWS[found.law[row, column]], found.rate[row, column]
    if law == "not falling":
        how = ", which do not fall"
    elif np.isfinite(rate):
        how = f", falling as N^-{rate:.2g}" if law == "power" else f", falling as exp(-{rate:.2g} N)"
    else:
        how = ""
    return (
        f"{name}{f' at {place}' if place else ''}: last changes {two[0]:.1e}, {two[1]:.1e}{how} (tolerance "
        f"{tolerance:.1e})" + _others(where, changes, name)
    )


def _others(where: np.ndarray, changes: Changes, name: str) -> str:
    names = [str(other) for other in changes.size["variable"].values[where.any(1)] if str(other) != name]
    kelvin = changes.size["temperature"].values[where.any(0)]
    also = f"; also {_list(names)}" if names else ""
    return also + (f"; at {_kelvin(kelvin)}" if len(kelvin) > 1 else "")


def _of_gap(where: np.ndarray, last: xr.Dataset, changes: Changes) -> str:
    """The gap that could add most to one of the variables in `where`, at the worst mu, temperature and swept value."""
    names = [str(name) for name in changes.size["variable"].values[where.any(1)]]
    point = narrowest_gap.worst(last, names)
    table = narrowest_gap.largest_at(last, point)
    name, kelvin = point.pop("variable"), point.pop("temperature")
    others = [one for one in names if one != name]
    return (
        f"{narrowest_gap.gap_text(table)}: {name} at {place_text(point, kelvin)} may miss what is there"
        f"{f'; also {_list(others)}' if others else ''} (look at this place; a degeneracy_tolerance far above "
        f"{float(table.gap_size.max()):.3g} eV makes the two levels one group, and computes that instead"
        f"{_or_sea(names)})"
    )


def _or_sea(names: Sequence[str]) -> str:
    """The variables beside those named that a gap between occupied levels does not spoil."""
    sea = {
        "sigma_intrinsic": "sigma_intrinsic_sea",
        "alpha_intrinsic": "alpha_intrinsic_sea",
        "magnetization": "magnetization_sea",
    }
    instead = [sea[name] for name in names if name in sea]
    return f"; {_list(instead)} needs no such grid" if instead else ""


def _of_chern(last: xr.Dataset) -> str:
    off = abs(last[kinds.CHERN] - last[kinds.CHERN].round())
    worst = last[kinds.CHERN].isel(off.argmax(list(off.dims))) if off.dims else last[kinds.CHERN]
    place = place_text({name: worst[name].item() for name in off.dims})
    at, number = f" at {place}" if place else "", float(worst)
    return (
        f"the Chern number {number:.4f}{at} is {abs(number - round(number)):.1g} off an integer: the grid does not "
        "resolve the gap"
    )


def place_text(place: Mapping[str, object], kelvin: float = np.nan) -> str:
    """Such as "20 K, mu = 0.01 eV, alpha = 0.5"."""
    parts = [] if np.isnan(kelvin) else [f"{kelvin:g} K"]
    for dim, value in place.items():
        if isinstance(value, str):
            parts.append(f"{dim} {value}")
        elif np.isfinite(value):
            parts.append(f"{dim} = {value:g}{_UNITS.get(dim, '')}")
    return ", ".join(parts)


def _kelvin(values: np.ndarray) -> str:
    if len(values) == 1:
        return f"{values[0]:g} K"
    return f"{len(values)} temperatures from {min(values):g} to {max(values):g} K"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
