"""Fewer variables, or several responses at once, are the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.responses.registry import state_sums_of, table
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid
from tests.identities.random_models import random_model

AT = {"operator": "s", "grid": 8, "mu": [-0.2, 0.3], "temperature": [4000.0, 6000.0]}


@pytest.fixture(scope="module")
def model() -> cc.TightBinding:
    return random_model(4, 2, 3)


@pytest.fixture(scope="module")
def alone(model: cc.TightBinding) -> dict[str, xr.Dataset]:
    return {name: getattr(cc, name)(model, **AT) for name in ("equilibrium", "transport", "companions")}


def assert_same(one: xr.Dataset, other: xr.Dataset, name: str) -> None:
    """The same terms, added in columns beside others: rounding of a few of the 192 states is all that may differ."""
    atol = 200 * np.finfo(float).eps * float(other[f"{name}_scale"].max())
    for key in (name, f"{name}_scale"):
        xr.testing.assert_allclose(one[key], other[key], rtol=0, atol=atol)
        assert one[key].attrs == other[key].attrs


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_several_responses_are_those_alone(model: cc.TightBinding, alone: dict[str, xr.Dataset]) -> None:
    together = cc.respond(model, ["transport", "companions", "equilibrium"], **AT)
    for response, one in alone.items():
        for name in table([response], 2):
            assert_same(together, one, name)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("response", ["equilibrium", "transport", "companions"])
def test_each_variable_alone(model: cc.TightBinding, alone: dict[str, xr.Dataset], response: str) -> None:
    for name in table([response], 2):
        one = getattr(cc, response)(model, **AT, variables=[name])
        assert [key for key in one.data_vars if f"{key}_scale" in one] == [name]
        assert_same(one, alone[response], name)
        assert one["variable"].values.tolist() == [name]


def test_fewer_variables_need_fewer_sums() -> None:
    few = state_sums_of(["transport"], 2, ["sigma_conventional", "sigma_intrinsic"])
    assert set(few) < set(state_sums_of(["transport"], 2))
    assert "projector_increment" not in state_sums_of(["transport"], 2)


@pytest.mark.parametrize(
    ("variables", "text"),
    [(["sigma_hal"], "did you mean sigma_hall"), ("sigma_hall", "a list of names"), ([], "a list of names")],
)
def test_names_are_checked(model: cc.TightBinding, variables: object, text: str) -> None:
    with pytest.raises(InputError, match=text):
        cc.transport(model, **AT, variables=variables)


@pytest.mark.parametrize(
    ("responses", "text"),
    [
        ("transport", "a list of any of equilibrium, transport"),
        ([], "a list of any of equilibrium, transport"),
        (["superconductor"], "got 'superconductor'; allowed: one of companions, equilibrium, thermal, thermal"),
        (["transport", "equilibrum"], "got 'equilibrum'; allowed: did you mean equilibrium"),
    ],
)
def test_responses_are_checked(model: cc.TightBinding, responses: object, text: str) -> None:
    with pytest.raises(InputError, match=text):
        cc.respond(model, responses, **AT)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_sums_without_what_is_asked_for(model: cc.TightBinding) -> None:
    sums = sums_on_grid(model, state_sums_of(["transport"], model.dim), "s", 4, EnergyMesh.covering(0.0, 3000.0))
    with pytest.raises(InputError, match=r"sums without .*; allowed: sums of the responses that .* belongs to"):
        cc.evaluate(sums, "equilibrium", mu=0.0, temperature=3000.0)


def test_an_axis_of_operators_is_each_alone() -> None:
    """Also what is said of gaps: the search looks beside those across which an operator is the same."""
    model = cc.build_model("altermagnet_rashba", alpha=0.4, J=0.3, bx=0.15, by=0.15003)
    at = {"mu": [1.0, 2.0], "temperature": 1500.0}
    series = {
        operator: [cc.transport(model, operator=operator, grid=n, **at) for n in (16, 32, 64)]
        for operator in ("spin_x", "spin_z")
    }
    together = [cc.transport(model, operator=list(series), grid=n, **at) for n in (16, 32, 64)]
    for operator, alone in series.items():
        one, other = together[-1].sel(operator=operator), alone[-1]
        assert set(one.data_vars) == set(other.data_vars)
        for name in other.data_vars:
            assert one[name].dims == other[name].dims, name
            # the same states in the same order, in columns beside others
            atol = 1e-13 * float(other[f"{name}_scale"].max()) if f"{name}_scale" in other else 0
            xr.testing.assert_allclose(one[name].drop_vars("operator"), other[name], rtol=1e-9, atol=atol)
    verdict = cc.judge(together, 1e-2)
    assert "operator spin_" in verdict.attrs["summary"]
    assert "a gap of 1.67e-05 eV" in verdict.attrs["summary"]
    refused = {name: cc.judge(levels, 1e-2).variable_converged for name, levels in series.items()}
    assert (verdict.variable_converged <= refused["spin_x"] * refused["spin_z"]).all()


@pytest.mark.parametrize(
    ("operators", "text"),
    [
        ([], "a list of at least one"),
        (["spin_x", "spin_x"], "each operator once"),
        (["spin_z", np.diag([0.5, -0.5])], "each operator once"),
        (["spin_x", "charge"], "operators of one unit"),
    ],
)
def test_lists_of_operators_are_checked(operators: list, text: str) -> None:
    with pytest.raises(InputError, match=text):
        cc.transport(cc.build_model("altermagnet_rashba"), operator=operators, grid=4, mu=0.0)


def test_equal_and_vanishing_operators_are_computed() -> None:
    """The spins of a collinear magnet across its moments are equal: zero."""
    s = np.diag([0.5, -0.5])
    named = cc.build_model("rashba_square", alpha=0.5)
    model = cc.TightBinding(
        named.lattice, named.R, named.hoppings, operators={"a": 0 * s, "s": s, "b": 0 * s, "again": s}
    )
    at = {key: value for key, value in AT.items() if key != "operator"}
    with pytest.warns(UserWarning, match="operator a: is zero in"):
        together = cc.transport(model, operator=["a", "s", "b", "again"], **at)
    alone = cc.transport(model, operator="s", **at)
    for name in ("sigma_intrinsic", "sigma_conventional"):
        assert (together[name].sel(operator=["a", "b"]) == 0).all()
        scale = float(alone[f"{name}_scale"].max())
        for label in ("s", "again"):
            xr.testing.assert_allclose(
                together[name].sel(operator=label, drop=True), alone[name], rtol=0, atol=1e-13 * scale
            )


def test_what_knows_no_operator_is_told_once() -> None:
    model, at = cc.build_model("kane_mele"), {"grid": 12, "mu": 0.5, "temperature": [2000.0]}
    together = cc.thermal(model, operator=["spin_x", "spin_z"], **at)
    assert together.alpha_intrinsic.dims == ("mu", "temperature", "operator", "i", "l")
    for name in ("thermal_hall_over_T", "thermal_hall_over_T_scale"):
        alone = cc.thermal(model, operator="spin_z", **at)[name]
        assert together[name].dims == ("mu", "temperature")
        xr.testing.assert_allclose(together[name], alone, rtol=1e-12)
    levels = [cc.thermal(model, operator=["spin_x", "spin_z"], **(at | {"grid": n})) for n in (6, 12, 24)]
    assert "thermal_hall_over_T" in cc.judge(levels, 1e-2)["variable"]
