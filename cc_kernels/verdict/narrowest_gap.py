"""Narrow gaps between occupied levels, which a series of doubling grids can step over together.

Near a gap the sum of Omega_n s_n over both levels holds (difference of s)/8 pi, however small the gap; a grid whose
step does not resolve it misses that, grid after grid, and agrees with itself. So the minima of the distance between
levels are searched for (`gap_search`), and what the ones that the step does not resolve could hold is compared with
the tolerance of a verdict. Levels within the degeneracy tolerance are a crossing and no gap: their traces are summed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.geometry.attributes import operator_or_default
from cc_kernels.grid import KGrid
from cc_kernels.sums.evaluation import scale_of
from cc_kernels.sums.variables import Variable
from cc_kernels.units import KELVIN
from cc_kernels.verdict.gap_search import Search, search, search_shape
from cc_kernels.verdict.gap_weights import by_variable, energies_along, rounding_held, weight_held
from cc_kernels.verdict.level_minima import risen

if TYPE_CHECKING:
    from cc_kernels.models import Model

NAME, WEIGHT, LARGEST, ROUNDING = "narrowest_gap", "gap_weight", "gap_largest", "crossing_rounding"
_ABOUT = {
    "gap_size": ("distance of two neighbouring levels at a minimum, in order of size", "eV", "eps_n+1 - eps_n"),
    "gap_band": ("the lower of the two levels, from 0", "1", "n"),
    "gap_energy": ("its energy", "eV", "eps_n"),
    "gap_step": ("change of the distance over a grid step away from the minimum", "eV", "(step C step)^(1/2)"),
    "gap_spread": ("largest less smallest value of the operator within the two levels", "1", "s_max - s_min"),
    "gap_k": ("place of the minimum", "1/angstrom", "k"),
}
FOUND = (*_ABOUT, NAME, WEIGHT, LARGEST, ROUNDING)
"""What a response has from the search."""
_REACH = 20
"""Levels that many T above mu hold 2e-9 of an electron."""
_NAMED = 3
"""Places that a sentence names."""
NOTABLE = 1e-2
"""A response that could miss more than this part of its scale is worth a warning; a study's tolerance decides."""


def gaps_of(
    sums: xr.Dataset, model: Model, operator: str | np.ndarray | None, mu: object, temperature: object
) -> Search:
    """The search that belongs to the grid of `sums`, for levels that the given mu (eV) and T (kelvin) occupy."""
    resolved = model.operator(operator_or_default(model, operator))
    highest = float(np.max(mu)) + _REACH * KELVIN * float(np.max(temperature))
    return search(model, resolved, search_shape(_shape(sums)), highest, float(sums.attrs["degeneracy_tolerance"]))


