"""What a model is, and how far it has the properties that a calculation rests on: one line each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cc_kernels import checks
from cc_kernels.inspection.level_symmetries import lattice_symmetries, time_reversal_error
from cc_kernels.inspection.spins import spin_lines
from cc_kernels.models import Model, TightBinding
from cc_kernels.models.base import BOSE

_POINTS = 24
"""Random k, which have no symmetry, at which levels and operators are looked at."""
_WIDTH = 96


@dataclass(frozen=True)
class Inspection:
    """What was found, in lines.

    Attributes
    ----------
    model : its name.
    lines : [(what, found)], in their order.
    """

    model: str
    lines: list[tuple[str, str]]

    def __getitem__(self, what: str) -> str:
        return dict(self.lines)[what]

    def __str__(self) -> str:
        width = max(len(what) for what, _ in self.lines) + 2
        rows = [self.model]
        for what, found in self.lines:
            folded = textwrap.wrap(found, _WIDTH - width) or [""]
            rows += [f"{what if not number else '':{width}}{text}" for number, text in enumerate(folded)]
        return "\n".join(rows)


def inspect(model: Model, *, seed: int = 0) -> Inspection:
    """Look at a model: hermiticity, reach and symmetries of H, doublets, spin, centres.

    Parameters
    ----------
    seed : of the random k at which levels and operators are looked at.

    Returns
    -------
    An `Inspection`, which prints as a table.

    Raises
    ------
    InputError : what is no model.

    Examples
    --------
    >>> import cc_kernels as cc
    >>> found = cc.inspect(cc.build_model("kane_mele"))
    >>> found["point group of the levels"]
    '6mm to rounding (12 operations), of 6mm that the lattice has'
    >>> found["time reversal"]
    'the levels at k and -k agree to rounding'
    """
    checks.model(model)
    k = random_k(model, np.random.default_rng(seed))
    levels = model.levels(k)
    return Inspection(f"{model.name}: {model.description}", list(_lines(model, k, levels)))


def random_k(model: Model, rng: np.random.Generator) -> np.ndarray:
    """(points, dim) k of no symmetry, 1/angstrom."""
    fractions = rng.uniform(size=(_POINTS, model.dim))
    if model.reciprocal is None:
        return (2 * fractions - 1) * (model.k_max or 1.0)
    return fractions @ model.reciprocal


def _lines(model: Model, k: np.ndarray, levels: np.ndarray) -> Iterator[tuple[str, str]]:
    yield "size", f"{model.num_bands} bands in {model.dim} dimension{'s' * (model.dim > 1)}" + _cells(model)
    if isinstance(model, TightBinding):
        yield from _of_hoppings(model)
    yield "levels", f"{levels.min():.4g} to {levels.max():.4g} eV at {len(k)} random k"
    if model.statistics == BOSE:
        yield "statistics", f"bosons: {model.num_bands // 2} modes, and their holes at -E(-k)"
    elif not model.is_superconductor:
        filled = float((levels < 0).sum(1).mean())
        yield "filled below 0 eV", f"{filled:.3g} of {model.num_bands} bands, at these k"
    yield "doublets", _doublets(model, levels)
    yield "time reversal", time_reversal_error(model, k, levels)
    yield "point group of the levels", lattice_symmetries(model, k, levels)
    yield from spin_lines(model, k)


def _cells(model: Model) -> str:
    if not isinstance(model, TightBinding):
        return ""
    volume = abs(np.linalg.det(model.lattice))
    return f", {len(model.R)} cells R, {volume:.4g} angstrom{f'^{model.dim}' if model.dim > 1 else ''} each"


def _of_hoppings(model: TightBinding) -> Iterator[tuple[str, str]]:
    error = model.parameters.get("hermitised_eV")
    if error is not None:
        yield "hermiticity", f"blocks as read differ from Hermitian ones by {error:.2g} eV at most; made Hermitian"
    length = np.linalg.norm(model.R @ model.lattice, axis=1)
    size = np.abs(model.hoppings).max(axis=(1, 2))
    edges = np.linspace(0, length.max(), 5)
    shells = {high: size[(length > low) & (length <= high)].max(initial=0.0) for low, high in pairwise(edges)}
    text = "".join(f", {value:.1e} up to {high:.3g} angstrom" for high, value in shells.items() if value)
    yield "reach of H(R)", f"largest |H(R)| {size[length == 0].max():.3g} eV at R = 0{text}"
    yield "centres", _centres(model)
    if model.position_matrices is not None:
        yield "positions", "all position matrices: v = dH/dk + i[H, A], with which Eq. (5) is approximate"


def _centres(model: TightBinding) -> str:
    """Places of the orbitals, with how many of them are there."""
    places = np.round(model.positions, 2) + 0.0
    found, number = np.unique(places, axis=0, return_counts=True)
    most = 6
    each = [
        f"{n} at ({', '.join(f'{x:.2f}' for x in place)})" for place, n in zip(found[:most], number[:most], strict=True)
    ]
    more = f" and {len(found) - most} more places" if len(found) > most else ""
    moved = model.parameters.get("centres_moved_angstrom")
    told = f"; both spins of a pair were moved to their mean, by {moved:.2g} at most" if moved else ""
    return f"{', '.join(each)}{more}, angstrom{told}"


def _doublets(model: Model, levels: np.ndarray) -> str:
    """Are all levels double? Then by how much they are split is what the degeneracy tolerance has to reach over."""
    tolerance = f"degeneracy_tolerance is {model.degeneracy_tolerance:g} eV"
    if model.num_bands % 2:
        return f"an odd number of bands; {tolerance}"
    split = levels[:, 1::2] - levels[:, ::2]
    between = levels[:, 2::2] - levels[:, 1:-1:2]
    typical = float(np.median(between)) if between.size else float(np.ptp(levels))
    if split.max() < 1e-2 * typical:
        grouped = (
            "which groups them" if split.max() < model.degeneracy_tolerance else "which does NOT group all of them"
        )
        return f"every level is double, split by {split.max():.2g} eV at most; {tolerance}, {grouped}"
    return f"levels are single at a general k, next ones {np.diff(levels).min():.2g} eV apart or more; {tolerance}"
