"""The text of the report's front page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from cc_kernels.grid import points_text

if TYPE_CHECKING:  # `make status` reads the head of a page, and need not wait for xarray
    import xarray as xr

    from workflow.job_logs import Cost

GREEN, RED = "#1b6e3c", "#c00000"

STYLE = f"""\
.. raw:: html

   <style>
   .unconverged {{ color: {RED}; font-weight: bold }}
   .prose.max-w-lg {{ max-width: 56rem }}
   .overflow-auto.items-center {{ align-items: safe center }}
   </style>
"""
"""The report centres its pages, so that the top of one longer than the window could not be reached without `safe`."""


def front_page(settings: Mapping[str, object], verdicts: Sequence[xr.Dataset], attributes: Mapping[str, object]) -> str:
    """reStructuredText: the verdicts, those that did not converge first and in red; configuration, data and versions.

    Parameters
    ----------
    settings : name of the configuration, its studies and figures (`Plan.report_parameters`).
    verdicts : the last of each study.
    attributes : provenance.
    """
    ordered = sorted(verdicts, key=lambda verdict: bool(verdict.converged))
    failed = [verdict.attrs["study"] for verdict in verdicts if not verdict.converged]
    headline = (
        f".. role:: unconverged\n\n"
        f":unconverged:`{len(failed)} of {len(verdicts)} studies did not converge: {', '.join(failed)}.`"
        if failed
        else f"All {len(verdicts)} studies converged."
    )
    last = {verdict.attrs["study"]: int(verdict.points_per_axis[-1]) for verdict in verdicts}
    tables = [
        _table("Verdicts", _VERDICT_HEAD, map(_verdict_row, ordered)),
        _table("Gaps and crossings of levels", _GAP_HEAD, [row for one in ordered for row in _gap_rows(one)]),
        _table("Studies", _STUDY_HEAD, (_study_row(name, study) for name, study in settings["studies"].items())),
        _table("Data, beside this file", ["what", "files"], _data_rows(settings, last)),
    ]
    versions = json.loads(str(attributes["provenance_versions"]))
    commit = attributes.get("provenance_commit", "unknown")
    changed = " with uncommitted changes" if attributes.get("provenance_uncommitted_changes") else ""
    rows = [[package, version] for package, version in {"commit": f"{commit}{changed}", **versions}.items()]
    return f"""
{STYLE}
Conserved currents of nonconserved quantities: configuration ``{settings["name"]}``.

{headline}

{tables[0]}

Converged means that, for every variable at every temperature, the last two changes upon doubling the grid are below the
tolerance, relative to the sum of the absolute contributions, and that nothing stands in the way: changes that do not
fall, a grid step that resolves neither the temperature nor a narrow gap between occupied levels, a Chern number that is
no integer. The theory is that of Xiao and Niu, Phys. Rev. B 104, L241411 (2021).

{tables[1]}

A gap is where neighbouring levels come closest without touching, a crossing where they do, to within the degeneracy
tolerance: there they are one group.

{tables[2]}

{tables[3]}

What a figure was made from, and how (inputs, parameters, code), opens with the *i* beside it in the menu *Results*;
the rules between are in *Workflow*. Every data file carries the same in its attributes ``provenance_*``.

