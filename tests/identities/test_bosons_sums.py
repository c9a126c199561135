"""Sums of bosons on the energy mesh against direct sums over states: every window, from 0.1 K to above all bands."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import TightBinding, band_geometry, bosons
from cc_kernels.sums import EnergyMesh, Term, Variable, accumulate, evaluate, products
from cc_kernels.sums.windows import WINDOWS as OF_STATISTICS
from cc_kernels.units import KELVIN
from tests.identities.boson_models import MEV

WINDOWS = OF_STATISTICS["bose"]
TEMPERATURES = [0.1, 1.0, 5.0, 40.0, 300.0, 10000.0]
"""Kelvin; bands are of some meV, 12 to 120 K."""
ACCURACY = 1e-10
"""Of the scale, sum |window X|. The steps are 1/200 of the energy: 5e-19 of 1/eps, 3e-10 of exp(-eps/T) at 40 T, where
that is 4e-18 of what the window is at T."""


def magnons_with_a_small_gap(gap: float) -> TightBinding:
    """One mode on the square lattice, 4 meV high, whose lowest energy is `gap` (eV), at k = 0; squeezed there.

    E^2 = A^2 - |B|^2 with A - |B| -> gap^2/2 |B|: 1/E grows, and so do s_n and its derivatives.
    """
    B = MEV
    hop = 0.4 * MEV
    R = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]
    normal = np.array([np.sqrt(B**2 + gap**2) + 4 * hop, *[-hop] * 4])
    anomalous = np.array([B, 0, 0, 0, 0])
    s = np.array([[0.7, 0.2 + 0.5j], [0.2 - 0.5j, 0.7]])
    return bosons(np.eye(2), R, normal[:, None, None], anomalous[:, None, None], operators={"s": s})


def flat_modes(lowest: float, highest: float, seed: int) -> TightBinding:
    """60 modes without dispersion, energies between these (eV) on all scales, each with its own s of either sign."""
    rng = np.random.default_rng(seed)
    energies = np.geomspace(lowest, highest, 60) * rng.uniform(1, 1.1, 60)
    s = np.diag(rng.normal(size=60))
    return bosons([[1.0]], [[0]], np.diag(energies)[None], operators={"s": s}, degeneracy_tolerance=0.0)


def assert_direct_sums(model: TightBinding, quantities: list[str], grid: int, shift: float = 0.0) -> None:
    """int window X of every window, quantity and temperature, in 0.1 K or far above the bands."""
    needed = {name for quantity in quantities for name in (*products.ALWAYS, *products.needs(quantity))}
    bands = band_geometry(model, operator="s", grid=grid, shift=shift, quantities=sorted(needed)).compute()
    mesh = EnergyMesh.of(model, 0.0, TEMPERATURES)
    variables = {
        f"{window} {name}": Variable((Term(window, name),), products.dims_of(name, model.dim))
        for window in WINDOWS
        for name in quantities
    }
    result = evaluate(accumulate(bands, quantities, mesh), 0.0, TEMPERATURES, variables)
    block = {name: bands[name].values for name in bands.data_vars}
    energy, norm = bands.group_energy.values, bands.attrs["measure"] / bands.sizes["k"] / 2
    for name in quantities:
        each = products.components(name, model.dim)
        values = [part.value(lambda of, axes: block[of][(..., *axes)]) + np.zeros(energy.shape) for part in each]
        for window, function in WINDOWS.items():
            got = result[f"{window} {name}"].values[0].reshape(len(TEMPERATURES), -1)
            for T, numbers in zip(np.array(TEMPERATURES) * KELVIN, got, strict=True):
                weights = function(energy / T, T)
                expected = norm * np.array([(weights * value).sum() for value in values])
                scale = norm * max((np.abs(weights * value)).sum() for value in values)
                frozen = 1e-25 * norm * abs(function(np.array([1.0]), T)[0]) * max(np.abs(v).sum() for v in values)
                difference = np.abs(numbers - expected).max()
                assert difference <= ACCURACY * scale + frozen, (window, name, T / KELVIN)


@pytest.mark.parametrize("gap", [1.0, 1e-3, 1e-5])
def test_dispersed_magnons(gap):
    """A gap of 1 meV, and of 1 and 0.01 ueV, far below 0.1 K, where the squeezing is strong. The grid holds k = 0."""
    quantities = ["operator_expectation", "operator_current", "s_dipole", "berry_curvature", "velocity_dipole"]
    assert_direct_sums(magnons_with_a_small_gap(gap * MEV), quantities, 12)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("lowest", "highest"), [(5e-9, 4e-3), (1e-3, 4e-3), (1e-4, 80.0)])
def test_modes_of_any_energy(lowest, highest, seed):
    assert_direct_sums(flat_modes(lowest, highest, seed), ["operator_expectation"], 1)


def test_growth_towards_zero_energy():
    """A mode at 1e-9 eV, far below 1 to 300 K: n + 1/2 = T/eps + eps/12 T."""
    model = bosons([[1.0]], [[0]], np.diag([1e-9, 4e-4])[None], operators={"s": np.diag([1.0, 0.0])})
    sums = accumulate(
        band_geometry(model, operator="s", grid=1),
        ["operator_expectation"],
        EnergyMesh.of(model, 0.0, TEMPERATURES),
    )
    kelvin = np.array([1.0, 30.0, 300.0])
    result, x = evaluate(sums, 0.0, kelvin).operator_expectation.values[0], 1e-9 / (kelvin * KELVIN)
    # n s of the particle and (-1 - n)(-s) of the hole, halved
    assert (np.abs(result * x - 1) < x**2 / 10 + 1e-12).all()
