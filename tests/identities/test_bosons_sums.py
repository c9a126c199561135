"""Sums of bosons on the energy mesh against direct sums over states: every window, from 0.1 K to above all bands."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels import KGrid, TightBinding, band_geometry, bosons
from cc_kernels.sums import EnergyMesh, Term, Variable, accumulate, evaluate, products
from cc_kernels.sums.windows import WINDOWS as OF_STATISTICS
from cc_kernels.units import KELVIN
from tests.identities.boson_models import MEV, bosons_of
from tests.identities.random_models import with_field, with_hoppings

WINDOWS = OF_STATISTICS["bose"]
TEMPERATURES = [0.1, 1.0, 5.0, 40.0, 300.0, 10000.0]
"""Kelvin; bands are of some meV, 12 to 120 K."""
GRID = 12
ACCURACY, FROZEN = 1e-12, 1e-16
"""Of the scale, sum |window X|, and of what that were with all states at eps = T. The steps are 1/200 of the energy:
5e-19 of 1/eps, and 3e-10 of exp(-eps/T) at eps = 40 T, where it is 4e-18."""


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


def softened(gap: float) -> TightBinding:
    """Random bosons of some meV, moved down until the lowest eigenvalue of H on the grid is `gap` (eV)."""
    model = bosons_of(2, 2, "anomalous")
    model = with_hoppings(model, MEV * model.hoppings)
    lowest = np.linalg.eigvalsh(model.hamiltonian(KGrid.of(model, GRID).points())).min()
    return with_field(model, (gap - lowest) * np.eye(model.num_bands))


def assert_direct_sums(model: TightBinding, quantities: list[str], grid: int) -> None:
    """int window X of every window, quantity and temperature."""
    needed = {name for quantity in quantities for name in (*products.ALWAYS, *products.needs(quantity))}
    bands = band_geometry(model, operator="s", grid=grid, quantities=sorted(needed)).compute()
    variables = {
        f"{window} {name}": Variable((Term(window, name),), products.dims_of(name, model.dim))
        for window in WINDOWS
        for name in quantities
    }
    sums = accumulate(bands, quantities, EnergyMesh.of(model, 0.0, TEMPERATURES))
    result = evaluate(sums, 0.0, TEMPERATURES, variables)
    block = {name: bands[name].values for name in bands.data_vars}
    energy, norm = bands.group_energy.values, bands.attrs["measure"] / bands.sizes["k"] / 2
    X = {
        name: [
            part.value(lambda of, axes: block[of][(..., *axes)]) + np.zeros(energy.shape)
            for part in products.components(name, model.dim)
        ]
        for name in quantities
    }
    for window, function in WINDOWS.items():
        for index, T in enumerate(np.array(TEMPERATURES) * KELVIN):
            weights, at_T = function(energy / T, T), np.abs(function(np.array([1.0]), T)).item()
            sizes = []
            for name, values in X.items():
                got = result[f"{window} {name}"].values[0, index].ravel()
                expected = norm * np.array([(weights * value).sum() for value in values])
                scale = norm * max(np.abs(weights * value).sum() for value in values)
                frozen = FROZEN * at_T * norm * max(np.abs(value).sum() for value in values)
                assert np.abs(got - expected).max() <= ACCURACY * scale + frozen, (window, name, T / KELVIN)
                sizes.append(np.abs(expected).max() / scale)
            assert max(sizes) > 1e-3, "particles and holes cancel in everything"


EVEN_AND_ODD = ["operator_expectation", "s_dipole", "berry_curvature", "velocity_dipole", "berry_curvature_operator"]
"""Of states at -k and k: windows, too, are even in the energy, or odd, so that some sums vanish."""


@pytest.mark.parametrize("gap", [1.0, 1e-3, 1e-5])
def test_squeezed_magnons(gap):
    """A gap of 1 meV, and of 1 and 0.01 ueV, far below 0.1 K, where the squeezing is strong. The grid holds k = 0."""
    assert_direct_sums(magnons_with_a_small_gap(gap * MEV), ["operator_expectation", "quantum_metric"], GRID)


@pytest.mark.parametrize("gap", [0.1, 1e-3, 1e-6])
def test_magnons_with_curvature(gap):
    assert_direct_sums(softened(gap * MEV), EVEN_AND_ODD, GRID)


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
