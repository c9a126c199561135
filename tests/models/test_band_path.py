"""The standard path: corners known from textbooks, points on straight lines between them."""

from __future__ import annotations

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.errors import InputError
from cc_kernels.models.band_path import BandPath

ROUNDING = 1e-12  # of coordinates of the order of 10/angstrom that pass through two inversions of 3x3 matrices


def corner(path: BandPath, label: str) -> np.ndarray:
    at = next(at for at, text in path.ticks if text.split("|")[0] == label)
    return path.k[np.argmin(abs(path.distance - at))]


def empty(lattice: list) -> cc.TightBinding:
    return cc.TightBinding(lattice, R=[[0] * len(lattice)], hoppings=[[[0.0]]])


def test_hexagonal_layer() -> None:
    """M half a reciprocal vector away, K at 4 pi/3 of the lattice constant."""
    path = cc.band_path(cc.build_model("kane_mele"))
    assert [label for _, label in path.ticks] == ["Γ", "M", "K", "Γ"]
    assert np.linalg.norm(corner(path, "M")) == pytest.approx(2 * np.pi / np.sqrt(3), abs=ROUNDING)
    assert np.linalg.norm(corner(path, "K")) == pytest.approx(4 * np.pi / 3, abs=ROUNDING)


def test_face_centred_cubic() -> None:
    """X = 2 pi/a (0, 1, 0), L = 2 pi/a (1/2, 1/2, 1/2), whatever the primitive vectors are."""
    a = 3.92
    for mixed in ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[1, 1, 0], [0, 1, 0], [0, -1, 1]]):
        path = cc.band_path(empty(np.array(mixed) @ [[0, a / 2, a / 2], [a / 2, 0, a / 2], [a / 2, a / 2, 0]]))
        assert [label for _, label in path.ticks] == ["Γ", "X", "U|K", "Γ", "L", "W", "X"]
        in_units = np.sort(abs(corner(path, "X") / (2 * np.pi / a)))
        assert in_units == pytest.approx([0, 0, 1], abs=ROUNDING)
        assert abs(corner(path, "L") / (2 * np.pi / a)) == pytest.approx([0.5, 0.5, 0.5], abs=ROUNDING)


def test_points_lie_on_the_lines_at_their_distance() -> None:
    path = cc.band_path(cc.build_model("bismuth_selenide"), points=200)
    steps = np.linalg.norm(np.diff(path.k, axis=0), axis=1)
    along = np.diff(path.distance)
    jumps = (along == 0) & (steps > 0)
    assert jumps.sum() == sum("|" in label for _, label in path.ticks)
    assert steps[~jumps] == pytest.approx(along[~jumps], abs=ROUNDING)
    assert len(path.k) == pytest.approx(200, abs=2 * len(path.ticks))  # a corner, and rounding, of each line


def test_lines_of_ones_own() -> None:
    model = cc.build_model("rashba_square")
    path = cc.band_path(model, lines=[[("Y", [0, 0.5]), ("G", [0, 0])], [("X", [0.5, 0]), ("M", [0.5, 0.5])]])
    assert [label for _, label in path.ticks] == ["Y", "G|X", "M"]
    assert path.k[0] == pytest.approx([0, np.pi])
    for lines in ([], [[("Y", [0, 0])]], "XM", [[("Y", [0]), ("X", [1])]], 3):
        with pytest.raises(InputError, match="lines: got"):
            cc.band_path(model, lines=lines)


def test_a_chain_and_a_continuum() -> None:
    assert [label for _, label in cc.band_path(empty([[1.3]])).ticks] == ["Γ", "X"]
    with pytest.raises(InputError, match="a continuum model"):
        cc.band_path(cc.build_model("rashba_continuum"))
