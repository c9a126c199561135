"""A few of the bad inputs that `make test-fuzz` draws by the hundreds: none is a fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FEW = {"configurations": 10, "calls": 15, "files": 20}


def test_bad_input_is_accepted_or_refused(tmp_path: Path) -> None:
    """In a process of its own, for it forks."""
    numbers = [f"--{kind}={number}" for kind, number in FEW.items()]
    command = [sys.executable, "-m", "tests.workflow.fuzz", *numbers, "--seed=7"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for kind, number in FEW.items():
        assert f"{kind:16}{number:8}" in done.stdout
