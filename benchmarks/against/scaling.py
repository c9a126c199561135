"""How this project's cost scales: grid points, bands, (mu, T), operators, threads; a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.against.case import Case, library_case, random_case
from cc_kernels.grid import DEFAULT_CHUNK, points_per_chunk

if TYPE_CHECKING:
    from benchmarks.peers import Program, Setup

Costs = dict[int, float]
MU, TEMPERATURE = np.linspace(-1, 1, 100).tolist(), np.linspace(100, 300, 10).tolist()
CONDITIONS = {1: (MU[:1], TEMPERATURE[:1]), 10: (MU[::10], TEMPERATURE[:1]), 100: (MU[::10], TEMPERATURE)}
CONDITIONS[1000] = (MU, TEMPERATURE)
"""Number of (mu, T) -> them."""


def own(setup: Setup, case: Case, row: str, threads: int = 1) -> Program:
    """A row at the corners of the window of mu and T: its mesh, and so its sums, are those of the whole window."""
    program = setup.own(case, row, threads)
    program.mu, program.temperature = [MU[0], MU[-1]], [TEMPERATURE[0], TEMPERATURE[-1]]
    return program


def seconds_of(programs: Sequence[tuple[Program, int]], repeats: int) -> list[float]:
    """Best time of each (program, grid), repeats in alternation after one run that does not count."""
    times = [[program.time(grid) for program, grid in programs] for _ in range(repeats + 1)]
    return np.min(times[1:], axis=0).tolist()


def by_grid(setup: Setup, case: Case, grids: Sequence[int]) -> tuple[Costs, Costs]:
    """Grid points -> seconds, and -> peak memory of a process that has done these and all smaller grids, MiB."""
    peaks = {}
    with own(setup, case, "transport") as program:
        for grid in grids:
            program.time(grid)
            peaks[grid**2] = program.last["peak"]
        seconds = seconds_of([(program, grid) for grid in grids], setup.repeats)
    return dict(zip(peaks, seconds, strict=True)), peaks


def by_row(setup: Setup, cases: Sequence[Case], rows: Sequence[str]) -> dict[str, Costs]:
    """Row -> bands -> microseconds per k-point."""
    costs: dict[str, Costs] = {row: {} for row in rows}
    for case in cases:
        with ExitStack() as stack:
            programs = {row: stack.enter_context(own(setup, case, row)) for row in rows}
            for program in programs.values():
                program.choose_grid(setup.seconds)
            for _ in range(setup.repeats):
                for program in programs.values():
                    program.repeat()
        for row, program in programs.items():
            costs[row][case.bands] = 1e6 / program.rate
    return costs


def by_conditions(setup: Setup, case: Case, grid: int) -> Costs:
    """Number of (mu, T) -> seconds, the evaluation included."""

    def seconds(program: Program, condition: tuple[list[float], list[float]]) -> float:
        program.mu, program.temperature = condition
        return program.time(grid) + program.last["evaluation"]

    with setup.own(case, "transport") as program:
        times = [[seconds(program, one) for one in CONDITIONS.values()] for _ in range(setup.repeats + 1)]
    return dict(zip(CONDITIONS, np.min(times[1:], axis=0).tolist(), strict=True))


def by_threads(setup: Setup, case: Case) -> tuple[float, float]:
    """Seconds with one and with two threads, for the same grid."""
    with own(setup, case, "transport", 1) as one, own(setup, case, "transport", 2) as two:
        one.choose_grid(4 * setup.seconds)
        one.grid = max(one.grid, ceil((4 * points_per_chunk(DEFAULT_CHUNK, case.bands)) ** 0.5))  # chunks to share
        seconds = seconds_of([(one, one.grid), (two, one.grid)], setup.repeats)
    return seconds[0], seconds[1]


def scaling(setup: Setup, folder: Path, quick: bool) -> list[str]:
    """Measure everything, write the plot into `folder`, return the lines of the table."""
    two_bands = library_case("haldane", "charge")
    cases = [random_case(bands) for bands in ((2, 4, 8, 16) if quick else (2, 4, 8, 16, 32))]
    for case in [two_bands, *cases]:
        case.save(setup.path(case))
    lines: list[str] = []

    def show(*new: str) -> None:
        lines.extend(new)
        print("\n".join(new), flush=True)

    points, peaks = by_grid(setup, two_bands, [2**n for n in range(9, 12 if quick else 14)])  # to 8192 x 8192
    slope = float(np.polyfit(np.log(list(points)), np.log(list(points.values())), 1)[0])
    show("haldane, all of transport without the evaluation of mu and T: grid points, seconds, us/point, peak MiB")
    show(*(f"  {n:10d} {seconds:9.3f} {seconds / n * 1e6:8.3f} {peaks[n]:8.0f}" for n, seconds in points.items()))
    show(f"  slope of log(seconds) against log(points): {slope:.3f}")

    rows = ("transport", "three operators", "naive", "eigh")
    bands = by_row(setup, cases, rows)
    show("", "random models, us/point: bands, transport, three operators / one, naive numpy, eigh alone")
    for count in bands["transport"]:
        one, three, naive, eigh = (bands[row][count] for row in rows)
        show(f"  {count:10d} {one:9.3f} {three / one:8.2f} {naive:10.3f} {eigh:10.3f}")

    sixteen = next(case for case in cases if case.bands == 16)
    for case, grid in ((sixteen, 64 if quick else 256), (two_bands, 1024 if quick else 4096)):
        conditions = by_conditions(setup, case, grid)
        show("", f"{case.name}, {grid} x {grid} points, the evaluation included: (mu, T), seconds, against one")
        show(*(f"  {count:10d} {s:9.3f} {s / conditions[1]:8.3f}" for count, s in conditions.items()))

    show("", "threads: bands, seconds with one, with two, how many times as fast")
    for case in [two_bands, *(case for case in cases if case.bands in (4, 16))]:
        one, two = by_threads(setup, case)
        show(f"  {case.bands:10d} {one:9.3f} {two:9.3f} {one / two:8.2f}")
    plot(points, bands, conditions, folder)
    return lines


def plot(points: Costs, bands: dict[str, Costs], conditions: Costs, folder: Path) -> None:
    """Three log-log panels, PNG and PDF."""
    from cc_kernels.plotting import style

    with style.house_style():
        figure, axes = style.panels(3)
        drawn = {
            "transport": ("transport", style.BLUE, "-", "o"),
            "three operators": ("transport, three operators", style.GREEN, "-.", "^"),
            "naive": ("naive numpy: Hall, M", style.VERMILION, "--", "s"),
            "eigh": ("eigh alone", style.GREY, ":", "D"),
        }
        first, second, third = axes[:, 0]
        counts, seconds = np.array(list(points)), np.array(list(points.values()))
        first.loglog(counts, seconds, color=style.BLUE, marker="o", label="transport, 2 bands")
        first.loglog(counts, seconds[-1] * counts / counts[-1], color=style.GREY, linestyle=":", label="slope 1")
        for row, costs in bands.items():
            label, color, line, marker = drawn[row]
            second.loglog(list(costs), list(costs.values()), color=color, linestyle=line, marker=marker, label=label)
        second.set_xticks(list(bands["transport"]), [str(count) for count in bands["transport"]])
        second.minorticks_off()
        second.set_ylim(top=10 * second.get_ylim()[1])  # room for the legend
        third.loglog(
            list(conditions), list(conditions.values()), color=style.BLUE, marker="o", label="transport, 2 bands"
        )
        costs = conditions.values()
        third.set_ylim(min(costs) / 3, max(costs) * 3)
        labels = (
            ("k-points of the grid", "time (s)", "Grid"),
            ("bands", "time per k-point (µs)", "Bands"),
            ("number of (μ, T)", "time (s)", "Chemical potentials, temperatures"),
        )
        for index, (ax, (x, y, title)) in enumerate(zip((first, second, third), labels, strict=True)):
            ax.set(xlabel=x, ylabel=y)
            ax.legend()
            style.title_panel(ax, index, title)
        for suffix in ("png", "pdf"):
            figure.savefig(folder / f"scaling.{suffix}")
