"""Disorder: the Rashba null result for every potential, side jump of massive Dirac electrons, and exact sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ellipe

from cc_kernels import InputError, KDotP, TightBinding, band_geometry, build_model, disorder, transport
from cc_kernels.scattering.contours import fermi_contours
from cc_kernels.scattering.pairs import distribution, scattering
from cc_kernels.scattering.potentials import Delta
from cc_kernels.scattering.scatterers import scatterers_of
from cc_kernels.scattering.states import fermi_states
from cc_kernels.sums.products import FLOOR
from tests.identities.random_models import random_kpoints, random_model

POTENTIALS = {
    "delta": {"potential": "delta"},
    "gaussian": {"potential": "gaussian", "range": 2.0},
    "screened_coulomb": {"potential": "screened_coulomb", "kappa": 0.5, "setback": 1.0},
}
IN_A_CONTINUUM = POTENTIALS | {"no setback": {"potential": "screened_coulomb", "kappa": 0.5}}
UNIT = 1 / (8 * np.pi)
"""e/8pi."""


def contour_values(model, operator, mu, points=128, **options):
    return disorder(model, operator=operator, mu=mu, points=points, hall_grid=None, **options).squeeze()


# -- contours ----------------------------------------------------------------------------------------------------


def test_contours_of_rashba_are_circles():
    """k_F = sqrt(2 m mu + (m alpha)^2) +- m alpha; 48 points on a circle integrate to rounding."""
    model = build_model("rashba_continuum")
    for contour in fermi_contours(model, 1.0, points=64):
        radius = np.sqrt(2 + 0.7**2) + (0.7 if contour.band == 0 else -0.7)
        assert np.linalg.norm(contour.k, axis=1) == pytest.approx(radius, abs=1e-14)
        assert contour.line.sum() == pytest.approx(2 * np.pi * radius, rel=1e-13)


def test_contour_of_an_ellipse():
    """H = kx^2/2 + ky^2/8: semi-axes 1 and 2 at mu = 1/2; the perimeter is 8 E(3/4)."""
    model = KDotP([[2, 0], [0, 2]], [[[0.5]], [[0.125]]], k_max=3.0)
    (contour,) = fermi_contours(model, 0.5, points=128)
    assert contour.line.sum() == pytest.approx(8 * ellipe(0.75), rel=1e-12)


def test_contours_across_the_zone_boundary_close():
    """The hole pocket around M of a square lattice, and open lines of weakly coupled chains."""
    square = TightBinding([[1, 0], [0, 1]], [[1, 0], [-1, 0], [0, 1], [0, -1]], -np.ones((4, 1, 1)), [[0, 0]])
    (pocket,) = fermi_contours(square, 3.9, points=128)
    # 4 - k^2 + k^4/12 (cos^4 + sin^4 average 3/4) = 3.9: close to a circle of radius sqrt(0.1)
    assert pocket.line.sum() == pytest.approx(2 * np.pi * np.sqrt(0.1), rel=0.01)
    # the pocket encloses M = (pi, pi) as one line, wherever the seam of the search lies
    assert np.linalg.norm(pocket.k - pocket.k.mean(0), axis=1).max() < 0.33
    chains = TightBinding(
        [[1, 0], [0, 1]], [[1, 0], [-1, 0], [0, 1], [0, -1]], -np.array([1, 1, 0.1, 0.1])[:, None, None], [[0, 0]]
    )
    lines = fermi_contours(chains, 0.0, points=64)
    assert len(lines) == 2
    # kx = +-arccos(-0.1 cos ky): length = int sqrt(1 + (0.1 sin ky)^2/(1 - (0.1 cos ky)^2)) dky
    ky = 2 * np.pi * np.arange(256) / 256
    expected = np.sqrt(1 + (0.1 * np.sin(ky)) ** 2 / (1 - (0.1 * np.cos(ky)) ** 2)).mean() * 2 * np.pi
    for line in lines:
        assert line.line.sum() == pytest.approx(expected, rel=1e-12)


# -- the null result ---------------------------------------------------------------------------------------------

RASHBA = {
    "lattice": ("rashba_square", {}, 1.0, -1),
    "lattice near the top": ("rashba_square", {}, 7.0, 1),
    "continuum": ("rashba_continuum", {}, 1.0, -1),
    "k-cubic, spin 3/2": ("rashba_continuum", {"alpha": 0.05, "winding": 3, "spin": 1.5}, 0.3, -9),
}
NULL = [(one, potential) for one in RASHBA for potential in (POTENTIALS if "lattice" in one else IN_A_CONTINUUM)]


@pytest.mark.parametrize(("system", "potential"), NULL)
def test_rashba_null_result(system, potential):
    """Dipole scattering cancels the intrinsic part, and every other part vanishes, for each potential."""
    name, parameters, mu, intrinsic = RASHBA[system]
    result = contour_values(build_model(name, **parameters), "spin_z", mu, **IN_A_CONTINUUM[potential])
    xy = {"i": "x", "l": "y"}
    # rounding of a few hundred terms and of a linear system whose condition is about 1e3
    assert float(result.sigma_dipole.sel(xy)) == pytest.approx(intrinsic * UNIT, rel=1e-12)
    assert float(result.sigma_dipole_scattering.sel(xy)) == pytest.approx(-intrinsic * UNIT, rel=1e-11)
    for part in ("sigma_side_jump", "sigma_occupation"):
        assert abs(result[part]).max() < 1e-12, part
    assert abs(result.sigma_dipole + result.sigma_dipole_scattering).max() < 1e-12
    assert float(result.residual) < 1e-12


def test_band_current_of_rashba_vanishes():
    result = disorder(build_model("rashba_square"), operator="spin_z", mu=1.0, hall_grid=64)
    assert abs(result.sigma_band).max() < 1e-12


# -- exact sums --------------------------------------------------------------------------------------------------

MODELS = {
    "in-plane field": (lambda: build_model("rashba_square", bx=0.3, by=0.1), "spin_z", 1.0),
    "Zeeman field": (lambda: build_model("rashba_continuum", bz=0.2), "spin_z", 1.0),
    "Kane-Mele": (lambda: build_model("kane_mele"), "spin_z", 0.4),
    "winding 3": (lambda: build_model("rashba_square", winding=3, spin=1.5, bz=0.1), "spin_z", 0.7),
    "random, three bands": (lambda: random_model(2, 2, 3, hopping=0.1), "s", None),
    "random, two sites": (lambda: random_model(4, 2, 4, hopping=0.1, blocks=True), "s", None),
}


@pytest.mark.parametrize("potential", POTENTIALS)
@pytest.mark.parametrize("name", MODELS)
def test_dipole_scattering_is_a_contour_integral(name, potential):
    """Eq. (14): J_dp = -(contour sum of w v_l d) for every potential. Exact up to the residual of phi, which is zero
    to the extent that the velocities sum to zero on the lines: spectral in the points."""
    build, operator, mu = MODELS[name]
    model = build()
    if mu is None:  # inside the lowest band of a random model
        mu = float(np.quantile(np.linalg.eigvalsh(model.hamiltonian(random_kpoints(1, model, 500)))[:, 0], 0.6))
    result = contour_values(model, operator, mu, points=400, grid=192, **POTENTIALS[potential])
    dipole = abs(result.sigma_dipole).max()
    assert dipole > 1e-5
    assert abs(result.sigma_dipole_scattering + result.sigma_dipole).max() < 1e-9 * dipole
    assert float(result.residual) < 1e-9


@pytest.mark.parametrize("mass", [0.5, -0.3])
def test_side_jump_of_massive_dirac_electrons(mass):
    """Half of the known side-jump Hall conductivity (Sinitsyn et al. 2007), with the sign of the intrinsic part:
    2 m (v k_F)^2/(4 pi mu [4 m^2 + (v k_F)^2]) in magnitude, for delta scatterers and s = 1."""
    mu = 1.2
    model = build_model("massive_dirac", mass=mass)
    result = contour_values(model, "charge", mu, points=64)
    kF2 = mu**2 - mass**2
    expected = 2 * abs(mass) * kF2 / (4 * np.pi * mu * (4 * mass**2 + kF2))
    side_jump = result.sigma_side_jump.sel(i="x", l="y").item()
    assert abs(side_jump) == pytest.approx(expected, rel=1e-12)
    intrinsic = (
        transport(model, operator="charge", grid=128, mu=mu, temperature=300).sigma_hall.sel(i="x", l="y").item()
    )
    assert np.sign(side_jump) == np.sign(intrinsic) != 0
    assert result.sigma_side_jump.sel(i="y", l="x").item() == pytest.approx(-side_jump, rel=1e-12)


def test_occupation_part_is_drude_for_one_parabolic_band():
    """H = k^2/2m, delta scatterers: phi = -v tau with 1/tau = 2 pi n_i N(0), N(0) = m/2pi, and sigma = n tau/m."""
    mass, mu = 0.8, 0.9
    model = KDotP([[2, 0], [0, 2]], [[[0.5 / mass]]] * 2, k_max=3.0, operators={"charge": [[1.0]]})
    result = contour_values(model, "charge", mu, points=64)
    density, rate = mass * mu / (2 * np.pi), 2 * np.pi * mass / (2 * np.pi)
    expected = density / (mass * rate)
    assert result.sigma_occupation.values == pytest.approx(expected * np.eye(2), rel=1e-12, abs=1e-14)


def test_rotated_model_has_rotated_tensors():
    """In-plane field along x and y: the lattice turns into itself, and so must the tensors of the turned spin."""
    along_x = contour_values(build_model("rashba_square", bx=0.3), "spin_z", 1.0, points=400)
    along_y = contour_values(build_model("rashba_square", by=0.3), "spin_z", 1.0, points=400)
    R = np.array([[0, -1], [1, 0]])
    for part in ("sigma_dipole", "sigma_dipole_scattering", "sigma_side_jump", "sigma_occupation"):
        turned = R @ along_x[part].values @ R.T
        scale = max(abs(along_x[part].values).max(), 1e-3)
        assert abs(turned - along_y[part].values).max() < 1e-9 * scale, part


# -- scales ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_scales_are_sums_of_absolute_terms(name):
    """w |X_i| |phi_l| term by term, for X = v s and X = d; the scale is at least that, at most the floor more, FLOOR
    of what the states could give."""
    build, operator, mu = MODELS[name]
    model = build()
    if mu is None:
        mu = float(np.quantile(np.linalg.eigvalsh(model.hamiltonian(random_kpoints(1, model, 500)))[:, 0], 0.6))
    result = contour_values(model, operator, mu, points=64)
    matrix = model.operator(operator).matrix
    states = fermi_states(model, matrix, fermi_contours(model, mu, points=64), 1e-9)
    phi, _ = distribution(states, scattering(states, scatterers_of(model, Delta())).rate)
    norm = np.linalg.norm(matrix, 2)
    terms = {
        "sigma_occupation": (states.operator[:, None] * states.velocity, states.speed, phi),
        "sigma_dipole": (states.dipole, states.spread, states.velocity),
    }
    for part, (X, most, drive) in terms.items():
        direct = sum(w * np.outer(abs(x), abs(p)) for w, x, p in zip(states.weight, X, drive, strict=True)).max()
        floor = FLOOR * norm * sum(w * m * abs(p).max() for w, m, p in zip(states.weight, most, drive, strict=True))
        scale = result[f"{part}_scale"].item()
        assert direct * (1 - 1e-12) <= scale <= (direct + floor) * (1 + 1e-12), part
        assert abs(result[part]).max() <= scale, part


@pytest.mark.parametrize("potential", POTENTIALS)
def test_scales_of_null_sums_are_no_rounding(potential):
    """s_n = 0 in every state of a Rashba model: without a floor, side jump and occupation part would have a scale of
    rounding errors, and never converge relative to it. FLOOR = 1e-3 of what a state could give is far above."""
    model = build_model("rashba_square")
    for points in (32, 128):
        result = contour_values(model, "spin_z", 1.0, points=points, **POTENTIALS[potential])
        for part in ("sigma_side_jump", "sigma_occupation"):
            assert abs(result[part]).max() < 1e-10 * result[f"{part}_scale"], part


def test_all_lines_double_with_the_points():
    """Lines of very different length: each has twice the points, so that a change upon doubling judges all of them."""
    model = build_model("rashba_square", alpha=0.5)
    for points in (16, 64, 256):
        once, twice = (fermi_contours(model, 0.05, points=count) for count in (points, 2 * points))
        assert [len(line.k) for line in once] == [points, points // 2]
        assert [len(line.k) for line in twice] == [2 * points, points]


def test_few_points_lie_on_the_line_of_many():
    """16 points on a bent line: its length, and thereby the line elements, are those of a line traced with 96."""
    model = build_model("rashba_square")
    few, many = (fermi_contours(model, 3.0, points=points)[0] for points in (16, 384))
    assert few.line.sum() == pytest.approx(many.line.sum(), rel=1e-5)
    assert abs(np.linalg.eigvalsh(model.hamiltonian(few.k))[:, few.band] - 3.0).max() < 1e-13


# -- relaxation time ---------------------------------------------------------------------------------------------

KELVIN = 8.617333262e-5


def parabolic(dim, mass, k_max):
    powers = 2 * np.eye(dim, dtype=int)
    return KDotP(powers, [[[0.5 / mass]]] * dim, k_max=k_max, operators={"charge": [[1.0]]})


def test_delta_scatterers_are_a_relaxation_time_for_a_parabolic_band():
    """1/tau = 2 pi n_i N(0) = m hbar/eV. At T > 0 sigma = tau int dE (-f') E/2pi = tau T ln(1 + exp(mu/T))/2pi: the
    contour's mu/2pi tau, up to exp(-mu/T) = 3e-8 at 600 K."""
    mass, mu, T = 0.8, 0.9, 600.0
    model = parabolic(2, mass, 3.0)
    femtoseconds = 0.6582119569 / mass
    grid = disorder(
        model, operator="charge", mu=mu, hall_grid=192, hall_temperature=T, relaxation_time=femtoseconds
    ).squeeze()
    expected = KELVIN * T * np.log1p(np.exp(mu / (KELVIN * T))) / (2 * np.pi * mass)
    # the tracked digits of hbar are 1e-10; a grid of 192 points has exp(-2 pi (pi k_B T)/(|v| h)) = 1e-9
    assert grid.sigma_occupation.values == pytest.approx(expected * np.eye(2), rel=1e-8, abs=1e-12)
    line = contour_values(model, "charge", mu, points=64)
    assert grid.sigma_occupation.values == pytest.approx(line.sigma_occupation.values, rel=1e-6, abs=1e-12)


def test_drude_conductivity_in_three_dimensions():
    """sigma = n tau/m with the density at that temperature, n = int k^2 dk f/2 pi^2."""
    mass, mu, T = 1.0, 0.6, 2500.0
    result = disorder(
        parabolic(3, mass, 3.0), operator="charge", mu=mu, hall_grid=48, hall_temperature=T, relaxation_time=10.0
    ).squeeze()
    k = np.linspace(0, 3.0, 20001)
    integrand = k**2 / (np.exp((k**2 / (2 * mass) - mu) / (KELVIN * T)) + 1) / (2 * np.pi**2)
    density = np.sum((integrand[1:] + integrand[:-1]) / 2 * np.diff(k))
    # the box cuts exp(-(4.5 - 0.6)/0.215) = 1e-8 of the states
    expected = density / mass * 10.0 / 0.6582119569
    assert result.sigma_occupation.values == pytest.approx(expected * np.eye(3), rel=1e-6, abs=1e-10)
    assert result.sigma_occupation.units == "e^2/hbar angstrom^-1"


@pytest.mark.parametrize("dim", [2, 3])
def test_relaxation_time_against_a_direct_sum(dim):
    model, T, mu = random_model(3, dim, 3), 2000.0, 0.2
    options = {"hall_grid": 6, "hall_temperature": T}
    result = disorder(model, operator="s", mu=mu, relaxation_time=5.0, **options).squeeze()
    bands = band_geometry(model, operator="s", grid=6)
    x = (bands.energy - mu) / (KELVIN * T)
    weight = 1 / (4 * KELVIN * T * np.cosh(x / 2) ** 2) * bands.attrs["measure"] / bands.sizes["k"]
    v = bands.velocity.values
    direct = np.einsum("kn,kni,knl,kn->il", weight, v, v, bands.operator_expectation)
    # the energy mesh is exact to 1e-10 of the scale; k_B above to 1e-10
    bound = 1e-8 * result.sigma_occupation_scale.item()
    assert abs(result.sigma_occupation.values - direct * 5.0 / 0.6582119569).max() < bound
    assert abs(direct).max() > 1e3 * bound
    assert "sigma_side_jump" not in result


def test_dipole_scattering_of_a_relaxation_time_is_that_of_a_potential():
    """Eq. (14) holds for every potential: the grid's dipole part at low T against what scattering changes on the lines.
    Between them is Sommerfeld's (pi T)^2/6 sigma''/sigma, sigma'' of the order of sigma over the distance squared to
    the band edge at 0.3: (pi 0.0086/0.3)^2/6 = 1.4e-3 at 100 K."""
    model, mu = build_model("rashba_square", bz=0.3), 0.6
    grid = disorder(
        model, operator="spin_z", mu=mu, hall_grid=512, hall_temperature=100.0, relaxation_time=1.0
    ).squeeze()
    line = contour_values(model, "spin_z", mu, potential="gaussian", range=2.0)
    size = abs(line.sigma_dipole_scattering).max()
    assert size > 0.1 * UNIT
    assert abs(grid.sigma_dipole_scattering - line.sigma_dipole_scattering).max() < 1.4e-3 * size


def test_errors_of_the_relaxation_time():
    model = parabolic(3, 1.0, 2.0)
    with pytest.raises(InputError, match=r"relaxation_time: got nothing for .* in 3 dimensions; allowed: femtoseconds"):
        disorder(model, operator="charge", mu=0.5)
    for time in (0, -1.0, np.nan, "5", True):
        with pytest.raises(InputError, match=r"relaxation_time: got .*; allowed: femtoseconds above 0"):
            disorder(model, operator="charge", mu=0.5, relaxation_time=time)
    with pytest.raises(InputError, match="potential: got 'gaussian'; allowed: nothing beside a relaxation time"):
        disorder(model, operator="charge", mu=0.5, relaxation_time=1.0, potential="gaussian", range=2.0)
    with pytest.raises(InputError, match="hall_grid: got None; allowed: points per axis"):
        disorder(model, operator="charge", mu=0.5, relaxation_time=1.0, hall_grid=None)


def test_gap_and_errors():
    insulator = disorder(build_model("kane_mele"), operator="spin_z", mu=0.0, hall_grid=None)
    assert int(insulator.contours.item()) == 0
    assert not insulator.sigma_dipole.values.any()
    with pytest.raises(InputError, match=r"degeneracy_tolerance: got levels .* apart on a Fermi line"):
        disorder(build_model("kane_mele", lambda_r=0, lambda_v=0), operator="spin_z", mu=0.5, hall_grid=None)
    with pytest.raises(InputError, match="potential gaussian: got 'kappa'; allowed: range"):
        disorder(build_model("rashba_square"), operator="spin_z", mu=1.0, potential="gaussian", kappa=1.0)
    with pytest.raises(InputError, match="mu: got a Fermi line that leaves the box"):
        disorder(build_model("rashba_continuum", k_max=2.0), operator="spin_z", mu=1.0)
    with pytest.raises(InputError, match="points: got 3; allowed: a whole number"):
        disorder(build_model("rashba_square"), operator="spin_z", mu=1.0, points=3)


def test_lines_that_change_their_spin_at_crossings():
    """Without Rashba coupling the lines of an altermagnet cross; sorted by energy each is half of either spin, and
    delta scatterers couple equal spins only. Exchanging x and y turns one spin's line into the other's: yy = -xx."""
    result = contour_values(build_model("altermagnet_rashba", alpha=0.0), "spin_z", 0.5, points=256)
    value = result.sigma_occupation.values
    assert abs(value[0, 0]) > 1e-3
    # kinks of the lines at crossings: an error of the order of a step, pi/256, in place of the usual rounding
    assert value[1, 1] == pytest.approx(-value[0, 0], rel=np.pi / 256)
    assert np.isfinite(value).all()


@pytest.mark.parametrize("mu", [14.0, 40.0])
def test_lines_outside_the_box_are_refused(mu):
    """Rashba electrons in |k| <= 5: at mu = 14 the line passes the corners of the box, at 40 it lies beyond them."""
    with pytest.raises(InputError, match="k_max = 5"):
        contour_values(build_model("rashba_continuum", k_max=5.0), "spin_z", mu)
    # a band that falls at the edge of the box is full: the lower one of Dirac electrons
    assert contour_values(build_model("massive_dirac"), "spin_z", 1.0).contours == 1
