"""Constants and unit factors. Inside the kernels hbar = k_B = e = 1, energies are in eV, lengths in angstrom."""

from __future__ import annotations

import math

E_CHARGE = 1.602176634e-19
"""Elementary charge, coulomb; exact by the definition of the SI, as the next two."""
BOLTZMANN = 1.380649e-23
"""J/K."""
HBAR = 6.62607015e-34 / (2 * math.pi)
"""J s."""
ANGSTROM = 1e-10
"""metre."""
KELVIN = BOLTZMANN / E_CHARGE
"""One kelvin in eV."""

_OPERATOR_SI = {"hbar": HBAR, "e": E_CHARGE, "1": 1.0}
_SI_NAMES = {
    ("hbar", "energy"): "J",
    ("hbar", "field"): "C",
    ("hbar", "thermal"): "J/K",
    ("e", "energy"): "A",
    ("e", "field"): "S",
    ("e", "thermal"): "A/K",
    ("1", "energy"): "1/s",
    ("1", "field"): "C/(J s)",
    ("1", "thermal"): "1/(s K)",
}


def unit_attributes(operator_unit: str, kind: str, length: int) -> dict[str, object]:
    """Units of a response in the kernels, and how to convert it to SI.

    Parameters
    ----------
    operator_unit : "hbar" (a spin), "e" (a charge) or "1" (a number).
    kind : what multiplies operator/hbar: "energy" (eV: a current or a magnetization), "field" (e: a response to the
        electric field, whose force is e E) or "thermal" (k_B: a response to a temperature gradient).
    length : power of angstrom.

    Returns
    -------
    `units`, `si_factor` (value in SI = si_factor x value), `si_units`, and the sign convention of the charge.
    """
    factor, symbol = {
        "energy": (E_CHARGE, "eV"),  # one eV is E_CHARGE joule
        "field": (E_CHARGE, "e"),
        "thermal": (BOLTZMANN, "k_B"),
    }[kind]
    operator = "" if operator_unit == "hbar" else f" {operator_unit}/hbar" if operator_unit == "e" else " /hbar"
    power = {0: "", 1: " angstrom"}.get(length, f" angstrom^{length}")
    metre = {0: "", 1: " m"}.get(length, f" m^{length}")
    return {
        "units": f"{symbol}{operator}{power}",
        "si_factor": factor * _OPERATOR_SI[operator_unit] / HBAR * ANGSTROM**length,
        "si_units": _SI_NAMES[operator_unit, kind] + metre,
        "charge_convention": "computed with e = 1; the charge is signed, e = -|e| for electrons",
    }
