"""An operator that does not commute with the position operator: Eq. (5) fails, and the dataset says so."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from cc_kernels import TightBinding, band_geometry, disorder, equilibrium
from tests.identities.random_models import hermitian, random_model


def with_position_matrices(seed=3, mixing=0.1):
    """A random model with all orbitals on one site, and dipoles between them of `mixing` angstrom."""
    model = random_model(seed, 2, 2)
    rng = np.random.default_rng(seed)
    matrices = np.zeros((len(model.R), 2, 2, 2), dtype=complex)
    matrices[len(model.R) // 2] = [mixing * hermitian(rng, 2) for _ in range(2)]
    return TightBinding(
        model.lattice, model.R, model.hoppings, operators=model.operators, position_matrices=matrices
    ), matrices[len(model.R) // 2]


def test_a_mixing_operator_is_told_and_stored():
    model, dipoles = with_position_matrices()
    s = model.operators["s"].matrix
    with pytest.warns(UserWarning, match=r"operator s: does not commute with the position operator .*Eq\. \(5\)"):
        result = equilibrium(model, operator="s", grid=24, mu=0.4, temperature=3000)
    expected = np.abs(s @ dipoles - dipoles @ s).max()
    assert expected > 0.01
    assert result.attrs["operator_position_commutator"] == pytest.approx(expected, rel=1e-14)
    assert result.attrs["velocity"] == "dH/dk + i[H, A]"
    # what the warning says: the net current is no rounding error
    assert abs(result.net_current).max() > 1e-3 * result.net_current_scale.max()


def test_units_of_the_commutator():
    model, _ = with_position_matrices()
    with pytest.warns(UserWarning, match="operator matrix"):
        attributes = band_geometry(model, operator=model.operators["s"].matrix, grid=4).attrs
    assert attributes["operator_position_commutator_units"] == "angstrom"


@pytest.mark.parametrize("name", ["dH/dk", "dH/dk + i[H, A]"])
def test_a_commuting_operator_is_no_reason_to_warn(name):
    """Without position matrices, or with an operator that commutes with them."""
    model = random_model(3, 2, 2) if name == "dH/dk" else with_position_matrices()[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        attributes = band_geometry(model, operator=np.eye(2), grid=4).attrs
    assert attributes["velocity"] == name
    assert attributes["operator_position_commutator"] == 0


def test_disorder_says_which_velocity_was_used():
    from cc_kernels import build_model

    result = disorder(build_model("rashba_square"), operator="spin_z", mu=1.0, points=48, hall_grid=None)
    assert result.attrs["velocity"] == "dH/dk"
