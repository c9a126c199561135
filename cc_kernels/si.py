"""Results in the units of the laboratory, with the charge of an electron put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cc_kernels.errors import InputError, stated
from cc_kernels.units import E_CHARGE, HBAR

if TYPE_CHECKING:
    import xarray as xr

_CM = 1e-2  # metre
CONVENTION = "e = -|e|, the charge of an electron; hbar/e in units is hbar/|e|"
_SPIN = {"C": "S", "J/K": "A/K"}
"""SI units of a response of hbar times a spin -> those of the charge current that is as large in units of e/hbar."""
_ODD = ("e", "eV e/hbar", "k_B e/hbar", "e/hbar", "eV e/hbar^2")
"""Kernel units with an odd power of e, which an electron's charge gives the other sign."""


def in_si(result: xr.Dataset) -> xr.Dataset:
    """A result of `transport`, `equilibrium`, ... in SI units, as papers quote them.

    Conductivities of a spin are in (hbar/e) S/cm (in two dimensions (hbar/e) S), its response to a temperature gradient
    in (hbar/e) A/(m K) (in two dimensions (hbar/e) A/K); all others in the SI units that the attribute `si_units` has.
    The charge is that of an electron: where the kernels' units have an odd power of e, the sign turns.

    Parameters
    ----------
    result : a Dataset whose variables have the attributes `si_factor` and `si_units`.

    Returns
    -------
    Dataset with the same variables; scales and errors stay positive. Energies, k and what has no such attributes stay
    as they are.

    Raises
    ------
    InputError : what is no Dataset, or has been converted already.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> result = cc.transport(
    ...     cc.build_model("haldane"), operator="charge", grid=64, mu=0.0, temperature=300, variables=["sigma_hall"]
    ... )
    >>> hall = cc.in_si(result).sigma_hall.sel(i="x", l="y").item()  # of one filled band
    >>> round(hall / 3.874045865e-5, 6)
    1.0
    """
    if not hasattr(result, "data_vars"):
        raise InputError("result", stated(f"a {type(result).__name__}"), "a Dataset of responses")
    if result.attrs.get("charge_convention") == CONVENTION:
        raise InputError("result", stated("one in SI units"), "one in the units of the kernels")
    factors = {str(name): _factor(one.attrs) for name, one in result.data_vars.items() if "si_factor" in one.attrs}
    converted = {}
    for name, (factor, units) in factors.items():
        is_size = name.endswith("_error")
        converted[name] = _times(result[name], abs(factor) if is_size else factor, units)
        if f"{name}_scale" in result:
            converted[f"{name}_scale"] = _times(result[f"{name}_scale"], abs(factor), units)
    return result.assign(converted).assign_attrs(charge_convention=CONVENTION)


def _factor(attrs: dict) -> tuple[float, str]:
    """What turns the kernels' number into one of a laboratory, and its units."""
    kernel, si = str(attrs["units"]).partition(" angstrom")[0], str(attrs["si_units"])
    factor = float(attrs["si_factor"]) * (-1 if kernel in _ODD else 1)
    unit, metre, power = si.partition(" m")
    if unit not in _SPIN or kernel not in ("e", "k_B"):
        return factor, si
    as_charge, power = factor * E_CHARGE / HBAR, power.removeprefix("^")
    if unit == "C":
        return (as_charge * _CM, "(hbar/e) S/cm") if metre and power == "-1" else (as_charge, f"(hbar/e) S{si[1:]}")
    return as_charge, "(hbar/e) A/(m K)" if metre and power == "-1" else f"(hbar/e) {_SPIN[unit]}{si[len(unit) :]}"


def _times(array: xr.DataArray, factor: float, units: str) -> xr.DataArray:
    result = array.copy(data=array.values * factor)
    result.attrs = {key: value for key, value in array.attrs.items() if not key.startswith("si_")}
    result.attrs |= {"units": units, "charge_convention": CONVENTION}
    return result
