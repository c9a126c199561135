"""This project beside wannierberri on first-principles models, and PythTB on Haldane's: `make crosscheck DATA=...`.

DATA has the folders Pt, Te, GaAs with `_tb.dat` and `_spin_R.nc`. wannierberri runs in an environment of its own, made
on the first call (some minutes). Values of a step at the Fermi energy on the same full grids: the conventional spin
Hall conductivity, the anomalous Hall conductivity and the orbital magnetization (both zero by time reversal, but for
what interpolation breaks), with the centres and with all position matrices. Then what only this project has, for
platinum; speeds; memory.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from pathlib import Path

import netCDF4
import numpy as np

import cc_kernels as cc
from benchmarks.against.case import Case
from benchmarks.peers import ROOT, Program, Setup, check, peers_environment

FERMI = {"Pt": 18.3823, "Te": 5.96, "GaAs": 7.9366}
"""eV, of the data's README."""
KNOWN = {("Pt", False): 2462.6844, ("Pt", True): 2450.1850, ("GaAs", False): -114.1015, ("GaAs", True): -113.9370}
"""sigma^z_xy in (hbar/e) S/cm of the data's README, on 12^3 and 10^3 points, with centres and with all positions."""
GRID = {"Pt": 12, "Te": 10, "GaAs": 10}
SPINS = ["spin_x", "spin_y", "spin_z"]
DEFINITIONS = ["sigma_conventional", "proper", "sigma_hall", "sigma_dipole", "sigma_intrinsic", "sigma_intrinsic_sea"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make crosscheck", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with Pt, Te, GaAs")
    parser.add_argument("--environment", type=Path, default=ROOT / ".peers-venv", help="of wannierberri and PythTB")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each timing")
    parser.add_argument("--skip", nargs="*", default=[], choices=["values", "haldane", "platinum", "speed"])
    options = parser.parse_args(arguments)
    if absent := [name for name in FERMI if not (options.data / name / f"{name}_tb.dat").is_file()]:
        print(f"crosscheck: no {', '.join(absent)} in {options.data}", file=sys.stderr)
        return 2
    python = peers_environment(options.environment)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        cases = {name: _case(options.data / name, name, Path(folder)) for name in FERMI}
        parts = {
            "values": lambda: _values(cases, python),
            "haldane": lambda: _haldane(Setup(python, Path(folder), options.seconds, 1)),
            "platinum": lambda: _platinum(options.data),
            "speed": lambda: _speed(cases["Pt"], python, options.seconds),
        }
        for name, part in parts.items():
            if name not in options.skip:
                part()
    return 0


def _case(data: Path, name: str, folder: Path) -> Path:
    """What both programs read."""
    spin_file = data / f"{name}_spin_R.nc"
    with netCDF4.Dataset(spin_file) as file:
        parts, cells, degeneracy = (np.ma.getdata(file[key][:]) for key in ("S_R", "R_vectors", "ndegen"))
    matrices = (parts[..., 0] + 1j * parts[..., 1]) / degeneracy[:, None, None, None]
    np.savez(folder / f"{name}.npz", matrices=matrices, cells=cells)
    case = {"tb_file": str((data / f"{name}_tb.dat").absolute()), "spin": str(folder / f"{name}.npz")}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(case | {"spin_file": str(spin_file.absolute())}))
    return path


def _values(cases: dict[str, Path], python: Path) -> None:
    print("T = 0, full grid; spin Hall sigma^z_xy in (hbar/e) S/cm, Hall sigma_xy in S/cm, M_z in eV e/hbar/angstrom")
    print(f"{'':26}{'this project':>14}{'wannierberri':>14}{'difference':>12}{'known':>12}{'':>10}")
    for name, path in cases.items():
        with (
            Program(python, "benchmarks.against.wannier_peer", path) as peer,
            Program(sys.executable, "benchmarks.against.wannier_own", path) as own,
        ):
            for full in (False, True):
                request = {"grid": GRID[name], "fermi_energies": [FERMI[name]], "full_positions": full}
                request["quantities"] = ["spin_hall", "hall", *([] if full else ["magnetization"])]
                theirs = peer.ask(do="values", **request)
                ours = own.ask(do="values", what="steps", **request)
                for quantity, (value,) in theirs.items():
                    mine = ours[quantity][0]
                    label = f"{name} {quantity} {'full' if full else 'centres'}"
                    text = f"{label:26}{mine:14.4f}{value:14.4f}{mine - value:12.1e}"
                    if quantity == "spin_hall" and (known := KNOWN.get((name, full))) is not None:
                        text += f"{known:12.4f}{abs(mine / known - 1):10.1e}"
                    print(text, flush=True)


