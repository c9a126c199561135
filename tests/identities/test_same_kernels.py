"""A kernel computes the same whether it was compiled a moment ago or comes out of the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EIGENSTATES = """
import hashlib
import numpy as np
from cc_kernels.models.solved import compiled_states
real, imaginary = np.random.default_rng(0).normal(size=(2, 64, 7, 7))
matrices = real + 1j * imaginary
values, vectors = compiled_states(matrices + matrices.conj().swapaxes(1, 2))
print(hashlib.sha256(values.tobytes() + vectors.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_compiled_and_cached_kernels_are_one(tmp_path: Path) -> None:
    """To the last bit: the solver calls a dozen functions, of which either process could run copies of its own."""
    environment = os.environ | {"CC_KERNELS_CACHE": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}

    def printed() -> str:
        command = [sys.executable, "-c", EIGENSTATES]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    compiling = printed()
    assert list(tmp_path.rglob("*fill_eigenstates*.nbc"))
    assert printed() == compiling
