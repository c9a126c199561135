"""Permanently double bands (inversion times time reversal): limits of split ones, and no basis inside a doublet."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import TightBinding, band_geometry, build_model, equilibrium, transport
from cc_kernels.geometry import second_order
from cc_kernels.geometry.packed import packed_quantities
from cc_kernels.geometry.quantities import layout
from tests.identities.random_models import EPS, hermitian, random_kpoints, with_field

SYSTEMS = {
    # model, operator, mu in the gap (eV), grid, temperature (K) of a metal
    "Kane-Mele": (lambda: build_model("kane_mele", lambda_r=0.0, lambda_v=0.0), "spin_z", 0.0, 12, 3000.0),
    "Bi2Se3": (lambda: build_model("bismuth_selenide"), "spin_z", None, 6, 3000.0),
}
SPLITTINGS = (1e-2, 1e-3, 1e-4)
"""eV."""
DISTANCE = 0.2
"""eV: between different doublets, and about k_B T: the scale on which a splitting is small."""
LENGTH = 10.0
"""angstrom: the longest lattice constant."""
APART = 1e-11
"""eV: below every splitting, above the rounding of levels."""
GROUP_TRACES = (
    "operator_expectation",
    "velocity",
    "operator_current",
    "torque_dipole",
    "torque_berry_curvature",
    "berry_curvature",
    "s_berry_curvature",
)
"""Sums over a doublet that have no term within it. Those of dipoles have one, 2 Re A_nm s_mn with A_nm = v_nm/splitting
of order one, which depends on what splits the doublet: the group trace is not their limit."""


def state_limit(
    identity,
    model,
    name: str,
    deviations: list[float],
    scale: float,
    power: int,
    strength: float,
    rounding: tuple[float, ...] = (0.0, 0.0, 0.0),
) -> None:
    """The deviation is a e^p (1 + b e + ...) with b of the order of strength/distance; `rounding` is that of each."""
    relative = [error / deviation for error, deviation in zip(rounding, deviations, strict=True)]
    last = max(n for n in range(3) if relative[n] < 0.05)  # terms within a pair grow as 1/splitting^2, and so rounding
    assert last > 0, f"{name}: rounding hides the limit"
    exponent = np.log10(deviations[last - 1] / deviations[last])
    # log10 (1 + b e) at the larger splitting, with b up to five times strength/distance; rounding
    tolerance = 2 * SPLITTINGS[last - 1] * strength / DISTANCE + relative[last]
    assert tolerance < 0.4
    labels = (f"{name}, {SPLITTINGS[0]:.0e} eV", *(f"{e:.0e} eV" for e in SPLITTINGS[1:]))
    series = [(label, value / scale) for label, value in zip(labels, deviations, strict=True)]
    identity("doublet limit", model, abs(exponent - power), tolerance, series[: last + 1])


@pytest.mark.parametrize("system", SYSTEMS)
def test_group_traces_are_the_limit_of_split_doublets(system, identity):
    """A random perturbation e W splits every doublet; sums over the pair differ from the group trace by order e."""
    build, operator, *_ = SYSTEMS[system]
    model = build()
    s, W = model.operators[operator].matrix, hermitian(np.random.default_rng(1), model.num_bands)
    k = random_kpoints(2, model, 6)
    levels = np.linalg.eigvalsh(model.hamiltonian(k))
    assert np.ptp(levels.reshape(len(k), -1, 2), axis=2).max() < 1e-12, "every band is double"
    splitting = np.linalg.eigvalsh(with_field(model, SPLITTINGS[-1] * W).hamiltonian(k))
    splitting = (splitting[:, 1::2] - splitting[:, ::2]).min(axis=1)
    apart = np.diff(levels[:, ::2], axis=1).min(axis=1) > DISTANCE  # so that e = 1e-2 is a small perturbation
    chosen = apart & (splitting > SPLITTINGS[-1] / 3)
    k, splitting = k[chosen], splitting[chosen].min()
    assert len(k) > 1

    def pairs(model, tolerance):
        bands = band_geometry(model, operator=s, kpoints=k, degeneracy_tolerance=tolerance).compute()
        return {name: bands[name].values[:, ::2] + bands[name].values[:, 1::2] for name in GROUP_TRACES}

    grouped = pairs(model, 1e-6)
    split = [pairs(with_field(model, e * W), APART) for e in SPLITTINGS]
    speed, size = np.linalg.norm(model.velocity(k), 2, axis=(-2, -1)).max(), np.linalg.norm(s, 2)
    for name in GROUP_TRACES:
        deviations = [np.abs(part[name] - grouped[name]).max() for part in split]
        scale = max(np.abs(split[0][name]).max(), np.abs(grouped[name]).max())
        # Terms within a pair, X_nm v_mn/splitting^2 in curvatures, cancel between its members. v_mn, of order
        # splitting x length, is known to EPS speed; so is X = v, whereas X = J is as large as speed x |s|.
        within = {"berry_curvature": LENGTH * SPLITTINGS[0], "s_berry_curvature": speed * size}.get(name, 0.0)
        rounding = tuple(
            EPS * (10 * scale + speed * size / gap + speed * within / gap**2)
            for gap in splitting * np.divide(SPLITTINGS, SPLITTINGS[-1])
        )
        # s_z of Kane-Mele commutes with H: it has no matrix elements between the pairs, and no first order
        power = 2 if name in SECOND_ORDER.get(system, ()) else 1
        state_limit(identity, model, name, deviations, scale, power, np.linalg.norm(W, 2), rounding)


SECOND_ORDER = {"Kane-Mele": ("operator_expectation", "torque_berry_curvature")}


@pytest.mark.parametrize("system", SYSTEMS)
def test_responses_are_the_limit_of_split_doublets(system, identity):
    """Theory 5.2: pair sums of the dipole densities stay finite for any occupation; sigma_conventional in a gap."""
    build, operator, gap, grid, hot = SYSTEMS[system]
    model = build()
    s, W = model.operators[operator].matrix, hermitian(np.random.default_rng(8), model.num_bands)

    def responses(model, tolerance):
        keywords = {"degeneracy_tolerance": tolerance}
        parts = equilibrium(model, operator=s, grid=grid, mu=0.2, temperature=hot, **keywords)
        result = {"current_dipole_density": parts.current_dipole_density.values}
        if gap is not None:
            cold = transport(model, operator=s, grid=grid, mu=gap, temperature=30.0, **keywords)
            result["sigma_conventional"] = cold.sigma_conventional.values
        return result

    grouped = responses(model, 1e-6)
    split = [responses(with_field(model, e * W), APART) for e in SPLITTINGS]
    for name, value in grouped.items():
        deviations = [np.abs(part[name] - value).max() for part in split]
        state_limit(identity, model, name, deviations, np.abs(value).max(), 1, np.linalg.norm(W, 2))


def test_staggering_leaves_every_response_of_kane_mele_quadratically(identity):
    """lambda_v = e breaks inversion and keeps s_z, so that states mean something one by one; all is even in e."""
    names = ("sigma_hall", "sigma_conventional", "alpha_intrinsic")

    def responses(lambda_v, tolerance):
        model = build_model("kane_mele", lambda_r=0.0, lambda_v=lambda_v)
        result = transport(
            model, operator="spin_z", grid=12, mu=0.3, temperature=3000.0, degeneracy_tolerance=tolerance
        )
        moments = equilibrium(
            model, operator="spin_z", grid=12, mu=0.3, temperature=3000.0, degeneracy_tolerance=tolerance
        )
        values = {name: result[name].values for name in names} | {"magnetization": moments.magnetization.values}
        return values, {name: np.abs(value).max() for name, value in values.items()}

    grouped, scale = responses(0.0, 1e-6)
    split = [responses(e, APART)[0] for e in SPLITTINGS]
    for name, value in grouped.items():
        deviations = [np.abs(part[name] - value).max() for part in split]
        model = build_model("kane_mele", lambda_r=0.0, lambda_v=0.0)
        # the energy mesh: 5e-11 of the scale, known better in differences of like models
        state_limit(identity, model, name, deviations, scale[name], 2, 1.0, (5e-11 * scale[name],) * 3)


@pytest.mark.parametrize("tolerance", [0.0, 1e-15])
def test_rounding_splits_no_doublet(tolerance):
    """Levels of Kane-Mele's doublets differ by 1e-15 eV: one group even without a tolerance."""
    model = build_model("kane_mele", lambda_r=0.0, lambda_v=0.0)
    results = [
        transport(model, operator="spin_z", grid=24, mu=0.0, temperature=30.0, degeneracy_tolerance=number)
        for number in (1e-6, tolerance)
    ]
    for name in results[0].data_vars:
        np.testing.assert_array_equal(results[0][name].values, results[1][name].values, name)


