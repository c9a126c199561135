"""`python -m benchmarks [NAME] [ARGUMENTS]` (`make bench BENCH_ARGS=...`): one benchmark of this folder, or `kgrid`."""

import runpy
import sys
from pathlib import Path

names = sorted({path.stem for path in Path(__file__).parent.glob("[a-z]*.py")} - {"own_process"})
name = sys.argv.pop(1) if sys.argv[1:] and not sys.argv[1].startswith("-") else "kgrid"
if name not in names:
    sys.exit(f"benchmark: got {name!r}; allowed: one of {', '.join(names)}")
runpy.run_module(f"benchmarks.{name}", run_name="__main__")
