"""Reference numbers of magnons, phonons, both together, and a superconductor with Bogoliubov Fermi surfaces.

They come from a program that shares nothing with this package; bands alone are in
`tests/models/test_bosonic_models.py`. The thermal Hall effect and the Kubo response have a row of their own.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.grid import KGrid
from cc_kernels.units import KELVIN

EPS = np.finfo(float).eps
PRINTED = 5e-6
"""Six digits; of a tensor whose components are printed each, relative to the largest."""
HEXAGONAL = (2 / 3, 1 / 3)
WIDE = {"J1": 1e-3, "J2": 1e-4, "Dp": 6e-4, "Dz": -1e-4, "S": 1.0}
FERRO = {"J1": -1e-3, "J2": 0.0, "J3": 0.0, "D": 1e-4, "K": 5e-5, "S": 1.5, "order": "ferro"}


@dataclass(frozen=True)
class Reference:
    """alpha_xy, alpha_yx, alpha_xx, alpha_yy and the conventional xy in k_B, M (sea form) in eV.

    kelvin : or, of models with a unit of energy of their own, that unit.  grid : where errors of it are below the
        printed digits, or that of the reference, and its `error`.
    """

    model: str
    parameters: dict
    operator: str
    kelvin: float
    alpha: tuple[float, float, float, float]
    conventional: float
    magnetization: float
    grid: int
    shift: float | tuple[float, float]


def antisymmetric(xy: float) -> tuple[float, float, float, float]:
    return xy, -xy, 0, 0


def diagonal(xx: float, yy: float) -> tuple[float, float, float, float]:
    return 0, 0, xx, yy


def rows(model: str, parameters: dict, grid: int, shift, unit: float, *each) -> list[Reference]:
    return [
        Reference(model, parameters, name, value * unit, alpha, conventional, moment, grid, shift)
        for name, value, alpha, conventional, moment in each
    ]


REFERENCES = [
    *rows(
        "kagome_afm", WIDE, 72, HEXAGONAL, 1,
        ("spin_x", 2, diagonal(2.44389e-05, -2.44389e-05), 0, 0),
        ("spin_x", 5, diagonal(0.00131587, -0.00131587), 0, 0),
        ("spin_z", 5, antisymmetric(0.00337558), 0.00163299, 7.03003e-07),
        ("spin_z", 15, antisymmetric(0.0177201), 0.0127591, 3.88504e-06),
    ),
    *rows(
        "honeycomb_magnet", {}, 90, HEXAGONAL, 1,
        ("spin_z", 10, antisymmetric(-3.47092e-06), -3.47092e-06, 1.75387e-06),
        ("spin_z", 40, antisymmetric(5.45181e-05), 5.45181e-05, 2.12513e-06),
    ),
    *rows(
        "honeycomb_magnet", FERRO, 48, HEXAGONAL, 1,
        ("spin_z", 5, antisymmetric(-0.00116697), -0.00116697, 4.14476e-07),
        ("spin_z", 20, antisymmetric(-0.055548), -0.055548, 1.41533e-05),
    ),
    *rows(
        "kitaev_magnet", {}, 48, HEXAGONAL, 1,
        ("spin_z", 5, antisymmetric(0.00977328), 0.00052749, -0.000220087),
        ("spin_z", 15, antisymmetric(0.151092), 0.0366274, -0.000282623),
    ),
    *rows(
        "pair_square", {}, 48, 0.5, 1,
        ("spin_z", 2, diagonal(-2.19479e-06, 2.7695e-06), 0, 0),
        ("spin_z", 10, diagonal(-0.000639342, 0.000690629), 0, 0),
    ),
    *rows(
        "phonon_square", {}, 320, 0.5, 1 / KELVIN,
        ("l_z", 0.1, antisymmetric(-0.0606677), 0.0634771, -0.168051),
        ("l_z", 0.3, antisymmetric(-0.208938), 0.217137, -0.200859),
    ),
    *rows(
        "phonon_honeycomb", {}, 72, HEXAGONAL, 1 / KELVIN,
        ("l_z", 0.1, antisymmetric(0.00126934), 0.0153291, -0.216332),
        ("l_z", 0.3, antisymmetric(0.0433491), 0.104427, -0.231295),
    ),
    *rows(
        "magnon_phonon", {}, 144, HEXAGONAL, 1,
        ("spin_z", 5, antisymmetric(-6.48289e-05), -0.000944485, 0.000124155),
        ("spin_z", 10, antisymmetric(-0.00453891), -0.00609678, 0.000122833),
        ("l_z", 5, antisymmetric(0.000173063), 0.00817086, -0.000855003),
        ("total", 10, antisymmetric(0.00614807), 0.0362903, -0.000757265),
    ),
    *rows(
        "rashba_bfs", {}, 400, 0.5, 1 / KELVIN,
        ("spin_x", 0.03, (-0.00140447, -0.00118336, 0, 0), -0.0178357, -0.00780047),
        ("spin_x", 0.2, (-0.00222847, -0.00164131, 0, 0), -0.021916, -0.00795903),
        ("spin_y", 0.03, diagonal(-0.000905069, -0.00277317), 0, 0),
        ("spin_y", 0.06, diagonal(-0.00132557, -0.00454963), 0, 0),
        ("spin_z", 0.03, (0.00146507, 0.00113341, 0, 0), 0.0267346, -0.00958661),
        ("spin_z", 0.06, (0.00217308, 0.00185192, 0, 0), 0.0418892, -0.0095896),
    ),
]  # fmt: skip
VARIABLES = ["alpha_intrinsic", "alpha_intrinsic_sea", "alpha_conventional", "magnetization_sea", "net_current"]


def respond(reference: Reference):
    model = cc.build_model(reference.model, **reference.parameters)
    with warnings.catch_warnings():  # narrow gaps of the grids of the reference
        warnings.simplefilter("ignore")
        return cc.respond(
            model,
            ["thermal", "equilibrium"],
            operator=reference.operator,
            grid=reference.grid,
            shift=reference.shift,
            temperature=reference.kelvin,
            variables=VARIABLES,
        ).squeeze()


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda one: f"{one.model}, {one.operator}, {one.kelvin:.4g} K")
def test_reference(reference):
    result = respond(reference)
    alpha = result.alpha_intrinsic.values
    found = np.array([alpha[0, 1], alpha[1, 0], alpha[0, 0], alpha[1, 1]])
    expected = np.array(reference.alpha)
    assert np.abs(found - expected).max() <= PRINTED * np.abs(expected).max()
    conventional = float(result.alpha_conventional.sel(i="x", l="y"))
    assert abs(conventional - reference.conventional) <= PRINTED * abs(reference.conventional)
    moment = float(result.magnetization_sea)
    assert abs(moment - reference.magnetization) <= PRINTED * abs(reference.magnetization)
    assert np.abs(result.net_current).max() <= 1e-12 * result.net_current_scale


def test_jarosite():
    """Gaps of 6e-6 eV, unresolved: the Hall and the dipole part of spin_z are not known, the sea form is."""
    given = {"model": "kagome_afm", "parameters": {}, "grid": 432, "shift": HEXAGONAL}
    for kelvin, xx in ((5, 4.07317e-06), (20, 0.00956027)):
        along_x = Reference(
            operator="spin_x", kelvin=kelvin, alpha=diagonal(xx, -xx), conventional=0, magnetization=0, **given
        )
        alpha = respond(along_x).alpha_intrinsic.values
        assert np.abs(alpha - np.diag([xx, -xx])).max() <= PRINTED * xx
    along_z = Reference(operator="spin_z", kelvin=20, alpha=antisymmetric(0), conventional=0, magnetization=0, **given)
    result = respond(along_z)
    xy = result.sel(i="x", l="y")
    assert float(xy.alpha_intrinsic_sea) == pytest.approx(0.000279699, rel=PRINTED)
    assert float(xy.alpha_conventional) == pytest.approx(-0.000110791, rel=PRINTED)
    assert float(result.magnetization_sea) == pytest.approx(5.02994e-07, rel=PRINTED)


def test_phonons_with_one_atom_are_their_crossings():
    """alpha_xy = -[S(eps_Gamma) - S(eps_X)]/2 pi, of two crossings that converge as 1/N^2: their error is divided by 4,
    and of what is left by 16. The sea form, the limit of a gap that closes, is zero."""
    model = cc.build_model("phonon_square")
    squares = (model.levels([[0.0, 0.0], [np.pi, np.pi]]) ** 2)[:, -1]
    S = [[_entropy(np.sqrt(square) / T) for square in squares] for T in (0.1, 0.3)]
    expected = np.array([-(gamma - x) / (2 * np.pi) for gamma, x in S])
    np.testing.assert_allclose(expected, [-0.06057712, -0.20880847], rtol=1e-7)  # the digits of the reference
    each = []
    for grid in (80, 160, 320):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kelvin = [0.1 / KELVIN, 0.3 / KELVIN]
            each.append(cc.thermal(model, operator="l_z", grid=grid, shift=0.5, temperature=kelvin).sel(i="x", l="y"))
    values = np.array([one.alpha_intrinsic.values.ravel() for one in each])
    first = (4 * values[1:] - values[:-1]) / 3
    second = (16 * first[1] - first[0]) / 15
    # what the last step changed, which its own error is a fraction of
    assert (np.abs(second - expected) <= np.abs(second - first[1])).all()
    assert (np.abs(second - first[1]) <= 2e-5 * np.abs(expected)).all()
    sea = each[0].alpha_intrinsic_sea.values.ravel()
    gap = np.diff(model.levels(KGrid.of(model, 80, 0.5).points())[:, 2:]).min()
    rounding = EPS * model.largest_energy / gap  # of the two states that are closest
    assert np.abs(sea).max() <= rounding * each[0].alpha_intrinsic_sea_scale.max()


def _entropy(x: float) -> float:
    n = 1 / np.expm1(x)
    return float((1 + n) * np.log1p(n) - n * np.log(n))


def test_kitaev_magnet_has_three_different_numbers():
    """Conserved, conventional and Kubo's antisymmetric parts differ where the spin is far from conserved."""
    model, T = cc.build_model("kitaev_magnet"), 15
    options = {"operator": "spin_z", "grid": 48, "shift": HEXAGONAL, "temperature": T}
    result = cc.respond(model, ["thermal", "thermal_companions"], **options).squeeze()
    xy = result.sel(i="x", l="y")
    kubo = float(xy.alpha_conventional + xy.alpha_torque_kubo)
    assert kubo == pytest.approx(-0.011, abs=5e-4)
    assert float(xy.alpha_intrinsic) == pytest.approx(0.151092, rel=PRINTED)
    assert float(result.thermal_hall_over_T) == pytest.approx(-0.12794937, rel=5e-8)
