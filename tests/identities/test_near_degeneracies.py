"""Nearly degenerate pairs of levels: dipole densities stay exact, and a crossing that matters is reported."""

from __future__ import annotations

import warnings
from decimal import Decimal, localcontext

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.responses.registry import state_sums_of, variables_of
from cc_kernels.sums.evaluation import evaluate
from cc_kernels.sums.fermi_windows import occupation as fermi
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.sums.windows import WINDOWS
from cc_kernels.units import KELVIN
from cc_kernels.verdict.near_degeneracy import densities
from tests.identities.random_models import hermitian

MU, TEMPERATURE = 0.03, 300.0
GAPS = [1e-9, 3e-8, 1e-6, 2e-5, 1.1e-4, 1.2e-4, 3e-4, 1e-3, 1e-2, 0.1]
"""eV, on both sides of T/(160 sqrt(2)) = 1.14e-4 eV, below which divided differences take over at 300 K."""


def levels_at_one_point(gap: float, dim: int):
    """H = diag(levels) + k.V near k = 0, the only point of the grid: levels 0 and 1 are `gap` apart."""
    rng = np.random.default_rng(5)
    energies = np.array([0.02, 0.02 + gap, 0.9])
    V, s = [hermitian(rng, 3) for _ in range(dim)], hermitian(rng, 3)
    powers = [[0] * dim, *np.eye(dim, dtype=int)]
    model = cc.KDotP(powers, [np.diag(energies), *V], k_max=1.0, operators={"s": s})
    return model, energies, np.array(V), s


def occupation(energy: float) -> tuple[Decimal, Decimal]:
    """f and g of a level in 60 digits."""
    T = Decimal(TEMPERATURE * KELVIN)
    x = (Decimal(float(energy)) - Decimal(MU)) / T
    return 1 / (x.exp() + 1), -T * (1 + (-x).exp()).ln()


def exact_pair_sums(energies: np.ndarray, V: np.ndarray, s: np.ndarray) -> dict[str, np.ndarray]:
    """D^i,tau and D^lis as sums over pairs, with 60 digits."""
    J = (V @ s + s @ V) / 2
    dim, bands = len(V), len(energies)
    torque = np.zeros(dim)
    dipole = np.zeros((dim, dim))
    with localcontext() as context:
        context.prec = 60
        f, g = zip(*(occupation(energy) for energy in energies), strict=True)
        for n in range(bands):
            for m in range(n):
                omega = Decimal(float(energies[n])) - Decimal(float(energies[m]))
                slope = (g[n] - g[m]) / omega
                first = float(2 * slope - f[n] - f[m])
                second = float((f[n] + f[m]) / omega - 2 * slope / omega)
                torque += first * (V[:, n, m] * s[m, n]).real
                dipole += second * np.einsum("l,i->li", V[:, n, m], J[:, m, n]).imag
    return {"torque_dipole_density": torque, "current_dipole_density": dipole}


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("gap", GAPS)
def test_dipole_densities_of_a_nearly_degenerate_pair(gap, dim):
    model, energies, V, s = levels_at_one_point(gap, dim)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = cc.equilibrium(
            model, operator="s", grid=1, shift=0.5, mu=MU, temperature=TEMPERATURE, degeneracy_tolerance=1e-12
        )
    measure = (2 / (2 * np.pi)) ** dim
    exact = exact_pair_sums(energies, V, s)
    size = abs(np.einsum("lnm,imp->linp", V, V)).max() * abs(s).max()
    T = TEMPERATURE * KELVIN
    # the spline's error in dg/d eps - f is 1e-13 (torque) and, divided by the smallest far gap of T/226, 1e-11/T;
    # divided differences leave out omega^3 d^4 f/60 = 1e-11/T at T/226
    for name, unit in (("torque_dipole_density", 1e-12), ("current_dipole_density", 3e-11 / T)):
        error = abs(result[name].squeeze().values - measure * exact[name]).max()
        assert error <= unit * measure * size, name


def two_level_crossing(gap: float) -> cc.KDotP:
    """Massive Dirac electrons: levels `gap` apart at k = 0."""
    return cc.build_model("massive_dirac", mass=gap / 2)


