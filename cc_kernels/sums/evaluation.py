"""`evaluate`: from additive sums to values at any mu and T, with the scale of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import WITHOUT_MU
from cc_kernels.grid import number_of_points
from cc_kernels.models.base import FERMI
from cc_kernels.sums.filtering import filter_sums
from cc_kernels.sums.merging import check_sums, points_expected
from cc_kernels.sums.mesh import REACH, EnergyMesh, check_values
from cc_kernels.sums.variables import Term, Variable
from cc_kernels.sums.windows import LIMITS, NAMES, WINDOWS, Window
from cc_kernels.units import KELVIN

if TYPE_CHECKING:
    from cc_kernels.arguments import Numbers

_TAILS = 1e-6
"""Of what a window could give at most: above this, what lies beyond `REACH` is 4e-12 of it. For less it reaches as
much further as the tails take to fall by the rest."""
_BLOCK = 2**22
"""Elements of the (mu, node) matrix that are held at a time (32 MiB)."""


def evaluate(
    sums: xr.Dataset,
    mu: Numbers,
    temperature: Numbers,
    variables: Mapping[str, Variable] | None = None,
) -> xr.Dataset:
    """Response variables at every mu and temperature.

    Parameters
    ----------
    sums : from `accumulate` or `merge`, complete up to its finest grid.
    mu : eV, within the mesh's window.
    temperature : kelvin, not below the mesh's lowest.
    variables : name -> Variable; default: int f X for every state sum X.

    Returns
    -------
    Dataset with dims mu, temperature and Cartesian indices, and `<name>_scale` (mu, temperature): the sum of the
    absolute contributions, the largest component.
    """
    check_sums(sums)
    mu, temperature = check_values(mu, temperature)
    if sums.attrs.get("sweep") in sums.dims:
        sweep = sums.attrs["sweep"]
        raise InputError("sums", stated(f"sums along the sweep of {sweep}"), f"one value of it: sums.isel({sweep}=0)")
    mesh = EnergyMesh.from_json(sums.attrs["mesh"])
    _check_range(mesh, mu, temperature)
    expected = number_of_points(json.loads(sums.attrs["grid"]), bool(sums.attrs.get("closed")))
    if sums.attrs["points"] != expected:
        given = stated(f"{sums.attrs['points']} of the {expected} points of the grid {sums.attrs['grid']}")
        raise InputError("sums", given, "all shards and levels of the grid, merged")
    if variables is None:
        names = [name for name in sums.data_vars if f"{name}_below" in sums]
        variables = {name: Variable((Term("occupation", name),), sums[name].dims[1:]) for name in names}

    if not variables:
        raise InputError("what", variables, "at least one variable")
    for name, variable in variables.items():
        _check_variable(name, variable)
        if missing := [term.quantity for term in variable.terms if f"{term.quantity}_below" not in sums]:
            given = stated("sums without " + ", ".join(dict.fromkeys(missing)))
            raise InputError("sums", given, f"sums of the responses that {name} belongs to, or sums that it is made of")
        indices = {tuple(sorted(set(sums[term.quantity].dims[1:]) - {"operator"})) for term in variable.terms}
        if indices != {tuple(sorted(variable.indices))}:
            allowed = " or ".join(str(one) for one in sorted(indices)) + ", those of all its terms"
            raise InputError(f"what: indices of {name}", variable.indices, allowed)
    normalization = float(sums["measure"]) / points_expected(sums) / sums.attrs["particle_hole_copies"]
    terms = [term for variable in variables.values() for term in variable.terms]
    integrals = _Integrals(sums, mesh, mu, temperature, normalization, terms)
    coords = {"mu": ("mu", mu, {"units": "eV", "long_name": "chemical potential"})}
    coords["temperature"] = ("temperature", temperature, {"units": "K", "long_name": "temperature"})
    coords |= {name: sums[name] for name in ("i", "l", "operator") if name in sums.coords}
    values: dict[str, xr.Variable] = {}  # a dataset that grows aligns all that it has each time
    for name, variable in variables.items():
        value = sum(term.factor * integrals.value(term) for term in variable.terms)
        scale = sum(abs(term.factor) * integrals.absolute(term) for term in variable.terms)
        kept = [dim for dim in ("mu", "temperature", "operator") if dim in value.dims]
        scale = scale.max([dim for dim in scale.dims if dim not in kept])
        dims = (*kept, *variable.indices)
        values[name] = xr.Variable(dims, value.transpose(*dims).values, variable.attrs)
        about = {
            "long_name": f"sum of absolute contributions to {name}",
            "formula": "int |window X|, largest component",
        }
        about["units"] = variable.attrs.get("units", "1")
        values[f"{name}_scale"] = xr.Variable(scale.dims, scale.values, about)
    return xr.Dataset(values, coords, sums.attrs)


def _check_variable(name: object, variable: object) -> None:
    """Refuse what is no variable in a table of a user's own."""
    allowed = "a Variable of at least one Term"
    if not isinstance(variable, Variable) or not variable.terms:
        raise InputError(f"what: {name}", variable, allowed)
    for term in variable.terms:
        if not isinstance(term, Term):
            raise InputError(f"what: {name}", term, allowed)
        if term.window not in NAMES:
            checks.unknown_name(f"what: window of {name}", term.window, NAMES)
        checks.number(f"what: factor of {name}", term.factor)


