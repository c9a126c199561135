"""Sums as a dataset: for each state sum X, `X`, `X_absolute` and `X_below`, and what belongs to the grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from cc_kernels.geometry.quantities import PACKED
from cc_kernels.sums.block import Sums
from cc_kernels.sums.merging import GEOMETRY
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.plan import Plan
from cc_kernels.sums.products import declared, dims_of

CARTESIAN = ("x", "y", "z")


def labelled(
    total: Sums, plan: Plan, mesh: EnergyMesh, attributes: Mapping[str, object], operators: Sequence[str] | None
) -> xr.Dataset:
    """Sums with names, dims and units.

    Parameters
    ----------
    attributes : of the model, the operators and the grid.
    operators : the labels of the axis `operator`; None where there is none.
    """
    axis, count = ((), 1) if operators is None else (("operator",), len(operators))
    variables = {}
    for name in plan.names:
        is_own, components = plan.places[name]
        if not components:
            continue
        dims, shape = dims_of(name, plan.dim), (plan.dim,) * len(dims_of(name, plan.dim))
        columns, signs = (np.array(each) for each in zip(*components, strict=True))
        if is_own:  # those of one operator after those of the other
            columns = len(plan.shared) + len(plan.own) * np.arange(count)[:, None] + columns
            dims, shape = (*axis, *dims), (*([count] if axis else []), *shape)

        def part(table: np.ndarray, signs: np.ndarray | float, columns=columns, shape=shape) -> np.ndarray:
            return (table[:, columns] * signs).reshape(len(table), *shape)

        long_name = PACKED[name].long_name if name in PACKED else name
        about = {"formula": declared(name).formula, "long_name": long_name}
        variables[name] = (("node", *dims), part(total.nodes, signs), about)
        variables[f"{name}_absolute"] = (("bin", *dims), part(total.absolute, 1.0), {"formula": "sum of |X|"})
        variables[f"{name}_below"] = (("moment", *dims), part(total.below, signs), {"formula": "sums of X, X eps"})
    variables["fastest"] = (
        ("bin",),
        total.fastest,
        {"long_name": "largest speed along the steps of the grid", "units": "eV angstrom"},
    )
    about = {"long_name": "k volume/(2 pi)^dim", "units": f"angstrom^-{plan.dim}"}
    variables["measure"] = ((), attributes["measure"], about)
    about = {"long_name": "longest grid step", "units": "1/angstrom"}
    variables["longest_step"] = ((), attributes["longest_step"], about)
    coords: dict[str, object] = {"i": list(CARTESIAN[: plan.dim]), "l": list(CARTESIAN[: plan.dim])}
    if operators is not None:
        coords["operator"] = list(operators)
    attrs = {key: value for key, value in attributes.items() if key not in GEOMETRY}
    return xr.Dataset(variables, coords, attrs | {"mesh": mesh.to_json()})
