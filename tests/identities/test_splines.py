"""The kernel that spreads states over the energy mesh, against the library's B-splines and numpy's arsinh."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from cc_kernels.sums.mesh import BIN, PAD, EnergyMesh
from cc_kernels.sums.plan import STEP
from cc_kernels.sums.splines import spread

EPS = np.finfo(float).eps
MESH = EnergyMesh.covering([-0.3, 0.4], [100.0, 300.0])
AXIS = np.array([MESH.centre, MESH.width, MESH.step, MESH.half], float)


def spread_out(energy: np.ndarray, values: np.ndarray, weights: np.ndarray | None = None) -> list[np.ndarray]:
    """The sums, absolute sums, sums below the mesh, and largest speeds of states."""
    columns = len(values)
    tables = [np.zeros((2 * MESH.half + 1, columns)), np.zeros((MESH.bins, columns)), np.zeros((2, columns))]
    tables += [np.zeros(MESH.bins)]
    weights = np.ones(len(energy)) if weights is None else weights
    spread(energy, energy**2, weights, values, abs(values), AXIS, *tables)
    return tables


def energies(number: int) -> np.ndarray:
    """From one end of the mesh to the other, and close to the centre."""
    rng, reach = np.random.default_rng(number), MESH.nodes[-PAD - 1]
    near = MESH.centre + MESH.width * 10.0 ** rng.uniform(-18, 0, number) * rng.choice([-1, 1], number)
    return np.concatenate([rng.uniform(2 * MESH.centre - reach, reach, number), near]).clip(MESH.nodes[PAD], reach)


@pytest.mark.parametrize("columns", [STEP, 2 * STEP, 3 * STEP])
def test_states_are_spread_as_b_splines(columns: int) -> None:
    energy = energies(300)
    position = np.arcsinh((energy - MESH.centre) / MESH.width) * MESH.width / MESH.step + MESH.half
    values, weights = np.random.default_rng(1).normal(size=(columns, 600)), np.random.default_rng(2).uniform(0, 1, 600)
    weights[::7] = 0
    sums, absolute, below, fastest = spread_out(energy, values, weights)
    cardinal = BSpline.basis_element(np.arange(-4, 5), extrapolate=False)
    nodes = np.arange(2 * MESH.half + 1)
    expected = np.nan_to_num(cardinal(position - nodes[:, None])) * weights @ values.T
    # arsinh to 2 EPS of at most `half` steps moves a spline, whose slope is below 1/3, for each of the 600 states
    tolerance = 600 * (EPS * MESH.half + 4 * EPS) * np.abs(values).max()
    assert np.abs(sums - expected).max() < tolerance
    assert np.abs(sums.sum(0) - values @ weights).max() < 600 * 8 * EPS * np.abs(values).max()  # they add up to one
    of_bin = np.zeros((MESH.bins, columns))
    np.add.at(of_bin, position.astype(int) // BIN, (abs(values) * weights).T)
    assert np.abs(absolute - of_bin).max() < 600 * EPS * np.abs(values).max()
    largest = np.zeros(MESH.bins)
    np.maximum.at(largest, position.astype(int) // BIN, abs(energy) * (weights > 0))
    assert np.array_equal(fastest, largest)
    assert not below.any()


def test_what_lies_outside_the_mesh() -> None:
    under, over = MESH.nodes[0] - 1.0, MESH.nodes[-1] + 1.0
    values = np.arange(1.0, 1 + 4 * STEP).reshape(STEP, 4)
    sums, absolute, below, fastest = spread_out(np.array([under, over, 1e12, 1e13]), values)
    assert not sums.any()
    assert np.array_equal(below, [values[:, 0], values[:, 0] * under])
    assert np.array_equal(absolute[0], values[:, 0])
    assert not absolute[1:].any()
    assert not fastest.any()


@pytest.mark.parametrize("energy", [np.nan, np.inf, -np.inf])
def test_an_energy_that_is_no_number_is_reported(energy: float) -> None:
    *_, fastest = spread_out(np.array([0.0, energy]), np.ones((STEP, 2)))
    assert not np.isfinite(fastest).all()
