"""`disorder`: the currents that weak disorder adds to the intrinsic one (Eqs. 13-15)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels import checks
from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.attributes import (
    check_tolerance,
    constant_operator,
    model_attributes,
    operator_norm,
)
from cc_kernels.grid import KGrid
from cc_kernels.limits import CONTOUR_GRID, CONTOUR_POINTS
from cc_kernels.responses.diagnosed import diagnostics_in
from cc_kernels.responses.one_pass import responses_on_grid
from cc_kernels.scattering.contour_sums import ABOUT, BAND, check_normal, contour_dataset, scale_attributes
from cc_kernels.scattering.potentials import Potential, potential_of
from cc_kernels.sums.mesh import check_mu, check_temperature
from cc_kernels.units import FEMTOSECOND
from cc_kernels.verdict import narrowest_gap
from cc_kernels.verdict.line_resolution import warning_of

if TYPE_CHECKING:
    from cc_kernels.arguments import Grid, Numbers, OneOperator
    from cc_kernels.models import Model


def disorder(
    model: Model,
    *,
    operator: OneOperator | None = None,
    mu: Numbers | None = None,
    potential: str | Potential = "delta",
    grid: int = 128,
    points: int = 256,
    hall_grid: Grid | None = 512,
    hall_temperature: float = 150.0,
    degeneracy_tolerance: float | None = None,
    relaxation_time: float | None = None,
    **parameters: float,
) -> xr.Dataset:
    """Conductivities from weak, static disorder in the lowest Born order: in two dimensions from its potential, in any
    dimension from a relaxation time.

    Parameters
    ----------
    model, operator, degeneracy_tolerance : as in `band_geometry`.
    mu : chemical potentials, eV; on Fermi lines, away from band edges and crossings.
    potential : "delta", "gaussian" (range, angstrom), "screened_coulomb" (kappa, 1/angstrom; setback, angstrom, which a
        lattice needs), or V(|q|). On a lattice "delta" scatters on the sites, and all others by every q + G, over which
        V^2 must have a sum. V(q) is in eV angstrom^2, the density of scatterers 1/angstrom^2: sigma_occupation falls as
        one over density and strength squared, the rest depends on neither.
    grid : points per axis of the search for Fermi lines.
    points : on the longest Fermi line; the sums converge faster than any power of it where V(q) is smooth.
    hall_grid, hall_temperature : for sigma_hall, a sum over the Fermi sea (kelvin); hall_grid=None leaves out
        sigma_hall and sigma_band.
    relaxation_time : in femtoseconds, instead of a potential; needed in three dimensions. Then there are no Fermi
        lines: all sums are over `hall_grid` (to be doubled until nothing changes) at `hall_temperature`.
    parameters : of the potential.

    Returns
    -------
    Dataset (mu, i, l): sigma_dipole (on the contours), sigma_dipole_scattering (Eq. 14), sigma_side_jump,
    sigma_occupation (Eq. 13), sigma_hall, sigma_band = sigma_hall + sigma_dipole + sigma_dipole_scattering (Eq. 15);
    `<name>_scale` (mu), the sum of absolute contributions; (mu): residual of the Boltzmann equation relative to the
    largest velocity; rate_step, the change of the scattering rate from point to point (above 1/2 they are too few);
    number of contours and of states; and of the Fermi sea what every response says of its grid (temperature_resolution,
    narrowest_gap, near_degeneracy_share, ...). With a relaxation time: sigma_occupation = tau e int (-f') v^i s v^l,
    sigma_dipole_scattering = -sigma_dipole, which holds for every potential (Eq. 14); no side jump, which needs the
    potential.

    Raises
    ------
    InputError : bad arguments; on a lattice, a V(q) that falls off too slowly; a degenerate Fermi line; a mu at a band
        edge, a crossing or a van Hove point; points farther apart than V(q) reaches.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> model = cc.build_model("rashba_square", alpha=0.5)
    >>> result = cc.disorder(model, operator="spin_z", mu=1.0, hall_grid=256, hall_temperature=600)
    >>> share = abs(result.sigma_band).max() / result.sigma_band_scale  # Eq. (15) vanishes for Rashba electrons
    >>> share.item() < 1e-12
    True
    """
    if mu is None:
        raise InputError("mu", mu, "one finite number, or a list of them, in eV")
    mu = check_mu(mu)
    checks.model(model)
    check_normal(model)
    if hall_grid is not None:
        _check_sea(model, hall_grid, hall_temperature)
    if relaxation_time is not None or model.dim != 2:
        time = _check_time(model, relaxation_time, potential, parameters)
        return _of_relaxation(model, operator, mu, time, hall_grid, hall_temperature, degeneracy_tolerance)
    resolved, label = constant_operator(model, operator, "disorder on Fermi lines")
    tolerance = check_tolerance(model, degeneracy_tolerance)
    grid, points = (
        checks.integer(name, value, f"a whole number of at least {least}", minimum=least, maximum=most)
        for name, value, least, most in (("grid", grid, 8, CONTOUR_GRID), ("points", points, 16, CONTOUR_POINTS))
    )
    name = potential if isinstance(potential, str) else "function"
    potentials = {name: potential_of(potential, parameters)}
    result = contour_dataset(model, resolved.matrix, resolved.unit, mu, potentials, grid, points, tolerance)
    result = result.isel(potential=0, drop=True).assign_attrs(
        model_attributes(model, label, resolved.unit, operator_norm(model, [resolved]), tolerance)
    )
    result.attrs |= {"potential": name, "temperature": 0.0, "points": points}
    if text := warning_of(result):
        warnings.warn(text, stacklevel=2)
    result.attrs |= {f"potential_{key}": float(value) for key, value in parameters.items()}
    if hall_grid is not None:
        sea = _of_fermi_sea("disorder", model, operator, hall_grid, mu, hall_temperature, degeneracy_tolerance)
        for name in ("sigma_hall", "sigma_hall_scale"):
            result[name] = sea[name].assign_attrs(temperature=float(hall_temperature))
        result = result.assign(diagnostics_in(sea)).assign_attrs({**sea.attrs, **result.attrs})
        result = with_band_current(result.assign_attrs(hall_temperature=float(hall_temperature)))
    return result


def with_band_current(result: xr.Dataset, dipole: str = "sigma_dipole") -> xr.Dataset:
    """Add sigma_band of Eq. (15), and its scale, from sigma_hall and the two dipole parts."""
    parts = ("sigma_hall", dipole, "sigma_dipole_scattering")
    value = result[parts[0]] + result[parts[1]] + result[parts[2]]
    first, second, third = (result[f"{name}_scale"] for name in parts)
    scale = first + second + third
    order = [dim for dim in ("potential", "mu", "temperature") if dim in value.dims]
    order = [dim for dim in scale.dims if dim not in order] + order
    result["sigma_band"] = value.transpose(*order, "i", "l").assign_attrs(_labelled(result.sigma_hall.attrs, BAND))
    attrs = scale_attributes("sigma_band", result.sigma_hall.attrs)
    result["sigma_band_scale"] = scale.transpose(*order).assign_attrs(attrs)
    return narrowest_gap.with_weight_of(result, "sigma_band", "sigma_hall")


def _of_relaxation(
    model: Model,
    operator: OneOperator | None,
    mu: np.ndarray,
    time: float,
    grid: Grid | None,
    temperature: float,
    tolerance: float | None,
) -> xr.Dataset:
    """Disorder by a relaxation time (femtoseconds), all from sums over a grid."""
    if grid is None:
        raise InputError("hall_grid", grid, "points per axis, beside a relaxation time")
    sea = _of_fermi_sea("transport", model, operator, grid, mu, temperature, tolerance)
    names = ["sigma_dipole", "sigma_dipole_scale", "sigma_hall", "sigma_hall_scale"]
    result = sea[names].assign(diagnostics_in(sea))
    units = {key: value for key, value in sea.sigma_dipole.attrs.items() if key not in ("long_name", "formula")}
    for name, value, scale in (
        ("sigma_dipole_scattering", -sea.sigma_dipole, sea.sigma_dipole_scale),
        (
            "sigma_occupation",
            time * FEMTOSECOND * sea.sigma_relaxation_time,
            time * FEMTOSECOND * sea.sigma_relaxation_time_scale,
        ),
    ):
        result[name] = value.assign_attrs(_labelled(units, ABOUT[name]))
        result[f"{name}_scale"] = scale.assign_attrs(scale_attributes(name, units))
    formula = "tau e int (-f') v_n^i v_n^l s_n, Eq. (13)"
    result["sigma_occupation"].attrs |= {"formula": formula, "relaxation_time": time, "relaxation_time_units": "fs"}
    result["sigma_dipole_scattering"].attrs["formula"] = "-e int f d_l d_n^is, Eq. (14), for every potential"
    result = result.assign_attrs(hall_temperature=float(temperature))
    return with_band_current(result).assign_attrs(relaxation_time=time, temperature=float(temperature))


def _of_fermi_sea(
    response: str,
    model: Model,
    operator: OneOperator | None,
    grid: Grid,
    mu: np.ndarray,
    temperature: float,
    tolerance: float | None,
) -> xr.Dataset:
    """A response of the Fermi sea at one temperature."""
    result = responses_on_grid(
        [response], model, operator=operator, grid=grid, mu=mu, temperature=temperature, degeneracy_tolerance=tolerance
    )
    return result.isel(temperature=0, drop=True)


def _check_sea(model: Model, grid: Grid, temperature: float) -> None:
    """Before any Fermi line is followed, and under the names of the arguments."""
    try:
        KGrid.of(model, grid)
        number = check_temperature(temperature)
    except InputError as error:
        raise InputError(f"hall_{error.key}", error.given, error.allowed) from None
    if number.shape != (1,):
        raise InputError("hall_temperature", temperature, "one positive number, in kelvin")


def _check_time(model: Model, time: object, potential: object, parameters: Mapping[str, float]) -> float:
    """The relaxation time, which replaces a potential."""
    if time is None:
        given = stated(f"nothing for {model.name} in {model.dim} dimensions")
        raise InputError("relaxation_time", given, "femtoseconds above 0; a potential needs a two-dimensional model")
    if potential != "delta" or parameters:
        given = potential if potential != "delta" else sorted(parameters)
        raise InputError("potential", given, "nothing beside a relaxation time")
    return checks.number("relaxation_time", time, "femtoseconds above 0", above=0.0)


def _labelled(attrs: Mapping[str, object], about: tuple[str, str]) -> dict[str, object]:
    plain = {key: value for key, value in attrs.items() if key != "temperature"}
    return plain | {"long_name": about[0], "formula": about[1]}
