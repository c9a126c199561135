"""The verdict over grid density: is a study converged, how large is the error, and how fast does it fall?

One verdict for each variable at each temperature; a study has converged when all have. Converged means that the last
two changes upon doubling the grid, the maximum over mu and components, are below tolerance x scale, and that nothing
stands in the way (`obstacles`): a law of changes that do not fall, a grid that resolves neither the temperature nor a
narrow gap, a Chern number that is no integer. The scale of a variable is the sum of its absolute contributions, the
largest over mu (a superconductor's over temperature) and the smaller one of the last two grids: a null quantity has no
relative error. One small change can be an accident: two coarse grids can miss a feature in one and the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import xarray as xr

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import WITHOUT_MU
from cc_kernels.sums.evaluation import scale_of
from cc_kernels.verdict import narrowest_gap, resolution
from cc_kernels.verdict.changes import TEMPERATURE, Changes, changes_of, with_least_scale
from cc_kernels.verdict.laws import LAWS, Decay, decay
from cc_kernels.verdict.obstacles import obstacles_of
from cc_kernels.verdict.pointwise import pointwise
from cc_kernels.verdict.summary import summary_of


def judge(levels: Sequence[xr.Dataset], tolerance: float) -> xr.Dataset:
    """The verdict on a series of responses.

    Parameters
    ----------
    levels : the responses on grids of increasing density, with `<name>_scale` beside each variable and
        `temperature_resolution`.
    tolerance : largest admissible change relative to the scale.

    Returns
    -------
    Dataset with dims variable and temperature: change (level, ...; relative to the scale, NaN for the first level),
    variable_converged, obstacle (what stands in the way, in words, else empty), error_estimate, rate, law, scale,
    points_needed (NaN where it cannot be told), and worst_mu, worst_<swept parameter>,
    worst_potential, where the last change is largest; the scalar `converged`; resolution (level, temperature),
    points_per_axis (level); of every variable at every mu, temperature and swept value `<name>_error`, `_rate`,
    `_law`, `_extrapolated`; and what the last level says of gaps. `attrs["summary"]` says it in a sentence.

    Raises
    ------
    InputError : no levels, or levels that are not on grids of increasing density.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> model, names = cc.build_model("rashba_square"), ["sigma_intrinsic"]
    >>> levels = [
    ...     cc.transport(model, operator="spin_z", grid=grid, mu=1.0, temperature=3000, variables=names)
    ...     for grid in (64, 128, 256)
    ... ]
    >>> verdict = cc.judge(levels, tolerance=1e-3)
    >>> bool(verdict.converged), verdict.attrs["summary"].partition(":")[0]
    (True, 'converged at 256 points per axis')
    """
    tolerance = checks.number("tolerance", tolerance, "a fraction", minimum=limits.TOLERANCE, maximum=1.0)
    levels = [_without_mu(level) for level in _checked_levels(levels)]
    names = [str(name) for name in levels[0].data_vars if f"{name}_scale" in levels[0]]
    points = np.array([max(json.loads(level.attrs["grid"])) for level in levels])
    if any(a >= b for a, b in pairwise(points)):
        raise InputError("levels", points.tolist(), "grids of increasing density")
    levels = with_least_scale(levels)
    changes = changes_of(levels, names)
    found = decay(points, changes.size.values[1:])
    obstacles = obstacles_of(levels, changes, found, points, tolerance)
    needed = np.max([one.needed for one in obstacles], axis=0)
    blocked = np.any([one.where for one in obstacles], axis=0)
    words = np.full(blocked.shape, "", dtype=object)
    for one in obstacles:
        words[one.where] += np.where(words[one.where] == "", one.name, f"; {one.name}")
    converged = not blocked.any()
    summary = summary_of(levels[-1], changes, found, obstacles, points, needed, tolerance)
    verdict = xr.Dataset(
        {
            "converged": ((), np.int8(converged), {"long_name": "1 if the study has converged"}),
            **_table(changes, found, blocked, words.astype("U256"), needed),
            "resolution": (
                ("level", TEMPERATURE),
                np.stack([np.broadcast_to(resolution.of_temperature(level), blocked.shape[1:]) for level in levels]),
                {"long_name": "largest |v.step|/(pi k_B T)", "units": "1"},
            ),
            "points_per_axis": (("level",), points, {"long_name": "grid points per axis", "units": "1"}),
        },
        {name: changes.scale[name] for name in ("variable", TEMPERATURE)},
        {
            "has_converged": int(converged),
            "tolerance": tolerance,
            "summary": summary,
            "grid": levels[-1].attrs["grid"],
        },
    )
    each = [pointwise(levels, points, name, scale_of(levels[-1], name).variable) for name in names]
    coords = {str(dim): levels[-1][dim] for one in each for part in one.values() for dim in part.dims}
    verdict = verdict.assign_coords({dim: values for dim, values in coords.items() if dim in levels[-1].coords})
    verdict = verdict.assign({name: part for one in each for name, part in one.items()})
    return narrowest_gap.copied(levels[-1], verdict)


def _checked_levels(levels: object) -> list[xr.Dataset]:
    """Refuse what are no responses, or such of different things: sums and verdicts are datasets, too."""
    allowed = "the responses on at least one grid, in a list"
    if isinstance(levels, xr.Dataset) or not isinstance(levels, Iterable) or not (levels := list(levels)):
        raise InputError("levels", levels, allowed)
    for level in levels:
        if not isinstance(level, xr.Dataset):
            raise InputError("levels", stated(f"a {type(level).__name__}"), allowed)
        scales = [str(name) for name in level.data_vars if f"{name}_scale" in level]
        if not scales or resolution.NAME not in level or "grid" not in level.attrs:
            kind = level.attrs.get("cc_kind", "a Dataset")
            raise InputError("levels", stated(f"{kind} without variables, their scales and {resolution.NAME}"), allowed)
        if scales != [str(name) for name in levels[0].data_vars if f"{name}_scale" in levels[0]]:
            raise InputError("levels", stated("responses of different variables"), "the same variables on all grids")
        if level.attrs.get("model_checksum") != levels[0].attrs.get("model_checksum"):
            raise InputError("levels", stated("responses of different models"), "those of one model on all grids")
        for dim in {*level[scales].dims} & {*level.coords}:
            if not level[dim].equals(levels[0][dim]):
                raise InputError("levels", stated(f"responses at different {dim}"), f"the same {dim} on all grids")
    return levels


def _without_mu(level: xr.Dataset) -> xr.Dataset:
    """Where there is no chemical potential to choose, a verdict has no word about it."""
    return level.isel(mu=0, drop=True) if WITHOUT_MU in level.attrs and "mu" in level.dims else level


def _plain(values: np.ndarray) -> np.ndarray:
    """Texts of one length, as they come back from a file."""
    return values.astype("U64") if values.dtype.kind in "UO" else values


def _table(changes: Changes, found: Decay, blocked: np.ndarray, obstacle: np.ndarray, needed: np.ndarray) -> dict:
    """One entry for each variable at each temperature."""
    dims = ("variable", TEMPERATURE)
    places = {
        f"worst_{dim}": (
            dims,
            _plain(place.transpose(*dims).values),
            {"long_name": f"{dim} of the largest last change"} | ({"units": "eV"} if dim == "mu" else {}),
        )
        for dim, place in changes.place.items()
    }
    about_change = {"long_name": "largest change upon doubling / scale", "units": "1"}
    about_error = "the last change: bounds the error of anything that at least halves per doubling"
    about_rate = "observed rate: exponent of 1/N (power), e-folds per grid point (exponential)"
    return {
        "change": (("level", *dims), changes.size.values, about_change),
        "variable_converged": (dims, (~blocked).astype(np.int8), {"long_name": "1 where it has converged"}),
        "obstacle": (dims, obstacle, {"long_name": "what stands in the way of convergence"}),
        "error_estimate": (dims, changes.size.values[-1], {"long_name": about_error, "units": "1"}),
        "rate": (dims, found.rate, {"long_name": about_rate, "units": "1"}),
        "law": (dims, np.array(LAWS, dtype="U32")[found.law], {"long_name": "law of the changes"}),
        "scale": (
            dims,
            changes.scale.values,
            {"long_name": "sum of absolute contributions", "units": "of each variable"},
        ),
        "points_needed": (
            dims,
            needed,
            {"long_name": "points per axis that a converged verdict is expected to need", "units": "1"},
        ),
        **places,
    }
