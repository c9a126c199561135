"""`make identities`: the tests that state an identity, and a table of the errors that they have asserted on."""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from cc_kernels.models.base import FERMI, STATISTICS

IDENTITIES = {
    "torque dipole": ("d^{i,tau} = -J^{is} + v^i s_n", "(3)"),
    "torque curvature": ("Omega^{i,tau} = d s_n/dk_i", "(3)"),
    "quadrupole": ("torque quadrupole: closed form = definition", "(3)"),
    "polarizability": ("polarizability: closed form = definition with note [33]", "(3)"),
    "bracket": ("Omega^{lis} + chi^{il,tau} = d_l d^{is} + Omega^{li} s_n", "(11)"),
    "mixed curvature": ("2 Im <D_i|s|D_l> = Omega^{li} s_n + d_l d^{is} - d_i d^{ls}", "1"),
    "net current": ("int f J + D^{i,tau} = 0", "(5)"),
    "conservation": ("D + Q = -epsilon M, closed forms, any grid", "(2)-(6)"),
    "conservation integral": ("D + Q = -epsilon M, explicit derivative of the dipole", "(2)-(6)"),
    "magnetization": ("sigma_hall = epsilon dM/dmu in a gap", "(12)"),
    "maxwell": ("d(sigma/e)/dT = d alpha/d mu", "(11)"),
    "thermal integral": ("alpha = int deps (-f') ((eps - mu)/T) sigma_0(eps)/e", "(11)"),
    "mott": ("alpha = (pi^2 T/3e) d sigma/d mu + O(T^3): exponent - 2", "(11)"),
    "einstein surface": ("response to grad mu, from D + Q + epsilon M = sigma", "(10)"),
    "einstein sea": ("the same with int f d_l d^{is} over the Fermi sea", "(10)"),
    "static current": ("current in a static potential, d/dq_l = i d D^{lis}/d mu", "(1)"),
    "static torque": ("torque in a static potential, d/dq_i = i d D^{i,tau}/d mu", "(3)"),
    "streda": ("(sigma_conv + sigma_torque)_il = -epsilon dM_orb/d lambda in a gap", "5.5"),
    "torque kubo": ("sigma_torque_kubo: sums over states = Kubo formula at finite q", "5.5"),
    "hall projector": ("sigma_hall_projector: sums over states = trace over the occupied", "5.5"),
    "rotation states": ("turned axes turn the tensors, state by state", "1"),
    "rotation responses": ("turned axes turn equilibrium and transport", "2, 4"),
    "rotation disorder": ("turned axes turn contour sums and scattering", "(13)-(15)"),
    "doublet basis": ("no dependence on the basis inside a doublet", "5.1"),
    "doublet limit": ("split doublets -> group traces: exponent - 1 (or 2)", "5.1"),
    "berry curvature": ("Omega = phase around a square", "1"),
    "paraunitary": ("T^+ eta T = eta', eta H T = T eps, n(eta H)", "bosons 0"),
    "change of basis": ("no dependence on a paraunitary basis, constant and on each site", "bosons 0"),
    "holes": ("hole bands at -k repeat the particle bands at k", "bosons 0"),
    "conserved": ("s conserved: d = 0, tau = 0", "bosons 1"),
    "one mode": ("one mode: eps, s, d, Omega in closed form", "(9)"),
    "sea magnetization": ("M: sea form = Eq. (6) where bands stay apart", "(6)"),
    "luttinger current": (
        "current in a static psi, H + (psi H + H psi)/2: d/dq_l = -i (D - T dD/dT)^{lis}",
        "bosons 2",
    ),
    "luttinger torque": ("torque in it: d/dq_i = -i (D - T dD/dT)^{i,tau}", "bosons 2"),
    "zero point": ("M at T -> 0: that of half a boson per mode; alpha -> 0", "bosons 2"),
    "trivial bundle": ("sum over particle bands of int Omega = 0", "bosons 2"),
    "sea thermal": ("alpha: sea form = antisymmetric part where bands stay apart", "(11)"),
    "plaquettes": ("conserved s: alpha, kappa = c_1, c_2 times fluxes through plaquettes", "bosons 3"),
    "symmetric kubo": ("symmetric part of alpha = conventional + torque Kubo at q -> 0", "bosons 3"),
    "statistics": ("eta = 1 through the formulas of bosons = fermions", "bosons 0"),
}
"""name -> what is stated, and where: an equation of the paper in brackets, or a section of the theory."""


class Entry(NamedTuple):
    name: str
    model: str
    dim: int
    bands: int
    error: float
    tolerance: float
    statistics: str = FERMI


class Recorder:
    """A pytest plugin: keeps the tests that state an identity, and collects what these record."""

    def __init__(self) -> None:
        self.entries: dict[str, list[tuple[Entry, tuple]]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if "identity" in getattr(item, "fixturenames", ())]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for key, value in report.user_properties:
                if key == "identity":
                    entry = Entry(*value[0])
                    self.entries[entry.name].append((entry, value[1]))

    def table(self) -> str:
        """One line per identity; error and tolerance are those of the entry that comes closest to its tolerance."""
        rows = [("identity", "equation", "models", "max error", "tolerance")]
        for name, statistics in product(IDENTITIES, STATISTICS):
            entries = [entry for entry, _ in self.entries.get(name, ()) if entry.statistics == statistics]
            if entries:
                statement, equation = IDENTITIES[name]
                statement += "" if statistics == FERMI else " [bosons]"
                worst = max(entries, key=lambda entry: entry.error / entry.tolerance)
                failed = " FAILED" if worst.error > worst.tolerance else ""
                numbers = f"{worst.error:.1e}", f"{worst.tolerance:.1e}{failed}"
                rows.append((statement, equation, _models(entries), *numbers))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        lines.insert(1, "  ".join("-" * width for width in widths))
        for name, (statement, _) in IDENTITIES.items():
            with_series = [(entry, series) for entry, series in self.entries.get(name, ()) if series]
            if with_series:
                lines += ["", f"{statement}:"]
            for entry, series in with_series:
                which = entry.model or f"random, {entry.dim}D, {entry.bands} bands"
                which += "" if entry.statistics == FERMI else ", bosons"
                lines.append(f"  {which:36s}" + "  ".join(f"{label}: {error:.1e}" for label, error in series))
        return "\n".join(line.rstrip() for line in lines)


def _models(entries: list[Entry]) -> str:
    random = [entry for entry in entries if not entry.model]
    parts = []
    if random:
        dims = ", ".join(f"{dim}D" for dim in sorted({entry.dim for entry in random}))
        bands = sorted({entry.bands for entry in random})
        size = f"{bands[0]}-{bands[-1]}" if len(bands) > 1 else f"{bands[0]}"
        parts.append(f"{len(random)} random, {dims}, {size} bands")
    return "; ".join(parts + sorted({entry.model for entry in entries if entry.model}))


def main() -> int:
    recorder = Recorder()
    here = Path(__file__).parent
    code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", str(here)], plugins=[recorder])
    print("\n" + recorder.table())
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
