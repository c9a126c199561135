"""One style for all figures: sizes for print, a colour-blind-safe palette with fixed meanings, the foot of a figure."""

from __future__ import annotations

import json
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

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting.study_result import StudyResult

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
_TIE = "\u00a0"


@dataclass(frozen=True)
class Role:
    """How a quantity is drawn, everywhere the same: colour, line style and marker tell it apart also in grey.

    What lies `behind` its parts would else hide them where it is equal to one.
    """

    label: str
    color: str
    linestyle: object = "-"
    marker: str = ""
    width: float = 1.3
    behind: bool = False


_DASHED, _DASH_DOT, _DOTTED = (0, (5, 2)), (0, (6, 1.6, 1.2, 1.6)), (0, (1.2, 1.2))
ROLES = {
    "conventional": Role("conventional", VERMILION, _DASHED, "s"),
    "intrinsic": Role("intrinsic, Eq. (11)", BLUE, "-", "o"),
    "hall": Role("band (Hall), Eq. (15)", GREEN, _DASH_DOT, "^"),
    "conventional_current": Role("conventional current", VERMILION, _DASHED, "s"),
    "torque_dipole": Role("torque dipole density", SKY, _DASH_DOT, "^"),
    "sum": Role("sum", BLACK, "-", "", 1.6, behind=True),
    "moment": Role("rotation of the current", PURPLE, _DOTTED, "D"),
    "charge_dipole": Role("travelling charge dipole", ORANGE, _DASHED, "s"),
    "berry": Role("global circuit (Berry)", GREEN, _DASH_DOT, "^"),
    "spin_hall": Role("spin Hall", BLUE, "-", "o"),
    "thermal_hall": Role("thermal Hall", ORANGE, _DASHED, "s"),
    "chern": Role("Chern number", GREY, "-", "", 2.6),
    "dipole": Role("dipole part", ORANGE, _DOTTED, "D"),
    "dipole_density": Role(r"$D^{li}$, Eq. (1)", VERMILION, _DASHED, "s"),
    "dipole_density_swapped": Role(r"$-D^{il}$", ORANGE, _DOTTED, "D"),
    "torque_quadrupole": Role(r"$Q^{il}$, Eq. (3)", SKY, _DASH_DOT, "^"),
    "dipole_and_quadrupole": Role(r"$D^{li} + Q^{il}$", BLACK, "-", "", 1.6, behind=True),
    "circulation": Role(r"$-\epsilon_{ilk} M_k$, Eq. (6)", GREEN, "none", "o"),
    "magnetization": Role("orbital magnetization, Eq. (6)", BLUE, "-", "", 1.6),
    "magnetization_slope": Role(r"$e\,dM/d\mu$", VERMILION, "none", "o"),
    "difference": Role("difference", BLACK, "-", "", 1.0),
    "projector": Role("occupied bands as one group", GREEN, _DASH_DOT, "^"),
    "kubo": Role("Kubo response, current and torque", PURPLE, _DOTTED, "D"),
    "proper": Role("current and torque, long waves", PURPLE, (0, (7, 1.5)), "v"),
    "thermal": Role("thermal coefficient, Eq. (11)", BLUE, "-", "o"),
    "normal_state": Role("2 × normal state", VERMILION, "none", "s"),
    "dipole_scattering": Role("dipole change upon scattering, Eq. (14)", ORANGE, _DOTTED, "D"),
    "side_jump": Role("side jump", PURPLE, _DASH_DOT, "^"),
    "occupation": Role("shifted occupation, Eq. (13)", SKY, _DASHED, "v"),
    "published": Role("half of the published value", BLACK, "-", "", 1.0),
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
            "studies", stated(f"{count} panels"), f"1 to {MOST_PANELS} studies and sweep values in one figure"
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
    """Panel letter and title, in lines that fit the panel; they break at commas where that is possible."""
    width = ax.figure.get_figwidth() / ax.get_subplotspec().get_gridspec().ncols
    letters = max(20, int(width * 11))
    pieces = re.split(r"(?<=[,;]) ", f"({string.ascii_lowercase[index]}) {text}")
    tied = " ".join(piece.replace(" ", _TIE) if len(piece) <= letters else piece for piece in pieces)
    lines = textwrap.wrap(tied, letters, break_on_hyphens=False)
    ax.set_title("\n".join(lines).replace(_TIE, " "))


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
        "zorder": 1.5 if style.behind else 2,
    }
    (line,) = ax.plot(data[data.dims[0]].values, data.values, **(options | overrides))
    line.set_gid(str(data.name))
    return line


def family(count: int) -> list[dict[str, object]]:
    """Styles of curves of one quantity, from dark to light, for values of a parameter: temperatures, a sweep.

    At most `MOST_CURVES`; choose among more with `spread`.
    """
    colors = mpl.colormaps["viridis"](np.linspace(0, 0.82, max(count, 2)))
    styles = ("-", _DASHED, _DASH_DOT, _DOTTED)
    return [
        {"color": mpl.colors.to_hex(colors[n]), "linestyle": styles[n % 4], "marker": "os^Dv"[n % 5]}
        for n in range(count)
    ]


