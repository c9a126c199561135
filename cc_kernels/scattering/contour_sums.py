"""Contour sums over chemical potentials and disorder potentials, with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cc_kernels.errors import InputError, stated
from cc_kernels.geometry.labelled_bands import CARTESIAN
from cc_kernels.scattering.currents import OF_POTENTIAL, currents_at
from cc_kernels.scattering.potentials import Potential
from cc_kernels.scattering.scatterers import scatterers_of
from cc_kernels.scattering.search import energy_grid
from cc_kernels.units import unit_attributes
from cc_kernels.verdict.line_resolution import RATE_STEP, RESIDUAL, refuse_no_solution

if TYPE_CHECKING:
    from cc_kernels.models import Model

ABOUT = {
    "sigma_dipole": ("dipole part of the intrinsic conductivity", "e int (-f') v_n^l d_n^is, Eq. (11)"),
    "sigma_dipole_scattering": ("dipole change upon scattering", "int delta f sum P (d' - d), Eq. (14)"),
    "sigma_side_jump": ("side jump", "int delta f sum P delta_sj r, above Eq. (14)"),
    "sigma_occupation": ("shifted occupation", "int delta f v_n^i s_n, Eq. (13)"),
}
OF_ONE_SCATTERER = "for a density n_i of scatterers of 1/angstrom^2; inversely proportional to n_i"
BAND = ("band current", "sigma_in + sigma_dp = e int f Omega_n^li s_n, Eq. (15)")
_COUNTS = {
    RESIDUAL: (
        "residual of the Boltzmann equation / largest velocity",
        "max |sum w' P (phi' - phi) - v|/max |v|",
    ),
    RATE_STEP: (
        "change of the scattering rate between neighbouring points / largest rate",
        "max |P(next, k) - P(k, k)|/max P",
    ),
    "contours": ("number of Fermi lines", "lines eps_n(k) = mu"),
    "states": ("number of states on the Fermi lines", "points of the line integrals"),
}


_ALLOWED = "a normal model in two dimensions, for disorder"


def check_normal(model: Model) -> None:
    """Refuse quasiparticles, whose charge is not conserved."""
    if not model.has_mu:
        raise InputError("model", stated(f"{model.name}, {model.quasiparticles}"), _ALLOWED)


def check_model(model: Model) -> None:
    """Refuse what has no Fermi lines with a scattering theory here."""
    check_normal(model)
    if model.dim != 2:
        raise InputError("model", stated(f"{model.name}, {model.dim} dimensions"), _ALLOWED)
    if model.reciprocal is not None and model.positions is None:
        raise InputError(
            "model",
            stated(f"{model.name}, a superlattice in plane waves"),
            "a continuum model, or a lattice of orbitals: between plane waves V(q + G) also mixes the components of a "
            "state, which is not implemented",
        )


def contour_dataset(
    model: Model,
    operator: np.ndarray,
    unit: str,
    mu: np.ndarray,
    potentials: Mapping[str, Potential],
    grid: int,
    points: int,
    tolerance: float,
) -> xr.Dataset:
    """Contour sums at T = 0 of a two-dimensional model.

    Parameters
    ----------
    operator, unit : matrix, and its unit.
    potentials : by label.
    grid, points : of the search for Fermi lines, and on the longest of them.

    Returns
    -------
    Dataset: sigma_dipole (mu, i, l); sigma_dipole_scattering, sigma_side_jump, sigma_occupation (potential, mu, i, l);
    `<name>_scale`, the sum of absolute contributions, without i and l; residual, rate_step (potential, mu); contours,
    states (mu).

    Raises
    ------
    InputError : as `scatterers_of`, `fermi_contours` and `fermi_states`; points farther apart than V(q) reaches.
    """
    check_model(model)
    scatterers = [scatterers_of(model, potential) for potential in potentials.values()]
    search = energy_grid(model, grid)
    rows = [currents_at(model, operator, one, scatterers, search, points, tolerance) for one in mu]
    coords = {"potential": list(potentials), "mu": ("mu", mu, {"units": "eV", "long_name": "chemical potential"})}
    result = xr.Dataset(coords=coords | {axis: list(CARTESIAN[:2]) for axis in ("i", "l")})
    units = unit_attributes(unit, "field", 0)
    comments = {"sigma_occupation": {"comment": OF_ONE_SCATTERER}}
    for name, (long_name, formula) in ABOUT.items():
        dims = ("potential", "mu") if name in OF_POTENTIAL else ("mu",)
        value, scale = (
            np.stack([row[key] for row in rows], axis=len(dims) - 1) / model.particle_hole_copies
            for key in (name, f"{name}_scale")
        )
        result[name] = ((*dims, "i", "l"), value, {"long_name": long_name, "formula": formula} | units)
        result[name].attrs |= comments.get(name, {})
        result[f"{name}_scale"] = (dims, scale, scale_attributes(name, units))
    for name, (long_name, formula) in _COUNTS.items():
        dims = ("potential", "mu") if name in (RESIDUAL, RATE_STEP) else ("mu",)
        value = np.stack([row[name] for row in rows], axis=len(dims) - 1)
        result[name] = (dims, value, {"units": "1", "long_name": long_name, "formula": formula})
    refuse_no_solution(result)
    return result


def scale_attributes(name: str, attrs: Mapping[str, object]) -> dict[str, object]:
    return {
        "long_name": f"sum of absolute contributions to {name}",
        "formula": "sum of |terms|, largest component",
        "units": attrs["units"],
    }
