"""Measurements in a process of their own, where the peak memory is theirs alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def in_own_process(module: str, *arguments: int) -> dict[str, float]:
    """What `python -m MODULE --one ARGUMENTS` prints as JSON, with one BLAS thread."""
    one_blas_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **one_blas_thread, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, "--one", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
