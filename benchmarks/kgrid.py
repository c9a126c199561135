"""What a k-grid costs: time per k-point and peak memory, by number of bands, grid and threads.

Run on request, `make bench BENCH_ARGS="kgrid --quick"`; it asserts nothing. Every line is measured in a process of its
own (for the peak memory), after a small run that compiles the kernels. Ratios within one run mean something; the
absolute times are this machine's.
"""

from __future__ import annotations

import argparse
import json

from benchmarks.own_process import in_own_process

BANDS = (2, 4, 8, 16)
GRIDS = (256, 512, 1024, 2048)
THREADS = (1, 2)


def measure(bands: int, grid: int, threads: int) -> dict[str, float]:
    """Transport sums of a random square-lattice model: seconds, compile time left out, and peak memory in MiB."""
    import resource
    import time

    import dask
    import numpy as np

    from cc_kernels import TightBinding, transport

    rng = np.random.default_rng(bands)
    cells = [(1, 0), (0, 1), (1, 1), (1, -1)]
    blocks = [rng.normal(size=(bands, bands)) + 1j * rng.normal(size=(bands, bands)) for _ in range(6)]
    onsite, s = (block + block.conj().T for block in blocks[:2])
    hoppings = [onsite + 2 * np.diag(np.arange(bands))]
    hoppings += [block / bands for block in blocks[2:]] + [block.conj().T / bands for block in blocks[2:]]
    R = [(0, 0), *cells, *[(-a, -b) for a, b in cells]]
    model = TightBinding(np.eye(2), R, np.array(hoppings), operators={"s": s})
    keywords = {"mu": [0.0, 1.0], "temperature": 300.0}
    with dask.config.set(scheduler="threads", num_workers=threads):
        transport(model, operator="s", grid=8, **keywords)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        transport(model, operator="s", grid=grid, **keywords)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "peak": peak / 1024, "base": before / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="grids up to 512 and up to 4 bands")
    parser.add_argument("--one", nargs=3, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    all_bands, all_grids = (BANDS[:2], GRIDS[:2]) if options.quick else (BANDS, GRIDS)
    # at more bands a smaller grid says as much per point
    cases = [(bands, grid) for bands in all_bands for grid in all_grids if bands * grid <= 8192]
    header = [f"{'bands':>5} {'grid':>6}"]
    header += [f"{f'us/point, {n} thr.':>17} {f'peak MiB, {n} thr.':>17}" for n in THREADS]
    print(*header, f"{'speed-up':>9}")
    for bands, grid in cases:
        runs = [in_own_process("benchmarks.kgrid", bands, grid, threads) for threads in THREADS]
        cells = [
            f"{run['seconds'] / grid**2 * 1e6:17.2f} {run['peak']:11.0f} (+{run['peak'] - run['base']:.0f})"
            for run in runs
        ]
        print(f"{bands:5d} {grid:6d}", *cells, f"{runs[0]['seconds'] / runs[1]['seconds']:9.2f}", flush=True)
    print("peak (+more than after compiling, imports and a grid of 8 points per axis)")


if __name__ == "__main__":
    main()
