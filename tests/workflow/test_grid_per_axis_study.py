"""`grid.start` and `grid.largest` with one number of points per axis: what is refused, and a study of a slab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.verdict import judge
from tests.workflow.good_configuration import STUDY, with_value, write
from tests.workflow.in_process import levels_of
from workflow.plan import Plan
from workflow.resources import JobResources

SLAB = """
import numpy as np
import cc_kernels as cc

def slab():
    flat = cc.build_model("haldane")
    lattice = np.zeros((3, 3))
    lattice[:2, :2], lattice[2, 2] = flat.lattice, 20.0
    R, positions = np.c_[flat.R, np.zeros(len(flat.R), int)], np.c_[flat.positions, [0, 0]]
    return cc.TightBinding(lattice, R, flat.hoppings, positions, {"charge": (np.eye(2), "e")})
"""

START, LARGEST = f"{STUDY}.grid.start", f"{STUDY}.grid.largest"
BAD = [
    ([8, 2], [32, 8], f"{START}: got [8, 2]; allowed: numbers of at least 4, or 1 along flat axes"),
    ([1, 1], [4, 4], f"{START}: got [1, 1]; allowed: numbers of at least 4, or 1 along flat axes but not along all"),
    ([8, 0], [32, 0], f"{START}[1]: got 0; allowed: greater than or equal to 1"),
    ([8, 8.5], [32, 34], f"{START}[1]: got 8.5; allowed: integer"),
    ([8, "1"], [32, 1], f"{START}[1]: got '1'; allowed: integer"),
    ([], [8], f"{START}: got []; allowed: "),
    ([8, 2**25], [8, 2**25], f"{START}[1]: got 33554432; allowed: less than or equal to 16777216"),
    ([8, 1], [32, 4], f"{LARGEST}: got [32, 4]; allowed: start x 2^n, 1 along the same axes: [8, 1], [16, 1], [32, 1]"),
    ([8, 16], [32, 32], f"{LARGEST}: got [32, 32]; allowed: start x 2^n: [8, 16], [16, 32], [32, 64], [64, 128], ..."),
    ([8, 16], [24, 48], f"{LARGEST}: got [24, 48]; allowed: start x 2^n"),
    ([8, 8], 32, f"{LARGEST}: got 32; allowed: start x 2^n: [8, 8]"),
    (8, [32, 32], f"{LARGEST}: got [32, 32]; allowed: start x 2^n: 8, 16, 32"),
    ([8, 8], [32, 32, 1], f"{LARGEST}: got [32, 32, 1]; allowed: start x 2^n: [8, 8]"),
    ("8", 32, f"{START}: got '8'; allowed: integer"),
]


@pytest.mark.parametrize(("start", "largest", "message"), BAD, ids=[f"{a}, {b}" for a, b, _ in BAD])
def test_bad_lists_are_named(tmp_path: Path, start: object, largest: object, message: str) -> None:
    path = write(tmp_path, with_value(f"{STUDY}.grid", {"start": start, "largest": largest, "tolerance": 0.1}))
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    assert message in str(caught.value)
    assert len([line for line in str(caught.value).splitlines() if f"{STUDY}.grid.start" in line]) <= 1


def test_a_list_for_other_dimensions_is_refused(tmp_path: Path) -> None:
    for start, dims in (([8, 8, 1], 2), ([8], 2)):
        grid = {"start": start, "largest": start, "tolerance": 0.1}
        plan = Plan.of_files([write(tmp_path, with_value(f"{STUDY}.grid", grid))])
        message = rf"grid.start: got \[8.*\]; allowed: {dims} numbers, one for each dimension of rashba_square"
        with pytest.raises(ConfigurationError, match=message):
            check_models(plan.configuration)


def test_the_levels_of_lists(tmp_path: Path) -> None:
    """The longest axis names the files; jobs are told all axes, and their needs are those of the points."""
    content = with_value(f"{STUDY}.grid", {"start": [8, 16], "largest": [64, 128], "tolerance": 0.1})
    plan = Plan.of_files([write(tmp_path, content)])
    check_models(plan.configuration)
    grid = plan.study("rashba").grid
    assert (grid.levels, grid.names[0], grid.stages) == ([16, 32, 64, 128], "8 x 16", {64: [16, 32, 64], 128: [128]})
    first, last = (plan.kgrid_parameters("rashba", n, 0) for n in grid.stages)
    assert (first["points_per_axis"], first["coarse_shift"]) == ([[8, 16], [16, 32], [32, 64]], None)
    assert (last["points_per_axis"], last["coarse_shift"]) == ([[64, 128]], [0.0, 0.0])
    assert plan.map_parameters("rashba", 128)["points_per_axis"] == [64, 128]
    whole = with_value(f"{STUDY}.grid", {"start": 16, "largest": 128, "tolerance": 0.1})
    square = Plan.of_files([write(tmp_path, whole)])
    assert [one.study("rashba").grid.names[-1] for one in (plan, square)] == ["64 x 128", "128"]
    needed, more = (JobResources(one).bands("rashba", 128) for one in (plan, square))
    assert needed.runtime <= more.runtime


def test_a_study_of_a_slab_is_that_of_its_layer(tmp_path: Path) -> None:
    """Shards, levels, verdict: what a run does, from [16, 16, 1] points of the slab and 16 of the layer."""
    (tmp_path / "slab.py").write_text(SLAB)
    verdicts, series = [], []
    for model, start in (({"name": "haldane"}, 16), ({"file": "slab.py", "function": "slab"}, [16, 16, 1])):
        largest = 128 if start == 16 else [128, 128, 1]
        content = with_value(f"{STUDY}.grid", {"start": start, "largest": largest, "tolerance": 1e-6})
        content["studies"]["rashba"] |= {"model": model, "operator": "charge", "temperature": 900, "mu": 0.0}
        content["studies"]["rashba"] |= {"shards": 3, "variables": ["sigma_hall"], "responses": ["transport"]}
        plan = Plan.of_files([write(tmp_path, content)])
        check_models(plan.configuration)
        levels = levels_of(plan, "rashba")
        series.append(levels)
        verdicts.append(judge(levels, 1e-6))
    two, three = verdicts
    assert bool(two.converged), two.attrs["summary"]
    assert "converged at 128 points per axis" in two.attrs["summary"]
    assert "converged at 128 x 128 x 1 points per axis" in three.attrs["summary"]
    assert two.points_per_axis.values.tolist() == three.points_per_axis.values.tolist()
    xr.testing.assert_allclose(three.resolution, two.resolution, rtol=1e-12)
    # changes of 1e-3 to 1e-9 of the scale, of numbers known to 1e-12 of it
    np.testing.assert_allclose(three.change, two.change, rtol=1e-6, atol=1e-11)
    for flat, layer in zip(series[1], series[0], strict=True):
        plane = {axis: ["x", "y"] for axis in "il"}
        difference = abs(flat.sigma_hall.sel(plane) * 20.0 - layer.sigma_hall).max()
        assert difference < 1e-12 * layer.sigma_hall_scale.max()
