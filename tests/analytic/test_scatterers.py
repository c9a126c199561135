"""Scatterers on lattices with several sites: on the sites, or anywhere, by all q + G."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cc_kernels import InputError, TightBinding, build_model, disorder
from cc_kernels.scattering import contour_sums as dataset
from cc_kernels.scattering.contours import fermi_contours
from cc_kernels.scattering.images import images
from cc_kernels.scattering.pairs import scattering
from cc_kernels.scattering.potentials import Delta, Gaussian, ScreenedCoulomb, potential_of
from cc_kernels.scattering.scatterers import scatterers_of
from cc_kernels.scattering.states import FermiStates, fermi_states
from tests.analytic.channels import Channels
from tests.identities.random_models import random_model

MU = 0.5
POTENTIALS = {
    "delta": {},
    "short gaussian": {"potential": "gaussian", "range": 0.5},
    "long gaussian": {"potential": "gaussian", "range": 3.0},
    "screened_coulomb": {"potential": "screened_coulomb", "kappa": 0.5, "setback": 0.5},
    "function": {"potential": lambda q: np.exp(-(q**2) / 8) * np.cos(q)},
}
PARTS = ("sigma_dipole_scattering", "sigma_side_jump", "sigma_occupation")


def contour_values(model, operator="spin_z", mu=MU, points=130, **options):
    return disorder(model, operator=operator, mu=mu, points=points, hall_grid=None, **options).squeeze()


def form(potential: dict) -> object:
    parameters = dict(potential)
    return potential_of(parameters.pop("potential", "delta"), parameters)


def states_of(model, operator, mu: float, points: int) -> FermiStates:
    return fermi_states(model, operator, fermi_contours(model, mu, 96, points), 1e-9)


def two_sites(**changes) -> TightBinding:
    """Four random orbitals on two sites of an oblique lattice, rebuilt with changed parts."""
    model = random_model(4, 2, 4, hopping=0.1, blocks=True)
    parts = {"lattice": model.lattice, "R": model.R, "hoppings": model.hoppings, "positions": model.positions}
    return TightBinding(*(parts | changes).values(), {"s": model.operators["s"].matrix})


TWO_SITES_MU = -0.5
"""eV: several electron and hole lines of `two_sites`."""


# -- by a second calculation -------------------------------------------------------------------------------------


@pytest.mark.parametrize("range", [0.5, 3.0])
def test_kane_mele_by_gaussians_channel_by_channel(range):
    """All images within four reciprocal vectors, against projectors (see `channels`). The long Gaussian does not
    connect the valleys, exp(-(3.2 x 3)^2/2) = 1e-20 at least: sum w phi = 0 in each. Seventh differences of step 2e-3
    have rounding 1e-16/2e-3 = 5e-14 in each derivative, a Boltzmann equation of condition 1e2 ten times that."""
    model = build_model("kane_mele")
    channels = Channels(model, model.operator("spin_z").matrix, MU, 65)
    K = np.array([4 * np.pi / 3, 0])
    at_K = np.exp(1j * (channels.k - K) @ model.lattice.T).sum(1).real > 0  # 2 at K, -1 at K'
    valleys = at_K.astype(int) if range == 3.0 else None
    assert 0.4 < at_K.mean() < 0.6
    expected = channels.side_jump(channels.by_images(lambda q: np.exp(-((q * range) ** 2) / 4), 4), valleys)
    value = contour_values(model, points=65, potential="gaussian", range=range).sigma_side_jump.values
    assert abs(value - expected).max() < 1e-11 * abs(expected).max()


def test_kane_mele_by_scatterers_on_the_sites():
    """As above."""
    model = build_model("kane_mele")
    channels = Channels(model, model.operator("spin_z").matrix, MU, 65)
    expected = channels.side_jump(channels.on_sites())
    assert abs(contour_values(model, points=65).sigma_side_jump.values - expected).max() < 1e-11 * abs(expected).max()


@pytest.mark.parametrize("name", ["delta", "short gaussian", "screened_coulomb"])
def test_rates_and_shifts_of_two_random_sites(name):
    """Pair by pair; shifts of single states, from one k' at a time. Coulomb potentials with a setback of 0.5 fall as
    exp(-q): 11 reciprocal vectors, q = 55, leave out 1e-24 of V^2; other errors as above."""
    model = two_sites()
    s = model.operators["s"].matrix
    channels = Channels(model, s, TWO_SITES_MU, 16)
    V = form(POTENTIALS[name])
    rate, shift = channels.rate_and_shift(channels.on_sites() if name == "delta" else channels.by_images(V, 11))
    states = fermi_states(model, s, fermi_contours(model, TWO_SITES_MU, 128, 16), 1e-9)
    scatterers = scatterers_of(model, V)
    assert abs(scattering(states, scatterers).rate - rate).max() < 1e-13 * rate.max()
    into_one = (replace(states, weight=row) for row in np.eye(len(states)))
    value = np.array([scattering(one, scatterers).side_jump for one in into_one])
    assert abs(value - np.moveaxis(shift, 0, -1)).max() < 1e-11 * abs(shift).max()


def test_values_of_the_theory():
    """Side jumps, xy, to the digits that the theory's text gives; on a square lattice, one image gives -7.1e-4."""
    model = build_model("kane_mele")
    for name, expected, digit in (
        ("delta", -1.782e-3, 1e-6),
        ("short gaussian", 4.460453e-3, 1e-9),
        ("long gaussian", 8.345564e-3, 1e-9),
    ):
        value = contour_values(model, **POTENTIALS[name]).sigma_side_jump.sel(i="x", l="y").item()
        assert value == pytest.approx(expected, abs=digit / 2), name
    square = contour_values(build_model("rashba_square", bz=0.3), mu=2.5, **POTENTIALS["short gaussian"])
    assert square.sigma_side_jump.sel(i="x", l="y").item() == pytest.approx(-7.9e-5, abs=0.5e-6)


