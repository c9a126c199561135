"""Conserved currents of nonconserved quantities (Xiao and Niu, Phys. Rev. B 104, L241411, 2021).

The public names are loaded on first use, so that `import cc_kernels` costs nothing: a workflow job pays
only for the rooms that it enters.
"""

from __future__ import annotations

from cc_kernels import _bytecode

_bytecode.load_by_content(__path__[0], __file__, _bytecode.__file__)

from cc_kernels._lazy import lazy  # noqa: E402

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "InputError": "errors",
        "KGrid": "grid",
        "Model": "models",
        "Operator": "models",
        "TightBinding": "models",
        "KDotP": "models",
        "Hoppings": "models",
        "nambu": "models.nambu",
        "bosons": "models.bosons",
        "spin_waves": "models.spin_waves",
        "exchange": "models.exchange_tensor",
        "phonons": "models.phonons",
        "springs": "models.springs",
        "couple_bosons": "models.coupled_bosons",
        "read_wannier90": "models.wannier",
        "from_pythtb": "models.from_pythtb",
        "from_tbmodels": "models.from_tbmodels",
        "build_model": "models",
        "list_models": "models",
        "save_model": "models",
        "load_model": "models",
        "from_function": "models",
        "band_path": "models.band_path",
        "band_geometry": "geometry.labelled_bands",
        "EnergyMesh": "sums.mesh",
        "accumulate": "sums.accumulation",
        "merge": "sums.merging",
        "evaluate": "responses.api",
        "equilibrium": "responses.api",
        "transport": "responses.api",
        "companions": "responses.api",
        "thermal": "responses.api",
        "superconductor": "responses.api",
        "respond": "responses.api",
        "disorder": "scattering.disorder",
        "fermi_energy": "fermi_level",
        "in_si": "si",
        "inspect": "inspection",
        "judge": "verdict.judgement",
        "open_study": "study.opened",
        "read_dataset": "io",
    },
)
