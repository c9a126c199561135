"""Operators that depend on R: evaluated like the Hamiltonian, in every implementation, stored, hashed and named."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.geometry.formulas import band_quantities
from cc_kernels.models import Operator, TightBinding
from cc_kernels.models.identity import model_identity, operator_identity
from cc_kernels.models.operators_at_k import OperatorsAtK
from cc_kernels.sums.block import block_sums
from cc_kernels.sums.plan import plan_of
from tests.identities.random_models import half_cells, hermitian, random_model
from tests.identities.test_seam import EVERYTHING, WITHOUT_COMPANIONS, assert_equal, mesh_of, points, scales

ROUNDING = 1e-13


def random_operator(model: TightBinding, seed: int = 0, size: float = 0.3) -> Operator:
    """Blocks at neighbouring cells, Hermitian together; not all cells of the model, and not in its order."""
    rng = np.random.default_rng(seed)
    nb = model.num_bands
    cells, blocks = [(0,) * model.dim], [hermitian(rng, nb)]
    for cell in half_cells(model.dim)[::2]:
        block = size * (rng.normal(size=(nb, nb)) + 1j * rng.normal(size=(nb, nb)))
        cells += [tuple(-n for n in cell), cell]
        blocks += [block.conj().T, block]
    return Operator(np.array(blocks), "1", "random", np.array(cells))


def with_operator(model: TightBinding, operator: Operator, **more: object) -> TightBinding:
    operators = {**model.operators, "S": operator}
    return TightBinding(model.lattice, model.R, model.hoppings, model.positions, operators, **more)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "operator .* does not commute")
        warnings.filterwarnings("ignore", "the grid step does not resolve")
        yield


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_s_of_k_is_its_fourier_sum(dim: int) -> None:
    """s_ij(k) = sum_R e^{ik.(R + tau_j - tau_i)} S_ij(R), with the phases of the positions and without."""
    model = random_model(dim, dim, 3, blocks=True)
    given = random_operator(model)
    at = OperatorsAtK(model, [model.operator(given), model.operator("s")])
    k = points(model)[:7]
    R = given.R @ model.lattice
    tau = model.positions[None] - model.positions[:, None]
    for phases, away in ((False, 0 * tau[None]), (True, tau[None])):
        terms = np.exp(1j * np.einsum("kx,rijx->krij", k, R[:, None, None] + away)) * given.matrix
        found = at(k, phases=phases)
        np.testing.assert_allclose(found[0], terms.sum(1), rtol=0, atol=ROUNDING)
        np.testing.assert_array_equal(found[1], np.broadcast_to(model.operators["s"].matrix, found[1].shape))


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("bands", [2, 3, 4])
def test_implementations_are_equal(dim: int, bands: int) -> None:
    """One that depends on R beside a constant one. The formulas have the phases of the positions, the kernels not."""
    model = random_model(bands, dim, bands, blocks=True)
    operators = [model.operator(random_operator(model, size=0.1)), model.operator("s")]
    k = points(model)
    weights = np.random.default_rng(1).uniform(0.5, 1, len(k))
    mesh = mesh_of(model, k)
    for names in (WITHOUT_COMPANIONS, EVERYTHING):
        plan = plan_of(names, dim)
        one, other = (
            block_sums(model, operators, k, weights, plan, mesh, implementation=name) for name in ("formulas", "bands")
        )
        assert_equal(other, one, scales(one, model, 2, names, mesh.near))
        assert_equal(block_sums(model, operators, k, weights, plan, mesh), other, np.ones(plan.columns(2)), 1e-15)
    with pytest.raises(InputError, match="implementation: got 'two bands'; allowed: one of formulas, bands"):
        block_sums(model, operators, k, weights, plan_of(["velocity"], dim), mesh, implementation="two bands")


def test_an_operator_at_the_home_cell_alone_is_the_constant_one() -> None:
    """Every variable, whichever way it came: 1e-12 of the scale, as between the implementations."""
    model = random_model(4, 2, 4, blocks=True)
    s = model.operators["s"]
    model = with_operator(model, Operator(s.matrix[None], s.unit, "", np.zeros((1, 2), int)))
    assert model.commutes_with_positions(model.operator("S"))
    settings = {"grid": 12, "mu": [0.5, 1.5], "temperature": 3000.0}
    one, other = (cc.respond(model, ["equilibrium", "transport"], operator=name, **settings) for name in ("s", "S"))
    assert "equation_5" not in other.attrs
    variables = [name for name in one.data_vars if f"{name}_scale" in one]
    assert len(variables) > 10
    for name in variables:
        assert (np.abs(one[name] - other[name]) <= 1e-12 * one[f"{name}_scale"].max()).all(), name


def test_band_geometry_takes_s_of_k_as_it_stands() -> None:
    """Against the formulas of the reference with s(k); the search for gaps sees the same values."""
    model = random_model(2, 2, 3, blocks=True)
    model = with_operator(model, random_operator(model, size=0.1))
    k = points(model)[:9]
    bands = cc.band_geometry(model, operator="S", kpoints=k)
    solved = model.solve(k)
    (s,) = OperatorsAtK(model, [model.operator("S")])(k, phases=True)
    expected = band_quantities(solved.energies, solved.states, solved.velocity, s, model.degeneracy_tolerance)
    for name in ("operator_expectation", "operator_current", "s_dipole", "torque_dipole", "s_berry_curvature"):
        largest = np.abs(expected[name]).max()
        np.testing.assert_allclose(bands[name], expected[name], rtol=0, atol=1e-12 * max(largest, 1))
    assert "torque_polarizability" not in bands
    with pytest.raises(InputError, match="quantities: got 'torque_polarizability'"):
        cc.band_geometry(model, operator="S", grid=4, quantities=["torque_polarizability"])


@pytest.mark.parametrize("full", [False, True], ids=["centres", "position matrices"])
def test_the_commutator_is_that_of_a_finite_chain(full: bool) -> None:
    """[S, X] of a chain of 13 cells between its middle cell and all others, with X as a matrix of positions."""
    rng = np.random.default_rng(6)
    model = random_model(6, 1, 2, blocks=True)
    given = random_operator(model, 3)
    r = None
    if full:
        r = 0.1 * (rng.normal(size=(3, 1, 2, 2)) + 1j * rng.normal(size=(3, 1, 2, 2)))
        r = (r + r[::-1].conj().swapaxes(-1, -2)) / 2
        r[1, 0] += np.diag(model.positions[:, 0])
        model = with_operator(model, given, position_matrices=r)
    else:
        model = with_operator(model, given)
    number, a = 13, model.lattice[0, 0]
    S, X = np.zeros((number, 2, number, 2), complex), np.zeros((number, 2, number, 2), complex)
    for cell in range(number):
        for (R,), block in zip(given.R, given.matrix, strict=True):
            if 0 <= cell + R < number:
                S[cell, :, cell + R] += block
        X[cell, :, cell] += cell * a * np.eye(2) + (0 if full else np.diag(model.positions[:, 0]))
        for R in (-1, 0, 1) if full else ():
            if 0 <= cell + R < number:
                X[cell, :, cell + R] += r[R + 1, 0]
    S, X = S.reshape(2 * number, -1), X.reshape(2 * number, -1)
    middle = (S @ X - X @ S).reshape(number, 2, number, 2)[number // 2]
    commutator = model.position_commutator(model.operator("S"))
    assert commutator == pytest.approx(np.abs(middle).max(), rel=1e-12)
    result = cc.band_geometry(model, operator="S", grid=4).attrs
    assert result["operator_position_commutator"] == commutator
    reasons = "the operator depends on R" + (" and positions are matrices" if full else "")
    assert result["equation_5"].startswith(f"approximate: {reasons}, ")


def test_the_residual_of_equation_5_stands_in_the_result() -> None:
    model = random_model(8, 2, 3)
    model = with_operator(model, random_operator(model))
    settings = {"grid": 16, "mu": 1.0, "temperature": 8000.0}
    with pytest.warns(UserWarning, match=r"operator S: does not commute with the position operator of .*Eq\. \(5\)"):
        result = cc.equilibrium(model, operator="S", **settings)
    residual = float(np.abs(result.net_current).max() / result.net_current_scale.max())
    assert residual > 1e-3  # no rounding: this operator has little to do with the positions
    assert result.attrs["equation_5_residual"] == residual
    several = cc.equilibrium(model, operator=["s", "S"], **(settings | {"mu": [1.0, 2.0]}))
    largest = float(np.abs(several.net_current).max() / several.net_current_scale.max())
    assert several.attrs["equation_5_residual"] == largest
    assert "equation_5_residual" not in cc.equilibrium(model, operator="s", **settings).attrs


def test_a_mixing_matrix_is_taken_beside_position_matrices_alone() -> None:
    """Between Bloch phases it is no constant: it is S(R = 0)."""
    model = random_model(2, 2, 2, blocks=True)
    mixing = np.array([[0, 1], [1, 0]])
    with pytest.raises(InputError, match=r"operator: got an operator that mixes orbitals at different positions"):
        model.operator(mixing)
    r = np.zeros((len(model.R), 2, 2, 2), complex)
    r[len(r) // 2, :, range(2), range(2)] = model.positions
    full = TightBinding(model.lattice, model.R, model.hoppings, model.positions, position_matrices=r)
    taken = full.operator(mixing)
    np.testing.assert_array_equal(taken.R, [[0, 0]])
    tau = model.positions[1] - model.positions[0]
    assert full.position_commutator(taken) == pytest.approx(np.abs(tau).max(), rel=1e-12)
    k = points(full)[:3]
    (s,) = OperatorsAtK(full, [taken])(k, phases=True)
    np.testing.assert_allclose(s[:, 0, 1], np.exp(1j * k @ tau), rtol=0, atol=1e-14)


def test_stored_to_the_last_bit_and_told_apart(tmp_path: Path) -> None:
    """Between constant ones, in their order; one altered element is another model and another operator."""
    model = random_model(2, 3, 2)
    operator = random_operator(model)
    constant = model.operators["s"]
    operators = {
        "a": constant,
        "S": operator,
        "b": Operator(np.eye(2), "e"),
        "T": Operator([[[1.0, 0], [0, 2]]], R=[[0] * 3]),
    }
    model = TightBinding(model.lattice, model.R, model.hoppings, model.positions, operators)
    cc.save_model(model, tmp_path / "m.nc")
    loaded = cc.load_model(tmp_path / "m.nc")
    assert list(loaded.operators) == ["a", "S", "b", "T"]
    for name, one in model.operators.items():
        other = loaded.operators[name]
        assert (one.unit, one.description) == (other.unit, other.description)
        assert one.matrix.tobytes() == other.matrix.tobytes()
        assert (one.R is None) == (other.R is None)
        assert one.R is None or one.R.tobytes() == other.R.tobytes()
        for array in (other.matrix, other.R):
            assert array is None or not array.flags.writeable
    assert model_identity(loaded) == model_identity(model)
    other = np.array(operator.matrix)
    other[0, 0, 0] += 1e-15
    altered = {**operators, "S": Operator(other, "1", "random", operator.R)}
    altered = TightBinding(model.lattice, model.R, model.hoppings, model.positions, altered)
    assert model_identity(altered) != model_identity(model)
    assert operator_identity(altered.operator("S")) != operator_identity(model.operator("S"))


BAD = {
    "not Hermitian": ({"matrix": [[[0, 1], [1, 0]]] * 2, "R": [[0, 0], [1, 0]]}, "got blocks at R = .* that differ"),
    "shape": ({"matrix": np.eye(2), "R": [[0, 0]]}, r"got an array of shape \(2, 2\)"),
    "another number": ({"matrix": [np.eye(2)], "R": [[0, 0], [1, 0]]}, r"got an array of shape \(1, 2, 2\)"),
    "dimension": ({"matrix": [np.eye(2)], "R": [[0, 0, 0]]}, "R of the operator S: got"),
    "twice": ({"matrix": [np.eye(2)] * 2, "R": [[0, 0], [0, 0]]}, "R: got 1 repeated cells"),
    "NaN": ({"matrix": [np.full((2, 2), np.nan)], "R": [[0, 0]]}, "S: got an array that holds NaN"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_operators(kind: str) -> None:
    arguments, message = BAD[kind]
    model = random_model(1, 2, 2)
    with pytest.raises(InputError, match=message):
        with_operator(model, Operator(**arguments))


def test_forms_without_cells_refuse_them_and_so_does_disorder() -> None:
    R = Operator([[[1.0]]], R=[[0, 0]])
    with pytest.raises(
        InputError, match="operator S: got one that depends on R; allowed: a constant matrix, for a KDotP"
    ):
        cc.KDotP([[2, 0], [0, 2]], [[[0.5]], [[0.5]]], k_max=2.0, operators={"S": R})
    model = with_operator(random_model(1, 2, 2), random_operator(random_model(1, 2, 2)))
    with pytest.raises(
        InputError, match="operator: got S, which depends on R; allowed: one matrix for all k, for disorder"
    ):
        cc.disorder(model, operator="S", mu=0.5, hall_grid=None)
