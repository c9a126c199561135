"""What holds state by state for any Hamiltonian: each quantity against a second, independent way to get it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cc_kernels.geometry.formulas import band_quantities, divided_quantities
from cc_kernels.geometry.labelled_bands import band_geometry
from cc_kernels.geometry.packed import packed_quantities
from cc_kernels.geometry.quantities import layout
from tests.identities.definitions import derivative, flux_through_squares
from tests.identities.random_models import (
    EPS,
    SIZES,
    STEP,
    ByProjectors,
    away_from_crossings,
    doubled,
    inversion_times_time_reversal,
    random_bosons,
    random_kpoints,
    random_model,
)

ROUNDING = 1e-12
"""Relative to the largest value of a quantity: both sides add the same 10 to 100 products of numbers known to EPS, in
another order; the factor 1e4 over EPS leaves room for terms that are larger than their sum."""

SMALL = 0.1
"""With energies of eV and lengths of angstrom every quantity is of order one, except those that vanish by symmetry
(curvatures in one dimension): theirs is the rounding of terms of order one."""

seeds = st.integers(0, 2**31)
dims = st.integers(1, 3)


def make(seed: int, dim: int, bands: int, kind: str):
    """A model of one of the kinds, and the size of its permanent groups."""
    if kind == "doubled":
        return doubled(random_model(seed, dim, max(2, bands // 2), blocks=bool(seed % 2)), seed + 1), 2
    if kind == "kramers":
        return inversion_times_time_reversal(random_model(seed, dim, 4)), 2
    return random_model(seed, dim, bands, blocks=kind == "two sites"), 1


def solve(model, k):
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    return *np.linalg.eigh(hamiltonian), velocity, model.operators["s"].matrix


def assert_close(value, expected, relative: float, what: str) -> None:
    """Within `relative` of the largest expected value of this quantity in the batch."""
    scale = max(np.abs(expected).max(initial=0), SMALL)
    assert np.abs(value - expected).max(initial=0) <= relative * scale, what


KINDS = st.sampled_from(("one site", "two sites", "doubled", "kramers"))


@settings(max_examples=40)
@given(seed=seeds, dim=dims, bands=st.sampled_from((2, 3, 4, 5, 9)), kind=KINDS)
def test_fast_kernels_are_the_formulas(seed, dim, bands, kind):
    # products of an odd number of bands do the last row and column twice; some lanes have no point
    model, _ = make(seed, dim, bands, kind)
    arguments = (*solve(model, random_kpoints(seed, model, 20)), 1e-6)
    expected, packed = band_quantities(*arguments), packed_quantities(*arguments)
    assert set(layout(dim)) | {"magnetic_moment"} == set(expected)
    for name, part in layout(dim).items():
        assert_close(packed[..., part].reshape(expected[name].shape), expected[name], ROUNDING, name)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("modes", [1, 2, 3])
@pytest.mark.parametrize("members", [1, 2])
def test_band_geometry_of_bosons_is_the_formulas(dim, modes, members):
    """Of modes, 1 eV apart before they are coupled, some are near pairs and some far ones."""
    model = random_bosons(modes, modes, dim, anomalous_operator=True)
    model = model if members == 1 else doubled(model, modes)
    k, s, near = random_kpoints(dim, model, 20), model.operators["s"].matrix, 1.0
    solved = model.solve(k)
    arguments = (solved.energies, solved.states, solved.velocity, s, model.degeneracy_tolerance)
    expected = band_quantities(*arguments, solved.signs)
    expected |= divided_quantities(*arguments, near, signs=solved.signs)
    names = [name for name in expected if name != "magnetic_moment" or dim > 1]
    bands = band_geometry(model, operator="s", kpoints=k, quantities=names, near_pairs=near)
    for name in names:
        value = bands[name].values
        assert_close(value.reshape(expected[name].shape), expected[name], ROUNDING, name)
    assert modes == 1 or min(np.abs(expected[name]).max() for name in ("near_torque", "far_torque_curvature")) > 0


@settings(max_examples=30)
@given(seed=seeds, dim=dims, bands=st.integers(2, 5), kind=KINDS)
def test_every_quantity_is_its_projector_formula(seed, dim, bands, kind):
    model, group = make(seed, dim, bands, kind)
    k = away_from_crossings(model, random_kpoints(seed, model, 60), group)[:12]
    assume(len(k) > 0)
    bands_of = band_geometry(model, operator="s", kpoints=k).compute()
    fine, coarse = (ByProjectors(model, k, group, step).values for step in (STEP, 2 * STEP))
    for name, value in fine.items():
        # Halving the step divides the error by 16, so the finer error is 1/15 of the difference; 1/5 leaves room for
        # the next order. Rounding: EPS |H|/gap in each projector, divided by the step, |s| |v| <= 50 in front;
        # Products of two derivatives carry another |dP| <= |v|/gap.
        error = np.abs(value - coarse[name]).max() / 5 + 50 * (20 * EPS / 0.1 / STEP)
        assert error <= 1e-4 * max(np.abs(value).max(), SMALL), f"{name}: the finite difference says too little"
        assert np.abs(bands_of[name].values - value).max() <= error, name


SIZES_AND_KINDS = [(dim, bands, kind) for dim, bands in [(1, 3), *SIZES] for kind in ("one site", "two sites")] + [
    (dim, 4, kind) for dim in (1, 2, 3) for kind in ("doubled", "kramers")
]


@pytest.mark.parametrize(("dim", "bands", "kind"), SIZES_AND_KINDS)
def test_torque_dipole_and_torque_berry_curvature(dim, bands, kind, identity):
    """The dipole is -J + v s; the curvature is d s_n/dk_i, here by five-point differences."""
    model, group = make(100 * dim + bands, dim, bands, kind)
    k = away_from_crossings(model, random_kpoints(7, model, 200), group)[:12]
    assert len(k) > 0
    b = band_geometry(model, operator="s", kpoints=k).compute()
    difference = b.torque_dipole + b.operator_current - b.velocity * b.operator_expectation
    # |v| |s| >= |v s| is the size of the terms whose sum may be small
    scale = np.abs(b.operator_current).max() + np.abs(b.velocity).max() * np.abs(b.operator_expectation).max()
    identity("torque dipole", model, np.abs(difference).max() / scale, ROUNDING)

    # s_n is known to EPS |s| |H|/gap <= 300 EPS
    fine, error = derivative(model, k, "operator_expectation", 300 * EPS)
    scale = max(np.abs(fine).max(), SMALL)
    assert error < 1e-5 * scale, "the finite difference says too little"
    identity("torque curvature", model, np.abs(b.torque_berry_curvature.values - fine).max() / scale, error / scale)


@settings(max_examples=15)
@given(seed=seeds, dim=st.integers(2, 3), bands=st.integers(2, 5), kind=KINDS)
def test_magnetic_moment_is_rotation_of_current_plus_travelling_dipole(seed, dim, bands, kind):
    model, group = make(seed, dim, bands, kind)
    k = away_from_crossings(model, random_kpoints(seed, model, 60), group)[:12]
    assume(len(k) > 0)
    moment = band_geometry(model, operator="s", kpoints=k, quantities=["magnetic_moment"]).magnetic_moment.values
    values = [ByProjectors(model, k, group, step).values for step in (STEP, 2 * STEP)]
    fine, coarse = (0.5 * (rotation(v["current_dipole"]) + np.cross(*in_space(v))) for v in values)
    fine, coarse = (value[..., 2] if dim == 2 else value for value in (fine, coarse))
    error = np.abs(fine - coarse).max() / 5 + 50 * (20 * EPS / 0.1 / STEP)  # as for the projector formulas
    assert error <= 1e-4 * max(np.abs(fine).max(), SMALL)
    assert np.abs(moment - fine).max() <= error


def rotation(tensor):
    """epsilon_kli T_li in three dimensions, with zeros where a dimension is missing."""
    padded = np.zeros((*tensor.shape[:2], 3, 3))
    padded[..., : tensor.shape[-1], : tensor.shape[-1]] = tensor
    levi_civita = np.zeros((3, 3, 3))
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        levi_civita[a, b, c], levi_civita[a, c, b] = 1, -1
    return np.einsum("kli,anli->ank", levi_civita, padded)


def in_space(values):
    pad = ((0, 0), (0, 0), (0, 3 - values["velocity"].shape[-1]))
    return np.pad(values["s_dipole"], pad), np.pad(values["velocity"], pad)


@settings(max_examples=15)
@given(seed=seeds, dim=st.integers(2, 3), bands=st.integers(2, 5), kind=KINDS)
def test_berry_curvature_is_the_phase_around_a_plaquette(seed, dim, bands, kind):
    model, group = make(seed, dim, bands, kind)
    k = away_from_crossings(model, random_kpoints(seed, model, 60), group)[:12]
    assume(len(k) > 0)
    curvature = band_geometry(model, operator="s", kpoints=k, quantities=["berry_curvature"]).berry_curvature.values
    for l, i in [(0, 1), (1, 2), (2, 0)][: 3 if dim == 3 else 1]:
        fine, error = flux_through_squares(model, k, (l, i), group)
        assert error <= 1e-3 * max(np.abs(curvature).max(), SMALL), "the plaquette says too little"
        assert np.abs(curvature[:, ::group, l, i] - fine).max() <= error


@settings(max_examples=20)
@given(seed=seeds, dim=dims, bands=st.integers(2, 5), kind=KINDS)
def test_no_quantity_depends_on_the_gauge(seed, dim, bands, kind):
    model, group = make(seed, dim, bands, kind)
    energies, states, velocity, s = solve(model, random_kpoints(seed, model, 20))
    rng = np.random.default_rng(seed)
    points, nb = energies.shape
    random = rng.normal(size=(points, nb // group, group, group)) + 1j * rng.normal(
        size=(points, nb // group, group, group)
    )
    unitary = np.linalg.qr(random)[0]  # a phase for a single band, a rotation within a doublet
    rotated = np.einsum("kpga,kgab->kpgb", states.reshape(points, nb, -1, group), unitary).reshape(states.shape)
    before, after = (band_quantities(energies, u, velocity, s, 1e-6) for u in (states, rotated))
    packed_before, packed_after = (packed_quantities(energies, u, velocity, s, 1e-6) for u in (states, rotated))
    for name in before:
        assert_close(after[name], before[name], ROUNDING, name)
    for name, part in layout(dim).items():
        assert_close(packed_after[..., part], packed_before[..., part], ROUNDING, name)


@settings(max_examples=20)
@given(seed=seeds, dim=dims, bands=st.integers(2, 4), blocks=st.booleans())
def test_traces_over_doublets_are_those_of_the_single_model(seed, dim, bands, blocks):
    single = random_model(seed, dim, bands, blocks=blocks)
    double = doubled(single, seed + 1)
    k = random_kpoints(seed, single, 20)
    one, two = (band_geometry(model, operator="s", kpoints=k).compute() for model in (single, double))
    for name in one.data_vars:
        if name == "kpoint":
            continue
        for member in (0, 1):
            # the two models have other eigenvectors, with errors EPS |H|/gap: 1/gap^2 at most 1e3 in this batch
            assert_close(two[name].values[:, member::2], one[name].values, 1e3 * ROUNDING, name)


def test_a_group_is_invisible_to_a_tolerance_that_moves_between_levels():
    # theory 5.2: no pair of levels lies between 1e-9 and 1e-3 eV here, so the answer may not move
    model = doubled(random_model(5, 2, 3), 6)
    k = away_from_crossings(model, random_kpoints(5, model, 100), 2, gap=2e-3)
    results = [
        band_geometry(model, operator="s", kpoints=k, degeneracy_tolerance=t).compute() for t in (1e-9, 1e-6, 1e-3)
    ]
    for name in results[0].data_vars:
        assert_close(results[1][name].values, results[0][name].values, ROUNDING, name)
        assert_close(results[2][name].values, results[0][name].values, ROUNDING, name)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_values_at_k_do_not_depend_on_chunks_or_scheduler(dim):
    model = random_model(11, dim, 3, blocks=True)
    whole = band_geometry(model, operator="s", grid=6).compute(scheduler="synchronous")
    least = 1 if dim < 3 else 5  # of 216 chunks dask alone takes seconds
    for chunks in (least, 7, 6**dim - 1, 6**dim, 10**6):
        scheduler = "synchronous" if chunks == 7 else "threads"
        part = band_geometry(model, operator="s", grid=6, chunks=chunks).compute(scheduler=scheduler)
        for name in whole.data_vars:
            # BLAS may group the terms of H(k) by the batch's shape: EPS in H, times |H|/gap^2 < 1e3 here
            assert_close(part[name].values, whole[name].values, 1e3 * ROUNDING, f"{name}, chunks {chunks}")


def test_selected_bands_and_kpoints_are_those_of_the_whole():
    model = random_model(12, 2, 4)
    whole = band_geometry(model, operator="s", grid=(5, 4), shift=(0.25, 0.5)).compute()
    listed = band_geometry(model, operator="s", kpoints=whole.kpoint.values, bands=[3, 1], chunks=3).compute()
    assert listed.band.values.tolist() == [3, 1]
    for name in whole.data_vars:
        expected = whole[name].sel(band=[3, 1]) if "band" in whole[name].dims else whole[name]
        assert_close(listed[name].values, expected.values, 1e3 * ROUNDING, name)
    chosen = band_geometry(model, operator="s", grid=(5, 4), shift=(0.25, 0.5), quantities=["s_dipole"])
    assert set(chosen.data_vars) == {"kpoint", "s_dipole"}
    assert np.array_equal(chosen.s_dipole.values, whole.s_dipole.values)
