"""Currents that weak disorder adds to the intrinsic one, at T = 0 (Eqs. 13-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, phrase
from cc_kernels.geometry.dataset import CARTESIAN, check_tolerance, model_attributes, resolve_operator
from cc_kernels.scattering.contours import fermi_contours
from cc_kernels.scattering.pairs import distribution, scattering
from cc_kernels.scattering.potentials import Potential, potential_of
from cc_kernels.scattering.states import fermi_states
from cc_kernels.spectral.mesh import check_mu
from cc_kernels.units import unit_attributes

if TYPE_CHECKING:
    from cc_kernels.models import Model

_ABOUT = {
    "sigma_dipole": ("dipole part of the intrinsic conductivity", "e int (-f') v_n^l d_n^is, Eq. (11)"),
    "sigma_dipole_scattering": ("dipole change upon scattering", "int delta f sum P (d' - d), Eq. (14)"),
    "sigma_side_jump": ("side jump", "int delta f sum P delta_sj r, above Eq. (14)"),
    "sigma_occupation": ("shifted occupation", "int delta f v_n^i s_n, Eq. (13)"),
}


def disorder(
    model: Model,
    operator: str | np.ndarray | None = None,
    mu: float | Sequence[float] | None = None,
    potential: str | Potential = "delta",
    grid: int = 128,
    points: int = 256,
    hall_grid: int | None = 512,
    hall_temperature: float = 100.0,
    degeneracy_tolerance: float | None = None,
    **parameters: float,
) -> xr.Dataset:
    """Conductivities from weak, static disorder in the lowest Born order, for any two-dimensional model.

    Parameters
    ----------
    model, operator, degeneracy_tolerance : as in `band_geometry`.
    mu : chemical potentials, eV, away from band edges and crossings.
    potential : "delta", "gaussian" (range, angstrom), "screened_coulomb" (kappa, 1/angstrom), or V(|q|).
        The density of scatterers is 1: sigma_occupation is for n_i V(0)^2 in these units, the others depend neither
        on strength nor on density.
    grid : points per axis of the search for Fermi lines.
    points : on the longest Fermi line; the sums converge faster than any power of it where V(q) is smooth.
    hall_grid, hall_temperature : for sigma_hall, a sum over the Fermi sea (kelvin); hall_grid=None leaves out
        sigma_hall and sigma_band.
    parameters : of the potential.

    Returns
    -------
    Dataset (mu, i, l): sigma_dipole (on the contours), sigma_dipole_scattering (Eq. 14), sigma_side_jump,
    sigma_occupation (Eq. 13), sigma_hall, sigma_band = sigma_hall + sigma_dipole + sigma_dipole_scattering (Eq. 15);
    (mu): residual of the Boltzmann equation relative to the largest velocity, number of contours and of states.

    Raises
    ------
    InputError : bad arguments; a degenerate Fermi line; a mu at a band edge.
    """
    if model.dim != 2:
        raise InputError("model", phrase(f"{model.name} in {model.dim} dimensions"), "a two-dimensional model")
    if model.reciprocal is not None and model.positions is None:
        raise InputError(
            "model",
            phrase(f"{model.name}, a superlattice in plane waves"),
            "a continuum model, or a lattice of orbitals: between plane waves a smooth potential also scatters by "
            "V(q + G), which is not implemented",
        )
    if mu is None:
        raise InputError("mu", mu, "one finite number, or a list of them, in eV")
    mu = check_mu(mu)
    matrix, unit, label = resolve_operator(model, operator)
    tolerance = check_tolerance(model, degeneracy_tolerance)
    for name, value, least in (("grid", grid, 8), ("points", points, 16)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(name, value, f"a whole number of at least {least}")
    scatterer = potential_of(potential, parameters)
    rows = [_at(model, matrix, value, scatterer, grid, points, tolerance) for value in mu]

    coords = {"mu": ("mu", mu, {"units": "eV"}), "i": list(CARTESIAN[:2]), "l": list(CARTESIAN[:2])}
    norm = float(np.linalg.norm(matrix, 2))
    attrs = model_attributes(model, label, unit, norm, tolerance)
    attrs["potential"] = potential if isinstance(potential, str) else "function"
    attrs |= {f"potential_{name}": float(value) for name, value in parameters.items()}
    result = xr.Dataset(coords=coords, attrs=attrs | {"temperature": 0.0, "points": points})
    units = unit_attributes(unit, "field", 0)
    for name, (long_name, formula) in _ABOUT.items():
        data = np.array([row[name] for row in rows]) / model.particle_hole_copies
        result[name] = (("mu", "i", "l"), data, {"long_name": long_name, "formula": formula} | units)
    for name, long_name, formula in (
        (
            "residual",
            "residual of the Boltzmann equation / largest velocity",
            "max |sum w' P (phi' - phi) - v|/max |v|",
        ),
        ("contours", "number of Fermi lines", "lines eps_n(k) = mu"),
        ("states", "number of states on the Fermi lines", "points of the line integrals"),
    ):
        attrs = {"units": "1", "long_name": long_name, "formula": formula}
        result[name] = ("mu", [row[name] for row in rows], attrs)
    if hall_grid is not None:
        _add_band_current(result, model, operator, hall_grid, hall_temperature, degeneracy_tolerance)
    return result


def _add_band_current(
    result: xr.Dataset, model: Model, operator: object, grid: int, temperature: float, tolerance: float | None
) -> None:
    """sigma_hall, and sigma_band of Eq. (15)."""
    from cc_kernels.response.transport import transport

    sea = transport(
        model, operator, grid, mu=result.mu.values, temperature=temperature, degeneracy_tolerance=tolerance
    ).isel(temperature=0, drop=True)
    result["sigma_hall"] = sea.sigma_hall.assign_attrs(temperature=float(temperature))
    band = sea.sigma_hall + result.sigma_dipole + result.sigma_dipole_scattering
    about = {"long_name": "band current", "formula": "sigma_in + sigma_dp = e int f Omega_n^li s_n, Eq. (15)"}
    result["sigma_band"] = band.transpose("mu", "i", "l").assign_attrs(sea.sigma_hall.attrs | about)


def _at(
    model: Model, operator: np.ndarray, mu: float, potential: Potential, grid: int, points: int, tolerance: float
) -> dict[str, object]:
    """All contour sums at one chemical potential; zero in a gap."""
    contours = fermi_contours(model, mu, grid, points)
    if not contours:
        return {name: np.zeros((2, 2)) for name in _ABOUT} | {"residual": 0.0, "contours": 0, "states": 0}
    states = fermi_states(model, operator, contours, tolerance)
    pairs = scattering(model, states, potential)
    phi, residual = distribution(states, pairs.rate)
    w, v, d, s = states.weight, states.velocity, states.dipole, states.operator
    # sum over k' of w' P (d' - d): the dipole current of each state
    dipole_current = pairs.rate.T @ (w[:, None] * d) - (pairs.rate.T @ w)[:, None] * d

    def response(current: np.ndarray) -> np.ndarray:
        """int delta f X = -sum w phi_l X_i (e E_l = 1), over i, l."""
        return -np.einsum("k,ki,kl->il", w, current, phi)

    return {
        "sigma_dipole": np.einsum("k,ki,kl->il", w, d, v),
        "sigma_dipole_scattering": response(dipole_current),
        "sigma_side_jump": response(pairs.side_jump),
        "sigma_occupation": response(s[:, None] * v),
        "residual": residual,
        "contours": len(contours),
        "states": len(states),
    }
