"""More named models: their formulas written in k space, and the numbers that they are known for."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels.errors import InputError
from cc_kernels.geometry.labelled_bands import band_geometry
from cc_kernels.models import build_model
from cc_kernels.models.library import kagome_superconductor as kagome
from cc_kernels.responses.api import equilibrium, respond, superconductor, transport
from cc_kernels.units import KELVIN
from tests.models.more_formulas import ALTERMAGNET, CASES, I2, SOFT_BHZ, SX, SY, SZ, kron, pi


def random_k(model, number=6) -> np.ndarray:
    size = 3 if model.lattice is None else pi / np.linalg.norm(model.lattice, axis=1)
    return np.random.default_rng(4).uniform(-size, size, (number, model.dim))


@pytest.mark.parametrize(("formula", "parameters"), CASES)
def test_model_is_its_formula(formula, parameters: dict) -> None:
    model = build_model(formula.__name__, **parameters)
    k = random_k(model)
    expected = np.array([formula(point, **parameters) for point in k])
    H, v = model.hamiltonian_and_velocity(k)
    scale = max(1, np.abs(expected).max())
    assert np.abs(H - expected).max() < 1e-12 * scale
    assert np.abs(H - H.conj().swapaxes(1, 2)).max() < 1e-14 * scale
    step = 1e-5  # of 1/length: step^2/6 x third derivative and eps/step, both below 1e-9
    for i, axis in enumerate(np.eye(model.dim)):
        h = step / (1 if model.lattice is None else model.lattice[i, i])
        difference = np.array([formula(p + h * axis, **parameters) - formula(p - h * axis, **parameters) for p in k])
        assert np.abs(v[:, i] * h - difference / 2).max() < 1e-8 * step * scale


@pytest.mark.parametrize(("name", "parameters"), [("bhz", {"delta0": 0.0}), ("bismuth_selenide", {})])
def test_inversion_and_time_reversal_make_double_bands(name: str, parameters: dict) -> None:
    model = build_model(name, **parameters)
    energy = np.linalg.eigvalsh(model.hamiltonian(random_k(model, 40)))
    np.testing.assert_allclose(energy[:, 0::2], energy[:, 1::2], atol=1e-13 * np.abs(energy).max())


def test_bulk_inversion_asymmetry_splits_the_bands() -> None:
    energy = np.linalg.eigvalsh(build_model("bhz").hamiltonian(random_k(build_model("bhz"))))
    assert (energy[:, 1] - energy[:, 0]).min() > 1e-6


def test_persistent_spin_helix() -> None:
    """alpha = beta: s_x - s_y is conserved; alpha = -beta: s_x + s_y."""
    for beta, conserved in ((0.4, SX - SY), (-0.4, SX + SY)):
        model = build_model("rashba_dresselhaus", alpha=0.4, beta=beta)
        H = model.hamiltonian(random_k(model))
        assert np.abs(H @ conserved - conserved @ H).max() < 1e-14


def test_altermagnet_has_no_magnetization() -> None:
    """A quarter turn alone reverses n; with time reversal it is a symmetry, and leaves no charge magnetization."""
    model = build_model("altermagnet_rashba")
    settings = {"operator": "charge", "grid": 32, "mu": 1.0, "temperature": 5000.0}
    assert abs(equilibrium(model, **settings).magnetization.item()) < 1e-15
    assert abs(equilibrium(build_model("altermagnet_rashba", bz=0.1), **settings).magnetization.item()) > 1e-5
    rashba = build_model("rashba_square", alpha=0.4, bx=0.1, bz=0.2)
    k = random_k(rashba)
    limit = build_model("altermagnet_rashba", J=0.0, bx=0.1, bz=0.2)
    np.testing.assert_allclose(limit.hamiltonian(k), rashba.hamiltonian(k), atol=1e-15)


# The grids resolve the temperatures (the residual falls as exp(-points x pi T x length/velocity)); the last column says
# whether the conventional current of some operator is finite.
EQUILIBRIUM = [
    ("rashba_dresselhaus", {}, 64, 1.0, 0.4, True),
    ("hole_gas", {}, 128, 0.05, 0.017, True),
    ("bhz", SOFT_BHZ | {"M": -0.4}, 64, 0.1, 0.4, False),
    ("altermagnet_rashba", ALTERMAGNET, 64, 1.0, 0.4, True),
    ("bismuth_selenide", {}, 16, 0.1, 4.0, False),
    ("honeycomb_d_id", {}, 64, None, 0.4, False),
    ("kagome_superconductor", {}, 64, None, 0.4, False),
    ("spin_orbit_superconductor", {"by": 0.1, "bz": 0.1}, 64, None, 0.4, True),
]


@pytest.mark.parametrize(("name", "parameters", "grid", "mu", "temperature", "flows"), EQUILIBRIUM)
def test_net_current_vanishes(name, parameters, grid, mu, temperature, flows) -> None:
    """Eq. (5), for every operator of the model."""
    model = build_model(name, **parameters)
    conventional = 0.0
    for operator in model.operators:
        result = equilibrium(model, operator=operator, grid=grid, mu=mu, temperature=temperature / KELVIN)
        assert float((abs(result.net_current) / result.net_current_scale).max()) < 1e-12
        conventional = max(conventional, float((abs(result.conventional_current) / result.net_current_scale).max()))
    assert (conventional > 1e-4) == flows


@pytest.mark.parametrize(("alpha", "beta", "expected"), [(0.5, 0.2, -1), (0.2, 0.5, 1)])
def test_rashba_dresselhaus_transport_counts_the_winding(alpha, beta, expected) -> None:
    """-(e s/8 pi) sum W with W = +1 (Rashba) or -1 (Dresselhaus) on both contours; exp(-mu/T) = 1e-8."""
    model = build_model("rashba_dresselhaus", alpha=alpha, beta=beta)
    sigma = transport(model, operator="spin_z", grid=256, mu=1.6, temperature=1000.0).sigma_intrinsic
    assert sigma.sel(i="x", l="y").item() * 8 * pi == pytest.approx(expected, abs=1e-6)
    assert sigma.sel(i="y", l="x").item() * 8 * pi == pytest.approx(-expected, abs=1e-6)


def test_heavy_holes_of_a_narrow_well() -> None:
    """Two contours of winding 3 and s = 3/2: sigma_xy -> -9e/8pi, and +9e/8pi the conventional value.

    The light holes lie 4 gamma2 (hbar^2/2m_0)(pi/width)^2 higher, so their admixture falls with the width.
    """
    errors = []
    for width in (20.0, 10.0):
        model = build_model("hole_gas", width=width, gamma3=2.06, alpha=0.3)
        mu = np.linalg.eigvalsh(model.hamiltonian([[0.0, 0.0]]))[0, 0] + 0.1
        result = transport(model, operator="spin_z", grid=256, mu=mu, temperature=100.0).sel(i="x", l="y")
        errors.append(abs(result.sigma_intrinsic.item() * 8 * pi / 9 + 1))
        assert result.sigma_conventional.item() * 8 * pi / 9 == pytest.approx(1, abs=0.04)
    assert errors[0] < 0.005
    assert errors[1] < 0.1 * errors[0]


@pytest.mark.parametrize(("M", "expected"), [(-0.8, -1), (0.8, 0), (-4.8, 1), (-8.8, 0)])
def test_bhz_spin_hall_plateau(M: float, expected: float) -> None:
    """0 < M/B < 4/a^2: sigma_hall_xy = -e/2pi, from the Chern numbers +-1 of the blocks +-; up to 8/a^2 +e/2pi; else 0.

    Twice that for j_z: in a block it is +-(1 - n.s_z/2), n on the sphere, and n_z sums to 0 over the whole sphere.
    mu lies in the middle of the gap, at the momentum where K = 0, 4/a^2 or 8/a^2 makes it smallest.
    """
    model = build_model("bhz", A=1.0, B=-1.0, D=-0.3, M=M, delta0=0.0, a=1.0)
    mu = {-0.8: 0.0, 0.8: 0.0, -4.8: 1.2, -8.8: 2.4}[M]
    for operator, factor in (("spin_z", 1), ("j_z", 2)):
        result = transport(model, operator=operator, grid=64, mu=mu, temperature=100.0).sel(i="x", l="y")
        assert result.sigma_hall.item() * 2 * pi == pytest.approx(factor * expected, abs=1e-9)
        assert result.sigma_dipole.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("operator", "quanta"), [("spin_z", -1), ("j_z", -2)])
def test_bhz_of_the_defaults(operator: str, quanta: int) -> None:
    """The numbers of the docstring, in the gap of 20 meV at 4 K. Doubling the grid to 256 squares an error of 1.4e-3.

    With delta0, C2 T leaves no level a curvature or an expectation value, but where levels stay double.
    """
    settings = {"operator": operator, "mu": 0.0, "temperature": 4.0}
    plateau = transport(build_model("bhz", delta0=0.0), grid=256, **settings).sigma_hall.sel(i="x", l="y")
    assert plateau.item() * 2 * pi == pytest.approx(quanta, abs=1e-5)
    split = build_model("bhz")
    at_gamma = respond(split, ["transport", "companions"], grid=256, **settings).sel(i="x", l="y")
    assert at_gamma.sigma_hall.item() * 2 * pi == pytest.approx(-0.015, abs=5e-4)
    projector = {"spin_z": -0.9987, "j_z": -1.9973}[operator]
    assert at_gamma.sigma_hall_projector.item() * 2 * pi == pytest.approx(projector, abs=5e-5)
    levels = band_geometry(
        split, operator=operator, kpoints=random_k(split), quantities=["operator_expectation", "s_dipole"]
    )
    energy = np.linalg.eigvalsh(split.hamiltonian(random_k(split)))
    # a state is off by eps |H|/splitting
    rounding = 10 * np.finfo(float).eps * np.abs(energy).max() / np.diff(energy).min()
    assert np.abs(levels.operator_expectation).max() < rounding
    assert np.abs(levels.s_dipole).max() > 1


@pytest.mark.parametrize(("M", "strong"), [(0.28, True), (-0.28, False)])
def test_bismuth_selenide_parities(M: float, strong: bool) -> None:
    """Fu and Kane: the product of the parities of the lower bands over the eight invariant momenta."""
    model = build_model("bismuth_selenide", M=M)
    corners = np.indices((2, 2, 2)).reshape(3, -1).T @ model.reciprocal / 2
    lower = np.linalg.eigh(model.hamiltonian(corners))[1][:, :, 0]
    parity = (np.abs(lower) ** 2 @ np.diag(kron(I2, SZ))).round(10)
    assert np.prod(parity) == (-1 if strong else 1)


@pytest.mark.parametrize(("mu", "expected"), [(-0.8, 2), (-1.2, 2), (0.8, -2)])
def test_honeycomb_d_id_chern_number(mu: float, expected: int) -> None:
    """C = 2 on both sides of the van Hove point mu = -t; spin and thermal Hall follow it, exp(-gap/T) apart."""
    result = superconductor(build_model("honeycomb_d_id", mu=mu), grid=96, temperature=100.0)
    assert result.chern_number.item() == pytest.approx(expected, abs=1e-9)
    assert result.spin_hall_conductance.item() == pytest.approx(expected, abs=1e-6)
    assert result.thermal_hall_over_T.item() == pytest.approx(expected, abs=1e-6)


def test_kagome_without_pairing_has_the_magnetization_of_two_spins() -> None:
    normal = kagome.normal_state(1.0, pi / 6)
    one_spin = equilibrium(normal, operator=np.eye(3), grid=96, mu=-2.0, temperature=2000.0).magnetization.item()
    model = build_model("kagome_superconductor", pairing=0.0)
    assert superconductor(model, grid=96, temperature=2000.0).magnetization.item() == pytest.approx(
        2 * one_spin, rel=1e-10
    )
    assert abs(one_spin) > 0.01


def test_kagome_chern_bands() -> None:
    """mu in the lowest gap of the normal state, -1.73 to 0 (Chern number 1 per spin): pairing keeps the sum of both."""
    assert superconductor(build_model("kagome_superconductor", mu=-1.0), grid=96).chern_number.item() == pytest.approx(
        -2, abs=1e-9
    )


def test_full_nambu_counts_every_quasiparticle_twice() -> None:
    """Without pairing the halved sums are those of the normal state with both spins."""
    field = {"bx": 0.3, "bz": 0.2}
    rashba = build_model("rashba_square", **field)
    normal = equilibrium(rashba, operator="charge", grid=64, mu=1.0, temperature=3000.0).magnetization.item()
    paired = build_model("spin_orbit_superconductor", pairing=0.0, **field)
    assert superconductor(paired, grid=64, temperature=3000.0).magnetization.item() == pytest.approx(normal, rel=1e-10)
    assert abs(normal) > 1e-4
    spins = equilibrium(rashba, operator="spin_z", grid=64, mu=1.0, temperature=3000.0).current_dipole_density
    halved = equilibrium(paired, operator="spin_z", grid=64, temperature=3000.0).current_dipole_density
    np.testing.assert_allclose(halved.values.squeeze(), spins.values.squeeze(), atol=1e-12)


@pytest.mark.parametrize(("bx", "gapless"), [(0.1, False), (0.3, True)])
def test_bogoliubov_fermi_surface(bx: float, gapless: bool) -> None:
    """At pairing 0.2 a smaller field leaves a gap; a larger one moves the third level through zero on a line."""
    model = build_model("spin_orbit_superconductor", bx=bx)
    k = np.indices((96, 96)).reshape(2, -1).T / 96 @ model.reciprocal
    third = np.linalg.eigvalsh(model.hamiltonian(k))[:, 2]
    assert (third.min() < -0.01) == gapless
    assert third.max() > 0.1


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("hole_gas", {"gamma1": 5.0}, "gamma1: got 5.0; allowed: above 5.47707"),
        ("hole_gas", {"width": 0.0}, "width"),
        ("hole_gas", {"k_max": -1.0}, "k_max"),
        ("bhz", {"a": 0.0}, "a: got 0.0"),
        ("bismuth_selenide", {"c": -1.0}, "c: got -1.0"),
    ],
)
def test_bad_input_is_one_clear_message(name: str, parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_model(name, **parameters)
