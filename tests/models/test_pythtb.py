"""Models of PythTB: the same levels, the same positions, the same spins as in PythTB itself."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError

pythtb = pytest.importorskip("pythtb")
HONEYCOMB = ([[1.0, 0.0], [0.5, np.sqrt(3) / 2]], [[0.0, 0.0], [1 / 3, 1 / 3]])
ROUNDING = 1e-13
"""eV: PythTB adds a dozen terms of order 1."""


def haldane(t2: float = 0.15, delta: float = 0.2):
    """As the library's: around A the phase is +pi/2, around B -pi/2."""
    model = pythtb.tb_model(2, 2, *HONEYCOMB)
    model.set_onsite([delta, -delta])
    for R in ([0, 0], [-1, 0], [0, -1]):
        model.set_hop(-1.0, 0, 1, R)
    for R in ([1, 0], [-1, 1], [0, -1]):
        model.set_hop(1j * t2, 0, 0, R)
        model.set_hop(-1j * t2, 1, 1, R)
    return model


def spinful():
    """Rashba-like terms, one orbital off the origin, hoppings to a far cell."""
    rng = np.random.default_rng(0)
    model = pythtb.tb_model(2, 2, *HONEYCOMB, nspin=2)
    model.set_onsite([[0.1, 0.2, 0.3, 0.4], [-0.1, 0.0, 0.5, 0.2]])
    for i, j, R in ((0, 1, [0, 0]), (0, 1, [-1, 0]), (1, 0, [2, -1]), (0, 0, [1, 0])):
        model.set_hop(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)), i, j, R)
    return model


def as_version_2(model) -> SimpleNamespace:
    """What `TBModel` of PythTB 2 makes public (pythtb/tbmodel.py): the hopping at R = 0 has no lattice_vector."""
    keys = ("amplitude", "from_orbital", "to_orbital", "lattice_vector")
    hoppings = [dict(zip(keys, hop, strict=True)) for hop in model._hoppings]
    for hop in hoppings:
        if not np.any(hop["lattice_vector"]):
            del hop["lattice_vector"]
    return SimpleNamespace(
        lat_vecs=model._lat,
        orb_vecs=model._orb,
        periodic_dirs=model._per,
        nspin=model._nspin,
        onsite=model._site_energies,
        hoppings=hoppings,
        _onsite_param_terms={},
        _hopping_param_terms={},
    )


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("build", [haldane, spinful])
def test_the_hamiltonian_is_that_of_pythtb(build, version: int) -> None:
    """Element by element: both have the Bloch phases of the positions."""
    theirs = build()
    model = cc.from_pythtb(theirs if version == 1 else as_version_2(theirs))
    fractions = np.random.default_rng(1).uniform(size=(6, 2))
    hamiltonian = model.hamiltonian(fractions @ model.reciprocal)
    for k, mine in zip(fractions, hamiltonian, strict=True):
        np.testing.assert_allclose(mine, theirs._gen_ham(k).reshape(mine.shape), rtol=0, atol=ROUNDING)


def test_haldane_is_that_of_the_library() -> None:
    """Two ways to one model: matrices, and the quantized conductivity in the gap through a response."""
    library, model = cc.build_model("haldane"), cc.from_pythtb(haldane())
    k = np.random.default_rng(2).uniform(-3, 3, (5, 2))
    for one, other in zip(library.hamiltonian_and_velocity(k), model.hamiltonian_and_velocity(k), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=ROUNDING)
    settings = {"operator": "charge", "grid": 24, "mu": 0.0, "temperature": 300.0, "variables": ["sigma_hall"]}
    one, other = (float(cc.transport(m, **settings).sigma_hall.sel(i="x", l="y").squeeze()) for m in (library, model))
    assert abs(one - other) < 1e-12


def test_spins_are_next_to_each_other() -> None:
    model = cc.from_pythtb(spinful(), operators={"site": np.diag([1, 1, -1, -1])})
    assert list(model.operators) == ["charge", "spin_x", "spin_y", "spin_z", "site"]
    np.testing.assert_array_equal(np.diag(model.operator("spin_z").matrix), [0.5, -0.5, 0.5, -0.5])
    np.testing.assert_array_equal(model.positions[0], model.positions[1])


@pytest.mark.parametrize("cut", [0, 1])
def test_a_ribbon_has_one_dimension(cut: int) -> None:
    """Also along the second vector, which is no Cartesian axis; the edge states' velocity needs no axis either."""
    ribbon = haldane().cut_piece(4, cut)
    model = cc.from_pythtb(ribbon)
    assert model.dim == 1
    for k in (0.1, 0.37):
        levels = model.levels([[k * 2 * np.pi / np.linalg.norm(model.lattice)]])
        np.testing.assert_allclose(levels[0], ribbon.solve_one([k]), rtol=0, atol=10 * ROUNDING)


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(InputError, match=r"pythtb_model: got a str .*; allowed: a model of PythTB 1.8"):
        cc.from_pythtb("haldane")
    with pytest.raises(InputError, match="pythtb_model: got a model without a periodic direction"):
        cc.from_pythtb(pythtb.tb_model(0, 2, *HONEYCOMB))
    free = as_version_2(haldane())
    free._onsite_param_terms = {0: "U"}
    with pytest.raises(InputError, match="pythtb_model: got a TBModel with free parameters"):
        cc.from_pythtb(free)
