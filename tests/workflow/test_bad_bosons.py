"""Bad bosons, and what bosons do not have, end in one `InputError`: key, what was given, what is allowed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.units import KELVIN
from tests.workflow.messages import check_message

ONE = np.eye(1)
SWAP = np.array([[0, 1], [1, 0]])


def square(K: float = 1e-3, B: float = 0.0, s: object = ONE) -> cc.TightBinding:
    """A magnon on the square lattice, -1 meV between neighbours, lowest level K (eV) where B = 0."""
    J, R = 1e-3, [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]
    normal, anomalous = np.array([4 * J + K, -J, -J, -J, -J]), np.array([B, 0, 0, 0, 0])
    return cc.bosons(np.eye(2), R, normal[:, None, None], anomalous[:, None, None], operators={"s": s})


def antiferromagnet(J: float = 0.1 / 3) -> cc.TightBinding:
    """A chain: Goldstone modes at k = 0, where H is singular up to rounding."""
    A, B = 2 * J * np.eye(2), J * SWAP
    back, forth = J * np.array([[0, 0], [1, 0]]), J * np.array([[0, 1], [0, 0]])
    positions, s = [[0.0], [0.5]], np.diag([1.0, -1.0])
    normal, anomalous = [A, 0 * A, 0 * A], [B, back, forth]
    return cc.bosons([[1.0]], [[0], [1], [-1]], normal, anomalous, positions=positions, operators={"s": s})


def two(A: object = np.eye(2), B: object = None, **changes: object) -> cc.TightBinding:
    """Two modes without dispersion, at 1 eV."""
    return cc.bosons([[1.0]], [[0]], [A], None if B is None else [B], **changes)


def thermal(model: cc.Model, **changes: object) -> object:
    return cc.thermal(model, **({"operator": "s", "grid": 4, "temperature": 10.0} | changes))


NOT_POSITIVE = "a positive definite H(k) at every k"
CASES: dict[str, tuple[Callable[[], object], str, str, str]] = {
    "Goldstone mode on the grid": (
        lambda: thermal(square(K=0.0)),
        "model",
        "the lowest eigenvalue 0 eV at k = (0, 0) 1/angstrom",
        "at a mode of zero energy (Goldstone) the grid must miss its k, by a shift",
    ),
    "Goldstone mode of an antiferromagnet": (
        lambda: cc.equilibrium(antiferromagnet(), operator="s", grid=6, temperature=10.0),
        "model",
        "eV at k = (0) 1/angstrom",
        "(Goldstone)",
    ),
    "Goldstone mode of band data": (
        lambda: cc.band_geometry(square(K=0.0), kpoints=[[0.1, 0.2], [0.0, 0.0]]).compute(),
        "model",
        "at k = (0, 0)",
        NOT_POSITIVE,
    ),
    "unstable ferromagnet": (
        lambda: thermal(square(K=-1e-4), grid=5),
        "model",
        "the lowest eigenvalue -0.0001 eV at k = (0, 0)",
        "a lower eigenvalue is an unstable reference state",
    ),
    "unstable by pairs": (lambda: thermal(square(K=1e-3, B=1.5e-3)), "model", "-0.0005 eV at k = (0, 0)", NOT_POSITIVE),
    "s of the wrong sign": (
        lambda: square(s=np.diag([1.0, -1.0])),
        "s",
        "differs from tau_x s^T tau_x by 2",
        "a part with the other sign is only a number",
    ),
    "a matrix of the wrong sign": (
        lambda: thermal(square(), operator=np.diag([0.5, -0.5])),
        "operator",
        "differs from tau_x s^T tau_x by 1",
        "s = tau_x s^T tau_x",
    ),
    "s that mixes positions": (
        lambda: thermal(two(positions=[[0.0], [0.5]], operators={"s": SWAP})),
        "s",
        "mixes orbitals at different positions, |[s, tau]| = 0.5",
        "commutes with the position operator",
    ),
    "s that is not Hermitian": (lambda: two(operators={"s": SWAP * 1j}), "s", "|M - M^dagger| up to 2", "a Hermitian"),
    "s of another shape": (lambda: two(operators={"s": np.eye(3)}), "s", "shape (3, 3)", "shape (4, 4)"),
    "s that depends on R": (
        lambda: two(operators={"s": cc.Operator(np.eye(2)[None], R=np.array([[0]]))}),
        "operator s",
        "one that depends on R",
        "a constant matrix, for bosons",
    ),
    "no dict of operators": (lambda: two(operators=3), "operators", "3", "a dict of names and Hermitian matrices"),
    "mu": (lambda: thermal(square(), mu=0.1), "mu", "0.1", "nothing, or 0: bosons have no mu"),
    "mu of an equilibrium": (
        lambda: cc.equilibrium(square(), grid=4, mu=[0.0, 0.1], temperature=10.0),
        "mu",
        "[0.0, 0.1]",
        "bosons have no mu",
    ),
    "transport": (
        lambda: cc.transport(square(), grid=4, mu=0.0, temperature=10.0),
        "model",
        "bosons, for the response transport",
        "`thermal` has alpha_intrinsic",
    ),
    "companions": (
        lambda: cc.companions(square(), grid=4, mu=0.0, temperature=10.0),
        "model",
        "bosons, for the response companions",
        "a model of normal electrons",
    ),
    "transport beside others": (
        lambda: cc.respond(square(), ["thermal", "transport"], grid=4, temperature=10.0),
        "model",
        "bosons, for the response transport",
        "a model of normal electrons",
    ),
    "disorder": (lambda: cc.disorder(square(), grid=8, mu=0.0), "model", "bosons", "a normal model in two dimensions"),
    "superconductor": (
        lambda: cc.superconductor(square(), grid=4, temperature=10.0),
        "model",
        "bosons",
        "a superconductor (a model built by `models.nambu`)",
    ),
    "band data of companions": (
        lambda: cc.band_geometry(square(), grid=4, quantities=["torque_kubo_sea"]),
        "quantities",
        "'torque_kubo_sea'",
        "any of energy",
    ),
    "anomalous block not symmetric": (
        lambda: two(B=[[0, 0.1], [0, 0]]),
        "normal, anomalous",
        "blocks at R = (0,) and -R that differ by 0.1",
        "B_{-R} = B_R^T at every cell R",
    ),
    "anomalous hop not symmetric": (
        lambda: cc.bosons([[1.0]], [[1], [0], [-1]], np.ones((3, 1, 1)), [[[0.1]], [[0.0]], [[0.2]]]),
        "normal, anomalous",
        "blocks at R = (",
        "B_{-R} = B_R^T",
    ),
    "normal block not Hermitian": (
        lambda: two(A=[[1.0, 0.2], [0.0, 1.0]]),
        "normal, anomalous",
        "differ by 0.2",
        "A_{-R} = A_R^dagger",
    ),
    "normal of another shape": (lambda: cc.bosons([[1.0]], [[0]], np.eye(2)), "normal", "shape (2, 2)", "(nR, N, N)"),
    "anomalous of another shape": (lambda: two(B=np.eye(3)), "anomalous", "shape (1, 3, 3)", "as `normal`"),
    "NaN": (lambda: two(A=np.nan * np.eye(2)), "normal", "NaN", "finite numbers"),
    "positions of three": (lambda: two(positions=np.zeros((3, 1))), "positions", "shape (3, 1)", "one row per mode"),
    "statistics": (
        lambda: cc.TightBinding([[1.0]], [[0]], [np.eye(2)], statistics="boson"),
        "statistics",
        "'boson'",
        "fermi or bose",
    ),
    "an odd number of orbitals": (
        lambda: cc.TightBinding([[1.0]], [[0]], [np.eye(3)], statistics="bose"),
        "hoppings",
        "3 orbitals",
        "an even number for bosons",
    ),
    "blocks that are no doubling": (
        lambda: cc.TightBinding([[1.0]], [[0]], [np.diag([1.0, 2.0])], statistics="bose"),
        "hoppings",
        "break H_-k = tau_x H_k^* tau_x by 1",
        "[[A_R, B_R], [B_R^*, A_R^*]]",
    ),
    "b^+ at another place": (
        lambda: cc.TightBinding([[1.0]], [[0]], [np.eye(2)], [[0.0], [0.3]], statistics="bose"),
        "positions",
        "0.3",
        "the same of b^+ as of b",
    ),
    "position matrices": (
        lambda: cc.TightBinding(
            [[1.0]], [[0]], [np.eye(2)], position_matrices=np.zeros((1, 1, 2, 2)), statistics="bose"
        ),
        "position_matrices",
        "some",
        "none for bosons",
    ),
    "another form": (lambda: cc.KDotP([[0]], [np.eye(2)], 1.0, statistics="bose"), "statistics", "'bose'", "fermi"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_bosons(case: str) -> None:
    call, key, given, allowed = CASES[case]
    with pytest.raises(InputError) as raised:
        call()
    check_message(str(raised.value), key, given, allowed)


def test_a_mode_of_zero_energy_up_to_rounding_is_refused() -> None:
    """Of some exchange constants H has a Cholesky factor for all that, and levels of 1e-8 of the largest, or 0."""
    has_factor = 0
    for J in np.linspace(0.01, 0.1, 20):
        model, k = antiferromagnet(J), np.zeros((1, 1))
        with pytest.raises(InputError, match="lowest eigenvalue"):
            model.solve(k)
        try:
            np.linalg.cholesky(model.hamiltonian(k))
        except np.linalg.LinAlgError:
            continue
        has_factor += 1
    assert has_factor


@pytest.mark.parametrize("build", [lambda: square(K=0.0), antiferromagnet])
def test_a_goldstone_mode_is_accepted_where_the_grid_misses_it(build: Callable) -> None:
    model = build()
    result = cc.respond(model, ["equilibrium", "thermal"], grid=6, shift=0.5, temperature=100.0)
    assert all(np.isfinite(result[name]).all() for name in ("net_current", "alpha_intrinsic", "alpha_intrinsic_scale"))
    assert result.net_current_scale.item() > 0
    assert model.levels([[0.0] * model.dim])[0, -1] < 1e-6, "levels are known there, too"


def test_no_mu_is_as_good_as_zero() -> None:
    one, other = (thermal(square(), **given) for given in ({}, {"mu": 0.0}))
    assert one.mu.values.tolist() == [0.0]
    assert (one.alpha_intrinsic_scale.values == other.alpha_intrinsic_scale.values).all()


@pytest.mark.parametrize("tolerance", [1e-9, 1e-2, 1.0])
def test_a_tolerance_beyond_the_gap_joins_no_particles_with_holes(tolerance: float) -> None:
    """One mode at some meV: whatever levels are told apart, a particle and a hole are no group."""
    model = square(B=0.9e-3, s=np.array([[0.0, 1j], [-1j, 0.0]]))
    k = np.array([[0.3, 0.1], [2.0, -1.0]])
    bands = cc.band_geometry(model, kpoints=k, degeneracy_tolerance=tolerance).compute()
    exact = cc.band_geometry(model, kpoints=k, degeneracy_tolerance=0.0).compute()
    for name in exact.data_vars:
        if name != "close_metric":  # that of pairs closer than ten tolerances
            assert np.array_equal(bands[name], exact[name]), name
    values = [thermal(model, grid=6, degeneracy_tolerance=one).alpha_dipole_scale.item() for one in (tolerance, 0.0)]
    assert values[0] == values[1] > 0


def test_a_soft_mode_is_summed_or_refused() -> None:
    """One mode, stable at all k, whose energy at k = 0 is (2 d)^(1/2) eV: direct sums over states have no mesh, and
    where the mesh of energies does not reach nothing is computed."""
    a, T, refused = 0.125, 1000 * KELVIN, []
    for power in range(24, 52):
        normal = [[[3 + 2.0**-power]], [[-1 - 1j * a]], [[-1 + 1j * a]]]
        model = cc.bosons([[1.0]], [[0], [1], [-1]], normal, [[[1.0]], [[0]], [[0]]], operators={"n": [[1.0]]})
        options = {"operator": "n", "grid": 4}
        try:
            result = cc.equilibrium(model, temperature=1000, symmetry="off", **options)
        except InputError:
            refused.append(power)
            continue
        bands = cc.band_geometry(model, quantities=["energy", "operator_current"], **options)
        n, J = 1 / np.expm1(bands.energy.values / T), bands.operator_current.values[..., 0]
        # the spline's error of 1/eps is 1e-12 and less
        assert result.conventional_current.item() == pytest.approx((n * J).sum() / 2 / 4, rel=1e-10)
    assert refused == list(range(refused[0], 52))
