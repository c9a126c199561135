"""Memory of k-grid jobs: what is asked of a scheduler is enough, and not much too much."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cc_kernels.study.memory import MIB, PROCESS

ROOT = Path(__file__).resolve().parents[2]
LARGE = PROCESS + 150 * MIB
"""Where the arrays are this much above a mere process, the prediction shall be no more than three times the peak."""

STUDY = """\
studies:
  one:
    model: {model}
    operator: {operator}
    responses: {responses}
    mu: [-1.0, 2.0]
    temperature: [{temperature}]
    grid: {{start: {n}, largest: {n}, tolerance: 0.5}}
    shards: {shards}
    threads: {threads}
    chunk: {chunk}
"""

RANDOM = """\
from tests.identities.random_models import random_model


def build(*, dim: int = 2, bands: int = 2):
    return random_model(3, dim, bands)
"""

CASES = {
    "large chunks, two threads": {"n": 512, "chunk": 100_000, "threads": 2},
    "sixteen bands": {"n": 128, "model": "random", "bands": 16},
    "a low temperature": {"n": 64, "temperature": 20},
}
OTHERS = {
    "two threads": {"n": 512, "threads": 2},
    "small chunks of a shard": {"n": 128, "chunk": 100, "shards": 2},
    "three dimensions": {"n": 32, "model": "random", "dim": 3, "bands": 4},
    "disorder": {"n": 256, "responses": "[transport, disorder]"},
}
"""Whose terms of the prediction the first ones have, too: `make test-slow`."""

MEASURE = """\
import json, sys
import dask
from cc_kernels.study.study_models import StudyModels
from cc_kernels.study.shards import shard_sums
from workflow.job import peak_memory
from workflow.plan import Plan

plan = Plan.of_files([sys.argv[1]])
study = plan.study("one")
arguments = {key: value for key, value in plan.kgrid_parameters("one", study.grid.start, 0).items() if key != "sources"}
models = StudyModels([plan.model("one")], None, study.sweep_values)
with dask.config.set(scheduler="threads", num_workers=study.threads):
    shard_sums(models, **arguments)
print(json.dumps(peak_memory()))
"""


def configuration(folder: Path, n: int, model: str = "", dim: int = 2, bands: int = 2, **keys: object) -> Path:
    keys = {
        "responses": "[transport, equilibrium]",
        "temperature": 300,
        "shards": 1,
        "threads": 1,
        "chunk": 16384,
    } | keys
    given = f"{{file: random.py, dim: {dim}, bands: {bands}}}" if model else "{name: rashba_square}"
    (folder / "random.py").write_text(RANDOM)
    path = folder / "memory.yaml"
    path.write_text(STUDY.format(n=n, model=given, operator="s" if model else "spin_z", **keys))
    return path


@pytest.mark.parametrize("case", [*CASES, *(pytest.param(case, marks=pytest.mark.slow) for case in OTHERS)])
def test_the_prediction_holds(case: str, tmp_path: Path) -> None:
    from workflow.plan import Plan
    from workflow.resources import JobResources

    path = configuration(tmp_path, **(CASES | OTHERS)[case])
    predicted = JobResources(Plan.of_files([path])).kgrid_memory("one", (CASES | OTHERS)[case]["n"])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", MEASURE, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    print(f"{case:32s} predicted {predicted / MIB:5.0f} MiB, measured {measured / MIB:5.0f} MiB")
    assert measured <= predicted
    if predicted > LARGE:
        assert predicted <= 3 * measured
