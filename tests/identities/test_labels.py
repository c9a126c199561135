"""Every variable of every public dataset says what it is: units, long_name, formula."""

from __future__ import annotations

import pytest

import cc_kernels as cc

DATASETS = {
    "band_geometry": lambda: cc.band_geometry(cc.build_model("kane_mele"), operator="spin_z", grid=2),
    "equilibrium": lambda: cc.equilibrium(cc.build_model("kane_mele"), operator="spin_z", grid=4, mu=0.0),
    "transport": lambda: cc.transport(cc.build_model("kane_mele"), operator="spin_z", grid=4, mu=0.0),
    "superconductor": lambda: cc.superconductor(cc.build_model("d_id_square"), grid=4),
    "disorder": lambda: cc.disorder(cc.build_model("rashba_square"), operator="spin_z", mu=1.0, points=48, hall_grid=8),
}


@pytest.mark.parametrize("name", DATASETS)
def test_every_variable_says_what_it_is(name):
    dataset = DATASETS[name]()
    for variable in dataset.data_vars:
        for label in ("units", "long_name", "formula"):
            assert dataset[variable].attrs.get(label), f"{variable} has no {label}"
    for axis, units in (("mu", "eV"), ("temperature", "K")):
        assert axis not in dataset.dims or dataset[axis].units == units


def test_si_factors():
    """e/8pi in coulomb, e^2/h in siemens, one eV e/hbar in ampere: from the SI's exact constants."""
    spin = cc.transport(cc.build_model("rashba_square"), operator="spin_z", grid=4, mu=0.0).sigma_hall.attrs
    assert spin["si_units"] == "C"
    assert spin["si_factor"] == pytest.approx(1.602176634e-19, rel=1e-15)
    charge = cc.transport(cc.build_model("haldane"), operator="charge", grid=4, mu=0.0).sigma_hall.attrs
    assert charge["si_units"] == "S"
    assert charge["si_factor"] / 6.283185307179586 == pytest.approx(3.8740458655e-05, rel=1e-9)
    moment = cc.equilibrium(cc.build_model("haldane"), operator="charge", grid=4, mu=0.0).magnetization.attrs
    assert moment["si_units"] == "A"
    assert moment["si_factor"] == pytest.approx(1.602176634e-19**2 / 1.054571817e-34, rel=1e-9)