def with_gaps(result: xr.Dataset, model: Model, found: Search, variables: Mapping[str, Variable]) -> xr.Dataset:
    """A response with what is known of gaps on its grid.

    Parameters
    ----------
    result : with dims mu, temperature.
    found : of `gaps_of`.
    variables : of the response, by name.

    Returns
    -------
    With narrowest_gap, the smallest beyond the degeneracy tolerance (eV; NaN for one band); with dim gap (NaN is none):
    gap_size, gap_band, gap_energy, gap_k (gap, i), gap_spread, and gap_step, what the grid step resolves; with dims
    variable, mu, temperature: gap_weight, what unresolved gaps could add to a variable, in its units, gap_largest,
    which of the gaps most (-1: none), and crossing_rounding, its rounding errors beside crossings; band_bottom,
    band_top (eV).
    """
    minima, tolerance = found.minima, float(result.attrs["degeneracy_tolerance"])
    grid = KGrid.of(model, _shape(result), json.loads(result.attrs["shift"]))
    step = risen(model, minima, grid.step)
    gap = minima.size > tolerance
    columns = {
        "gap_size": minima.size,
        "gap_band": minima.band,
        "gap_energy": minima.energy,
        "gap_step": step,
        "gap_spread": minima.spread,
        "gap_k": minima.k,
    }
    found_of: dict[str, xr.Variable | xr.DataArray] = {}
    for name, values in columns.items():
        # at least one row: netCDF takes a dim of length 0 for one that may grow
        rows = values if len(values) else np.full((1, *values.shape[1:]), np.nan)
        about = dict(zip(("long_name", "units", "formula"), _ABOUT[name], strict=True))
        found_of[name] = xr.Variable(("gap", "i")[: values.ndim], rows, about)
    about = {"units": "eV", "long_name": "narrowest gap beyond the degeneracy tolerance, below the highest mu + 20 T"}
    about["formula"] = "min over n, k of eps_n+1 - eps_n"
    narrowest = minima.size[gap].min(initial=np.inf) if gap.any() else np.nan
    found_of[NAME] = xr.Variable((), narrowest, about)
    missed = np.flatnonzero((minima.size > 0) & (np.maximum(minima.size, tolerance) < step))
    held = weight_held(grid, minima[missed], step[missed], tolerance)
    energies = energies_along(model, minima[missed], step[missed], grid)
    weight, largest = by_variable(result, variables, energies, held)
    weight.attrs |= {
        "long_name": "what gaps narrower than the grid resolves could add",
        "formula": "sum |window| (s_max - s_min)/4 pi",
    }
    which = weight.copy(data=np.append(missed, -1)[np.where(weight > 0, largest, -1)])
    which.attrs = {"long_name": "the gap that could add most (-1: none)", "units": "1", "formula": "arg max"}
    crossing = minima[~gap]
    rounding, _ = by_variable(
        result,
        variables,
        crossing.energy[:, None],
        rounding_held(result, crossing, grid, max(abs(found.bottom), abs(found.top))),
    )
    rounding.attrs |= {
        "long_name": "rounding at the grid points nearest to crossings",
        "formula": "sum |window| eps |H|/omega V^b omega^(a-b) x cell",
    }
    found_of |= {WEIGHT: weight, LARGEST: which, ROUNDING: rounding}
    for name, value, what in (("band_bottom", found.bottom, "lowest"), ("band_top", found.top, "highest")):
        about = {"units": "eV", "long_name": f"{what} energy of all bands", "formula": f"{name[5:]} of eps_n"}
        found_of[name] = xr.Variable((), value, about)
    # With an index, results of different numbers of gaps can be joined and subtracted.
    return result.assign(found_of).assign_coords(gap=np.arange(found_of["gap_size"].size))


def with_weight_of(result: xr.Dataset, name: str, part: str) -> xr.Dataset:
    """A further variable misses what its `part` misses."""
    if WEIGHT not in result or part not in result["variable"]:
        return result
    both = result[[WEIGHT, LARGEST, ROUNDING]]
    both = both.sel(variable=[one for one in both["variable"].values if one in result])
    row = both.sel(variable=[part]).assign_coords(variable=np.array([name], dtype="U64"))
    return result.drop_dims("variable").merge(xr.concat([both, row], "variable"), combine_attrs="override")


def gaps(result: xr.Dataset) -> xr.Dataset:
    """All gaps of a response, resolved or not: those that the search could not resolve itself, and the lowest of each
    pair of bands."""
    return _rows(result, lambda table, tolerance: table.gap_size > tolerance)


def by_pair(table: xr.Dataset) -> Iterator[tuple[int, xr.Dataset]]:
    """Gaps or crossings by their lower band, in their order."""
    for band in np.unique(table.gap_band.values) if "gap_band" in table else ():
        yield int(band), table.isel(gap=np.flatnonzero(table.gap_band == band))


def crossings(result: xr.Dataset) -> xr.Dataset:
    """Where levels cross: distances within the degeneracy tolerance."""
    return _rows(result, lambda table, tolerance: table.gap_size <= tolerance)


def is_known(result: xr.Dataset) -> bool:
    """Does a response say what its grid resolves?"""
    return all(name in result for name in (WEIGHT, LARGEST, ROUNDING, *_ABOUT))


def relative(result: xr.Dataset, name: str = WEIGHT) -> xr.DataArray:
    """What gaps could add to each variable (or rounding), relative to its scale: (variable, mu, temperature, ...)."""
    rows = [row for row, one in enumerate(result["variable"].values) if f"{one}_scale" in result]
    held = result[name].isel(variable=rows)
    each = []
    for row, one in enumerate(held["variable"].values):
        scale = scale_of(result, str(one)).variable
        each.append(held.variable.isel(variable=row) / scale.where(scale > 0, 1))
    sizes = {dim: size for one in each for dim, size in one.sizes.items()}
    joined = xr.Variable.concat([one.set_dims(sizes) for one in each], "variable")
    coords = {dim: result[dim] for dim in sizes if dim in result.coords}
    return xr.DataArray(joined, {"variable": held["variable"], **coords})


