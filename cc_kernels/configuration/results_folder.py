"""Where results may go: a folder of their own, under a name that file systems take."""

from __future__ import annotations

import os
from pathlib import Path

from cc_kernels.configuration.values import Problem
from cc_kernels.errors import stated

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = (".git", ".snakemake")
"""What other programs keep their state in, wherever it lies."""
OF_PROJECT = (".cache", ".ci", ".venv", "benchmarks", "cc_kernels", "config", "docs", "profiles", "tests", "workflow")
"""The project's own folders, where it is run from and where it lies."""
OF_SYSTEM = ("dev", "proc", "sys")
LONGEST_NAME = 255
"""Bytes of one name, on most file systems."""
ALLOWED = "a folder for results alone, such as results"


def place_problem(folder: Path) -> Problem | None:
    """Why results cannot lie in a folder."""
    real = Path(os.path.realpath(folder))  # not `resolve`, which fails where links lead in a circle
    for part in real.parts:
        if len(os.fsencode(part)) > LONGEST_NAME:
            return ("results", part, f"names of at most {LONGEST_NAME} bytes")
        if part in HIDDEN:
            return ("results", str(folder), f"{ALLOWED}, not in {part}")
    for root in (Path.cwd(), ROOT):
        if real.is_relative_to(root) and (first := real.relative_to(root).parts[:1]) and first[0] in OF_PROJECT:
            return ("results", str(folder), f"{ALLOWED}, not in the project's own {first[0]}")
    if real.parts[1:2] and real.parts[1] in OF_SYSTEM:
        return ("results", stated(f"{folder}, a place that no file stays in"), ALLOWED)
    return None
