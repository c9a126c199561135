"""What both statistics share: the formulas of bosons with eta = 1 are those of fermions, and `thermal` takes any s."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import InputError, band_geometry, build_model, respond, thermal, transport
from cc_kernels.geometry.formulas import band_quantities, divided_quantities
from cc_kernels.geometry.packed import packed_quantities
from cc_kernels.geometry.quantities import layout
from cc_kernels.geometry.second_order import dipole_derivative
from cc_kernels.models import Model
from cc_kernels.units import KELVIN
from tests.identities.random_models import doubled, model_of_size, random_kpoints, random_model

ROUNDING = 1e-12
"""Of the largest value of a quantity; products with 1 change nothing at all, and compiled sums are the same code."""
FORMS = {
    "2D, 3 bands": lambda: model_of_size(2, 3),
    "3D, 4 bands": lambda: model_of_size(3, 4),
    "doublets": lambda: doubled(random_model(6, 2, 2), 7),
}


@pytest.mark.parametrize("name", FORMS)
def test_formulas_with_all_signs_one_are_those_of_fermions(name, identity):
    model = FORMS[name]()
    k, s, tolerance = random_kpoints(1, model, 20), model.operators["s"].matrix, 1e-6
    solved, ones = model.solve(k), np.ones(model.num_bands)
    assert solved.signs is None
    of_states = (solved.energies, solved.states, solved.velocity)
    gaps = np.diff(solved.energies)
    near = np.median(gaps[gaps > tolerance])
    without, with_ones = (
        band_quantities(*of_states, s, tolerance, signs)
        | divided_quantities(*of_states, s, tolerance, near, 0.01, signs)
        | {"packed": packed_quantities(*of_states, s, tolerance, tuple(layout(model.dim)), near, signs)}
        | {"derivative": dipole_derivative(*of_states, model.hessian(k), s, tolerance, signs)}
        for signs in (None, ones)
    )
    for pairs in ("near_torque", "far_torque_curvature"):
        assert np.abs(without[pairs]).max() > 0
    for quantity, value in without.items():
        error = np.abs(value - with_ones[quantity]).max(initial=0) / max(1, np.abs(value).max(initial=0))
        identity("statistics", model, error, ROUNDING)


def entropy(x: np.ndarray, T: float) -> np.ndarray:
    f = 1 / (np.exp(np.abs(x) / T) + 1)
    return -f * np.log(f) - (1 - f) * np.log1p(-f)


def direct_alpha(model: Model, operator: str, grid: int, mu: float, T: float) -> dict[str, np.ndarray]:
    """Sums over states with S, and with (eps/T)(-f') = (x/4T)/cosh^2(x/2), x = eps/T, for the dipole's part."""
    bands = band_geometry(model, operator=operator, grid=grid).compute()
    energy = bands.group_energy.values - mu
    S, slope = entropy(energy, T), energy / (4 * T**2 * np.cosh(energy / (2 * T)) ** 2)
    norm = bands.attrs["measure"] / bands.sizes["k"] / model.particle_hole_copies
    return {
        "alpha_conventional": norm * np.einsum("kn,knli->il", S, bands.s_berry_curvature.values),
        "alpha_hall": norm * np.einsum("kn,knli->il", S, bands.berry_curvature_operator.values),
        "alpha_dipole": norm * np.einsum("kn,knl,kni->il", slope, bands.velocity.values, bands.s_dipole.values),
        "alpha_intrinsic_sea": norm
        * np.einsum("kn,knli->il", S, (bands.berry_curvature_operator + bands.mixed_curvature).values)
        / 2,
    }


def superconductor(**changes: float) -> Model:
    return build_model("spin_orbit_superconductor", **({"mu": 1.5, "pairing": 0.3, "bx": 0.6, "bz": 0.4} | changes))


ELECTRONS = {
    # model, operator, mu (eV), T (eV)
    "random, 2D, 3 bands": (lambda: model_of_size(2, 3), "s", 0.4, 0.2),
    "random, 3D, 2 bands": (lambda: model_of_size(3, 2), "s", -0.3, 0.2),
    "Kane-Mele": (lambda: build_model("kane_mele"), "spin_z", 0.1, 0.05),
    "superconductor, spin_x": (superconductor, "spin_x", None, 0.1),
    "superconductor, spin_y": (superconductor, "spin_y", None, 0.1),
    "superconductor, charge": (superconductor, "charge", None, 0.1),
}


@pytest.mark.parametrize("name", ELECTRONS)
def test_thermal_coefficients_of_fermions_are_sums_with_the_entropy(name):
    build, operator, mu, T = ELECTRONS[name]
    model = build()
    result = thermal(model, operator=operator, grid=8, temperature=T / KELVIN, mu=mu).squeeze()
    parts = direct_alpha(model, operator, 8, mu or 0.0, T)
    parts["alpha_intrinsic"] = parts["alpha_hall"] + parts["alpha_dipole"]
    for part, expected in parts.items():
        # the energy mesh: 4e-12 of S times 31 for its derivatives, some room for a few states in a window
        error = np.abs(result[part].transpose("i", "l").values - expected).max()
        assert error <= 1e-9 * float(result[f"{part}_scale"]), part
    assert np.abs(parts["alpha_intrinsic"]).max() > 1e-3 * float(result.alpha_intrinsic_scale)


@pytest.mark.parametrize("name", [name for name in ELECTRONS if "superconductor" not in name])
def test_alpha_of_thermal_is_that_of_transport(name):
    build, operator, mu, T = ELECTRONS[name]
    at = {"operator": operator, "grid": 6, "mu": [mu, mu + 0.3], "temperature": [T / KELVIN, 3 * T / KELVIN]}
    one, other = transport(build(), **at).alpha_intrinsic, thermal(build(), **at).alpha_intrinsic
    assert np.abs(one - other).max() <= 1e-14 * np.abs(one).max()
    both = respond(build(), ["thermal", "transport"], **at)
    assert np.abs(both.alpha_intrinsic - one).max() <= 1e-14 * np.abs(one).max()


def test_a_superconductor_has_no_mu_to_choose():
    at = {"operator": "spin_x", "grid": 4, "temperature": 1000.0}
    with pytest.raises(
        InputError, match=r"^mu: got 0\.3; allowed: nothing, or 0: a superconductor's mu is a parameter"
    ):
        thermal(superconductor(), mu=0.3, **at)
    with_zero, without = (thermal(superconductor(), **at, **given) for given in ({"mu": 0.0}, {}))
    assert (with_zero.alpha_intrinsic.values == without.alpha_intrinsic.values).all()
