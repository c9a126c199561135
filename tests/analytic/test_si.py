"""SI units against quantized values and constants that are exact in the SI."""

from __future__ import annotations

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError

E, HBAR, KB = 1.602176634e-19, 6.62607015e-34 / (2 * np.pi), 1.380649e-23
OPTIONS = {"mu": 0.0, "temperature": 300}


def test_quantized_hall_conductivities() -> None:
    """A filled Chern band: e^2/h; the spin Hall insulator of conserved spin: -e/2 pi with e = -|e|, in hbar/|e|.

    At 300 K the gaps are 15 k_B T and more, and 96 points leave 1e-8.
    """
    chern = cc.in_si(cc.transport(cc.build_model("haldane"), operator="charge", grid=96, **OPTIONS))
    assert chern.sigma_hall.sel(i="x", l="y").item() == pytest.approx(E**2 / (2 * np.pi * HBAR), rel=1e-6)
    assert chern.sigma_hall.attrs["units"] == "S"
    model = cc.build_model("kane_mele", lambda_r=0.0, lambda_so=0.15)
    spin = cc.in_si(cc.transport(model, operator="spin_z", grid=96, **OPTIONS))
    assert spin.sigma_hall.sel(i="x", l="y").item() == pytest.approx(-(E**2) / (2 * np.pi * HBAR), rel=1e-6)
    assert spin.sigma_hall.attrs["units"] == "(hbar/e) S"


def test_a_crystal_and_its_response_to_a_temperature_gradient() -> None:
    options = {"operator": "spin_z", "grid": 8, "mu": 0.3, "temperature": 3000}
    result = cc.transport(cc.build_model("bismuth_selenide"), **options)
    si = cc.in_si(result)
    per_cm = E**2 / HBAR / 1e-8  # e^2/(hbar angstrom) in S/cm
    np.testing.assert_allclose(si.sigma_conventional, -per_cm * result.sigma_conventional, rtol=1e-13)
    np.testing.assert_allclose(si.sigma_conventional_scale, per_cm * result.sigma_conventional_scale, rtol=1e-13)
    np.testing.assert_allclose(si.alpha_intrinsic, KB * E / HBAR / 1e-10 * result.alpha_intrinsic, rtol=1e-13)
    assert (si.sigma_conventional.units, si.alpha_intrinsic.units) == ("(hbar/e) S/cm", "(hbar/e) A/(m K)")
    assert "si_factor" not in si.sigma_conventional.attrs
    assert "-|e|" in si.sigma_conventional.charge_convention
    with pytest.raises(InputError, match="one in SI units"):
        cc.in_si(si)
    with pytest.raises(InputError, match="a Dataset of responses"):
        cc.in_si(si.sigma_conventional)
