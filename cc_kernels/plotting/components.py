"""Which Cartesian components of a tensor are worth a panel: those that neither vanish nor repeat another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xarray as xr

from cc_kernels.plotting import style


@dataclass(frozen=True)
class Choice:
    """Components il to draw, of all others what is to be said, and the size below which one counts as zero."""

    drawn: tuple[str, ...]
    note: str
    limit: float


def choose(
    parts: Mapping[str, xr.DataArray], scales: Mapping[str, xr.DataArray], tolerance: float, most: int
) -> Choice:
    """Choose components of (..., i, l) arrays that share their axes.

    A component vanishes if no part of it is anywhere larger than `tolerance` times the largest scale (the sum of the
    absolute contributions), and repeats another one if all parts agree, perhaps with the other sign, within the same.
    Of several the largest are drawn first; if all vanish, xy.
    """
    some = next(iter(parts.values()))
    units = next(
        (f" {style.pretty_units(part.attrs['units'])}" for part in parts.values() if "units" in part.attrs), ""
    )
    axes = [str(name) for name in some["i"].values]
    limit = tolerance * max(float(scale.max()) for scale in scales.values())
    stacked = xr.concat([part.drop_attrs() for part in parts.values()], "part", combine_attrs="drop")
    # xy first, so that of two equal ones it is the one that is drawn
    names = sorted((i + l for i in axes for l in axes), key=lambda name: (name != "xy", name[0] == name[1], name))
    values = {name: stacked.sel(i=name[0], l=name[1], drop=True) for name in names}
    size = {name: float(abs(value).max()) for name, value in values.items()}
    drawn: list[str] = []
    said: list[str] = []
    for name in sorted((name for name in names if size[name] > limit), key=lambda name: -_rounded(size[name])):
        same = next((f"{name} = {sign}{other}" for other in drawn for sign, factor in (("", 1), ("−", -1))
                     if float(abs(values[name] - factor * values[other]).max()) <= limit), "")  # fmt: skip
        if same:
            said.append(same)
        elif len(drawn) < most:
            drawn.append(name)
        else:
            said.append(f"{name} is not drawn")
    vanishing = [name for name in names if size[name] <= limit]
    if vanishing:
        every = len(vanishing) == len(names)
        said.append(("all components vanish" if every else f"{_listed(vanishing)} vanish{'es' * (len(vanishing) == 1)}")
                    + f" (below {limit:.1g}{units})")  # fmt: skip
    note = "components: " + "; ".join(said) if said else ""
    return Choice(tuple(sorted(drawn, key=names.index)) or (names[0],), note, limit)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _rounded(value: float) -> float:
    """To five digits, so that equal components keep their order."""
    return float(f"{value:.4e}")
