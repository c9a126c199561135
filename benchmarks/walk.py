"""The way from a model and a grid to labelled sums: every function that is called for one chunk, in order.

Run on request, `make bench BENCH_ARGS=walk`. Compiled kernels show the function that calls them only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import dask

import cc_kernels as cc
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid

PACKAGE = str(Path(cc.__file__).parent)
ROOMS = ("models", "sums", "geometry")
CHECKS = ("checks.py", "errors.py", "_lazy.py", "_source.py", "_cache.py", "_bytecode.py")


class Walk:
    """Notes the calls of the package's own functions, each the first time, with their depth."""

    def __init__(self) -> None:
        self.depth, self.seen, self.lines = 0, set(), []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        is_ours = file.startswith(PACKAGE) and Path(file).name not in CHECKS and frame.f_code.co_name[0] != "<"
        if not is_ours:
            return
        if event == "call":
            name = f"{Path(file).relative_to(PACKAGE).with_suffix('')}.{frame.f_code.co_name}".replace("/", ".")
            if name not in self.seen:
                self.seen.add(name)
                self.lines.append("  " * self.depth + name)
            self.depth += 1
        elif event == "return":
            self.depth -= 1


def main() -> None:
    model = cc.build_model("haldane")
    names, mesh = state_sums_of(["transport"], 2), EnergyMesh.covering([-1.0, 1.0], 300.0)
    with dask.config.set(scheduler="synchronous"):
        sums_on_grid(model, names, "charge", 8, mesh)  # compiles, and plans
        walk = Walk()
        sys.setprofile(walk)
        sums_on_grid(model, names, "charge", 64, mesh)
        sys.setprofile(None)
    print(*walk.lines, sep="\n")
    print(f"{len(walk.lines)} functions")


if __name__ == "__main__":
    main()
