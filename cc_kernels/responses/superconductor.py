"""Superconductors: orbital magnetization, spin and thermal Hall response, Chern number (Eqs. 7-9, 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cc_kernels.responses import transport
from cc_kernels.sums.variables import Term, Variable

if TYPE_CHECKING:
    import xarray as xr

TWO_PI = 2 * np.pi


def per_nambu_band(result: xr.Dataset, has_spin: bool) -> xr.Dataset:
    """What is particular to superconductors: no spin response without a spin, and a Chern number per Nambu band."""
    if not has_spin:
        result = result.drop_vars(["spin_hall_conductance", "spin_hall_conductance_scale"], errors="ignore")
        result = result.drop_sel(variable=["spin_hall_conductance"], errors="ignore")
    # The Chern number counts bands, not quasiparticles: the division of densities by the copies does not apply.
    for name in ("chern_number", "chern_number_scale"):
        result[name] = (result[name] * result.attrs["particle_hole_copies"]).assign_attrs(result[name].attrs)
        result[name] = result[name].isel(temperature=0, drop=True)
    return result


def table(dim: int) -> dict[str, Variable]:
    """The integrals, as in the paper."""
    if dim != 2:
        return {}
    moment = (Term("occupation", "current_rotation"),)
    dipole = (Term("occupation", "travelling_dipole"),)
    berry = (Term("grand_potential", "curvature_operator_axial"),)

    def magnetization(terms: tuple[Term, ...], long_name: str, formula: str) -> Variable:
        attrs = {"kind": "energy", "length": 0, "long_name": long_name, "formula": formula}
        return Variable(terms, (), attrs)

    def quantized(window: str, quantity: str, factor: float, units: str, long_name: str, formula: str) -> Variable:
        attrs = {"units": units, "long_name": long_name, "formula": formula}
        return Variable((Term(window, quantity, factor),), (), attrs)

    return {
        "magnetization_moment": magnetization(moment, "rotation of the current", "int f Re sum A x J/2, Eqs. (7), (8)"),
        "magnetization_charge_dipole": magnetization(
            dipole, "travelling charge dipole", "int f d_n x v_n/2, Eqs. (7), (8)"
        ),
        "magnetization_berry": magnetization(berry, "global circuit", "int e rho_n g Omega_n, Eq. (7)"),
        "magnetization": magnetization(moment + dipole + berry, "orbital magnetization", "M, Eq. (7)"),
        # J^s_x = sigma^s_xy d_y B, sigma^s_xy = -(1/4) int f Omega^xy in units of 1/8pi
        "spin_hall_conductance": quantized(
            "occupation",
            "curvature_axial",
            -(1 / 4) * 8 * np.pi,
            "hbar/8pi",
            "spin Hall conductance, xy",
            "-(1/4) int f Omega_n^xy, for J^s_x = sigma^s_xy d_y B",
        ),
        # J^Q_x = -kappa_xy d_y T, kappa_xy/T = -int Omega^xy F in units of pi/6 = pi^2 k_B^2/3h
        "thermal_hall_over_T": quantized(
            "thermal_hall",
            "curvature_axial",
            -6 / np.pi,
            "pi^2 k_B^2/3h",
            "thermal Hall conductance over T, xy",
            "-int Omega_n^xy F(eps_n/T), F(x) = int_x^inf y^2 (-df/dy) dy, for J^Q_x = -kappa_xy d_y T",
        ),
        "chern_number": quantized(
            "everything",
            "negative_energy_curvature",
            -TWO_PI,
            "1",
            "Chern number",
            "-(1/2pi) int_(eps<0) d^2k Omega_n^xy",
        ),
        "alpha_intrinsic": transport.table(dim)["alpha_intrinsic"],
    }