{_table("Versions", ["what", "version"], rows)}
"""


def costs_table(costs: Iterable[Cost]) -> str:
    """What each rule took: it differs from run to run, so it belongs to the report alone."""
    head = ["rule", "jobs", "time (s)", "longest job (s)", "peak memory of a job (MiB)"]
    rows = ([of.rule, str(of.jobs), f"{of.seconds:.1f}", f"{of.longest:.1f}", f"{of.memory:.0f}"] for of in costs)
    return _table("Time and memory", head, rows)


_VERDICT_HEAD = ["study", "verdict", "points per axis", "last change / scale", "tolerance"]
_GAP_HEAD = ["study", "what", "bands", "distance (eV)", "the grid step resolves (eV)", "k (1/Å)"]
_STUDY_HEAD = ["study", "model", "operator", "responses", "mu (eV)", "temperature (K)", "points per axis"]


def _gap_rows(verdict: xr.Dataset) -> Iterator[list[str]]:
    """The narrowest gap of a study, and its crossings, by pair of bands."""
    from cc_kernels.verdict.narrowest_gap import by_pair, crossings, gaps, places_text
    from cc_kernels.verdict.summary import place_text

    study = escape(verdict.attrs["study"])
    for band, table in by_pair(gaps(verdict)):
        first = table.isel(gap=0)
        size, step = float(first.gap_size), float(first.gap_step)
        what = "gap" if size > step else f'<span style="color: {RED}">gap, not resolved</span>'
        along = [str(key) for key, of in table.coords.items() if of.dims == ("gap",) and key != "gap"]
        swept = place_text({key: first[key].item() for key in along})
        where = places_text(table[{"gap": [0]}]) + (f" at {escape(swept)}" if swept else "")
        yield [study, what, f"{band}, {band + 1}", f"{size:.3g}", f"{step:.2g}", where]
    for band, table in by_pair(crossings(verdict)):
        yield [study, "crossing", f"{band}, {band + 1}", "0", "-", places_text(table)]


def _verdict_row(verdict: xr.Dataset) -> list[str]:
    converged = bool(verdict.converged)
    text = "converged" if converged else "NOT CONVERGED"
    return [
        escape(verdict.attrs["study"]),
        f'<span style="color: {GREEN if converged else RED}; font-weight: bold">{text}</span>',
        points_text(json.loads(verdict.attrs["grid"])),
        f"{float(verdict.error_estimate.max()):.1e}",
        f"{verdict.attrs['tolerance']:.1e}",
    ]


def _study_row(name: str, study: Mapping[str, object]) -> list[str]:
    parameters = ", ".join(f"{key} = {value}" for key, value in study["parameters"].items())
    sweep = f"; sweep over {study['sweep']}" if study["sweep"] else ""
    grids = study["grid"]
    return [
        escape(name),
        escape(f"{study['model']}{': ' if parameters else ''}{parameters}{sweep}"),
        escape(str(study["operator"])),
        ", ".join(study["responses"]),
        "-" if study["mu"] is None else _range(*study["mu"]),
        _range(*study["temperature"]),
        f"{grids[0]} to at most {grids[-1]}",
    ]


def _data_rows(settings: Mapping[str, object], last: Mapping[str, int]) -> Iterable[list[str]]:
    for figure in settings["figures"]:
        files = [(ending, f"figures/{figure}.{ending}") for ending in ("png", "pdf", "nc")]
        yield [f"figure {escape(figure)}", _links(files)]
    for study, n in last.items():
        files = [(label, f"{label}/{study}/{n}.nc") for label in ("responses", "verdicts", "sums")]
        files.append(("model", f"models/{study}.nc"))
        if settings["studies"][study]["bands"]:
            files.append(("bands", f"bands/{study}.nc"))
        yield [f"study {escape(study)}", _links(files)]


def _links(files: Iterable[tuple[str, str]]) -> str:
    style = "text-decoration: underline"
    return " ".join(f'<a href="{escape(path)}" style="{style}">{label}</a>' for label, path in files)


def _range(low: float, high: float, number: int) -> str:
    return f"{low:g}" if number == 1 else f"{low:g} to {high:g} ({number} values)"


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in HTML, which the report shows as it stands: its own style sheet leaves tables without rules."""
    lines = [f'<p style="font-weight: bold; margin: 1em 0 0.2em 0">{title}</p>']
    lines += [f'<table class="{title.split()[0].lower()}" style="border-collapse: collapse; font-size: 90%">']
    lines += [_row("th", head), *(_row("td", row) for row in rows), "</table>"]
    return ".. raw:: html\n\n" + "\n".join(f"   {line}" for line in lines)


def _row(tag: str, cells: Sequence[str]) -> str:
    style = "padding: 2px 10px 2px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd"
    inside = "".join(f'<{tag} style="{style}">{cell}</{tag}>' for cell in cells)
    return f"<tr>{inside}</tr>"
