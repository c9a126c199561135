"""Models of TBmodels, by what `tbmodels.Model` makes public: half of the hoppings, positions in reduced coordinates."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import cc_kernels as cc
from cc_kernels.errors import InputError
from tests.identities.random_models import random_model


@pytest.mark.parametrize("kind", [np.asarray, csr_matrix])
def test_half_of_the_hoppings_is_the_model(kind) -> None:
    """As `Model._reduce_hop` keeps them: those with a first nonzero component above 0, and half of those at R = 0."""
    model = random_model(3, 2, 3, blocks=True)
    hop = {
        tuple(cell): kind(block if any(cell) else block / 2)
        for cell, block in zip(model.R.tolist(), model.hoppings, strict=True)
        if next((n for n in cell if n), 1) > 0
    }
    theirs = SimpleNamespace(hop=hop, pos=model.positions @ np.linalg.inv(model.lattice), uc=model.lattice)
    mine = cc.from_tbmodels(theirs, operators={"s": model.operators["s"]}, name="random")
    k = np.random.default_rng(0).uniform(-3, 3, (4, 2))
    for one, other in zip(mine.hamiltonian_and_velocity(k), model.hamiltonian_and_velocity(k), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-13)
    assert (mine.name, list(mine.operators)) == ("random", ["charge", "s"])


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(InputError, match=r"tbmodels_model: got a int .*; allowed: a tbmodels.Model"):
        cc.from_tbmodels(3)
    with pytest.raises(InputError, match="tbmodels_model: got a model without a unit cell"):
        cc.from_tbmodels(SimpleNamespace(hop={(0,): [[1.0]]}, pos=[[0.0]], uc=None))
