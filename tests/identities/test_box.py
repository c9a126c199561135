"""Continuum models: what leaves the box +-k_max is refused, what is filled at its edge is said."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels import InputError, KDotP, build_model
from cc_kernels.models.pauli import SX, SY, SZ
from cc_kernels.study.levels import level_responses
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.verdict.box import Edge, check_box, faces


def parabola(dim: int) -> KDotP:
    return KDotP(2 * np.eye(dim, dtype=int), [[[0.5]]] * dim, k_max=2.0, operators={"charge": [[1.0]]})


def quadratic(xx: float, xy: float, yy: float, x: float = 0.0, y: float = 0.0) -> KDotP:
    powers = [[2, 0], [1, 1], [0, 2], [1, 0], [0, 1]]
    return KDotP(powers, [[[c]] for c in (xx, 2 * xy, yy, x, y)], k_max=2.0)


def chiral_superconductor(mu: float, k_max: float = 2.5) -> KDotP:
    """Spinless p + ip with xi = k^2/2 - mu."""
    terms = [[2, 0], [0, 2], [0, 0], [1, 0], [0, 1]]
    matrices = [SZ / 2, SZ / 2, -mu * SZ, 0.3 * SX, 0.3 * SY]
    return KDotP(terms, matrices, k_max, {"charge": (SZ, "e")}, is_superconductor=True, particle_hole_copies=2)


INF = np.inf
EDGES = {
    # model, the range of mu whose Fermi lines lie inside, exactly
    "parabola": (parabola(2), -INF, 2.0),
    "line": (parabola(1), -INF, 2.0),
    "cube": (parabola(3), -INF, 2.0),
    "Rashba": (build_model("rashba_continuum"), -INF, 12.5 - 3.5),
    "massive Dirac": (build_model("massive_dirac"), -np.hypot(5, 0.5), np.hypot(5, 0.5)),
    "chiral fermions in one dimension": (KDotP([[1]], [[[1.0]]], k_max=2.0), -2.0, 2.0),
    # k^2/2 - 0.1 k^3 has its corners at sqrt(2) k_max, beyond the turning point
    "turned over at the corners": (
        build_model("rashba_continuum", winding=3, alpha=0.1, k_max=3.3333),
        -INF,
        3.3333**2 - 0.1 * (np.sqrt(2) * 3.3333) ** 3,
    ),
    "turned over, far above": (build_model("rashba_continuum", winding=3, alpha=0.05), -INF, 12.5 - 6.25),
    # a long ellipse: along the normal of the faces x = +-2 it falls towards the corners. Its Fermi line touches them
    # where the energy is least on them, at y = -xy x / yy, up to the distance of the points, 4/64.
    "tilted ellipse": (quadratic(0.1, 0.9, 10.0), -INF, (0.1 - 0.81 / 10) * 4),
    # a pocket in a corner: away from k = 0 it falls at some points of the faces
    "pocket in a corner": (quadratic(0.5, 0.0, 0.5, -1.5, -1.5), -INF, 0.5 * 0.25 - 1.5**2),
    # a saddle: at every mu
    "saddle": (quadratic(0.5, 0.0, -0.5), -2.0, 2.0),
}


@pytest.mark.parametrize("name", EDGES)
def test_the_range_of_mu_inside_the_box(name):
    model, lowest, highest = EDGES[name]
    edge = Edge.of(model)
    spacing = 4 / 64
    slack = 10 * (spacing / 2) ** 2 if name == "tilted ellipse" else 1e-12 * max(abs(highest), 1)
    assert edge.lowest == pytest.approx(lowest, abs=1e-12)
    assert edge.highest == pytest.approx(highest, abs=slack)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_faces(dim):
    k, normal = faces(parabola(dim))
    assert (abs(k).max(1) == 2).all()
    np.testing.assert_array_equal((k * normal).sum(1), 2)
    assert len(np.unique(np.hstack([k, normal]), axis=0)) == len(k) == 2 * dim * {1: 1, 2: 65, 3: 81}[dim]


@pytest.mark.parametrize(
    ("name", "parameters", "mu", "allowed"),
    [
        ("massive_dirac", {}, [0.0, 6.0], "mu: got 6.0; allowed: between -5.02494 and 5.02494 eV: beyond, Fermi lines"),
        ("massive_dirac", {}, -20.0, "mu: got -20.0; allowed: between"),
        ("rashba_continuum", {}, 100.0, "mu: got 100.0; allowed: at most 9 eV: beyond, Fermi lines leave the box"),
        ("rashba_continuum", {"winding": 3, "alpha": 0.1, "k_max": 3.3333}, 0.7, "at most 0.635547 eV"),
        ("hole_gas", {}, 5.0, "at most 0.604301 eV"),
    ],
)
def test_fermi_lines_outside_are_refused_before_anything_is_computed(name, parameters, mu, allowed):
    model = build_model(name, **parameters)
    for response in (cc.transport, cc.equilibrium):
        with pytest.raises(InputError) as caught:
            response(model, operator="spin_z", grid=10**6, mu=mu, temperature=300)
        assert allowed in str(caught.value)


def test_a_superconductor_has_its_zero_of_energy_inside():
    check_box(chiral_superconductor(mu=1.0), 0.0)
    with pytest.raises(InputError, match=r"k_max: got 2.5; allowed: a box that holds all states near zero energy"):
        cc.superconductor(chiral_superconductor(mu=5.0), grid=10**6)
    with pytest.warns(UserWarning, match="bands filled at the edge of the box: results depend on k_max = 2.5 "):
        cc.superconductor(chiral_superconductor(mu=1.0), grid=64, temperature=2000)


@pytest.mark.parametrize(
    ("model", "mu", "text"),
    [
        (build_model("massive_dirac"), 0.0, "bands filled at the edge of the box: results depend on k_max = 5 "),
        (build_model("rashba_continuum", k_max=3.0), 2.0, r"states occupied by heat \(0.01\) at the edge of the box"),
    ],
)
def test_a_cut_fermi_sea_is_said(model, mu, text):
    with pytest.warns(UserWarning, match=text):
        cc.transport(model, operator="spin_z", grid=64, mu=mu, temperature=1000)


def test_a_fermi_sea_inside_the_box_needs_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cc.transport(build_model("rashba_continuum", k_max=3.0), operator="spin_z", grid=256, mu=1.0, temperature=1000)


def test_a_grid_too_coarse_for_the_temperature_is_said():
    """At 10 K the grid of 32 has no state within k_B T of mu, and finds -0.002 e/8pi for -1."""
    with pytest.warns(
        UserWarning, match=r"the grid step does not resolve the temperature \(\|v\.step\|/\(pi k_B T\) ="
    ):
        result = cc.transport(build_model("rashba_square"), operator="spin_z", grid=32, mu=1.0, temperature=[10, 3000])
    assert result.temperature_resolution.dims == ("mu", "temperature")
    assert result.temperature_resolution.sel(temperature=10).item() > 1


def test_a_sweep_tells_of_the_model_that_is_filled_most():
    models = [build_model("massive_dirac", mass=mass) for mass in (0.2, 0.6, 0.4)]
    source, mesh = StudyModels(models, "mass", np.array([0.2, 0.6, 0.4])), EnergyMesh.covering(0.0, 300.0)
    names = ["quantum_metric", "close_metric", "berry_curvature_operator"]
    (sums,) = shard_sums(source, names, "charge", [8], [0.0], None, 0, 1, mesh.to_json(), None, 1000)
    response = level_responses(sums, models, "charge", ["disorder"], [0.0], [300.0], has_spin=False)
    assert response.attrs["edge_bottom"] == pytest.approx(-np.sqrt(50 + 0.36))
