"""Small real results for the figures: a few grid points, every kind of study."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import cc_kernels as cc
from cc_kernels.plotting.study_result import StudyResult
from cc_kernels.study.disorder_level import with_disorder
from cc_kernels.study.maps import zone_map
from cc_kernels.study.study_models import StudyModels
from cc_kernels.verdict import judge

GRIDS = (4, 8, 16)


def swept(one, parameter: str, values: list, grid: int) -> xr.Dataset:
    """The results of `one(grid, parameter=value)` along a dim named after the parameter."""
    parts = [one(grid, **{parameter: value}) for value in values]
    return xr.concat(parts, dim=parameter, data_vars="all", combine_attrs="override").assign_coords({parameter: values})


def normal(grid: int, **parameters: float) -> xr.Dataset:
    """Both responses of a Rashba lattice in an in-plane field."""
    model = cc.build_model("rashba_square", bx=0.2, **parameters)
    options = {"operator": "spin_y", "grid": grid, "mu": [0.5, 1.0, 2.0], "temperature": [2000, 4000]}
    return cc.respond(model, ["transport", "equilibrium"], **options)


def paired(grid: int, name: str = "d_id_square", temperature=(1000, 2000, 4000), **parameters: float) -> xr.Dataset:
    """The response of a superconductor."""
    return cc.superconductor(cc.build_model(name, **parameters), grid=grid, temperature=list(temperature))


def insulator(grid: int, **parameters: float) -> xr.Dataset:
    """The responses of a Kane-Mele insulator, in the gap and above it."""
    model = cc.build_model("kane_mele", lambda_so=0.15, **parameters)
    options = {"operator": "spin_z", "grid": grid, "mu": [-1.5, -0.3, -0.2, -0.1, 0.0, 0.8, 1.0], "temperature": [300]}
    return cc.respond(model, ["transport", "equilibrium", "companions"], **options)


def gapped(grid: int, **parameters: float) -> xr.Dataset:
    """An insulator at one chemical potential."""
    return insulator(grid, **parameters).isel(mu=[2])


def solid(grid: int) -> xr.Dataset:
    """Equilibrium in three dimensions."""
    model = cc.build_model("bismuth_selenide")
    options = {"operator": "spin_x", "grid": grid // 2, "mu": [-0.1, 0.1], "temperature": [3000]}
    return cc.equilibrium(model, **options)


def crystal(grid: int) -> xr.Dataset:
    """The definitions of the spin Hall conductivity of a topological insulator."""
    model = cc.build_model("bismuth_selenide")
    options = {"operator": "spin_z", "grid": grid // 2, "mu": [-0.3, 0.0, 0.3], "temperature": [3000]}
    return cc.respond(model, ["transport", "companions"], **options)


def unpaired(grid: int) -> xr.Dataset:
    """The charge magnetization of the normal state of the Haldane superconductor, at its chemical potential."""
    model = cc.build_model("haldane")
    return cc.equilibrium(model, operator="charge", grid=grid, mu=[-0.5], temperature=[1000, 2000, 4000])


def chern_pairing(grid: int, pairing: float) -> xr.Dataset:
    """The response of a superconductor over Chern bands."""
    return paired(grid, "haldane_superconductor", pairing=pairing)


def cold(grid: int, mu: float) -> xr.Dataset:
    """The response of a superconductor at one temperature, for a sweep of mu."""
    return paired(grid, temperature=[1000], mu=mu)


def scattered(grid: int, name: str, operator: str, mu: list, parameter: str, values: list, **fixed: float):
    """Transport and disorder of a normal model with two potentials, along a sweep; disorder needs a finer grid."""

    def one(grid: int, **swept_one: float) -> xr.Dataset:
        model = cc.build_model(name, **fixed, **swept_one)
        return cc.transport(model, operator=operator, grid=16 * grid, mu=mu, temperature=[3000])

    models = StudyModels([cc.build_model(name, **fixed, **{parameter: value}) for value in values], parameter, values)
    potentials = [{"name": "delta"}, {"name": "gaussian", "range": 2.0}]
    return with_disorder(swept(one, parameter, values, grid), models, operator, potentials, None, "scattered")


def rashba(grid: int) -> xr.Dataset:
    """Disorder in a Rashba lattice, below and above the crossing."""
    return scattered(grid, "rashba_square", "spin_z", [-0.03, 1.0, 2.0], "winding", [1, 3])


def dirac(grid: int) -> xr.Dataset:
    """Massive Dirac electrons, in the gap and above it."""
    return scattered(grid, "massive_dirac", "charge", [0.1, 0.7, 1.0], "mass", [0.2, 0.5])


def magnet(grid: int, operator: str) -> xr.Dataset:
    """An altermagnet with both signs of its order."""
    return scattered(grid, "altermagnet_rashba", operator, [0.5, 1.5], "J", [-0.5, 0.5])


def bilayer(grid: int, displacement: float) -> xr.Dataset:
    """The layer pseudospin of a moire bilayer in few plane waves."""
    model = cc.build_model("twisted_tmd", shells=1, displacement=displacement)
    return cc.transport(model, operator="layer", grid=grid, mu=[-0.01, 0.0, 0.01], temperature=[100])


def magnons(grid: int) -> xr.Dataset:
    """All of a magnet with one mode, whose equilibrium has a conventional current."""
    model = cc.build_model("pair_square")
    options = {"operator": "spin_z", "grid": grid, "temperature": [5, 10, 20]}
    return cc.respond(model, ["thermal", "thermal_companions", "equilibrium"], **options)


def kagome(grid: int) -> xr.Dataset:
    """Three spin components of magnons."""
    model = cc.build_model("kagome_afm", J1=1e-3, J2=1e-4, Dp=6e-4, Dz=-1e-4, S=1.0)
    return cc.thermal(model, operator=["spin_x", "spin_y", "spin_z"], grid=grid, temperature=[5, 10, 20])


def phonons(grid: int, h: float) -> xr.Dataset:
    """Phonons whose branches cross without a Lorentz term."""
    return cc.thermal(cc.build_model("phonon_square", h=h), operator="l_z", grid=grid, temperature=[1500, 3000])


def pockets(grid: int) -> xr.Dataset:
    """Quasiparticles at zero energy."""
    return cc.thermal(cc.build_model("rashba_bfs"), operator="spin_z", grid=grid, temperature=[2000, 3000])


def study(name: str, one, tolerance: float, maps: xr.Dataset | None = None) -> StudyResult:
    """A study on three grids; `one(grid)` is the response on one."""
    levels = [one(grid).assign(temperature_resolution=0.5) for grid in GRIDS]
    return StudyResult(name, levels[-1], judge(levels, tolerance), levels, maps)


def crystal_maps() -> xr.Dataset:
    """Its spin Berry curvature in a plane and along the standard path."""
    quantities, plane = ["energy", "s_berry_curvature"], [[1, 0, 0], [0, 0, 1]]
    return zone_map(
        cc.build_model("bismuth_selenide"), "spin_z", 9, quantities, None, 1000, plane=plane, path=60
    ).compute()


def zone_maps(grid: int) -> xr.Dataset:
    """Band geometry and gap function of the d + id superconductor."""
    model = cc.build_model("d_id_square")
    wanted = ["energy", "operator_expectation", "s_dipole", "berry_curvature"]
    maps = cc.band_geometry(model, operator="charge", grid=(grid, grid), quantities=wanted).compute()
    gap = model.hamiltonian(maps["kpoint"].values)[:, 0, 1]
    maps["pairing"] = ("k", "part"), np.stack([gap.real, gap.imag], axis=1), {"units": "eV"}
    return maps.assign_coords(part=["real", "imag"])


def pocket_maps() -> xr.Dataset:
    """Its quasiparticle energies."""
    return cc.band_geometry(cc.build_model("rashba_bfs"), operator="spin_z", grid=16, quantities=["energy"]).compute()


@pytest.fixture(scope="session")
def studies() -> dict[str, StudyResult]:
    """By name; the two with a small tolerance have not converged on these grids."""
    results = [
        study("lattice", lambda grid: swept(normal, "winding", [1, 3], grid), tolerance=1e-12),
        study("field", normal, tolerance=0.9),
        study("pairing", paired, tolerance=0.9, maps=zone_maps(16)),
        study("pairing_sweep", lambda grid: swept(cold, "mu", [-5.0, -1.0, 1.0], grid), tolerance=1e-12),
        study("haldane", lambda grid: paired(grid, "haldane_superconductor"), tolerance=0.9),
        study("gap", insulator, tolerance=0.9),
        study("gap_sweep", lambda grid: swept(gapped, "lambda_r", [0.0, 0.05, 0.1], grid), tolerance=1e-12),
        study("solid", solid, tolerance=0.9),
        study("crystal", crystal, tolerance=0.9, maps=crystal_maps()),
        study("unpaired", unpaired, tolerance=0.9),
        study("rashba", rashba, tolerance=0.9),
        study("dirac", dirac, tolerance=0.9),
        study("magnet_spin", lambda grid: magnet(grid, "spin_z"), tolerance=0.9),
        study("magnet_charge", lambda grid: magnet(grid, "charge"), tolerance=0.9),
        study("bilayer", lambda grid: swept(bilayer, "displacement", [0.0, 0.01], grid), tolerance=0.9),
        study("magnons", magnons, tolerance=0.9),
        study("kagome", kagome, tolerance=0.9),
        study("phonons", lambda grid: swept(phonons, "h", [0.0, 0.05, 0.1], grid), tolerance=0.9),
        study("pockets", pockets, tolerance=0.9, maps=pocket_maps()),
        study("chern_sweep", lambda grid: swept(chern_pairing, "pairing", [0.1, 0.2, 0.3], grid), tolerance=0.9),
    ]
    return {result.name: result for result in results}
