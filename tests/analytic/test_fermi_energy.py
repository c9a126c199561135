"""The Fermi energy of an electron count, where it is known otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.units import KELVIN


def test_a_chain_at_a_quarter_filling() -> None:
    """E = -2 cos k holds n = arccos(-mu/2)/pi electrons at zero temperature; at 3000 K by quadrature.

    A uniform grid converges as exp(-2 pi Im k/step), the poles of f being pi k_B T/|v| > 0.4 away: 128 points, 1e-22.
    """
    chain = cc.TightBinding([[1.0]], R=[[1], [-1]], hoppings=[[[-1.0]], [[-1.0]]])
    mu = cc.fermi_energy(chain, electrons=0.25, grid=128, temperature=3000)

    def occupied(k: float) -> float:
        return 1 / (1 + np.exp((-2 * np.cos(k) - mu) / (3000 * KELVIN)))

    number = quad(occupied, 0, np.pi, epsabs=1e-13, limit=200)[0] / np.pi
    assert number == pytest.approx(0.25, abs=1e-11)
    cold = cc.fermi_energy(chain, electrons=0.25, grid=4096, temperature=20)
    assert cold == pytest.approx(-2 * np.cos(0.25 * np.pi), abs=1e-5)  # Sommerfeld: (pi k_B T)^2/6 x D'/D = 7e-6 eV


def test_half_filling_and_an_insulator() -> None:
    assert cc.fermi_energy(cc.build_model("rashba_square"), electrons=1, grid=32) == pytest.approx(4, abs=1e-9)
    model = cc.build_model("kane_mele")
    mu = cc.fermi_energy(model, electrons=2, grid=48)
    energies = model.levels(cc.KGrid.of(model, 48).points())
    assert energies[:, 1].max() < mu < energies[:, 2].min()


@pytest.mark.parametrize(
    ("name", "electrons", "said"),
    [
        ("rashba_continuum", 1, "model: got rashba_continuum, a continuum model"),
        ("d_id_square", 1, "a superconductor"),
        ("kane_mele", 4, "electrons: got 4"),
        ("kane_mele", -1, "electrons: got -1"),
        ("kane_mele", "two", "electrons: got 'two'"),
    ],
)
def test_what_has_none(name: str, electrons: object, said: str) -> None:
    with pytest.raises(InputError) as refused:
        cc.fermi_energy(cc.build_model(name), electrons=electrons, grid=8)
    assert said in str(refused.value)
