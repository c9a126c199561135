"""The tables of `make convergence`: every variable at every temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import numpy as np

from cc_kernels.verdict.summary import place_text
from workflow.status_table import print_table

if TYPE_CHECKING:
    import xarray as xr

_FEW = 6
_HEAD = ["variable", "T (K)", "last changes", "error", "scale", "law", "where the last is largest", "verdict"]


def print_variables(verdict: xr.Dataset, out: TextIO) -> None:
    """A line for each variable and temperature; of many temperatures the worst, and those that have not converged."""
    rows = [_HEAD]
    for name in verdict["variable"].values:
        one = verdict.sel(variable=name)
        worst = np.argmax(np.nan_to_num(one.error_estimate.values, nan=np.inf))
        total = one.sizes["temperature"]
        chosen = [n for n in range(total) if total <= _FEW or n == worst or one.obstacle.values[n]]
        rows += [_row(str(name), one.isel(temperature=n)) for n in chosen]
    print_table(rows, out)


def _row(name: str, row: xr.Dataset) -> list[str]:
    kelvin = float(row["temperature"])
    places = {str(key).removeprefix("worst_"): row[key].item() for key in row if str(key).startswith("worst_")}
    rate = f" {float(row.rate):.3g}" if np.isfinite(row.rate) else ""
    return [
        name,
        "-" if np.isnan(kelvin) else f"{kelvin:g}",
        ", ".join(f"{float(change):.1e}" for change in row.change.values[-2:]),
        f"{float(row.error_estimate):.1e}",
        f"{float(row.scale):.2e}",
        f"{row.law.item()}{rate}",
        place_text(places) or "-",
        row.obstacle.item() or "converged",
    ]
