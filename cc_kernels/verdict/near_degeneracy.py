"""How much of a sum rests on nearly degenerate levels at the points of the grid, where Omega_n s_n grows as 1/gap^2.

Levels within the degeneracy tolerance are one group. The share says how much of the geometric weight of a grid lies in
pairs just beyond it, and no more: of what happens between its points, `narrowest_gap` knows.
"""

from __future__ import annotations

import xarray as xr

from cc_kernels.geometry.groups import closeness
from cc_kernels.models.base import FERMI
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.products import WEIGHTS
from cc_kernels.sums.variables import Term, Variable

NAME = "near_degeneracy_share"
NOTABLE = 1e-2
"""A share above this is worth a warning."""


def densities(sums: xr.Dataset) -> dict[str, Variable]:
    """Evaluated beside the variables of a response, for each window of energy is evaluated once for all.

    The occupation of bosons' holes is below zero; their entropy is not.
    """
    window = "occupation" if EnergyMesh.from_json(sums.attrs["mesh"]).statistics == FERMI else "entropy"
    return {name: Variable((Term(window, name),)) for name in WEIGHTS}


def with_share(result: xr.Dataset) -> xr.Dataset:
    """int f (metric of nearly degenerate pairs, `closeness`) / int f (metric), in the place of the `densities`."""
    whole, close = (result[name] for name in WEIGHTS)
    tolerance = float(result.attrs["degeneracy_tolerance"])
    attrs = {
        "units": "1",
        "long_name": "share of the quantum metric from nearly degenerate levels at grid points",
        "formula": "int f sum_m |A_nm|^2 (|omega_nm| < closest) / int f sum_m |A_nm|^2",
        "closest": closeness(tolerance),
        "closest_units": "eV",
        "degeneracy_tolerance": tolerance,
    }
    share = (close / whole.where(whole > 0, 1)).clip(0, 1).assign_attrs(attrs)
    return result.drop_vars([name + kind for name in WEIGHTS for kind in ("", "_scale")]).assign({NAME: share})


def warning_of(result: xr.Dataset) -> str:
    """A sentence where the share matters, else empty."""
    share = float(result[NAME].max()) if NAME in result else 0.0
    if not share > NOTABLE:
        return ""
    tolerance = float(result.attrs["degeneracy_tolerance"])
    weight = f"{round(100 * share)} % of the geometric weight of the grid points"
    return f"{weight} in pairs of levels less than {closeness(tolerance):g} eV apart (see near_degeneracy_share)"
