"""A finished model is one thing: what is computed, saved and hashed cannot be told apart by an edit of its arrays."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.models.from_file import load_from_python

MODELS = {
    "tight binding": lambda: cc.build_model("haldane"),
    "k.p": lambda: cc.build_model("rashba_continuum"),
    "plane waves": lambda: cc.build_model("twisted_tmd", shells=3),
    "Nambu": lambda: cc.build_model("d_id_square"),
    "function on a lattice": lambda: cc.from_function(
        lambda k: np.cos(k).sum(-1)[:, None, None] * np.eye(2),
        dim=2,
        lattice=np.eye(2),
        operators={"s": np.diag([1, -1])},
    ),
}
ARRAYS = ("lattice", "reciprocal", "positions", "R", "hoppings", "powers", "matrices")


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> cc.Model:
    return MODELS[request.param]()


@pytest.mark.parametrize("copied", [False, True], ids=["itself", "pickled"])
def test_no_array_can_be_changed(model: cc.Model, copied: bool) -> None:
    model = pickle.loads(pickle.dumps(model)) if copied else model
    k = np.full((1, model.dim), 0.1)
    before = model.hamiltonian(k)
    arrays = [getattr(model, name) for name in ARRAYS if getattr(model, name, None) is not None]
    assert len(arrays) >= 2
    for array in (*arrays, *(operator.matrix for operator in model.operators.values())):
        with pytest.raises(ValueError, match="read-only"):
            array += 1
    np.testing.assert_array_equal(model.hamiltonian(k), before)


def test_no_array_can_be_replaced(model: cc.Model) -> None:
    for name in (*ARRAYS, "operators", "k_max", "particle_hole_copies"):
        if name in vars(model):
            with pytest.raises(InputError, match=f"{name} of the model .* allowed: a new model with that value"):
                setattr(model, name, getattr(model, name))
    model.name, model.description = "another", "label"
    assert "another" in repr(model)


def test_a_model_shares_no_array_with_its_maker() -> None:
    hoppings = np.array([[[1.0, 0.2], [0.2, -1.0]]])
    model = cc.TightBinding(np.eye(2), [(0, 0)], hoppings, operators={"s": np.diag([1.0, -1.0])})
    hoppings[:] = 5
    assert model.hamiltonian(np.zeros((1, 2)))[0, 0, 0] == 1


def test_a_file_that_edits_a_model_gets_one_message(tmp_path: Path) -> None:
    path = tmp_path / "edited.py"
    path.write_text(
        "import numpy as np\nimport cc_kernels as cc\n\n\ndef build(*, m: float = 3.0):\n"
        "    model = cc.build_model('haldane')\n    model.hoppings[0] += np.diag([m, -m])\n    return model\n"
    )
    with pytest.raises(InputError, match=r"ValueError in line 7: .*read-only"):
        load_from_python(path)
