"""One style for all figures: sizes for print, a colour-blind-safe palette with fixed meanings, the foot of a figure."""

from __future__ import annotations

import re
import string
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import Locator, NullLocator

from cc_kernels.errors import InputError, phrase
from cc_kernels.plotting.study import StudyResult

SINGLE, DOUBLE = 3.4, 7.0
"""Widths in inches of one and of two columns of a journal."""
MOST_PANELS = 24
_SMALL = 7
_LINE_HEIGHT = 0.13  # inches per line of small type

# Okabe and Ito's palette, without its yellow, which is faint on paper.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#808080"
ALARM = "#D00000"
_NOTE = "#404040"


@dataclass(frozen=True)
class Role:
    """How a quantity is drawn, everywhere the same: colour, line style and marker tell it apart also in grey."""

    label: str
    color: str
    linestyle: object = "-"
    marker: str = ""
    width: float = 1.3


_DASHED, _DASH_DOT, _DOTTED = (0, (5, 2)), (0, (6, 1.6, 1.2, 1.6)), (0, (1.2, 1.2))
ROLES = {
    "conventional": Role("conventional", VERMILION, _DASHED, "s"),
    "intrinsic": Role("intrinsic, Eq. (11)", BLUE, "-", "o"),
    "hall": Role("band (Hall), Eq. (15)", GREEN, _DASH_DOT, "^"),
    "conventional_current": Role("conventional current", VERMILION, _DASHED, "s"),
    "torque_dipole": Role("torque dipole density", SKY, _DASH_DOT, "^"),
    "sum": Role("sum", BLACK, "-", "", 1.6),
    "moment": Role("rotation of the current", PURPLE, _DOTTED, "D"),
    "charge_dipole": Role("travelling charge dipole", ORANGE, _DASHED, "s"),
    "berry": Role("global circuit (Berry)", GREEN, _DASH_DOT, "^"),
    "spin_hall": Role("spin Hall", BLUE, "-", "o"),
    "thermal_hall": Role("thermal Hall", ORANGE, _DASHED, "s"),
    "chern": Role("Chern number", GREY, "-", "", 2.6),
}

_RC = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": _SMALL,
    "ytick.labelsize": _SMALL,
    "legend.fontsize": _SMALL,
    "legend.frameon": False,
    "legend.handlelength": 2.8,
    "axes.linewidth": 0.7,
    "axes.titlelocation": "left",
    "axes.titlepad": 4,
    "axes.unicode_minus": True,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.markersize": 3.2,
    "lines.markeredgewidth": 0.8,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,  # text stays text
    "path.simplify": False,
    "image.composite_image": False,
}


