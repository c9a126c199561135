"""The companions of Eq. (12), state by state: compiled path against formulas, and what makes them companions."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import KGrid
from cc_kernels.geometry.companion_formulas import companion_quantities
from cc_kernels.geometry.formulas import band_quantities
from cc_kernels.geometry.packed import packed_quantities
from cc_kernels.geometry.quantities import COMPANIONS, FIRST_ORDER, component_shape, layout
from tests.identities.kubo_torque import first_derivative
from tests.identities.random_models import gapped_model, hermitian

TOLERANCE = 1e-6
BOTH = (*FIRST_ORDER, *COMPANIONS)


def random_states(bands: int, dim: int, doublet: bool):
    rng = np.random.default_rng(bands + 10 * dim)
    H = np.array([hermitian(rng, bands) for _ in range(8)])
    energies, states = np.linalg.eigh(H)
    if doublet:
        energies[:, 1] = energies[:, 0]
    velocity = np.array([[hermitian(rng, bands) for _ in range(dim)] for _ in range(8)])
    return energies, states, velocity, hermitian(rng, bands)


@pytest.mark.parametrize("doublet", [False, True])
@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("bands", [2, 3, 4, 9])
def test_compiled_companions_are_the_formulas(bands, dim, doublet):
    energies, states, velocity, operator = random_states(bands, dim, doublet)
    packed = packed_quantities(energies, states, velocity, operator, TOLERANCE, BOTH)
    expected = companion_quantities(energies, states, velocity, operator, TOLERANCE)
    for name, part in layout(dim, BOTH).items():
        if name in COMPANIONS:
            value = packed[..., part].reshape(expected[name].shape)
            # sums of bands^3 products of order one over at most three of the smallest gaps
            assert abs(value - expected[name]).max() <= 1e-12 * abs(expected[name]).max(), name


def projector_value(packed: np.ndarray, dim: int, filled: int) -> np.ndarray:
    part = layout(dim, BOTH)["projector_increment"]
    return packed[:, :filled, part].sum(1).reshape(-1, *component_shape(COMPANIONS["projector_increment"], dim))


@pytest.mark.parametrize("dim", [2, 3])
def test_projector_value_is_the_group_trace_of_the_occupied(dim):
    """Two occupied levels 1e-3 eV apart: as one group, or filled one after the other, which rotates nothing away."""
    energies, states, velocity, operator = random_states(4, dim, False)
    energies[:, 0] = energies[:, 1] - 1e-3
    apart, together = (
        packed_quantities(energies, states, velocity, operator, tolerance, BOTH) for tolerance in (TOLERANCE, 2e-3)
    )
    part = layout(dim, BOTH)["berry_curvature_operator"]
    group_trace = together[:, :2, part].sum(1).reshape(-1, dim, dim)
    size = abs(group_trace).max()
    assert abs(projector_value(together, dim, 2) - group_trace).max() <= 1e-12 * size
    # a group has its mean energy: A changes by 5e-4/gap, and its square twice that
    gap = (energies[:, 2] - energies[:, 1]).min()
    assert abs(projector_value(apart, dim, 2) - group_trace).max() <= 2e-3 / gap * size
    # the sum of Omega_n s_n over the two is another number
    assert abs(apart[:, :2, part].sum(1).reshape(-1, dim, dim) - group_trace).max() > 0.1 * size


@pytest.mark.parametrize("dim", [2, 3])
def test_projector_value_of_full_bands_vanishes(dim):
    """Unlike int sum_n Omega_n s_n over all bands of three or more."""
    packed = packed_quantities(*random_states(4, dim, False), TOLERANCE, BOTH)
    parts = layout(dim, BOTH)
    size = abs(packed[..., parts["projector_increment"]]).sum(1).max()
    assert abs(projector_value(packed, dim, 4)).max() <= 1e-14 * size
    assert abs(packed[..., parts["berry_curvature_operator"]].sum(1)).max() > 1e-2


def test_only_the_projector_value_is_invariant_under_rotations_among_the_occupied_bands():
    """H + P X P, P the projector on the occupied bands: the same occupied space in other bands, and the same gap.

    The torque response knows the energies of the bands; so does its sum with the conventional part.
    """
    model, filled, dim = gapped_model(2, 2, 4, 2), 2, 2
    s = model.operators["s"].matrix
    k = KGrid.of(model, 24).points()
    X = 0.2 * hermitian(np.random.default_rng(0), 4)
    names = ("projector", "torque", "kubo", "single")

    def hamiltonian(points: np.ndarray, strength: float) -> np.ndarray:
        H = model.hamiltonian(points)
        u = np.linalg.eigh(H)[1][:, :, :filled]
        P = u @ u.conj().swapaxes(-1, -2)
        return H + strength * P @ X @ P

    def values(strength: float) -> dict[str, np.ndarray]:
        velocity = np.stack(
            [first_derivative(lambda x, a=a: hamiltonian(k + x * a, strength), 1e-2) for a in np.eye(dim)], axis=1
        )
        energies, states = np.linalg.eigh(hamiltonian(k, strength))
        arguments = energies, states, velocity, s, TOLERANCE
        each = companion_quantities(*arguments) | band_quantities(*arguments)
        occupied = {name: np.asarray(each[name])[:, :filled].sum(1).mean(0) for name in each}
        torque = occupied["torque_kubo_sea"][0, 1]
        conventional = occupied["s_berry_curvature"][1, 0]
        single = occupied["berry_curvature_operator"][1, 0]
        return dict(
            zip(names, (occupied["projector_increment"][1, 0], torque, torque + conventional, single), strict=True)
        )

    one, other = values(0.0), values(1.0)
    # differences of seven points err by STEP^6/140 of the seventh derivative: 1e-14 (hops of up to two cells)^7
    assert one["projector"] == pytest.approx(other["projector"], rel=1e-9)
    for name in names[1:]:
        assert abs(one[name] - other[name]) > 1e-2 * abs(one[name]), name
