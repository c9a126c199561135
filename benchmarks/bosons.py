"""What bosons cost beside a Hermitian problem of the same size: time per k-point, and peak memory by grid.

Run on request, `make bench BENCH_ARGS=bosons`; it asserts nothing. Both take their steps in turns in one process, on
one thread, and the fastest of each counts: `solve` (energies, states, velocities), and the whole way from a grid to the
sums of the response table `thermal`. Peaks are those of processes of their own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.own_process import in_own_process

BANDS = (6, 12, 24)
GRIDS = (64, 128, 256)
ELEMENTS, REPEATS = 2**21, 7


def pair_of_models(bands: int) -> tuple:
    """Random bosons on the square lattice, and electrons with the same H(k)."""
    import cc_kernels as cc

    rng, modes = np.random.default_rng(bands), bands // 2
    cells = [(0, 0), (1, 0), (0, 1), (1, 1), (1, -1)]
    normal, anomalous = rng.normal(size=(2, len(cells), modes, modes, 2)).view(complex)[..., 0] / (20 * modes)
    R = [*cells, *[(-a, -b) for a, b in cells[1:]]]
    A = np.concatenate([normal, normal[1:].conj().swapaxes(1, 2)])
    B = np.concatenate([anomalous, anomalous[1:].swapaxes(1, 2)])
    A[0] = A[0] + A[0].conj().T + np.diag(1 + np.arange(modes) / modes)
    B[0] = B[0] + B[0].T
    (s,) = rng.normal(size=(1, modes, modes, 2)).view(complex)[..., 0]
    model = cc.bosons(np.eye(2), R, A, B, operators={"s": s + s.conj().T})
    return model, cc.TightBinding(model.lattice, model.R, model.hoppings, operators={"s": model.operators["s"].matrix})


def sums(model: object, grid: int) -> None:
    """The sums of `thermal` on a grid."""
    import dask

    import cc_kernels as cc
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.sums.on_grid import sums_on_grid

    mesh = cc.EnergyMesh.of(model, [0.0, 3.0], 300.0)
    with dask.config.set(scheduler="synchronous"):
        sums_on_grid(model, state_sums_of(["thermal"], 2), "s", grid, mesh)


def seconds(function: Callable, *arguments: object) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def peak(bands: int, grid: int) -> dict[str, float]:
    """MiB, of bosons on a grid."""
    from workflow.job import peak_memory

    sums(pair_of_models(bands)[0], grid)
    return {"peak": peak_memory() / 2**20}


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(peak(*map(int, sys.argv[2:]))))
        return
    print(f"{'bands':>5} {'':8} {'bosons, k/s':>12} {'electrons, k/s':>14} {'time ratio':>10}")
    for bands in BANDS:
        models, grid = pair_of_models(bands), 16 * round(np.sqrt(ELEMENTS / bands**2) / 16)
        k = np.random.default_rng(0).uniform(-np.pi, np.pi, (grid**2, 2))
        blocks = np.array_split(k, max(1, grid**2 * bands**2 // 2**16))  # of the size that the seam takes
        ways = {
            "solve": (lambda model, blocks=blocks: [model.solve(k, phases=False) for k in blocks], grid**2),
            "sums": (lambda model, grid=grid: sums(model, grid), grid**2),
        }
        for name, (way, points) in ways.items():
            for model in models:
                way(model)  # compiles
            bosons, electrons = np.min([[seconds(way, model) for model in models] for _ in range(REPEATS)], axis=0)
            speeds = f"{points / bosons:12.0f} {points / electrons:14.0f}"
            print(f"{bands:5d} {name:8} {speeds} {bosons / electrons:10.2f}", flush=True)
    print(f"{'bands':>5} {'grid':>6} {'peak, MiB':>10}")
    for bands in BANDS:
        for grid in GRIDS:
            print(f"{bands:5d} {grid:6d} {in_own_process('benchmarks.bosons', bands, grid)['peak']:10.0f}", flush=True)


if __name__ == "__main__":
    main()
