"""Maps over a plane and along a path: the band geometry at those points, and what says where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.configuration import ConfigurationError, check_models, configuration_of
from cc_kernels.study.maps import GRID, PATH, zone_map

QUANTITIES = ["energy", "s_berry_curvature"]


def test_a_plane_and_a_path_of_a_crystal() -> None:
    model = cc.build_model("bismuth_selenide")
    plane = [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    maps = zone_map(model, "spin_z", 4, QUANTITIES, None, 1000, plane=plane, path=50).compute()
    over, along = (maps.isel(k=np.flatnonzero(maps.region == region)) for region in (GRID, PATH))
    # The corners of the plane are those of the parallelogram around k = 0.
    edges = np.array(plane) @ model.reciprocal
    corners = over.kpoint.values[[0, 3, 12, 15]]
    expected = [(a * edges[0] + b * edges[1]) / 2 for a in (-1, 1) for b in (-1, 1)]
    np.testing.assert_allclose(corners, expected, atol=1e-14)
    assert json.loads(maps.attrs["grid"]) == [4, 4]
    assert np.isnan(over.distance).all()
    path = cc.band_path(model, points=50)
    np.testing.assert_array_equal(along.kpoint, path.k)
    np.testing.assert_array_equal(along.distance, path.distance)
    assert [tuple(tick) for tick in json.loads(maps.attrs["ticks"])] == path.ticks
    direct = cc.band_geometry(model, operator="spin_z", kpoints=maps.kpoint.values, quantities=QUANTITIES).compute()
    for name in QUANTITIES:
        np.testing.assert_array_equal(maps[name], direct[name])


def test_a_path_alone() -> None:
    maps = zone_map(cc.build_model("kane_mele"), "spin_z", None, QUANTITIES, None, 1000, path=30)
    assert set(maps.region.values) == {PATH}
    assert "grid" not in maps.attrs


@pytest.mark.parametrize(
    ("model", "maps", "said"),
    [
        ("kane_mele", {"grid": 4, "plane": [[1, 0, 0], [0, 1, 0]]}, "maps.plane: got a plane for a model in 2 dim"),
        ("rashba_continuum", {"path": 10}, "maps.path: got a path for a continuum model"),
        ("bismuth_selenide", {"grid": 10_000, "plane": [[1, 0, 0], [0, 1, 0]]}, "maps.grid: got 10000"),
        ("bismuth_selenide", {"plane": [[1, 0, 0], [0, 1, 0]]}, "maps.grid: got nothing"),
        ("bismuth_selenide", {"grid": 4, "plane": [[1, 0, 0]]}, "maps.plane: got"),
        ("bismuth_selenide", {"grid": 4, "plane": [[1, 0], [0, 1]]}, "maps.plane"),
        ("bismuth_selenide", {}, "maps.grid: got nothing"),
    ],
)
def test_what_there_is_not(model: str, maps: dict, said: str, tmp_path: Path) -> None:
    study = {
        "model": {"name": model},
        "operator": "spin_z",
        "responses": ["transport"],
        "mu": 0.3,
        "temperature": 300,
        "grid": {"start": 8, "largest": 8, "tolerance": 0.1},
        "maps": {**maps, "quantities": ["energy"]},
    }
    with pytest.raises(ConfigurationError) as refused:
        check_models(configuration_of({"studies": {"one": study}}, tmp_path / "a.yaml"))
    assert said in str(refused.value)
