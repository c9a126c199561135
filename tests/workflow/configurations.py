"""The tiny configurations that tests plan and run."""

from __future__ import annotations

import copy

LATTICE_STUDY = """\
  lattice:
    model: {name: rashba_square, alpha: 0.5}
    operator: spin_z
    responses: [transport]
    mu: {start: 0.0, stop: 2.0, num: 5}
    temperature: [3000, 6000]
    grid: {start: 8, largest: 32, tolerance: 0.5}
"""

LATTICE = f"""\
studies:
{LATTICE_STUDY}
figures:
  rashba_null: {{studies: [lattice]}}
"""

SMALL = f"""\
# Two studies on tiny grids, one of them with a model of its own that cannot converge.
studies:
{LATTICE_STUDY}
  mine:
    model: {{file: mine.py, strength: 0.4}}
    operator: spin_y
    responses: [equilibrium]
    mu: [0.5, 1.0]
    temperature: [3000]
    grid: {{start: 4, largest: 32, tolerance: 1.0e-12}}

figures:
  rashba_null: {{studies: [lattice]}}
  equilibrium_cancellation: {{studies: [mine]}}
"""

GOOD = {
    "studies": {
        "one": {
            "model": {"name": "rashba_square", "alpha": 0.5},
            "operator": "spin_z",
            "responses": ["transport"],
            "mu": {"start": -1.0, "stop": 2.0, "num": 4},
            "temperature": [3000, 6000],
            "grid": {"start": 8, "largest": 32, "tolerance": 0.1},
        },
        "two": {
            "model": {"name": "d_id_square"},
            "responses": ["superconductor"],
            "temperature": 3000,
            "grid": {"start": 8, "largest": 32, "tolerance": 0.1},
        },
    },
    "figures": {"rashba_null": {"studies": ["one"]}},
}
"""A configuration that is only checked, never run."""


def changed(key: str, value: object, of: dict = GOOD) -> dict:
    """A configuration with one key set, or removed where the value is `...`."""
    content = copy.deepcopy(of)
    *parents, last = key.split(".")
    section = content
    for part in parents:
        section = section.setdefault(part, {})
    section[last] = value
    if value is ...:
        del section[last]
    return content
