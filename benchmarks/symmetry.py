"""What folding a grid to its irreducible points saves: operations, points, time with and without, largest difference.

Run on request, `make bench BENCH_ARGS="symmetry [factor]"`; `factor` multiplies the points per axis. One thread; the
model is built anew each time, so that the check of its operations counts; both ways are timed in turns, in seconds of
the processor, and the fastest of each counts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import product

import dask
import numpy as np
import xarray as xr

import cc_kernels as cc
from cc_kernels.models import Model
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.sums.evaluation import scale_of
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid

REPEATS = 5
MU, TEMPERATURE = [-1.0, 1.0], 300.0
SPIN = ["spin_x", "spin_y", "spin_z"]


def fcc() -> Model:
    """s and p orbitals with spin-orbit coupling on a face-centred lattice: all 48 operations, and time reversal."""
    lattice = 4.0 * (1 - np.eye(3)) / 2
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    L = np.zeros((3, 4, 4), complex)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        L[i, 1 + j, 1 + k], L[i, 1 + k, 1 + j] = -1j, 1j
    on_site = np.kron(np.diag([0.0, 3.0, 3.0, 3.0]), np.eye(2))
    on_site = on_site + 0.3 * sum(np.kron(one, s) for one, s in zip(L, pauli, strict=True))
    R, hoppings = [(0, 0, 0)], [on_site]
    for cell in product((-1, 0, 1), repeat=3):
        distance = float(np.linalg.norm(cell @ lattice))
        if abs(distance - 4 / np.sqrt(2)) > 1e-9:
            continue
        u = cell @ lattice / distance
        hopping = np.zeros((4, 4))
        hopping[0, 0], hopping[0, 1:], hopping[1:, 0] = -0.5, 0.4 * u, -0.4 * u
        hopping[1:, 1:] = 0.6 * np.outer(u, u) - 0.1 * (np.eye(3) - np.outer(u, u))
        R, hoppings = [*R, cell], [*hoppings, np.kron(hopping, np.eye(2))]
    spin = {name: (np.kron(np.eye(4), s / 2), "hbar") for name, s in zip(SPIN, pauli, strict=True)}
    return cc.TightBinding(lattice, R, hoppings, np.zeros((8, 3)), spin, name="fcc, s and p")


CASES: list[tuple[Callable[[], Model], object, int]] = [
    (lambda: cc.build_model("rashba_square"), "spin_z", 2048),
    (lambda: cc.build_model("rashba_square"), SPIN, 1024),
    (lambda: cc.build_model("kane_mele"), "spin_z", 1024),
    (lambda: cc.build_model("kane_mele"), SPIN, 768),
    (lambda: cc.build_model("haldane"), "charge", 2048),
    (lambda: cc.build_model("bismuth_selenide"), "spin_z", 64),
    (fcc, SPIN, 48),
]


def timed(build: Callable[[], Model], operator: object, n: int, symmetry: str) -> tuple[xr.Dataset, float]:
    model, mesh = build(), EnergyMesh.covering(MU, TEMPERATURE)
    start = time.process_time()
    sums = sums_on_grid(model, state_sums_of(["transport"], model.dim), operator, n, mesh, symmetry=symmetry)
    return sums, time.process_time() - start


def difference(every: xr.Dataset, folded: xr.Dataset) -> float:
    """The largest of all variables, over mu, in units of their scales."""
    mu = np.linspace(*MU, 41)
    one, other = (cc.evaluate(sums, "transport", mu=mu, temperature=TEMPERATURE) for sums in (every, folded))
    names = [str(name) for name in one.data_vars if f"{name}_scale" in one]
    return max(float((abs(one[name] - other[name]) / scale_of(one, name)).max()) for name in names)


def main() -> None:
    factor = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print("model             operators   grid  group    operations  points   all (s)  folded (s)  time  difference")
    with dask.config.set(scheduler="synchronous"):
        for build, operator, points in CASES:
            for symmetry in ("off", "auto"):
                timed(build, operator, 8, symmetry)  # compiles
            n = max(8, round(points * factor))
            runs = [(timed(build, operator, n, "off"), timed(build, operator, n, "auto")) for _ in range(REPEATS)]
            all_of, folded_of = (min(run[way][1] for run in runs) for way in (0, 1))
            every, folded = (run[0] for run in runs[0])
            about = folded.attrs
            group = about["symmetry"] + (" T" if about["symmetry_time_reversal"] else "")
            print(
                f"{build().name:<17} {1 if isinstance(operator, str) else len(operator):<9} "
                f"{n:>6}  {group:<9}{len(json.loads(about['symmetry_operations'])):>6}"
                f"{about['points'] / about['symmetry_points']:>12.2f}"
                f"{all_of:>10.3f}{folded_of:>12.3f}{all_of / folded_of:>6.1f}  {difference(every, folded):.1e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
