"""Fewer variables, or several responses at once, are the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.responses.registry import state_sums_of, table
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


@pytest.mark.parametrize("responses", ["transport", [], ["superconductor"], ["transport", "magic"]])
def test_responses_are_checked(model: cc.TightBinding, responses: object) -> None:
    with pytest.raises(InputError, match="a list of any of equilibrium, transport"):
        cc.respond(model, responses, **AT)
