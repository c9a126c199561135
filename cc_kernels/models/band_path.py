"""The standard path along lines of high symmetry of a lattice's Brillouin zone, by seekpath."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cc_kernels import checks, limits
from cc_kernels.errors import InputError, stated

if TYPE_CHECKING:
    from cc_kernels.models.base import Model

_LONG = 7.3
"""A layer's third axis in units of its longest one: of no lattice in three dimensions by accident."""


@dataclass(frozen=True)
class BandPath:
    """Points along straight lines in k space.

    Attributes
    ----------
    k : (points, dim) Cartesian, 1/angstrom.
    distance : (points,) along the path, 1/angstrom; a jump to another line takes none.
    ticks : [(distance, label)], in their order; "U|K" where the path jumps from U to K.
    """

    k: np.ndarray
    distance: np.ndarray
    ticks: list[tuple[float, str]]


def band_path(
    model: Model, *, points: int = 300, lines: Sequence[Sequence[tuple[str, Sequence[float]]]] | None = None
) -> BandPath:
    """The path of seekpath (Hinuma et al., Comput. Mater. Sci. 128, 140 (2017)) for the lattice, or lines of one's own.

    Parameters
    ----------
    model : on a lattice. The path is that of the lattice with one atom in its cell, whatever the orbitals are.
    points : in all, about; each line has at least two.
    lines : [[(label, k), ...], ...] with k in units of the reciprocal lattice vectors, instead.

    Raises
    ------
    InputError : a continuum model, or lines that are none.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> path = cc.band_path(cc.build_model("kane_mele"), points=100)
    >>> [label for _, label in path.ticks]
    ['Γ', 'M', 'K', 'Γ']
    """
    checks.model(model)
    if model.lattice is None or model.reciprocal is None:
        raise InputError("model", stated(f"{model.name}, a continuum model"), "a model on a lattice, which has a zone")
    points = checks.integer("points", points, "points along the path", minimum=2, maximum=limits.POINTS_PER_AXIS)
    if lines is None:
        lines = _standard_lines(model.lattice)
    return _sampled(_corners(lines, model.reciprocal), points)


def _corners(lines: object, reciprocal: np.ndarray) -> list[list[tuple[str, np.ndarray]]]:
    """Labelled corners of lines in Cartesian k."""
    allowed = "[[(label, k), ...], ...] with two corners or more a line, k in units of the reciprocal lattice vectors"
    try:
        pairs = [[(str(label), k) for label, k in line] for line in lines]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        pairs = []
    if not pairs or min(map(len, pairs)) < 2:
        raise InputError("lines", lines, allowed)
    shape = (len(reciprocal),)
    return [
        [(label, checks.array("lines", k, np.float64, shape, allowed) @ reciprocal) for label, k in line]
        for line in pairs
    ]


def _sampled(lines: Sequence[Sequence[tuple[str, np.ndarray]]], points: int) -> BandPath:
    """Points along lines between labelled corners in Cartesian k, evenly spaced up to rounding."""
    total = sum(float(np.linalg.norm(b - a)) for line in lines for (_, a), (_, b) in itertools.pairwise(line))
    k, distance, ticks, at = [], [], [], 0.0
    for line in lines:
        label = line[0][0]
        if ticks:
            ticks[-1] = (at, f"{ticks[-1][1]}|{label}")
        else:
            ticks.append((at, label))
        for (_, a), (label, b) in itertools.pairwise(line):
            length = float(np.linalg.norm(b - a))
            t = np.linspace(0, 1, max(2, 1 + round(points * length / total)))
            k.append(a + t[:, None] * (b - a))
            distance.append(at + t * length)
            at += length
            ticks.append((at, label))
    return BandPath(np.concatenate(k), np.concatenate(distance), ticks)


def _standard_lines(lattice: np.ndarray) -> list[list[tuple[str, np.ndarray]]]:
    """Those of seekpath, in reduced coordinates of the lattice itself; of a layer or chain those within it."""
    import seekpath

    dim = len(lattice)
    cell = np.diag(np.full(3, _LONG * np.linalg.norm(lattice, axis=1).max()))
    if dim == 1:
        cell[2, 2] *= np.sqrt(2)
    cell[:dim, :dim] = lattice
    with warnings.catch_warnings():  # of spglib to seekpath
        warnings.simplefilter("ignore", DeprecationWarning)
        found = seekpath.get_path_orig_cell((cell, [[0.0, 0.0, 0.0]], [1]))
    corners = {name: np.array(k) for name, k in found["point_coords"].items()}
    lines: list[list[tuple[str, np.ndarray]]] = []
    for a, b in found["path"]:
        if np.abs([corners[a][dim:], corners[b][dim:]]).max(initial=0.0) > 1e-9:
            continue  # leaves the layer
        one, other = ((_label(name), corners[name][:dim]) for name in (a, b))
        if lines and lines[-1][-1][0] == one[0]:
            lines[-1].append(other)
        else:
            lines.append([one, other])
    return lines


def _label(name: str) -> str:
    """GAMMA is Γ, SIGMA_0 is Σ0."""
    for word, letter in (("GAMMA", "Γ"), ("SIGMA", "Σ"), ("DELTA", "Δ"), ("LAMBDA", "Λ")):
        name = name.replace(word, letter)
    return name.replace("_", "")
