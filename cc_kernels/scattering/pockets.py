"""Small Fermi pockets: between the nodes of the search grid a line is rough, or missing altogether.

Every extremum of a band on the grid that mu may just have passed is looked at again on ever smaller patches around
it, down to the smallest one that still holds the whole pocket: so a pocket of any size is a line of many points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from contourpy import contour_generator
from scipy.ndimage import maximum_filter, minimum_filter

from cc_kernels.errors import InputError, stated

Energies = Callable[[np.ndarray], np.ndarray]
"""Points (N, 2) in grid steps -> energies (N,) of one band."""

_HALF = 4
"""Half width of the first patch, in grid steps; a line within so many steps is a small pocket."""
_NODES = 16
"""Steps of a patch on either side of its centre. On the first patch every `_NODES // _HALF`-th is one of the grid."""
_ROUNDING = 1e-13
"""A patch on which energies vary by less than this, relative to the largest energy of the band, is a point."""


def closed_lines(energies: np.ndarray, mu: float) -> list[np.ndarray]:
    """Lines energies = mu on a rectangle of nodes, (P, 2) indices each, those that close."""
    return [line for line in all_lines(energies, mu) if np.array_equal(line[0], line[-1])]


def all_lines(energies: np.ndarray, mu: float) -> list[np.ndarray]:
    """Lines energies = mu on a rectangle of nodes, (P, 2) indices each."""
    lines = contour_generator(z=energies - mu).lines(0.0)
    return [line[:, ::-1] for line in lines]  # contourpy speaks of (x, y) = (column, row)


def with_pockets(
    lines: list[np.ndarray], nodes: np.ndarray, mu: float, energies: Energies, periodic: bool
) -> list[np.ndarray]:
    """The lines of one band, those of small pockets replaced or added.

    Parameters
    ----------
    lines : (P, 2) each, in grid steps.
    nodes : (N + 1, N + 1) energies on the search grid, eV; the last are the first where it is periodic.

    Raises
    ------
    InputError : mu at the extremum itself; a line that the grid misses and that is no small pocket.
    """
    period = len(nodes) - 1 if periodic else np.inf
    small = [line for line in lines if _extent(line) <= _HALF]
    pockets: list[np.ndarray] = []
    for node, sign in _extrema(nodes, mu, periodic):
        around = _innermost(small, node, period)
        if around is None and sign * (nodes[tuple(node)] - mu) > 0:
            continue  # inside a large pocket
        pocket = _pocket(node, sign, mu, energies, _ROUNDING * abs(nodes).max())
        if pocket is not None:
            lines = [line for line in lines if line is not around]
            pockets += [] if any(_same(pocket, other, period) for other in pockets) else [pocket]
    return lines + pockets


def _extrema(nodes: np.ndarray, mu: float, periodic: bool) -> Iterator[tuple[np.ndarray, int]]:
    """Nodes with no higher neighbour (sign 1) or no lower one (sign -1), where the band may reach beyond mu."""
    nodes = nodes[:-1, :-1] if periodic else nodes
    mode = "wrap" if periodic else "nearest"
    highest, lowest = maximum_filter(nodes, 3, mode=mode), minimum_filter(nodes, 3, mode=mode)
    for sign, extreme in ((1, highest), (-1, lowest)):
        # a cone or a parabola rises above its highest node by less than from there to the farthest neighbour
        extremum = (nodes == extreme) & (sign * (nodes - mu) > -(highest - lowest))
        for node in np.argwhere(extremum):
            if periodic or 0 < node.min() <= node.max() < len(nodes) - 1:
                yield node, sign


def _pocket(node: np.ndarray, sign: int, mu: float, energies: Energies, rounding: float) -> np.ndarray | None:
    """The line around the extremum near a node; None if mu is beyond the extremum, or if no patch holds the line."""
    line, known = None, False
    centre, step = node.astype(float), _HALF / _NODES
    near = _NODES // _HALF  # the extremum is within a grid step of its node, and later within one of the patch before
    offsets = np.stack(np.indices((2 * _NODES + 1,) * 2), axis=-1) - _NODES
    while True:
        corner = centre - _NODES * step
        depth = sign * (energies((centre + offsets * step).reshape(-1, 2)).reshape(offsets.shape[:2]) - mu)
        inner = depth[_NODES - near : _NODES + near + 1, _NODES - near : _NODES + near + 1]
        deepest = np.array(np.unravel_index(np.argmax(inner), inner.shape)) + _NODES - near
        variation = np.ptp(depth)
        if inner.max() < -variation:
            return None
        if variation < rounding:
            given = stated(f"mu = {mu:g}, {abs(inner.max()):.0e} eV from an extremum of a band")
            raise InputError("mu", given, "a chemical potential away from band edges and crossings")
        if step == _HALF / _NODES:
            known = (depth[::near, ::near] > 0).any()
        if inner.max() > 0:
            found = _innermost(closed_lines(depth, 0.0), deepest)
            if found is None:
                if line is None and not known:
                    given = stated(f"steps that miss a Fermi line at mu = {mu:g}")
                    raise InputError("grid", given, "a larger search grid, or another chemical potential")
                return line
            line = corner + found * step
        centre, step = corner + deepest * step, step / 2


def _innermost(lines: list[np.ndarray], point: np.ndarray, period: float = np.inf) -> np.ndarray | None:
    """The smallest of the closed lines around a point."""
    return min((line for line in lines if _encloses(line, point, period)), key=_extent, default=None)


def _encloses(line: np.ndarray, point: np.ndarray, period: float) -> bool:
    x, y = _offset(line, point, period).T
    angle = np.unwrap(np.arctan2(y, x))
    return bool(abs(angle[-1] - angle[0]) > np.pi)


def _offset(line: np.ndarray, point: np.ndarray, period: float) -> np.ndarray:
    """The line seen from a point, or from that of its periodic images which is nearest."""
    away = line.mean(0) - point
    return line - point - (0 if np.isinf(period) else period * np.round(away / period))


def _extent(line: np.ndarray) -> float:
    return float(np.ptp(line, axis=0).max())


def _same(a: np.ndarray, b: np.ndarray, period: float) -> bool:
    """Is it one line, seen on two patches? Lines inside one another differ in size."""
    size = max(_extent(a), _extent(b))
    apart = np.linalg.norm(_offset(a, b.mean(0), period).mean(0))
    return bool(max(apart, abs(_extent(a) - _extent(b))) < size / 4)
