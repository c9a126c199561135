"""Intrinsic transport in an electric field or a temperature gradient (Eqs. 10-13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cc_kernels import checks
from cc_kernels.errors import InputError, phrase
from cc_kernels.grid import DEFAULT_CHUNK
from cc_kernels.spectral.variables import Term, Variable

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from cc_kernels.models import Model


def transport(
    model: Model,
    operator: str | np.ndarray | None = None,
    grid: int | Sequence[int] | None = None,
    shift: float | Sequence[float] = 0.0,
    mu: float | Sequence[float] | None = None,
    temperature: float | Sequence[float] = 300.0,
    degeneracy_tolerance: float | None = None,
    chunks: int = DEFAULT_CHUNK,
    *,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """Intrinsic response J_i = sigma_il E_l - alpha_il d_l T of the current of `operator`, with e = 1.

    Parameters
    ----------
    model, operator, grid, shift, degeneracy_tolerance, chunks : as in `band_geometry`. A superconductor is refused: its
        quasiparticles have no response to E of this form; `superconductor` has that to a temperature gradient.
    mu : chemical potentials, eV.
    temperature : kelvin.
    variables : names of those to compute, by default all; fewer are less work.

    Returns
    -------
    Dataset (mu, temperature, i, l): sigma_conventional, sigma_hall, sigma_dipole (in Fermi-surface form: the sea form
    misses a delta function where occupied bands touch), sigma_intrinsic = sigma_hall + sigma_dipole,
    alpha_intrinsic, sigma_relaxation_time (Eq. 13 for each hbar/eV of a relaxation time), and the scale of each.
    Beside Eq. (12), never instead of it: sigma_hall_projector, the trace of the whole occupied set, which no rotation
    among the occupied bands changes, and sigma_torque_kubo, the q -> 0 linear response of the torque, which adds to
    sigma_conventional (docs/theory.md, "Beside Eq. (12), by name").
    """
    from cc_kernels.response.common import responses_of  # heavy, and needed only to compute

    check_model(model)
    return responses_of(
        ["transport"], model, operator, grid, shift, mu, temperature, degeneracy_tolerance, chunks, variables
    )


def check_model(model: object) -> None:
    checks.model(model)
    if model.is_superconductor:
        given = phrase(f"{model.name}, a superconductor")
        raise InputError("model", given, "a model of normal electrons; `superconductor` has alpha_intrinsic")


def table(dim: int) -> dict[str, Variable]:
    """The integrals, as in the paper."""
    hall = (Term("fermi", "berry_curvature_operator"),)
    dipole = (Term("fermi_surface", "velocity_dipole"),)
    thermal = (Term("entropy", "berry_curvature_operator"), Term("thermal_fermi_surface", "velocity_dipole"))

    def conductivity(terms: tuple[Term, ...], long_name: str, formula: str, kind: str = "field") -> Variable:
        attrs = {"kind": kind, "length": 2 - dim, "long_name": long_name, "formula": formula}
        return Variable(terms, ("i", "l"), attrs)

    return {
        "sigma_conventional": conductivity(
            (Term("fermi", "s_berry_curvature"),), "conventional conductivity", "e int f Omega_n^lis"
        ),
        "sigma_hall": conductivity(hall, "Hall part", "e int f Omega_n^li s_n, Eq. (11)"),
        "sigma_dipole": conductivity(dipole, "dipole part", "e int f d_l d_n^is = e int (-f') v_n^l d_n^is, Eq. (11)"),
        "sigma_intrinsic": conductivity(
            hall + dipole, "intrinsic conductivity", "e int f (Omega_n^li s_n + d_l d_n^is), Eq. (11)"
        ),
        "alpha_intrinsic": conductivity(
            thermal,
            "intrinsic thermal coefficient",
            "int S (Omega_n^li s_n + d_l d_n^is), S = -dg/dT, for J_i = -alpha_il d_l T, Eq. (11)",
            "thermal",
        ),
        "sigma_relaxation_time": conductivity(
            (Term("fermi_surface", "velocity_velocity_operator"),),
            "shifted occupation per relaxation time",
            "e int (-f') v_n^i v_n^l s_n, Eq. (13)",
            "field_per_time",
        ),
        "sigma_hall_projector": conductivity(
            (Term("fermi", "projector_increment"),),
            "Hall part with the occupied set as one group",
            "e int Tr_occ(Omega^li s)",
        ),
        "sigma_torque_kubo": conductivity(
            (Term("fermi", "torque_kubo_sea"), Term("fermi_surface", "dipole_velocity")),
            "Kubo response of the torque",
            "e Re dC_l(q)/dq_i at q = 0, C_l the response of the torque to E_l",
        ),
    }
