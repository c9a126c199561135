"""The diagnostics of a response: what it carries beside its variables, and says to whoever computed it.

Each module of `ALL` writes its part into the response's dataset, and reads it again for `warning_of`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from cc_kernels.models import Model
from cc_kernels.sums.evaluation import evaluate
from cc_kernels.sums.variables import Variable
from cc_kernels.verdict import band_range, box, narrowest_gap, near_degeneracy, resolution

ALL = (resolution, narrowest_gap, near_degeneracy, box, band_range)

OF_OPERATOR = narrowest_gap.FOUND
"""Those that are another for each operator: the search for gaps looks beside those across which it is the same."""


def diagnosed(
    sums: xr.Dataset,
    model: Model,
    operator: str | np.ndarray,
    mu: object,
    temperature: object,
    variables: Mapping[str, Variable],
    with_gaps: bool = True,
) -> xr.Dataset:
    """The variables of sums of one operator, with all diagnostics, or all but those of narrow gaps."""
    result = near_degeneracy.with_share(evaluate(sums, mu, temperature, variables | near_degeneracy.densities(sums)))
    result[resolution.NAME] = resolution.temperature_resolution(sums, mu, temperature, model)
    if with_gaps:
        found = narrowest_gap.gaps_of(sums, model, operator, mu, temperature)
        result = narrowest_gap.with_gaps(result, model, found, variables)
    return result.assign_attrs(box.edge_attributes(model))


def warnings_of(result: xr.Dataset) -> list[str]:
    """What the user of a response should know."""
    return [text for what in ALL if (text := what.warning_of(result))]
