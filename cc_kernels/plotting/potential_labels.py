"""How the potentials of the scatterers look and are called, in every figure that compares them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.lines import Line2D

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import style
from cc_kernels.plotting.study_result import StudyResult

COLORS = (style.BLACK, style.VERMILION, style.BLUE, style.GREEN, style.PURPLE)
MARKERS = ("o", "s", "^", "D", "v")
"""By position in the study's list of potentials."""


def labels_of(result: StudyResult) -> list[str]:
    """Labels of a study's potentials, as in its coordinate."""
    labels = [str(label) for label in result.response["potential"].values]
    if len(labels) > len(COLORS):
        given = stated(f"{len(labels)} potentials in {result.name}")
        raise InputError("studies", given, f"at most {len(COLORS)} potentials in one figure")
    return labels


def in_print(label: str) -> str:
    """A potential with the units of its lengths: "gaussian, range = 2" -> Gaussian, range 2 Å."""
    name, *parameters = label.split(", ")
    units = {"range": "Å", "kappa": "Å$^{-1}$", "setback": "Å"}
    words = [name.replace("gaussian", "Gaussian")]
    for parameter in parameters:
        key, value = parameter.split(" = ")
        words.append(f"{'κ =' if key == 'kappa' else key} {value} {units.get(key, '')}".rstrip())
    return ", ".join(words)


def marker_handles(labels: Sequence[str]) -> list[Line2D]:
    """For a legend: the marker of each potential, where colours are for something else."""
    look = {"linestyle": "none", "color": style.GREY, "markerfacecolor": "white"}
    return [
        Line2D([], [], marker=marker, label=in_print(label), **look)
        for label, marker in zip(labels, MARKERS, strict=False)
    ]
