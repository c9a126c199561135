"""Additive, energy-resolved sums over states: the only way from a model to a response."""

from cc_kernels._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "EnergyMesh": "mesh",
        "Term": "variables",
        "Variable": "variables",
        "accumulate": "accumulation",
        "block_sums": "block",
        "merge": "merging",
        "evaluate": "evaluation",
        "sums_on_grid": "on_grid",
    },
)