def scale_of(result: xr.Dataset, name: str) -> xr.DataArray:
    """The scale of a response variable: the largest sum of absolute contributions over mu.

    Of superconductors and bosons, which have no mu, over temperature: thermally activated parts have no scale of their
    own where the gap has frozen them out.
    """
    scale = result[f"{name}_scale"]
    has_mu = WITHOUT_MU not in result.attrs and "mu" in scale.dims
    over = [dim for dim in (("mu",) if has_mu else ("mu", "temperature")) if dim in scale.dims]
    return scale.max(over, skipna=False)


class _Integrals:
    """int [dk] window X for every (mu, T), for each window and the state sums X that it is wanted of."""

    def __init__(
        self,
        sums: xr.Dataset,
        mesh: EnergyMesh,
        mu: np.ndarray,
        temperature: np.ndarray,
        norm: float,
        terms: Iterable[Term],
    ) -> None:
        self.mesh, self.mu, self.T = mesh, mu, temperature * KELVIN
        wanted: dict[str, dict[str, None]] = {}
        for term in terms:
            wanted.setdefault(term.window, {})[term.quantity] = None
        every = list(dict.fromkeys(name for names in wanted.values() for name in names))
        self._filtered = filter_sums(_columns(sums, every, ""))  # once, for all windows
        self._places = _places(sums, every)
        self._values, self._sizes = {}, {}
        for window, names in wanted.items():
            value, size = self._of_window(window, sums, list(names))
            self._values[window] = _labelled(norm * value, sums, list(names))
            self._sizes[window] = _labelled(norm * size, sums, list(names))

    def value(self, term: Term) -> xr.Variable:
        return self._values[term.window][term.quantity]

    def absolute(self, term: Term) -> xr.Variable:
        """int |window X|."""
        return self._sizes[term.window][term.quantity]

    def _of_window(self, name: str, sums: xr.Dataset, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """int window X and int |window X| for every mu and T and all columns."""
        weights = np.concatenate([self._filtered[:, self._places[one]] for one in names], axis=1)
        absolutes, below = _columns(sums, names, "_absolute"), _columns(sums, names, "_below")
        window = WINDOWS[self.mesh.statistics][name]
        whole = _sums_before(weights, below[0])
        moment = _sums_before(weights * self.mesh.nodes[:, None], below[1])
        bins = self.mesh.where_windows_are_taken(self.mesh.bin_centres)
        sizes = self._weighted(lambda x, T: abs(window(x, T)), bins, absolutes)
        a, b = LIMITS[self.mesh.statistics].get(name, (0.0, 0.0))
        nodes, mu, most = self.mesh.nodes, self.mu, absolutes.sum(0)
        taken = self.mesh.where_windows_are_taken(nodes)
        result = np.empty((len(mu), len(self.T), weights.shape[1]))
        is_local = name != "everything" and self.mesh.statistics == FERMI  # bosons have few nodes, far apart
        for column, T in enumerate(self.T):
            reach = np.inf
            if is_local:
                peak = np.abs(window(np.linspace(-REACH, REACH, 257), T)).max()
                # Where nothing but tails contributes, the weights of nodes without states have to cancel in them.
                reach = REACH + _depth(sizes[:, column], _TAILS * peak * most)
            first, last = np.searchsorted(nodes, [mu - reach * T, mu + reach * T])
            # Nodes further below mu through the limit a + b (eps - mu).
            result[:, column] = a * whole[first] + b * (moment[first] - mu[:, None] * whole[first])
            for row in range(len(mu)):
                near = slice(first[row], last[row])
                result[row, column] += window((taken[near] - mu[row]) / T, T) @ weights[near]
        return result, sizes

    def _weighted(self, window: Window, energies: np.ndarray, weights: np.ndarray) -> np.ndarray:
        result = np.empty((len(self.mu), len(self.T), weights.shape[1]))
        rows = max(1, _BLOCK // len(energies))
        for column, T in enumerate(self.T):
            for start in range(0, len(self.mu), rows):
                x = (energies - self.mu[start : start + rows, None]) / T
                result[start : start + rows, column] = window(x, T) @ weights
        return result


def _depth(sizes: np.ndarray, least: np.ndarray) -> np.ndarray:
    """(mu,) ln(least/size), at least 0, of the column (mu, columns) that is smallest against it."""
    ratios = np.divide(least, sizes, out=np.full(sizes.shape, np.inf), where=sizes > 0)
    return np.log(np.where(least > 0, ratios, 1.0)).clip(0).max(-1, initial=0.0)


def _labelled(table: np.ndarray, sums: xr.Dataset, names: list[str]) -> dict[str, xr.Variable]:
    """The columns of `_columns` apart again."""
    result = {}
    for name, place in _places(sums, names).items():
        data = table[..., place].reshape(*table.shape[:2], *sums[name].shape[1:])
        result[name] = xr.Variable(("mu", "temperature", *sums[name].dims[1:]), data)
    return result


def _places(sums: xr.Dataset, names: list[str]) -> dict[str, slice]:
    """Where each state sum lies among the columns of `_columns`."""
    ends = np.cumsum([int(np.prod(sums[name].shape[1:], dtype=int)) for name in names]).tolist()
    return {name: slice(*ends) for name, ends in zip(names, pairwise([0, *ends]), strict=True)}


def _sums_before(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """(nodes + 1, columns): `start`, and the sum of all rows before each one on top of it."""
    result = np.empty((len(values) + 1, values.shape[1]))
    result[0] = start
    np.cumsum(values, axis=0, out=result[1:])
    result[1:] += start
    return result


def _columns(sums: xr.Dataset, names: list[str], suffix: str) -> np.ndarray:
    """All state sums side by side: (nodes, bins or moments; components)."""
    arrays = [sums[name + suffix].values for name in names]
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


def _check_range(mesh: EnergyMesh, mu: np.ndarray, temperature: np.ndarray) -> None:
    slack = 1e-9 * max(1.0, abs(mesh.mu_start), abs(mesh.mu_stop))
    if mu.min() < mesh.mu_start - slack or mu.max() > mesh.mu_stop + slack:
        raise InputError("mu", mu.tolist(), f"{mesh.mu_start} to {mesh.mu_stop} eV, the window of these sums")
    low, high = mesh.temperature_lowest, mesh.temperature_ceiling
    if temperature.min() < low * (1 - 1e-9) or temperature.max() > high * (1 + 1e-9):
        raise InputError("temperature", temperature.tolist(), f"{low} to {high} K, the range of these sums")
