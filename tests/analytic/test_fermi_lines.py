"""Fermi lines where the search grid is too coarse to see them, and chemical potentials at which there is no line."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ellipe

from cc_kernels import InputError, KDotP, TightBinding, build_model, disorder, from_function
from cc_kernels.scattering.contours import fermi_contours

STEP = 2 * np.pi / 128
"""Of the search grid on a square lattice, 1/angstrom."""


def square() -> TightBinding:
    hops = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    return TightBinding([[1, 0], [0, 1]], hops, -np.ones((4, 1, 1)), [[0, 0]], {"charge": [[1.0]]})


def electrons(powers: list, coefficients: list, k_max: float = 3.0) -> KDotP:
    return KDotP(powers, np.reshape(coefficients, (-1, 1, 1)), k_max=k_max)


@pytest.mark.parametrize("radius", [0.001, 0.05, 0.3, 0.46, 0.54, 1.3, 2.6])
def test_pockets_smaller_than_a_grid_step(radius):
    """Delta scatterers: sigma = n/(m 2 pi N(0)) = mu/2 pi m above the bottom -4, 1/m = 2. Beyond it cos k = 1 - k^2/2
    has its next term, k^4/24: less than a relative k_F^2."""
    kF = radius * STEP
    mu = -2 * np.cos(kF) - 2
    result = disorder(square(), operator="charge", mu=mu, hall_grid=None).squeeze()
    assert result.contours == 1
    # a pocket of k_F has its mu + 4 = k_F^2 to the rounding of 4 eV, 1e-15
    exact = (mu + 4) / (2 * np.pi) / 0.5**2 * 0.5
    bound = (kF**2 + 1e-15 / kF**2) * exact
    assert abs(result.sigma_occupation.values - exact * np.eye(2)).max() < bound


@pytest.mark.parametrize("mu", [1e-8, 1e-5, 1e-4, 5e-4, 5e-3])
def test_small_ellipse_between_the_nodes(mu):
    """H = (kx - 0.02)^2/2 + (ky - 0.01)^2/8: semi-axes a = (2 mu)^(1/2) and 2 a, the perimeter 8 a E(3/4).
    The grid step is 3/64."""
    model = electrons([[0, 0], [1, 0], [0, 1], [2, 0], [0, 2]], [2e-4 + 1.25e-5, -0.02, -0.0025, 0.5, 0.125])
    (line,) = fermi_contours(model, mu, points=128)
    # the energies cancel to rounding, 1e-18 of mu
    assert line.line.sum() == pytest.approx(np.sqrt(2 * mu) * 8 * ellipe(0.75), rel=1e-10)


def test_small_pockets_beside_and_inside_each_other():
    """Two wells three steps apart, ((kx^2 - a^2)/2a)^2/2 + ky^2/2, and a ring of a radius of two steps."""
    a = 0.07
    wells = electrons([[0, 0], [2, 0], [4, 0], [0, 2]], [a**2 / 8, -1 / 4, 1 / (8 * a**2), 0.5])
    bands = fermi_contours(wells, 2e-4, points=128)
    assert sorted(np.sign(line.k[:, 0].mean()) for line in bands) == [-1, 1]
    assert bands[0].line.sum() == pytest.approx(bands[1].line.sum(), rel=1e-12)
    alpha = 0.1  # k = m alpha (1 +- 2^(-1/2)) at half the depth of the ring
    lines = fermi_contours(build_model("rashba_continuum", alpha=alpha, k_max=3.0), -(alpha**2) / 4, points=128)
    lengths = sorted(line.line.sum() for line in lines)
    assert lengths == pytest.approx([2 * np.pi * alpha * (1 + sign / np.sqrt(2)) for sign in (-1, 1)], rel=1e-10)


def test_a_finer_search_changes_nothing():
    """A pocket of half a step in a Zeeman gap: a rough line gave the side jump another value, and on some grids
    another sign."""
    model = build_model("rashba_square", bz=0.3)
    coarse, fine = (disorder(model, operator="charge", mu=0.3005, grid=grid, hall_grid=None) for grid in (128, 1024))
    for name in ("sigma_side_jump", "sigma_occupation"):
        # the same line: rounding of a pocket at 5e-4 of an energy of 0.3, 1e-13, times the few hundred terms
        assert abs(coarse[name] - fine[name]).max() < 1e-10 * abs(fine[name]).max(), name


@pytest.mark.parametrize(
    ("model", "mu"),
    [("massive_dirac", 0.5), ("rashba_continuum", 0.0), ("rashba_square", 0.0), ("square", -4.0), ("square", 4.0)],
)
def test_band_edges_and_crossings_are_refused(model, mu):
    model = square() if model == "square" else build_model(model)
    with pytest.raises(InputError, match=r"mu: got mu = .* from an extremum of a band; allowed: a chemical potential"):
        fermi_contours(model, mu)


@pytest.mark.parametrize("points", [64, 128, 512])
def test_van_hove_points_are_refused(points):
    """At mu = 0 the line of a square lattice has right angles where the velocity vanishes."""
    with pytest.raises(InputError, match=r"mu: got a Fermi line of band 0 at mu = 0 with a corner"):
        fermi_contours(square(), 0.0, points=points)
    assert len(fermi_contours(square(), 0.01, points=points)) == 1


def test_a_folded_line_is_refused(monkeypatch):
    """Without the search on finer grids, four points around a node are all that is known of a pocket."""
    monkeypatch.setattr("cc_kernels.scattering.search.with_pockets", lambda lines, *rest: lines)
    with pytest.raises(InputError, match=r"grid: got a Fermi line of band 0 at mu = -3.99.* that folds back"):
        fermi_contours(square(), -2 * np.cos(0.54 * STEP) - 2)


def test_a_line_between_two_rows_of_nodes_is_refused():
    """A trough along kx, a tenth of a step wide: the grid misses it, and no patch holds all of it."""
    chains = TightBinding([[1, 0], [0, 1]], [[0, 1], [0, -1]], -np.ones((2, 1, 1)), [[0, 0]])
    with pytest.raises(InputError, match="grid: got steps that miss a Fermi line"):
        fermi_contours(chains, -2 * np.cos(0.05 * STEP))


@pytest.mark.parametrize("skew", [1, 3, 5, -8])
def test_any_basis_of_a_lattice(skew):
    """Rashba electrons on a square lattice, its basis skewed: transfers are the shortest, lines the same."""

    def h(k):
        sx, sy, sz = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1])
        x, y = k.T[:, :, None, None]
        return (4 - 2 * np.cos(x) - 2 * np.cos(y)) * np.eye(2) + 0.5 * (np.sin(y) * sx - np.sin(x) * sy) + 0.2 * sz

    values = []
    for lattice in ([[1, 0], [0, 1]], [[1, 0], [skew, 1]]):
        model = from_function(h, dim=2, lattice=lattice, operators={"spin": np.diag([0.5, -0.5])})
        values.append(
            disorder(model, operator="spin", mu=3.0, points=384, potential="gaussian", range=1.0, hall_grid=None)
        )
    straight, skewed = values
    for name in ("sigma_occupation", "sigma_side_jump", "sigma_dipole_scattering"):
        # V(q) has a kink at the zone boundary, exp(-pi^2/4): lines with other starting points differ there
        assert abs(straight[name] - skewed[name]).max() < 1e-4 * straight[f"{name}_scale"].max(), name