def test_correlations_are_a_sum_over_the_lattice():
    """Poisson: sum_G exp(-|q+G|^2 r^2/2) exp(-i(q+G).d) = (area/2 pi r^2) sum_R exp(-|R+d|^2/2r^2) exp(iq.R), for the
    vectors d between sites: few R where many G are needed. Both leave out 1e-16."""
    model = two_sites()
    r, q = 0.3, np.random.default_rng(0).normal(size=(5, 7, 2)) * 20
    scatterers = scatterers_of(model, Gaussian(r))
    area = abs(np.linalg.det(model.lattice))
    R = np.stack(np.meshgrid(np.arange(-6, 7), np.arange(-6, 7)), -1).reshape(-1, 2) @ model.lattice
    for a, at_a in enumerate(scatterers.positions):
        for b, at_b in enumerate(scatterers.positions):
            weight = np.exp(-((R + at_a - at_b) ** 2).sum(1) / (2 * r**2))
            expected = area / (2 * np.pi * r**2) * np.exp(1j * q @ R.T) @ weight
            assert abs(scatterers.correlation(q)[a, b] - expected).max() < 1e-14 * area / r**2


def test_narrow_gaussians_are_scatterers_on_the_sites():
    """Of range 0.1, a site and its neighbours, 1/sqrt(3) apart, are correlated by exp(-1/(6 x 0.1^2)) = 6e-8, three of
    them. Strengths drop out of the side jump."""
    model = build_model("kane_mele")
    on_sites = contour_values(model, points=65).sigma_side_jump
    narrow = contour_values(model, points=65, potential="gaussian", range=0.1).sigma_side_jump
    assert abs(narrow - on_sites).max() < 1e-6 * abs(on_sites).max()
    assert abs(narrow - on_sites).max() > 1e-9 * abs(on_sites).max()


def test_orbitals_of_one_site_scatter_as_one():
    """On one site, delta scatterers have P = 2 pi |<u'|u>|^2."""
    model = build_model("rashba_square", bz=0.3)
    states = states_of(model, model.operators["spin_z"].matrix, 1.0, 32)
    overlap = abs(states.states.conj() @ states.states.T) ** 2
    # 2 pi times products of numbers of order one in another order: some ten eps = 2e-16
    assert abs(scattering(states, scatterers_of(model, Delta())).rate - 2 * np.pi * overlap).max() < 3e-14


# -- what has to hold --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POTENTIALS)
def test_what_symmetry_forbids(name):
    """Kane-Mele: time reversal forbids a Hall current of the charge, a threefold axis and a mirror the xx and yy part
    of spin_z, and xy = -yx. The points are not symmetric; on 130 the sums have converged to rounding, at cusps of a
    Coulomb potential too, which are alike at all points. Rounding of a linear system of condition 1e3."""
    model = build_model("kane_mele")
    of_charge = contour_values(model, "charge", **POTENTIALS[name])
    assert abs(of_charge.sigma_side_jump).max() < 1e-12 * of_charge.sigma_side_jump_scale
    of_spin = contour_values(model, **POTENTIALS[name])
    side_jump, scale = of_spin.sigma_side_jump.values, of_spin.sigma_side_jump_scale.item()
    assert abs(side_jump[0, 0]) + abs(side_jump[1, 1]) + abs(side_jump[0, 1] + side_jump[1, 0]) < 1e-12 * scale
    assert abs(side_jump[0, 1]) > 1e-2 * scale


