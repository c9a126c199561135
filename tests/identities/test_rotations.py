"""Turning the model turns the tensors: lattice vectors and positions move, hoppings and s do not.

A vector takes O, a tensor one O per index, an axial vector O det O, and in two dimensions its z component det O.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cc_kernels import KDotP, Model, TightBinding, band_geometry, build_model, disorder, equilibrium, transport
from cc_kernels.geometry.quantities import QUANTITIES, SECOND_ORDER
from tests.identities.random_models import (
    EPS,
    SIZES,
    away_from_crossings,
    dispersed_model,
    hermitian,
    model_of_size,
    random_kpoints,
)

ANGLE = 0.7
ROTATIONS = {
    2: {
        "any rotation": np.array([[np.cos(ANGLE), -np.sin(ANGLE)], [np.sin(ANGLE), np.cos(ANGLE)]]),
        "a mirror": np.array([[np.cos(ANGLE), np.sin(ANGLE)], [np.sin(ANGLE), -np.cos(ANGLE)]]),
    },
    3: {
        "any rotation": Rotation.from_rotvec([0.4, -1.1, 0.7]).as_matrix(),
        "x to y to z to x": np.roll(np.eye(3), 1, axis=0),
        "a mirror": np.eye(3)[[1, 0, 2]],
        "inversion": -np.eye(3),
    },
}
CASES = [(dim, bands, name) for dim, bands in SIZES for name in ROTATIONS[dim]]


def turned(model: TightBinding, O: np.ndarray) -> TightBinding:
    labels = {"name": model.name}
    return TightBinding(model.lattice @ O.T, model.R, model.hoppings, model.positions @ O.T, model.operators, **labels)


def turned_k_dot_p(model: KDotP, O: np.ndarray) -> KDotP:
    """H'(k) = H(O^T k): each monomial expands into monomials of the same degree. Two dimensions."""
    terms: dict[tuple[int, int], np.ndarray] = {}
    for (a, b), matrix in zip(model.powers.tolist(), model.matrices, strict=True):
        # (O^T k)_x = O_xx k_x + O_yx k_y, as a polynomial in k_y/k_x, constant first
        x, y = (np.polynomial.Polynomial(O[:, axis]) for axis in (0, 1))
        coefficients = (x**a * y**b).coef
        for power_of_y, factor in enumerate(np.pad(coefficients, (0, a + b + 1 - len(coefficients)))):
            key = (a + b - power_of_y, power_of_y)
            terms[key] = terms.get(key, 0) + factor * matrix
    return KDotP(list(terms), list(terms.values()), model.k_max, model.operators, name=model.name)


def expected(values: np.ndarray, indices: tuple[str, ...], O: np.ndarray) -> np.ndarray:
    """`values`, Cartesian axes last, in the turned axes."""
    if indices == ("k",):
        return np.linalg.det(O) * (values if len(O) == 2 else values @ O.T)
    for axis in range(-len(indices), 0):
        values = np.moveaxis(np.tensordot(values, O, axes=(axis, 1)), -1, axis)
    return values


def assert_states_turn(identity, model: Model, other: Model, O: np.ndarray, k: np.ndarray, operator: object) -> None:
    before = band_geometry(model, operator=operator, kpoints=k).compute()
    after = band_geometry(other, operator=operator, kpoints=k @ O.T).compute()
    table = QUANTITIES | SECOND_ORDER
    compared = [name for name in before.data_vars if name in table]
    assert len(compared) == len(table)
    errors = []
    for name in compared:
        value = expected(before[name].values, table[name].indices, O)
        # the size of what a symmetry-related cancellation may leave: quantities are of order one in eV and angstrom
        errors.append(np.abs(after[name].values - value).max() / max(np.abs(value).max(), 1))
    # k turns with an error EPS |k|, states with EPS |H|/gap < 1e3 EPS; three denominators above 0.1 eV in chi
    identity("rotation states", model, max(errors), 1e5 * EPS)


@pytest.mark.parametrize(("dim", "bands", "name"), CASES)
def test_states_turn_with_the_axes(dim, bands, name, identity):
    model, O = model_of_size(dim, bands), ROTATIONS[dim][name]
    k = away_from_crossings(model, random_kpoints(3, model, 400), 1)[:5]
    assert len(k) == 5
    assert_states_turn(identity, model, turned(model, O), O, k, "s")


@pytest.mark.parametrize(("dim", "bands", "name"), CASES)
def test_responses_turn_with_the_axes(dim, bands, name, identity):
    model, O = model_of_size(dim, bands), ROTATIONS[dim][name]
    keywords = {"grid": (4, 5, 6)[:dim], "mu": [0.0, 1.0], "temperature": [1000.0]}
    assert_responses_turn(identity, model, turned(model, O), O, "s", keywords)