MOST_CURVES = 5
"""Of one quantity in one panel."""


def spread(count: int, most: int = MOST_CURVES) -> list[int]:
    """Positions of at most `most` of `count` values: the first, the last, and what lies evenly between."""
    return sorted({round(position) for position in np.linspace(0, count - 1, min(count, most))})


def shade(ax: Axes, x: np.ndarray, inside: np.ndarray, label: str = "") -> None:
    """Grey bands over the ranges of x in which `inside` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    for number, (start, stop) in enumerate(edges.reshape(-1, 2)):
        text = "_band" if number or not label else label
        ax.axvspan(x[start], x[stop - 1], color="#E8E8E8", linewidth=0, zorder=0, label=text)


def reference_line(ax: Axes, value: float, text: str = "") -> None:
    """A thin horizontal line at a value that the theory gives, with the value at its right end."""
    ax.axhline(value, color=GREY, linewidth=0.6, zorder=0.5)
    if text:
        ax.annotate(
            text, (1, value), xycoords=ax.get_yaxis_transform(), xytext=(2, 0), textcoords="offset points",
            va="center", fontsize=_SMALL, color="#505050", annotation_clip=False,
        )  # fmt: skip


def apart(ticks: Sequence[tuple[float, str]]) -> list[str]:
    """Labels of ticks (place, label) along an axis, each on the next line where it would touch the one before."""
    texts, before, row = [], -np.inf, 0
    for at, label in ticks:
        row = row + 1 if at - before < 0.08 * ticks[-1][0] else 0
        texts.append("\n" * row + label)
        before = at
    return texts


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


def freeze_layout(figure: Figure) -> None:
    """Lay the panels out once, and round their places.

    The solver of the layout orders its variables by their addresses, so that two runs differ in the last digits, which
    is enough for other bytes.
    """
    figure.draw_without_rendering()
    for ax in figure.axes:
        if ax.get_axes_locator() is None:
            ax.set_position([round(float(edge), 5) for edge in ax.get_position().bounds])
    figure.set_layout_engine("none")


def pretty_units(units: str) -> str:
    """Units of a dataset in print: "eV angstrom^-1" -> eV Å⁻¹."""
    units = re.sub(r"\^(-?\d+)", r"$^{\1}$", units.replace("angstrom", "Å").replace("hbar", "ħ"))
    units = units.replace("k_B", "$k_B$").replace("2pi", "2π").replace("8pi", "8π")
    return units.replace("π ħ", "πħ")


def stamp_verdict(
    target: Axes | Figure, results: Sequence[StudyResult], data_file: str = "", data: xr.Dataset | None = None
) -> None:
    """Print under the panels what each study is, its verdict (red where it has not converged), and the data file.

    The verdict is about all variables of a study; where `data`, what is drawn, holds some of them, their own last
    change is added, and the notes on a study that its attribute `notes` has.
    """
    figure = target if isinstance(target, Figure) else target.figure
    notes = json.loads(data.attrs.get("notes", "{}")) if data is not None else {}
    inches = figure.get_figwidth()
    normal, bold = int(inches * 18.5), int(inches * 16.5)  # letters of small type per line
    lines: list[tuple[str, str, str]] = []
    for result in results:
        lines += [(line, _NOTE, "normal") for line in _wrapped(f"{result.name}: {result.caption_line()}", normal)]
        indent = {"initial_indent": "    ", "subsequent_indent": "    "}
        if result.converged:
            lines += [(line, _NOTE, "normal") for line in textwrap.wrap(verdict_text(result), normal, **indent)]
        else:
            lines += [(line, ALARM, "bold") for line in textwrap.wrap(verdict_text(result), bold, **indent)]
        more = [text for text in (drawn_change(result, data), notes.get(result.name, "")) if text]
        lines += [(line, _NOTE, "normal") for text in more for line in textwrap.wrap(text, normal, **indent)]
    if data_file:
        lines.append((f"data: {data_file}", _NOTE, "normal"))
    _write_foot(figure, lines)


def verdict_text(result: StudyResult) -> str:
    """The verdict in a sentence; one that is not converged begins with it."""
    text = str(result.verdict.attrs.get("summary", "converged" if result.converged else "NOT CONVERGED"))
    return text if result.converged or "NOT CONVERGED" in text else f"NOT CONVERGED: {text}"


def drawn_change(result: StudyResult, data: xr.Dataset | None) -> str:
    """The last change of the variables that are drawn, in words; empty where they are all that the verdict is about."""
    verdict = result.verdict
    if data is None or "error_estimate" not in verdict:
        return ""
    every = [str(name) for name in verdict["variable"].values]
    drawn = [name for name in every if result.prefixed(name) in data]
    if not drawn or len(drawn) == len(every):
        return ""
    change = float(verdict["error_estimate"].sel(variable=drawn).max(skipna=False))
    return "" if np.isnan(change) else f"of what is drawn, the last change is {change:.1e}"


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` letters, broken between settings and not inside "name = value"."""
    tied = " ".join(piece.replace(" ", _TIE) for piece in re.split(r"(?<=[,;:]) (?=[A-Za-z])", text))
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
