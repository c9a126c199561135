"""Functions of energy with which states are weighted: occupations, grand potential, entropy, ...

Each takes x = (eps - mu)/T and T (eV) and returns an array of x's shape. `LIMITS` holds (a, b) of its limit
a + b (eps - mu) far below mu; far above, all vanish. They are named alike for both statistics.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cc_kernels.models.base import BOSE, FERMI
from cc_kernels.sums import bose_windows, fermi_windows

Window = Callable[[np.ndarray, float], np.ndarray]

NAMES = (
    "occupation",
    "grand_potential",
    "occupation_slope",
    "occupation_curvature",
    "entropy",
    "entropy_slope",
    "thermal_hall",
    "everything",
)
"""f or n, and what follows from it: g, -f', f'', S, -dS/d eps, F(x); and one for every state, whatever its energy."""


def _everything(x: np.ndarray, T: float) -> np.ndarray:
    """One for every state, whatever its energy (states above the mesh are not counted)."""
    return np.ones_like(x)


def _table(module: object) -> dict[str, Window]:
    return {name: getattr(module, name, _everything) for name in NAMES}


WINDOWS: dict[str, dict[str, Window]] = {FERMI: _table(fermi_windows), BOSE: _table(bose_windows)}
LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    FERMI: fermi_windows.LIMITS | {"everything": (1.0, 0.0)},
    BOSE: bose_windows.LIMITS | {"everything": (1.0, 0.0)},
}