def assert_responses_turn(
    identity, model: Model, other: Model, O: np.ndarray, operator: object, keywords: dict
) -> None:
    errors = []
    for response in (equilibrium, transport):
        before, after = (response(m, operator=operator, **keywords) for m in (model, other))
        for name in before.data_vars:
            if f"{name}_scale" not in before:
                continue
            indices = before[name].dims[2:]
            if name.startswith("magnetization"):
                indices = ("k",)
            value, scale = expected(before[name].values, indices, O), float(before[f"{name}_scale"].max())
            errors.append(np.abs(after[name].values - value).max() / scale)
            if name in ("magnetization", "sigma_intrinsic"):
                assert np.abs(value).max() > 1e-4 * scale
    # k turns with an error EPS |k|, states with EPS |H|/gap; the smallest gap on these grids, about 1e-2 eV, enters
    # squared in the curvature of one band, whose scale grows likewise
    identity("rotation responses", model, max(errors), 1e-11)


def cubic_model() -> KDotP:
    """Three bands with every monomial up to the third order."""
    rng = np.random.default_rng(4)
    powers = [(a, b) for a in range(4) for b in range(4) if 0 < a + b < 4]
    matrices = [0.2 * hermitian(rng, 3) for _ in powers]
    matrices = [
        matrix + (2 * np.eye(3) if power in ((2, 0), (0, 2)) else 0)
        for power, matrix in zip(powers, matrices, strict=True)
    ]
    levels = np.diag([0.0, 1.0, 2.2])
    return KDotP([(0, 0), *powers], [levels, *matrices], 1.5, {"s": hermitian(rng, 3)})


@pytest.mark.parametrize("name", ROTATIONS[2])
def test_continuum_model_turns_with_the_axes(name, identity):
    """State by state, since the box of a continuum model does not turn; and on contours, below."""
    model, O = cubic_model(), ROTATIONS[2][name]
    k = np.random.default_rng(5).uniform(-0.7, 0.7, size=(200, 2))
    k = away_from_crossings(model, k, 1)[:20]
    assert len(k) == 20
    assert_states_turn(identity, model, turned_k_dot_p(model, O), O, k, "s")


@pytest.mark.parametrize("name", ROTATIONS[2])
def test_integrals_of_a_continuum_model_turn_with_the_axes(name, identity):
    """A quarter turn or a diagonal mirror turns the box and its grid as well, up to the edge, 30 temperatures away."""
    base = build_model("rashba_continuum", alpha=0.7, bz=0.2, k_max=3.0)
    rng = np.random.default_rng(6)
    matrices = [*base.matrices, 0.05 * hermitian(rng, 2)]
    model = KDotP([*base.powers.tolist(), (2, 1)], matrices, 3.0, {"s": hermitian(rng, 2)})
    O = np.array([[0.0, -1], [1, 0]]) if name == "any rotation" else np.array([[0.0, 1], [1, 0]])
    keywords = {"grid": 48, "mu": [0.3], "temperature": [800.0]}
    assert_responses_turn(identity, model, turned_k_dot_p(model, O), O, "s", keywords)


DISORDER = {
    # model, operator, mu (eV)
    "square lattice in a field": (lambda: build_model("rashba_square", bx=0.3, by=0.1, bz=0.2), "spin_z", 1.0),
    "random, 3 bands": (lambda: dispersed_model(2, 3), "s", -3.6),
}


@pytest.mark.parametrize("name", ROTATIONS[2])
@pytest.mark.parametrize("system", DISORDER)
def test_disorder_on_a_turned_lattice(system, name, identity):
    """The points on the contours are others, so the two sums agree to their accuracy: spectral in the points."""
    build, operator, mu = DISORDER[system]
    model, O = build(), ROTATIONS[2][name]
    assert_disorder_turns(identity, model, turned(model, O), O, operator, mu)


@pytest.mark.parametrize("name", ROTATIONS[2])
def test_disorder_of_a_turned_continuum_model(name, identity):
    """Warped contours: k^2/2m, Rashba coupling, a field in the plane and a term of third order."""
    base = build_model("rashba_continuum", alpha=0.5, bz=0.2, k_max=3.0)
    warp = np.diag([0.04, -0.04])
    model = KDotP(
        [*base.powers.tolist(), (2, 1)], [*base.matrices, warp], 3.0, base.operators, name="warped rashba_continuum"
    )
    O = ROTATIONS[2][name]
    assert_disorder_turns(identity, model, turned_k_dot_p(model, O), O, "spin_z", 1.0)


def assert_disorder_turns(identity, model: Model, other: Model, O: np.ndarray, operator: str, mu: float) -> None:
    keywords = {"mu": mu, "hall_grid": None, "potential": "gaussian", "range": 1.0}
    before, after = (disorder(m, operator=operator, points=320, **keywords) for m in (model, other))
    coarse = disorder(model, operator=operator, points=160, **keywords)
    parts = ("sigma_dipole", "sigma_dipole_scattering", "sigma_side_jump", "sigma_occupation")
    errors = []
    for part in parts:
        value = O @ before[part].values @ O.T
        scale = np.abs(value).max()
        assert scale > 1e-6
        errors.append(np.abs(after[part].values - value).max() / scale)
        convergence = np.abs(coarse[part].values - before[part].values).max() / scale
        # doubling the points squares a spectral error
        assert convergence < 1e-4, part
    # the square of 1e-4; then the linear system, whose condition is about 1e3
    identity("rotation disorder", model, max(errors), 1e-8)
