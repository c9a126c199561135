"""What the way in which a grid is cut into shards and chunks changes: the time, and nothing else.

Run on request, `make bench BENCH_ARGS="shards [points per axis]"`. Responses of each way against the grid in one piece.
"""

from __future__ import annotations

import sys
import time

import dask
import xarray as xr

import cc_kernels as cc
from cc_kernels.grid import KGrid
from cc_kernels.responses.registry import state_sums_of, variables_of
from cc_kernels.sums.evaluation import evaluate
from cc_kernels.sums.merging import merge
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid

MU, TEMPERATURE = [0.5, 1.0, 1.5], [300.0, 600.0]
SHARDS, CHUNKS = (1, 3, 8), (100, 1_000, 10_000, 100_000)


def responses(model: cc.Model, points: int, shards: int, chunk: int) -> xr.Dataset:
    """Transport from so many shards, with so many k-points in a chunk."""
    grid, names = KGrid.of(model, points), state_sums_of(["transport"], 2)
    mesh = EnergyMesh.covering(MU, TEMPERATURE)
    parts = [sums_on_grid(model, names, "spin_z", grid.shard(n, shards), mesh, chunks=chunk) for n in range(shards)]
    return evaluate(merge(parts), MU, TEMPERATURE, variables_of(["transport"], parts[0]))


def main() -> None:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    model = cc.build_model("rashba_square", alpha=0.5)
    print("shards    chunk  largest difference of the scale  seconds")
    with dask.config.set(scheduler="threads"):
        whole = responses(model, points, 1, points**2)
        names = [name for name in whole.data_vars if f"{name}_scale" in whole]
        for shards in SHARDS:
            for chunk in CHUNKS:
                begin = time.perf_counter()
                found = responses(model, points, shards, chunk)
                seconds = time.perf_counter() - begin
                difference = max(
                    float(abs(found[name] - whole[name]).max() / whole[f"{name}_scale"].max()) for name in names
                )
                print(f"{shards:6d}  {chunk:7d}  {difference:31.1e}  {seconds:7.1f}", flush=True)


if __name__ == "__main__":
    main()
