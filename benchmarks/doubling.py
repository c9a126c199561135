"""What a doubling study costs against its finest grid alone, and how well the two agree.

Run on request, `make bench BENCH_ARGS="doubling [largest]"`. Levels of 64, 128, ... points per axis: each evaluates its
new points only and merges the rest, as the workflow does. Both ways are timed in turns, and the fastest of each counts.
"""

from __future__ import annotations

import sys
import time

import dask

import cc_kernels as cc
from cc_kernels.grid import KGrid
from cc_kernels.responses.registry import state_sums_of, variables_of
from cc_kernels.study.levels import level_responses
from cc_kernels.sums.evaluation import evaluate
from cc_kernels.sums.merging import merge
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid
from cc_kernels.verdict import judge

START, REPEATS = 64, 3
MU, TEMPERATURE = [0.5, 1.0, 1.5], [300.0, 600.0]


def study(model: object, largest: int, mesh: EnergyMesh, names: list[str]) -> tuple[object, float, float]:
    """The finest responses of a whole study, its seconds, and those that went into everything but the k-grids."""
    begin = time.perf_counter()
    grids, sums, levels, n = 0.0, None, [], START
    while n <= largest:
        grid = KGrid.of(model, n, only_new=n > START)
        start = time.perf_counter()
        new = sums_on_grid(model, names, "spin_z", grid, mesh)
        grids += time.perf_counter() - start
        sums = new if sums is None else merge([sums, new])
        levels.append(level_responses(sums, [model], "spin_z", ["transport"], MU, TEMPERATURE, False))
        judge(levels, 1e-6)
        n *= 2
    total = time.perf_counter() - begin
    return levels[-1], total, total - grids


def alone(model: object, largest: int, mesh: EnergyMesh, names: list[str]) -> tuple[object, float]:
    """The finest grid in one go."""
    begin = time.perf_counter()
    sums = sums_on_grid(model, names, "spin_z", largest, mesh)
    return evaluate(sums, MU, TEMPERATURE, variables_of(["transport"], sums)), time.perf_counter() - begin


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 2048
    model = cc.build_model("rashba_square", alpha=0.5)
    mesh, names = EnergyMesh.covering(MU, TEMPERATURE), state_sums_of(["transport"], 2)
    times: dict[str, list[float]] = {"study": [], "rest": [], "alone": []}
    with dask.config.set(scheduler="synchronous"):
        study(model, 2 * START, mesh, names)  # compiles
        for _ in range(REPEATS):
            whole, seconds, rest = study(model, largest, mesh, names)
            times["study"].append(seconds)
            times["rest"].append(rest)
            finest, seconds = alone(model, largest, mesh, names)
            times["alone"].append(seconds)
    study_time, alone_time = min(times["study"]), min(times["alone"])
    print(f"levels {START} ... {largest}: {study_time:.2f} s, of which {min(times['rest']):.2f} s are not k-grids")
    print(f"finest grid alone:  {alone_time:.2f} s")
    print(f"ratio:              {study_time / alone_time:.3f}")
    difference = max(
        float(abs(whole[name] - finest[name]).max() / finest[f"{name}_scale"].max())
        for name in finest.data_vars
        if f"{name}_scale" in finest
    )
    print(f"largest difference: {difference:.1e} of the scale")


if __name__ == "__main__":
    main()