def worst(result: xr.Dataset, among: Sequence[str] | None = None) -> dict[str, object]:
    """Variable, mu, temperature and swept value where gaps could add most, relative to the scale, among variables."""
    missed = relative(result)
    missed = missed if among is None else missed.sel(variable=list(among))
    return {dim: missed[dim][index].item() for dim, index in missed.argmax(missed.dims).items()}


def steps_per_gap(result: xr.Dataset) -> xr.DataArray:
    """How many times denser a grid begins to resolve the gap that could add most: dims of gap_weight; 1: none could."""
    which = _largest(result)
    size = result.gap_size.clip(float(result.attrs["degeneracy_tolerance"]))
    times = (result.gap_step / size).isel(gap=which.clip(0).drop_vars(list(which.coords)))
    return times.assign_coords(which.coords).where(which >= 0, 1)


def largest_at(result: xr.Dataset, point: Mapping[str, object]) -> xr.Dataset:
    """The gap that could add most to a variable at a mu, temperature and swept value, and those that are equal to it by
    symmetry, in their order."""
    table = result[list(_ABOUT)].sel({dim: value for dim, value in point.items() if dim in result.gap_size.dims})
    largest = table.isel(gap=int(_largest(result).sel(point)))
    same = (table.gap_band == largest.gap_band) & (abs(table.gap_size / largest.gap_size - 1) < 1e-2)
    return table.isel(gap=np.flatnonzero(same))


def _largest(result: xr.Dataset) -> xr.DataArray:
    """gap_largest; responses with different variables, joined, have NaN where one lacks them."""
    return result[LARGEST].fillna(-1).astype(int)


def copied(result: xr.Dataset, verdict: xr.Dataset) -> xr.Dataset:
    """The verdict with what a response says of gaps and crossings."""
    names = [name for name in (*_ABOUT, NAME, "band_bottom", "band_top") if name in result]
    about = {
        key: result.attrs[key] for key in ("degeneracy_tolerance", "operator_norm") if names and key in result.attrs
    }
    return verdict.assign({name: result[name] for name in names}).assign_attrs(about)


def _rows(result: xr.Dataset, chosen: Callable[[xr.Dataset, float], xr.DataArray]) -> xr.Dataset:
    """Rows of the table of gaps; those of a sweep one after the other."""
    if not all(name in result for name in _ABOUT):
        return xr.Dataset()
    table = result[list(_ABOUT)]
    if sweep := [dim for dim in table.dims if dim not in ("gap", "i")]:
        table = table.stack(row=(*sweep, "gap")).reset_index("row").drop_vars("gap", errors="ignore").rename(row="gap")
    rows = np.flatnonzero(chosen(table, float(result.attrs["degeneracy_tolerance"])))
    return table.isel(gap=rows[np.argsort(table.gap_size.values[rows], kind="stable")])


def gap_text(table: xr.Dataset) -> str:
    """Gaps of equal size, as of `largest_at`, in words: size, bands and all places."""
    band = int(table.gap_band[0])
    return (
        f"a gap of {float(table.gap_size[0]):.3g} eV between bands {band} and {band + 1} at k = {places_text(table)} "
        f"is narrower than the {float(table.gap_step.max()):.2g} eV that the grid step resolves"
    )


def places_text(table: xr.Dataset) -> str:
    """Some places of gaps or crossings in words, 1/angstrom."""
    places = ["(" + ", ".join(f"{x + 0.0:.5f}" for x in k) + ")" for k in table.gap_k.transpose("gap", "i").values]
    places = list(dict.fromkeys(place.replace("-0.00000", "0.00000") for place in places))
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return ", ".join(places[:_NAMED]) + more if more else " and ".join(places)


def warning_of(result: xr.Dataset) -> str:
    """A sentence where a gap is not resolved that could matter, else empty."""
    if not is_known(result) or not float(result[WEIGHT].max()) > 0:
        return ""
    point = worst(result)
    missed = float(relative(result).sel(point))
    if not missed > NOTABLE:
        return ""
    text = gap_text(largest_at(result, point))
    return f"{text}: {point['variable']} could miss {missed:.1g} x its scale (see {NAME})"


def _shape(dataset: xr.Dataset) -> tuple[int, ...]:
    return tuple(json.loads(dataset.attrs["grid"]))
