"""How much of a result rests on nearly degenerate levels, where integrands such as Omega_n s_n grow as 1/gap^2.

Levels within the degeneracy tolerance are one group. Just beyond it a crossing is resolved, but only if the grid is
finer than the gap: the share says how much of the geometric weight lies there (theory section 5.2).
"""

from __future__ import annotations

import xarray as xr

from cc_kernels.spectral.evaluation import evaluate
from cc_kernels.spectral.state_sums import WEIGHTS
from cc_kernels.spectral.variables import Term, Variable

NAME = "near_degeneracy_share"
NOTABLE = 1e-2
"""A share above this is worth a warning."""


def near_degeneracy_share(sums: xr.Dataset, mu: object, temperature: object) -> xr.DataArray:
    """int f (metric of pairs closer than 10 degeneracy tolerances) / int f (quantum metric), dims mu, temperature."""
    densities = evaluate(sums, mu, temperature, {name: Variable((Term("fermi", name),)) for name in WEIGHTS})
    whole, close = (densities[name] for name in WEIGHTS)
    tolerance = float(sums.attrs["degeneracy_tolerance"])
    attrs = {
        "units": "1",
        "long_name": "share of the quantum metric from nearly degenerate levels",
        "formula": "int f sum_m |A_nm|^2 (|omega_nm| < 10 degeneracy_tolerance) / int f sum_m |A_nm|^2",
        "degeneracy_tolerance": tolerance,
    }
    return (close / whole.where(whole > 0, 1)).clip(0, 1).assign_attrs(attrs)


def warning_of(result: xr.Dataset) -> str:
    """A sentence where the share matters, else empty."""
    share = float(result[NAME].max()) if NAME in result else 0.0
    if not share > NOTABLE:
        return ""
    tolerance = float(result.attrs["degeneracy_tolerance"])
    weight = f"{100 * share:.2g} % of the geometric weight"
    return f"{weight} in pairs of levels less than {10 * tolerance:g} eV apart (see near_degeneracy_share)"