@pytest.mark.parametrize("tolerances", [(1e-9, 1e-6, 5e-4), (2e-3, 1e-2, 5e-2)])
def test_results_do_not_depend_on_the_tolerance_where_no_pair_of_levels_lies(tolerances):
    """1e-3 eV at k = 0 and at least 0.15 eV at the other points of the grid: below all, or between the two."""
    model = two_level_crossing(1e-3)
    energies = cc.band_geometry(model, operator="spin_z", grid=64).energy.values
    gaps = np.sort(np.diff(energies, axis=1).ravel())
    assert gaps[0] == pytest.approx(1e-3)
    assert gaps[1] > 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = [
            response(model, operator="spin_z", grid=64, mu=[0.2, 0.4], temperature=300, degeneracy_tolerance=tolerance)
            for response in (cc.equilibrium, cc.transport)
            for tolerance in tolerances
        ]
    for first, *others in (results[:3], results[3:]):
        # the first two say what may lie between the points, in the surroundings of a group
        others_than = {"gap_weight", "gap_largest", "near_degeneracy_share"}
        for name in [name for name in first.data_vars if name not in others_than]:
            for other in others:
                np.testing.assert_array_equal(first[name].values, other[name].values, name)


def test_share_of_nearly_degenerate_levels():
    """One k-point of a coarse grid holds a narrow gap: its metric is 1/gap^2, all others' together a few angstrom^2."""
    gap, tolerance = 1e-4, 2e-5
    model = two_level_crossing(gap)
    with pytest.warns(UserWarning, match="less than 0.0002 eV apart"):
        result = cc.transport(
            model, operator="spin_z", grid=32, mu=1.0, temperature=300, degeneracy_tolerance=tolerance
        )
    bands = cc.band_geometry(model, operator="spin_z", grid=32, degeneracy_tolerance=tolerance).compute()
    # v = 1: |A_x|^2 + |A_y|^2 of either level at k = 0
    assert bands.close_metric.values.max() == pytest.approx(2 / gap**2, rel=1e-9)
    occupied = 1 / (np.exp((bands.group_energy - 1.0) / (300 * KELVIN)) + 1)
    share = float((occupied * bands.close_metric).sum() / (occupied * bands.quantum_metric).sum())
    assert share > 0.9
    assert result.near_degeneracy_share.item() == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("tolerance", [1e-7, 1e-3])
def test_no_share_and_no_warning_where_levels_are_apart_or_one_group(tolerance):
    """The gap of 1e-4 eV is far beyond ten tolerances, or within one."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*geometric weight")
        result = cc.transport(
            two_level_crossing(1e-4),
            operator="spin_z",
            grid=32,
            mu=1.0,
            temperature=300,
            degeneracy_tolerance=tolerance,
        )
    assert result.near_degeneracy_share.item() == 0


def test_a_gap_beyond_a_tolerance_of_zero_is_told():
    with pytest.warns(UserWarning, match="100 % .* of the grid points in pairs of levels less than 1e-08 eV"):
        result = cc.transport(
            two_level_crossing(1e-9), operator="spin_z", grid=32, mu=1.0, temperature=300, degeneracy_tolerance=0
        )
    assert result.near_degeneracy_share.item() > 0.99


def test_the_share_costs_no_window_of_its_own(monkeypatch):
    """Its densities are evaluated in the windows that the variables of a response need anyway."""
    calls = []

    def counted(x, T):
        calls.append(x.shape)
        return fermi(x, T)

    model, names = two_level_crossing(1.0), state_sums_of(["transport"], 2)
    sums = sums_on_grid(model, names, "spin_z", 4, cc.EnergyMesh.covering(0.2, 300.0))
    wanted = variables_of(["transport"], sums)
    monkeypatch.setitem(WINDOWS["fermi"], "occupation", counted)
    evaluate(sums, 0.2, 300.0, wanted)
    alone = list(calls)
    calls.clear()
    evaluate(sums, 0.2, 300.0, wanted | densities(sums))
    assert calls == alone
    assert alone
    result = cc.transport(model, operator="spin_z", grid=4, mu=0.2, temperature=300)
    assert "quantum_metric" not in result
