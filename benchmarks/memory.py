"""Memory of k-grid jobs, predicted and measured, and how far shards and chunk sizes change their sums.

Run on request, `python -m benchmarks.memory [--quick]`: 4000 x 4000 points of two bands take some minutes. Every peak
is that of a process of its own.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from benchmarks.own_process import in_own_process

LARGE = (4000, 16384, 1, 1)
CASES = ((1000, 16384, 1, 1), (1000, 16384, 1, 2), (1000, 1000, 1, 1), (1000, 100_000, 1, 1), (1000, 16384, 8, 1))
SHARDS, CHUNKS = (1, 3, 8), (100, 1000, 10_000, 100_000)
MU, TEMPERATURE = [-1.0, 0.5, 2.0], [300.0]
RESPONSES = ("transport", "equilibrium")


def sums(n: int, chunk: int, shards: int, shard: int, threads: int):
    """Sums of a shard of the Rashba lattice, and the prediction for the job, in bytes."""
    import dask

    from cc_kernels.models import build_model
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.study.memory import ModelSize, SumsSize, kgrid_memory
    from cc_kernels.study.shards import shard_sums
    from cc_kernels.study.study_models import StudyModels
    from cc_kernels.sums import products as state_sums
    from cc_kernels.sums.mesh import EnergyMesh

    model = build_model("rashba_square")
    names = state_sums_of(RESPONSES, 2)
    mesh = EnergyMesh.covering(MU, TEMPERATURE)
    size = SumsSize(2 * mesh.half + 1, sum(2 ** len(state_sums.dims_of(name, 2)) for name in names))
    points = -(-(n**2) // shards)
    predicted = kgrid_memory(ModelSize.of(model), size, points, chunk, threads)
    source = StudyModels([model], None, np.empty(0))
    with dask.config.set(scheduler="threads", num_workers=threads):
        (result,) = shard_sums(source, names, "spin_z", [n], [0.0], None, shard, shards, mesh.to_json(), None, chunk)
    return result, predicted


def measured(n: int, chunk: int, shards: int, threads: int) -> dict[str, float]:
    """Predicted and measured peak in MiB, and seconds, of one job in this process."""
    import time

    from workflow.job import peak_memory

    begin = time.perf_counter()
    _, predicted = sums(n, chunk, shards, 0, threads)
    return {"predicted": predicted / 2**20, "peak": peak_memory() / 2**20, "seconds": time.perf_counter() - begin}


def differences(n: int) -> dict[tuple[int, int], float]:
    """Largest change of any response by shards and chunk size, in units of its scale."""
    from cc_kernels.models import build_model
    from cc_kernels.study.levels import level_responses
    from cc_kernels.sums.merging import merge

    def responses(shards: int, chunk: int):
        whole = merge([sums(n, chunk, shards, shard, 1)[0] for shard in range(shards)])
        return level_responses(whole, [build_model("rashba_square")], "spin_z", RESPONSES, MU, TEMPERATURE, False)

    whole = responses(1, n**2)
    table = {}
    for shards in SHARDS:
        for chunk in CHUNKS:
            other, worst = responses(shards, chunk), 0.0
            for name in (name for name in whole.data_vars if f"{name}_scale" in whole):
                scale = whole[f"{name}_scale"].where(whole[f"{name}_scale"] > 0, 1)
                worst = max(worst, float((abs(other[name] - whole[name]) / scale).max()))
            table[shards, chunk] = worst
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without the grid of 4000 x 4000 points")
    parser.add_argument("--one", nargs=4, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(*options.one)))
        return
    print(f"{'points':>13} {'chunk':>7} {'shards':>6} {'threads':>7} {'predicted':>10} {'measured':>9} MiB {'time':>8}")
    for case in CASES if options.quick else (*CASES, LARGE):
        n, chunk, shards, threads = case
        run = in_own_process("benchmarks.memory", *case)
        print(
            f"{n:5d} x {n:5d} {chunk:7d} {shards:6d} {threads:7d} {run['predicted']:10.0f} {run['peak']:9.0f}"
            f"     {run['seconds']:6.0f} s",
            flush=True,
        )
    print("\nlargest change of a response / its scale, against one shard in one chunk, 320 x 320 points")
    table = differences(320)
    print(f"{'shards':>8}", *(f"chunk {chunk:>6}" for chunk in CHUNKS))
    for shards in SHARDS:
        print(f"{shards:8d}", *(f"{table[shards, chunk]:12.1e}" for chunk in CHUNKS))


if __name__ == "__main__":
    main()
