"""A good configuration, to be made bad, for the tests of configurations."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.workflow.configurations import changed

GOOD = {
    "studies": {
        "rashba": {
            "model": {"name": "rashba_square", "alpha": 0.5},
            "operator": "spin_z",
            "responses": ["transport", "equilibrium"],
            "mu": {"start": -1.0, "stop": 2.0, "num": 4},
            "temperature": [100, 300],
            "grid": {"start": 8, "largest": 32, "tolerance": 1.0e-3},
        },
        "d_wave": {
            "model": {"name": "d_id_square"},
            "responses": ["superconductor"],
            "temperature": 10,
            "sweep": {"mu": [-1.5, -1.0]},
            "grid": {"start": 8, "largest": 8, "tolerance": 0.1, "shift": 0.5},
        },
    },
    "figures": {"rashba_null": {"studies": ["rashba"], "kind": "null"}},
}
STUDY = "studies.rashba"


def write(folder: Path, content: object) -> Path:
    path = folder / "paper.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return path


def with_value(path: str, value: object) -> dict:
    return changed(path, value, GOOD)