@pytest.mark.parametrize("system", SYSTEMS)
def test_states_do_not_depend_on_the_basis_of_a_doublet(system, identity):
    """Random unitary matrices within each doublet, for every quantity of first and of second order."""
    build, operator, *_ = SYSTEMS[system]
    model = build()
    s, k = model.operators[operator].matrix, random_kpoints(4, model, 20)
    hamiltonian, velocity = model.hamiltonian_and_velocity(k)
    energies, states = np.linalg.eigh(hamiltonian)
    rng = np.random.default_rng(5)
    points, nb = energies.shape
    shape = (points, nb // 2, 2, 2)
    unitary = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))[0]
    rotated = np.einsum("kpga,kgab->kpgb", states.reshape(points, nb, -1, 2), unitary).reshape(states.shape)
    before, after = (packed_quantities(energies, u, velocity, s, 1e-6) for u in (states, rotated))
    derivatives = [
        second_order.dipole_derivative(energies, u, velocity, model.hessian(k), s, 1e-6) for u in (states, rotated)
    ]
    pairs = [(before[..., part], after[..., part]) for part in layout(model.dim).values()] + [tuple(derivatives)]
    # lengths of up to 10 angstrom enter with the square, and 1/gap^2: relative to the largest value of any component
    scale = max(np.abs(value).max() for value, _ in pairs)
    error = max(np.abs(value - other).max() for value, other in pairs) / scale
    # rounding of products of numbers known to EPS |H|/gap, |H|/gap < 100
    identity("doublet basis", model, error, 100 * 100 * EPS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_responses_do_not_depend_on_the_basis_of_a_doublet(system, identity):
    """Other orbitals on each site: the eigenvectors that a solver picks within a doublet are others, at every k."""
    build, operator, _, grid, hot = SYSTEMS[system]
    model, rng = build(), np.random.default_rng(6)
    nb = model.num_bands
    same_site = np.abs(model.positions[:, None] - model.positions).max(-1) == 0
    U = np.linalg.eigh(hermitian(rng, nb) * same_site)[1]
    order = np.argmax(np.abs(U), axis=0)  # block diagonal again, whatever the order of the eigenvalues
    assert np.abs(U @ np.diag(model.positions[order, 0]) - np.diag(model.positions[:, 0]) @ U).max() < 1e-14
    positions = model.positions[order]
    s = U.conj().T @ model.operators[operator].matrix @ U
    hoppings = U.conj().T @ model.hoppings @ U
    other = TightBinding(model.lattice, model.R, hoppings, positions, {operator: (s + s.conj().T) / 2})
    errors = []
    for response in (equilibrium, transport):
        before, after = (
            response(m, operator=operator, grid=grid, mu=[0.0, 0.2], temperature=hot) for m in (model, other)
        )
        for name in before.data_vars:
            if f"{name}_scale" in before:
                scale = float(before[f"{name}_scale"].max())
                errors.append(np.abs(after[name].values - before[name].values).max() / scale)
    # sums of 1e2 to 1e3 terms known to EPS |H|/gap with 1/gap^2 in front, as for the states
    identity("doublet basis", model, max(errors), 100 * 100 * EPS)