@contextmanager
def house_style() -> Iterator[None]:
    """The style, whatever the user's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def panels(
    count: int,
    height: float = 2.3,
    ratios: Sequence[float] = (1,),
    columns: int | None = None,
    **subplots: object,
) -> tuple[Figure, np.ndarray]:
    """A figure with `count` panels, lettered by the caller; each is a stack of `len(ratios)` axes.

    Returns the figure and axes (count, len(ratios)). One panel has the width of a column, more share a page's width.
    """
    if not 0 < count <= MOST_PANELS:
        raise InputError(
            "studies", phrase(f"{count} panels"), f"1 to {MOST_PANELS} studies and sweep values in one figure"
        )
    columns = columns or (count if count <= 3 else 2 if count == 4 else 3)
    rows = ceil(count / columns)
    figure = Figure(figsize=(SINGLE if columns == 1 else DOUBLE, height * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows * len(ratios), columns, squeeze=False, height_ratios=list(ratios) * rows, **subplots)
    stacks = axes.reshape(rows, len(ratios), columns).transpose(0, 2, 1).reshape(-1, len(ratios))
    for spare in stacks[count:].ravel():
        spare.remove()
    return figure, stacks[:count]


def title_panel(ax: Axes, index: int, text: str) -> None:
    """Panel letter and title, in lines that fit the panel."""
    width = ax.figure.get_figwidth() / ax.get_subplotspec().get_gridspec().ncols
    lines = textwrap.wrap(f"({string.ascii_lowercase[index]}) {text}", max(20, int(width * 11)))
    ax.set_title("\n".join(lines))


def curve(ax: Axes, data: xr.DataArray, role: str, **overrides: object) -> Line2D:
    """Draw a one-dimensional, named array against its coordinate, in the style of its role."""
    style = ROLES[role]
    count = data.sizes[data.dims[0]]
    options = {
        "color": style.color,
        "linestyle": style.linestyle,
        "marker": style.marker,
        "markevery": 1 if count <= 20 else (count // 20, max(1, count // 10)),
        "markerfacecolor": "white",
        "linewidth": style.width,
        "label": style.label,
    }
    (line,) = ax.plot(data[data.dims[0]].values, data.values, **(options | overrides))
    line.set_gid(str(data.name))
    return line


def reference_line(ax: Axes, value: float, text: str = "") -> None:
    """A thin horizontal line at a value that the theory gives, with the value at its right end."""
    ax.axhline(value, color=GREY, linewidth=0.6, zorder=0.5)
    if text:
        ax.annotate(
            text, (1, value), xycoords=ax.get_yaxis_transform(), xytext=(2, 0), textcoords="offset points",
            va="center", fontsize=_SMALL, color="#505050", annotation_clip=False,
        )  # fmt: skip


def shared_legend(figure: Figure) -> None:
    """One legend above the panels, where it covers no data: each label once, in columns that fit the figure."""
    entries = {}
    for ax in figure.axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    # letters, and per entry the handle and the space between columns
    widths = [(0.55 * len(label.replace("$", "").replace("\\", "")) + 5.3) * _SMALL / 72 for label in entries]
    columns = len(widths)
    while columns > 1 and sum(max(part) for part in np.array_split(widths, columns)) > figure.get_figwidth():
        columns -= 1
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + (ceil(len(entries) / columns) - 1) * 0.16)  # the panels keep their height
    figure.legend(entries.values(), entries.keys(), loc="outside upper center", ncols=columns)


def pretty_units(units: str) -> str:
    """Units of a dataset in print: "eV angstrom^-1" -> eV Å⁻¹."""
    return re.sub(r"\^(-?\d+)", r"$^{\1}$", units.replace("angstrom", "Å").replace("hbar", "ħ"))


def stamp_verdict(target: Axes | Figure, results: Sequence[StudyResult], data_file: str = "") -> None:
    """Print under the panels what each study is, its verdict (red where it has not converged), and the data file."""
    figure = target if isinstance(target, Figure) else target.figure
    inches = figure.get_figwidth()
    normal, bold = int(inches * 18.5), int(inches * 16.5)  # letters of small type per line
    lines: list[tuple[str, str, str]] = []
    for result in results:
        lines += [(line, _NOTE, "normal") for line in _wrapped(f"{result.name}: {result.described()}", normal)]
        indent = {"initial_indent": "    ", "subsequent_indent": "    "}
        if result.converged:
            lines += [(line, _NOTE, "normal") for line in textwrap.wrap(verdict_text(result), normal, **indent)]
        else:
            lines += [(line, ALARM, "bold") for line in textwrap.wrap(verdict_text(result), bold, **indent)]
    if data_file:
        lines.append((f"data: {data_file}", _NOTE, "normal"))
    _write_foot(figure, lines)


def verdict_text(result: StudyResult) -> str:
    """The verdict in a sentence; one that is not converged begins with it."""
    text = str(result.verdict.attrs.get("summary", "converged" if result.converged else "NOT CONVERGED"))
    return text if result.converged or "NOT CONVERGED" in text else f"NOT CONVERGED: {text}"


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` letters, broken between settings and not inside "name = value"."""
    tied = " ".join(piece.replace(" ", "\u00a0") for piece in re.split(r"(?<=[,;:]) (?=[A-Za-z])", text))
    return textwrap.wrap(tied, width, subsequent_indent="    ")


def _write_foot(figure: Figure, lines: Sequence[tuple[str, str, str]]) -> None:
    """Lengthen the figure by a foot with lines of small type (text, colour, weight)."""
    width, height = figure.get_size_inches()
    foot = len(lines) * _LINE_HEIGHT + 0.08
    total = height + foot
    figure.set_size_inches(width, total)
    figure.get_layout_engine().set(rect=(0, foot / total, 1, height / total))
    for number, (text, color, weight) in enumerate(lines):
        y = (foot - 0.02 - number * _LINE_HEIGHT) / total
        figure.text(0.06 / width, y, text, fontsize=_SMALL, color=color, weight=weight, va="top", in_layout=False)


def no_minor_ticks() -> Locator:
    """For logarithmic axes over many decades."""
    return NullLocator()


def temperature_axis(ax: Axes, kelvin: np.ndarray) -> None:
    """Logarithmic where the temperatures span more than a decade."""
    if np.max(kelvin) > 10 * np.min(kelvin):
        ax.set_xscale("log")


def parameter_label(name: str) -> str:
    """Axis label of a swept model parameter."""
    return "chemical potential μ (eV)" if name == "mu" else f"model parameter {name}"