@pytest.mark.parametrize("name", ["delta", "short gaussian", "long gaussian"])
def test_side_jumps_converge_exponentially(name):
    """Twice the points square an error exp(-c n), up to a factor: 1e2 of a smooth potential on smooth lines. A rate
    that jumps, as by one image of q, gives half or a quarter of the error."""
    model = build_model("kane_mele")
    values = {n: contour_values(model, points=n, **POTENTIALS[name]).sigma_side_jump.values for n in (24, 48, 96, 192)}
    error = {n: abs(values[n] - values[192]).max() / abs(values[192]).max() for n in (24, 48, 96)}
    assert 1e-8 < error[24] < 1e-4
    assert error[48] < 1e2 * error[24] ** 2
    assert error[96] < 1e-12


@pytest.mark.parametrize("name", POTENTIALS)
@pytest.mark.parametrize("system", ["Kane-Mele", "two random sites"])
def test_dipole_scattering_is_a_contour_integral(name, system):
    """Eq. (14) for every potential, on several pockets and sites: exact up to the residual of phi."""
    model, operator, mu = (
        (build_model("kane_mele"), "spin_z", MU) if system == "Kane-Mele" else (two_sites(), "s", TWO_SITES_MU)
    )
    result = contour_values(model, operator, mu, points=320, **POTENTIALS[name])
    assert result.contours > 1
    dipole = abs(result.sigma_dipole).max()
    assert dipole > 1e-5
    assert abs(result.sigma_dipole_scattering + result.sigma_dipole).max() < 1e-9 * dipole


@pytest.mark.parametrize("name", POTENTIALS)
def test_rates_are_symmetric(name):
    """P_k'k = P_kk' >= 0, states of a few pockets all over the plane of k; sums over a hundred images."""
    model = two_sites()
    states = states_of(model, model.operators["s"].matrix, TWO_SITES_MU, 24)
    rate = scattering(states, scatterers_of(model, form(POTENTIALS[name]))).rate
    assert abs(rate - rate.T).max() < 1e-14 * rate.max()
    assert rate.min() >= 0


# -- what may not matter -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POTENTIALS)
def test_points_may_lie_in_any_zone(name):
    """Each k moved by its own reciprocal vector, with u(k + G) = exp(-iG.tau) u(k): nothing changes, up to rounding of
    q, 1e-15 of 50/angstrom, times the range of the potential and distances of sites."""
    model = two_sites()
    states = states_of(model, model.operators["s"].matrix, TWO_SITES_MU, 24)
    G = np.random.default_rng(1).integers(-5, 6, size=states.k.shape) @ model.reciprocal
    phase = np.exp(-1j * G @ model.positions.T)
    moved = replace(
        states, k=states.k + G, states=phase * states.states, derivatives=phase[:, None] * states.derivatives
    )
    here, there = (scattering(one, scatterers_of(model, form(POTENTIALS[name]))) for one in (states, moved))
    assert abs(here.rate - there.rate).max() < 1e-12 * here.rate.max()
    assert abs(here.side_jump - there.side_jump).max() < 1e-12 * abs(here.side_jump).max()


def moved_orbitals(cells: np.ndarray) -> TightBinding:
    """Each orbital by a copy in another cell: tau_j + cells_j, and <i,0|H|j,R> at R - cells_j + cells_i."""
    model = two_sites()
    blocks: dict[tuple[int, ...], np.ndarray] = {}
    for R, block in zip(model.R, model.hoppings, strict=True):
        for i in range(4):
            for j in range(4):
                cell = tuple(R - cells[j] + cells[i])
                blocks.setdefault(cell, np.zeros((4, 4), complex))[i, j] += block[i, j]
    positions = model.positions + cells @ model.lattice
    return two_sites(R=list(blocks), hoppings=np.array(list(blocks.values())), positions=positions)


SAME = {
    "origin": lambda model: two_sites(positions=model.positions + np.array([0.3, -1.7])),
    "a site in another cell": lambda _: moved_orbitals(np.array([[0, 0], [0, 0], [1, -2], [1, -2]])),
    "orbitals of a site in two cells": lambda _: moved_orbitals(np.array([[0, 0], [2, 1], [0, 0], [0, -1]])),
    "primitive vectors": lambda model: two_sites(
        lattice=np.array([[1, 0], [3, 1]]) @ model.lattice, R=model.R @ np.array([[1, 0], [-3, 1]])
    ),
}


