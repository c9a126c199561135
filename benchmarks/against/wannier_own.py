"""This project on the files of Wannier90: `python -m benchmarks.against.wannier_own CASE` (see `wannier_peer`).

`steps` are sums over the levels below each Fermi energy, as wannierberri takes them; `transport` is what a study
computes: additive sums at a temperature, from which any mu follows, here for one or several components of the spin.
"""

from __future__ import annotations

import json
import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

import cc_kernels as cc
from benchmarks.against.served import serve
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.units import ANGSTROM, E_CHARGE, HBAR

PER_CM = E_CHARGE**2 / HBAR / ANGSTROM * 1e-2
"""e^2/(hbar angstrom) in S/cm."""


def _below(bands: xr.Dataset, mu: float, name: str) -> float:
    """Sum over the levels below mu: e Omega^{yxs} with e = -|e|, e^2 Omega^{yx}, or m + (mu - eps) Omega^{yx}."""
    curvature = bands["s_berry_curvature" if name == "spin_hall" else "berry_curvature"].sel(l="y", i="x")
    each = curvature * (-PER_CM if name == "spin_hall" else PER_CM)
    if name == "magnetization":
        each = bands["magnetic_moment"].sel(i="z") + (mu - bands["group_energy"]) * curvature
    return float(each.where(bands["group_energy"] < mu, 0.0).sum())


def build():
    case = json.loads(Path(sys.argv[1]).read_text())

    @cache
    def model_of(full_positions: bool) -> cc.TightBinding:
        positions = "full" if full_positions else "centres"
        return cc.read_wannier90(case["tb_file"], spin=case["spin_file"], positions=positions)

    def steps(grid: int, fermi_energies: list[float], full_positions: bool, quantities: list[str]) -> dict:
        model = model_of(full_positions)
        volume = abs(np.linalg.det(model.lattice))
        values = {}
        for name in quantities:
            wanted = ["group_energy", "s_berry_curvature", "berry_curvature", "magnetic_moment"]
            operator = "spin_z" if name == "spin_hall" else "charge"
            bands = cc.band_geometry(model, operator=operator, grid=grid, quantities=wanted).compute()
            values[name] = [_below(bands, mu, name) / grid**3 / volume for mu in fermi_energies]
        return values

    def transport(grid: int, fermi_energies: list[float], operators: list[str], variables: list[str] | None) -> dict:
        model = model_of(False)
        mesh = EnergyMesh.covering(fermi_energies, 300.0)
        names = state_sums_of(["transport"], 3, variables)
        sums_on_grid(model, names, operators if len(operators) > 1 else operators[0], grid, mesh)
        return {}

    def run(what: str, **request: object) -> dict:
        return {"steps": steps, "transport": transport}[what](**request)

    return run


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    first = {"grid": 4, "fermi_energies": [0.0], "operators": ["spin_z"], "variables": ["sigma_conventional"]}
    serve(build, {"what": "transport", **first}, {"cc_kernels": cc.__version__})
