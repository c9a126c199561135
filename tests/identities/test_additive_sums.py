"""Energy-resolved sums: equal to direct sums over states, additive in any order, and the same bytes every time."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cc_kernels import InputError, KGrid, TightBinding, band_geometry
from cc_kernels.geometry.quantities import COMPANIONS, DIVIDED
from cc_kernels.sums import EnergyMesh, Term, Variable, accumulate, evaluate, merge, products
from cc_kernels.sums.windows import WINDOWS as OF_STATISTICS
from cc_kernels.units import KELVIN
from tests.identities.random_models import random_model

WINDOWS = OF_STATISTICS["fermi"]
MU = [-1.0, -0.2, 0.5, 1.0]
TEMPERATURES = [100.0, 130.0, 800.0, 3000.0]
MESH = EnergyMesh.covering(MU, TEMPERATURES)
ON_MESH = 10.0
"""eV: the mesh reaches 40 temperatures beyond its window, to 11 eV, and no state lies between here and its end."""
QUANTITIES = [
    "operator_expectation",
    "operator_current",
    "s_dipole",
    "berry_curvature",
    *DIVIDED,
    *COMPANIONS,
    *products.PRODUCTS,
]


def spread_model(dim: int) -> TightBinding:
    """Six bands: one far below the mesh, one far above, four that cross the window of chemical potentials."""
    model = random_model(31, dim, 6)
    hoppings = model.hoppings.copy()
    hoppings[len(hoppings) // 2] += np.diag([-50.0, -2, -3, -4, -5, 60])
    return TightBinding(model.lattice, model.R, hoppings, model.positions, model.operators)


def table(names) -> dict[str, Variable]:
    return {
        f"{window} {name}": Variable((Term(window, name),), products.dims_of(name, 2))
        for window in WINDOWS
        for name in names
    }


@pytest.fixture(scope="module")
def model() -> TightBinding:
    return spread_model(2)


@pytest.fixture(scope="module")
def bands(model):
    needed = {name for quantity in QUANTITIES for name in (*products.ALWAYS, *products.needs(quantity))}
    return band_geometry(model, operator="s", grid=24, quantities=sorted(needed), near_pairs=0.5).compute()


@pytest.fixture(scope="module")
def evaluated(bands):
    return evaluate(accumulate(bands, QUANTITIES, MESH), MU, TEMPERATURES, table(QUANTITIES))


# A quantity with a step of its own has no smooth window beside it: `evaluate` does not look for what has no states.
TOGETHER = [
    (window, name)
    for window in WINDOWS
    for name in QUANTITIES
    if name != "negative_energy_curvature" or window == "everything"
]


@pytest.mark.parametrize(("window", "name"), TOGETHER)
def test_sums_are_direct_sums_over_states(window, name, bands, evaluated):
    """For mu at both edges of the window and inside, T from lowest to ceiling, states below and above the mesh."""
    energy = bands.group_energy.values
    assert MESH.temperature_lowest == TEMPERATURES[0]
    assert MESH.temperature_ceiling == TEMPERATURES[-1]
    assert (energy < MESH.nodes[0]).any()
    assert (energy > MESH.nodes[-1]).any()
    assert not ((energy > ON_MESH) & (energy < MESH.nodes[-1])).any()
    block = {variable: bands[variable].values for variable in bands.data_vars}
    parts = [
        part.value(lambda of, axes: block[of][(..., *axes)]) + np.zeros(energy.shape)
        for part in products.components(name, 2)
    ]
    values = np.stack(parts, -1).reshape(*energy.shape, *[2] * len(products.dims_of(name, 2)))
    if window == "everything":
        values = values * (energy < ON_MESH).reshape(*energy.shape, *[1] * (values.ndim - 2))
    norm = (
        bands.attrs["measure"] / bands.sizes["k"]
        if "measure" in bands.attrs
        else float(bands.measure) / bands.sizes["k"]
    )
    result = evaluated[f"{window} {name}"]
    for n, mu in enumerate(MU):
        for m, T in enumerate(np.array(TEMPERATURES) * KELVIN):
            weights = WINDOWS[window]((energy - mu) / T, T)
            expected = norm * np.tensordot(weights, values, axes=2)
            scale = norm * np.tensordot(np.abs(weights), np.abs(values), axes=2).max()
            # the spline's 4e-12 of F, times the room that 1e-10 leaves for a few states on the flank of a window
            assert np.abs(result.values[n, m] - expected).max() <= 1e-10 * scale, (mu, T)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**31),
    centre=st.floats(-5, 5),
    width=st.floats(0, 3),
    lowest=st.floats(30, 3000),
    highest=st.floats(1, 20),
)
def test_any_mesh_and_any_energy(seed, centre, width, lowest, highest):
    """Levels without dispersion from below the mesh to its top, each with its own s, of either sign."""
    mu, temperatures = [centre - width, centre, centre + width], [lowest, lowest * highest**0.5, lowest * highest]
    mesh = EnergyMesh.covering(mu, temperatures)
    assert mesh.temperature_ceiling >= temperatures[-1]
    rng = np.random.default_rng(seed)
    nodes = mesh.nodes
    near = np.concatenate([m + T * KELVIN * rng.normal(size=4) for m in mu for T in temperatures])
    energy = np.sort(np.concatenate([near, rng.uniform(nodes[0] - 10, nodes[-1], size=20), nodes[[0, 1, 70]] + 1e-7]))
    s = rng.normal(size=len(energy))
    model = TightBinding([[1.0]], [[0]], np.diag(energy)[None], operators={"s": np.diag(s)}, degeneracy_tolerance=0.0)
    names = [name for name in WINDOWS if name != "everything"]
    variables = {name: Variable((Term(name, "operator_expectation"),)) for name in names}
    sums = accumulate(band_geometry(model, operator="s", grid=1), ["operator_expectation"], mesh)
    result = evaluate(sums, mu, temperatures, variables)
    for name in names:
        for (n, m), value in np.ndenumerate(result[name].values):
            T = temperatures[m] * KELVIN
            weights = WINDOWS[name]((energy - mu[n]) / T, T)
            # 1e-10 of the scale, as above
            assert abs(value - weights @ s) <= 1e-10 * np.abs(weights * s).sum(), (name, mu[n], temperatures[m])


def test_scale_is_the_sum_of_absolute_contributions(bands, evaluated):
    """Known per bin of 16 nodes (at most 1.6 temperatures): it sets a tolerance, and need not be exact."""
    weights = WINDOWS["occupation"]((bands.group_energy.values - MU[2]) / (800 * KELVIN), 800 * KELVIN)
    direct = np.tensordot(weights, np.abs(bands.operator_current.values), axes=2).max() / bands.sizes["k"]
    scale = evaluated["occupation operator_current_scale"].values[2, 2]
    assert scale == pytest.approx(bands.attrs["measure"] * direct, rel=0.05)


def assert_same(value, expected) -> None:
    """1e-13 of the scale: some 1e4 terms added in another order, each known to EPS, err by EPS sqrt(1e4) = 2e-14."""
    for name in expected.data_vars:
        if f"{name}_scale" in expected:
            scale = expected[f"{name}_scale"].values.reshape(
                *expected[name].shape[:2], *[1] * (expected[name].ndim - 2)
            )
            assert (np.abs(value[name].values - expected[name].values) <= 1e-13 * scale).all(), name


def sums_of(model, grid, chunks=32768):
    return accumulate(
        band_geometry(model, operator="s", grid=grid, chunks=chunks), ["operator_current", "berry_curvature"], MESH
    )


@pytest.mark.parametrize(("shards", "chunks"), [(1, 7), (3, 50), (8, 1000), (8, 1)])
def test_shards_and_chunks_add_up_to_the_whole(model, shards, chunks):
    grid = KGrid.of(model, (10, 12))
    parts = [sums_of(model, grid.shard(n, shards), chunks) for n in range(shards)]
    assert len({json.dumps(part.attrs["pieces"]) for part in parts}) == shards
    assert_same(evaluate(merge(parts), MU, TEMPERATURES), evaluate(sums_of(model, grid), MU, TEMPERATURES))


@pytest.fixture(scope="module")
def large():
    """A grid of 25600 points, and what its sums give in one chunk."""
    model = random_model(5, 2, 2)
    return model, evaluate(sums_of(model, 160, 10**6), MU, TEMPERATURES)


@pytest.mark.parametrize("chunks", [100, 1000, 10_000, 100_000])
@pytest.mark.parametrize("shards", [1, 3, 8])
def test_a_large_grid_does_not_depend_on_shards_and_chunks(large, shards, chunks):
    model, whole = large
    grid = KGrid.of(model, 160)
    parts = [sums_of(model, grid.shard(n, shards), chunks) for n in range(shards)]
    assert_same(evaluate(merge(parts), MU, TEMPERATURES), whole)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_levels_of_a_doubling_grid_add_up_to_the_finest(dim):
    model = spread_model(dim)
    start = {1: (5,), 2: (3, 4), 3: (3, 2, 1)}[dim]
    shapes = [tuple(2**level * n for n in start) for level in range(3)]
    levels = [KGrid.of(model, shape, only_new=level > 0) for level, shape in enumerate(shapes)]
    parts = [sums_of(model, level.shard(n, 3)) for level in levels for n in range(3)]
    assert_same(evaluate(merge(parts), MU, TEMPERATURES), evaluate(sums_of(model, shapes[-1]), MU, TEMPERATURES))


def test_two_runs_with_threads_give_the_same_bytes(model):
    runs = [sums_of(model, 40, chunks=100) for _ in range(2)]
    assert runs[0].identical(runs[1])
    for name in runs[0].data_vars:
        assert runs[0][name].values.tobytes() == runs[1][name].values.tobytes(), name


def test_incomplete_or_doubled_points_are_refused(model):
    grid = KGrid.of(model, 8)
    halves = [sums_of(model, grid.shard(n, 2)) for n in range(2)]
    with pytest.raises(InputError, match="32 of the 64 points"):
        evaluate(halves[0], MU, TEMPERATURES)
    with pytest.raises(InputError, match="disjoint"):
        merge([halves[0], halves[0]])
    with pytest.raises(InputError, match="disjoint"):
        merge([*halves, sums_of(model, grid.shard(1, 3))])
    with pytest.raises(InputError, match="new points"):
        merge([*halves, sums_of(model, 16)])


def test_sums_of_some_bands_are_refused(model):
    with pytest.raises(InputError, match="all bands"):
        accumulate(band_geometry(model, operator="s", grid=4, bands=[0, 1]), ["operator_current"], MESH)


def test_mu_and_temperature_outside_the_mesh_are_refused(model):
    sums = sums_of(model, 4)
    for mu, temperature in ((-1.1, 300.0), (1.1, 300.0), (0.0, 99.0), (0.0, 3001.0)):
        with pytest.raises(InputError):
            evaluate(sums, mu, temperature)