@pytest.mark.parametrize("name", POTENTIALS)
@pytest.mark.parametrize("how", SAME)
def test_descriptions_of_one_crystal(how, name):
    """Another origin, unit cell or set of primitive vectors: the same H(k), and rates of the same points to rounding
    of H and of its states, 1e-15 over gaps of 0.1 eV."""
    first = two_sites()
    second = SAME[how](first)
    contours = fermi_contours(first, TWO_SITES_MU, 96, 24)
    results = []
    for model in (first, second):
        states = fermi_states(model, model.operators["s"].matrix, contours, 1e-9)
        results.append(scattering(states, scatterers_of(model, form(POTENTIALS[name]))))
    here, there = results
    assert abs(here.rate - there.rate).max() < 1e-12 * here.rate.max()
    assert abs(here.side_jump - there.side_jump).max() < 1e-12 * abs(here.side_jump).max()


@pytest.mark.parametrize("name", ["delta", "short gaussian"])
def test_a_rotated_lattice_has_rotated_tensors(name):
    """By any angle. The points are others: both sums have converged, as far as the residual tells."""
    angle, model = 0.4, two_sites()
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = two_sites(lattice=model.lattice @ turn.T, positions=model.positions @ turn.T)
    before, after = (contour_values(one, "s", TWO_SITES_MU, 320, **POTENTIALS[name]) for one in (model, turned))
    for part in PARTS:
        expected = turn @ before[part].values @ turn.T
        assert abs(after[part].values - expected).max() < 1e-9 * before[f"{part}_scale"].item(), part


# -- what has no sum over images ---------------------------------------------------------------------------------


def test_charges_in_the_plane_of_a_lattice_are_refused(monkeypatch):
    """Before any Fermi line is looked for; in a continuum they are as good as others."""
    monkeypatch.setattr(dataset, "energy_grid", lambda *_: pytest.fail("the Fermi lines were followed first"))
    with pytest.raises(InputError, match=r"setback: got 0\.0; allowed: a positive distance on a lattice \(angstrom\)"):
        contour_values(build_model("kane_mele"), potential="screened_coulomb", kappa=0.5)
    monkeypatch.undo()
    dirac = build_model("massive_dirac")
    plain, zero = (
        contour_values(dirac, "charge", 1.2, 32, potential="screened_coulomb", kappa=0.5, **setback)
        for setback in ({}, {"setback": 0.0})
    )
    assert plain.equals(zero)


@pytest.mark.parametrize(
    "potential",
    [
        lambda q: 1 / (q + 0.5),
        np.ones_like,
        lambda q: 1 / (q**2 + 1),
        lambda q: np.where(q < 20, np.exp(-q), np.exp(-20)),
        Gaussian(0.01),
        ScreenedCoulomb(0.5, 1e-3),
    ],
)
def test_functions_that_do_not_fall_off_are_refused(potential):
    """A logarithm, a sum that diverges, one whose images from 1e3 on are still 1e-3 of it, a constant far out; and
    potentials that have a sum, of very many images."""
    with pytest.raises(InputError, match=r"potential: got V\(q\) that has not fallen off .*; allowed: on a lattice"):
        contour_values(build_model("kane_mele"), potential=potential)


@pytest.mark.parametrize("potential", [Gaussian(0.3), Gaussian(40.0), ScreenedCoulomb(0.01, 0.4)])
def test_more_images_change_nothing(potential):
    """V^2 summed over all G within 150/angstrom, for q in the cell and at its corners."""
    reciprocal = build_model("kane_mele").reciprocal
    basis = np.array([[1, 0], [1, 1]]) @ reciprocal if reciprocal[0] @ reciprocal[1] < 0 else reciprocal
    q = np.stack(np.meshgrid(*[np.linspace(-0.5, 0.5, 9)] * 2), -1).reshape(-1, 2) @ basis
    few = images(potential, basis)
    n = np.stack(np.meshgrid(*[np.arange(-24, 25)] * 2), -1).reshape(-1, 2)
    value, whole = ((potential(np.linalg.norm(q[:, None] + G, axis=-1)) ** 2).sum(1) for G in (few, n @ basis))
    # rounding of a few hundred terms; sums below 1e-12 of the largest do not connect states
    assert (abs(value - whole) < 1e-13 * np.maximum(whole, 1e-12 * whole.max())).all()
    assert len(few) < len(n)