def _haldane(setup: Setup) -> None:
    """The Hall conductivity and magnetization of Haldane's model beside wannierberri, sisl and PythTB."""
    print("Haldane's model: largest differences from this project")
    model = cc.build_model("haldane")
    case = Case("haldane", model.lattice, model.positions, model.R, model.hoppings, np.eye(2), 0.0)
    case.save(setup.path(case))
    check(case, setup)


def _platinum(data: Path) -> None:
    """What no other program has, and that the degeneracy tolerance does not matter where no levels lie."""
    files = {"spin": data / "Pt" / "Pt_spin_R.nc", "fermi_energy": FERMI["Pt"]}
    model = cc.read_wannier90(data / "Pt" / "Pt_tb.dat", **files)
    print("platinum, sigma^z_xy at the Fermi energy in (hbar/e) S/cm")
    print(f"{'':34}" + "".join(f"{name.removeprefix('sigma_'):>14}" for name in DEFINITIONS))
    for grid, tolerance in ((12, 1e-3), (24, 1e-3), (12, 1e-4), (12, 1e-2)):
        result = cc.respond(
            model,
            ["transport", "companions"],
            operator="spin_z",
            grid=grid,
            mu=0.0,
            temperature=[300, 1000],
            degeneracy_tolerance=tolerance,
        )
        si = cc.in_si(result).sel(i="x", l="y").isel(mu=0)
        si["proper"] = si["sigma_conventional"] + si["sigma_torque_kubo"]
        for kelvin in si["temperature"].values:
            row = "".join(f"{si[name].sel(temperature=kelvin).item():14.4f}" for name in DEFINITIONS)
            print(f"{grid}^3, {kelvin:4.0f} K, tolerance {tolerance:g} eV".ljust(34) + row, flush=True)


def _speed(path: Path, python: Path, seconds: float) -> None:
    """k-points per second of one thread, and peak memory; no folding."""
    fermi = np.linspace(FERMI["Pt"] - 2, FERMI["Pt"] + 2, 100).tolist()
    common = {"fermi_energies": fermi, "variables": None}
    conventional = common | {"variables": ["sigma_conventional"]}
    rows: dict[str, tuple[str, dict]] = {
        "wannierberri: conventional": ("peer", {"full_positions": False, "quantities": ["spin_hall"]}),
        "conventional": ("own", conventional | {"operators": ["spin_z"]}),
        "conventional, three spins": ("own", conventional | {"operators": SPINS}),
        "all of transport": ("own", common | {"operators": ["spin_z"]}),
        "all of transport, three spins": ("own", common | {"operators": SPINS}),
    }
    print(f"platinum, one thread, 100 Fermi energies\n{'':32}{'k-points/s':>12}{'times':>8}{'us per k':>10}{'MiB':>8}")
    with (
        Program(python, "benchmarks.against.wannier_peer", path) as peer,
        Program(sys.executable, "benchmarks.against.wannier_own", path) as own,
    ):
        programs = {"peer": peer, "own": own}
        more = {"peer": {}, "own": {"what": "transport"}}
        best: dict[str, float] = {}
        for _ in range(3):
            for name, (who, request) in rows.items():
                rate = _rate(programs[who], {"fermi_energies": fermi, **request, **more[who]}, seconds)
                best[name] = max(best.get(name, 0.0), rate)
    slowest = next(iter(best.values()))
    for name, rate in best.items():
        peak = programs[rows[name][0]].last["peak"]
        print(f"{name:32}{rate:12.0f}{rate / slowest:8.1f}{1e6 / rate:10.1f}{peak:8.0f}")


def _rate(program: Program, request: dict, seconds: float) -> float:
    """k-points per second on a grid that takes about so long."""
    grid = program.grid or 8
    while True:
        program.last = program.ask(do="time", grid=grid, **request)
        taken = program.last["seconds"] - program.last["evaluation"]
        if taken > seconds / 4 or grid >= 48:
            return grid**3 / taken
        grid = min(48, 2 * grid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
