"""Fourier sums over cells: along lines of k or one by one, they are sum_R exp(i k.R) C_R."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cc_kernels.grid import KGrid
from cc_kernels.models import TightBinding
from cc_kernels.models.lattice_sums import MANY_CELLS, LatticeSum

EPS = np.finfo(float).eps


def random_model(dim: int, reach: int) -> TightBinding:
    """Three random orbitals, with hoppings to all cells up to `reach` along each axis."""
    rng = np.random.default_rng(10 * dim + reach)
    cells = np.array(list(product(range(-reach, reach + 1), repeat=dim)))
    hoppings = rng.normal(size=(len(cells), 3, 3)) + 1j * rng.normal(size=(len(cells), 3, 3))
    hoppings += hoppings[::-1].conj().swapaxes(1, 2)
    lattice = np.eye(dim) + 0.2 * rng.normal(size=(dim, dim))
    return TightBinding(lattice, cells, hoppings, rng.normal(size=(3, dim)))


def as_written(model: TightBinding, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """H and dH/dk with the phases of the positions, term by term."""
    apart = model.positions - model.positions[:, None]  # tau_j - tau_i
    distance = (model.R @ model.lattice)[:, None, None] + apart
    terms = np.exp(1j * np.einsum("ka,Rija->kRij", k, distance)) * model.hoppings
    return terms.sum(1), 1j * np.einsum("kRij,Rija->kaij", terms, distance)


@pytest.mark.parametrize(("dim", "reach", "points"), [(1, 30, 40), (2, 4, 26), (3, 2, 12)])
@pytest.mark.parametrize("arrangement", ["grid", "middle of a grid", "new points", "shifted", "shuffled", "one"])
def test_sums_of_a_grid(dim: int, reach: int, points: int, arrangement: str) -> None:
    model = random_model(dim, reach)
    shift = 0.3 if arrangement == "shifted" else 0.0
    number = points + points % 2 if arrangement == "new points" else points
    k = KGrid.of(model, number, shift, only_new=arrangement == "new points").points()
    if arrangement == "shuffled":
        k = np.random.default_rng(0).permutation(k)
    k = {"middle of a grid": k[7:-5], "one": k[11:12]}.get(arrangement, k)
    on_lines = dim > 1 and arrangement not in ("shuffled", "one")
    assert (model._sum._lines(k) is not None) == on_lines
    # errors of the angles, |k.R| EPS each, and of adding up the terms
    terms = np.abs(model.hoppings).sum() * len(model.R) ** 0.5
    tolerance = 4 * EPS * terms * np.abs(k @ model.lattice.T).max() * reach
    for found, expected in zip(model.hamiltonian_and_velocity(k), as_written(model, k), strict=True):
        assert np.abs(found - expected).max() < tolerance
    assert np.abs(model.levels(k) - np.linalg.eigvalsh(as_written(model, k)[0])).max() < tolerance


def test_lines_are_looked_for_where_they_save_products() -> None:
    few, many = random_model(2, 1), random_model(2, 4)
    k = KGrid.of(many, 32).points()
    assert len(few._sum.half) < MANY_CELLS < len(many._sum.half)
    assert few._sum._lines(k) is None
    across = k.reshape(32, 32, 2).swapaxes(0, 1).reshape(-1, 2)  # lines along the other axis: one point each here
    assert many._sum._lines(across) is None
    bent = k + np.arange(len(k))[:, None] * 1e-9  # close to lines, and none
    assert many._sum._lines(bent) is None
    bending = k + np.arange(len(k))[:, None] * 2e-14  # by less than rounding from one to the next, by more along a line
    assert many._sum._lines(bending) is None


def test_a_line_far_from_the_origin() -> None:
    model = random_model(2, 4)
    k = KGrid.of(model, 16).points() + 1e4 * np.array(model.reciprocal).sum(0)
    assert model._sum._lines(k) is not None
    H, scale = model.levels(k), np.abs(model.hoppings).sum()
    assert np.abs(H - model.levels(KGrid.of(model, 16).points())).max() < 1e-10 * scale  # angles of 1e5, to EPS


def test_cells_keep_their_blocks() -> None:
    cells = np.array([[0, -1], [-1, 1], [0, 0], [1, -1], [0, 1]])
    cells = cells[np.lexsort(cells.T[::-1])]
    blocks = np.random.default_rng(3).normal(size=(5, 1, 1)) + 0j
    blocks = blocks + blocks[::-1]
    (found,) = LatticeSum(cells, np.eye(2))(k := np.array([[0.3, 0.7]]), LatticeSum(cells, np.eye(2)).table(blocks))
    assert abs(found[0, 0, 0] - np.exp(1j * (cells @ k[0])) @ blocks[:, 0, 0]) < 20 * EPS
