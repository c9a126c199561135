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
FEMTOSECOND = 1e-15 * E_CHARGE / HBAR
"""One femtosecond in hbar/eV."""

_OPERATOR_SI = {"hbar": HBAR, "e": E_CHARGE, "1": 1.0}
_NAMES = {
    ("hbar", "energy"): ("eV", "J"),
    ("hbar", "field"): ("e", "C"),
    ("hbar", "field_per_time"): ("eV e/hbar", "A"),
    ("hbar", "thermal"): ("k_B", "J/K"),
    ("e", "energy"): ("eV e/hbar", "A"),
    ("e", "field"): ("e^2/hbar", "S"),
    ("e", "field_per_time"): ("eV e^2/hbar^2", "S/s"),
    ("e", "thermal"): ("k_B e/hbar", "A/K"),
    ("1", "energy"): ("eV/hbar", "1/s"),
    ("1", "field"): ("e/hbar", "C/(J s)"),
    ("1", "field_per_time"): ("eV e/hbar^2", "C/(J s^2)"),
    ("1", "thermal"): ("k_B/hbar", "1/(s K)"),
}
"""Operator's unit and kind of response -> the unit in the kernels and in SI, without the power of a length."""


def unit_attributes(operator_unit: str, kind: str, length: int) -> dict[str, object]:
    """Units of a response in the kernels, and how to convert it to SI.

    Parameters
    ----------
    operator_unit : "hbar" (a spin), "e" (a charge) or "1" (a number).
    kind : what multiplies operator/hbar: "energy" (eV: a current or a magnetization), "field" (e: a response to the
        electric field, whose force is e E), "field_per_time" (the same for each hbar/eV of a relaxation time) or
        "thermal" (k_B: a response to a temperature gradient).
    length : power of angstrom.

    Returns
    -------
    `units`, `si_factor` (value in SI = si_factor x value, with e = |e|), `si_units`, and the charge's sign convention.
    """
    # One eV is E_CHARGE joule.
    factor = {"energy": E_CHARGE, "field": E_CHARGE, "field_per_time": E_CHARGE**2 / HBAR, "thermal": BOLTZMANN}[kind]
    kernel, si = _NAMES[operator_unit, kind]
    power = {0: "", 1: " angstrom"}.get(length, f" angstrom^{length}")
    metre = {0: "", 1: " m"}.get(length, f" m^{length}")
    return {
        "units": kernel + power,
        "si_factor": factor * _OPERATOR_SI[operator_unit] / HBAR * ANGSTROM**length,
        "si_units": si + metre,
        "charge_convention": "e = 1, and |e| in SI; for electrons, e = -|e|, an odd power of e turns the sign",
    }
