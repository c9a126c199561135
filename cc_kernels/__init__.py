"""Conserved currents of nonconserved quantities (Xiao and Niu, Phys. Rev. B 104, L241411, 2021).

The public names are loaded on first use, so that `import cc_kernels` costs nothing: a workflow job pays
only for the rooms that it enters.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "InputError": "errors",
    "Model": "models",
    "Operator": "models",
    "TightBinding": "models",
    "KDotP": "models",
    "build_model": "models",
    "list_models": "models",
    "save_model": "models",
    "load_model": "models",
    "from_function": "models",
    "KGrid": "grid",
    "band_geometry": "geometry.dataset",
    "EnergyMesh": "spectral",
    "accumulate": "spectral",
    "merge": "spectral",
    "evaluate": "spectral",
    "equilibrium": "response",
    "transport": "response",
    "superconductor": "response",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'cc_kernels' has no attribute '{name}'")
    return getattr(import_module(f"cc_kernels.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
