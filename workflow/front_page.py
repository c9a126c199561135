"""The text of the report's front page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import xarray as xr


def front_page(name: str, verdicts: Sequence[xr.Dataset], attributes: Mapping[str, object]) -> str:
    """reStructuredText: one row per study with its verdict, those that did not converge first and in red."""
    ordered = sorted(verdicts, key=lambda verdict: bool(verdict.converged))
    failed = [verdict.attrs["study"] for verdict in verdicts if not verdict.converged]
    headline = (
        f"**{len(failed)} of {len(verdicts)} studies did not converge: {', '.join(failed)}.**"
        if failed
        else f"All {len(verdicts)} studies converged."
    )
    versions = json.loads(str(attributes["provenance_versions"]))
    commit = attributes.get("provenance_commit", "unknown")
    changed = " with uncommitted changes" if attributes.get("provenance_uncommitted_changes") else ""
    rows = "\n".join(_row(verdict) for verdict in ordered)
    return f"""\
Conserved currents of nonconserved quantities: configuration ``{name}``.

{headline}

.. raw:: html

   <table class="verdicts" style="border-collapse: collapse; font-size: 90%">
{_table_row("th", ["study", "verdict", "points per axis", "last change / scale", "tolerance"])}
{rows}
   </table>

The theory is that of Xiao and Niu, Phys. Rev. B 104, L241411 (2021). Converged means that the last two changes upon
doubling the grid are below the tolerance, relative to the sum of the absolute contributions, and that the grid step
resolves the temperature.

Commit {commit}{changed}; {", ".join(f"{package} {version}" for package, version in versions.items())}.
"""


def _row(verdict: xr.Dataset) -> str:
    converged = bool(verdict.converged)
    colour = "#1b6e3c" if converged else "#c00000"
    cells = [
        verdict.attrs["study"],
        f'<span style="color: {colour}; font-weight: bold">{"converged" if converged else "NOT CONVERGED"}</span>',
        str(int(verdict.points_per_axis[-1])),
        f"{float(verdict.error_estimate.max()):.1e}",
        f"{verdict.attrs['tolerance']:.1e}",
    ]
    return _table_row("td", cells)


def _table_row(tag: str, cells: Sequence[str]) -> str:
    inside = "".join(f'<{tag} style="padding: 2px 8px; text-align: left">{cell}</{tag}>' for cell in cells)
    return f"   <tr>{inside}</tr>"
