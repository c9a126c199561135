"""`grid.shift` of grids that double: what it is for each of them, what is refused, and a study with one."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import cc_kernels as cc
from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.configuration.grid_section import Grid
from cc_kernels.study.levels import stage_sums
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.shared_cache import request_of
from cc_kernels.study.study_models import StudyModels
from cc_kernels.sums.on_grid import sums_on_grid
from tests.workflow.good_configuration import STUDY, with_value, write
from tests.workflow.in_process import levels_of
from workflow.plan import Plan

HEXAGONAL = {"start": 6, "largest": 48, "tolerance": 0.1, "shift": ["2/3", "1/3"]}


def grid(**keys: object) -> Grid:
    return Grid.model_validate({"start": 6, "largest": 24, "tolerance": 0.1, **keys})


def plan_of(folder: Path, keys: dict, **study: object) -> Plan:
    content = with_value(f"{STUDY}.grid", keys)
    content["studies"]["rashba"] |= study
    return Plan.of_files([write(folder, content)])


def test_fractions_stay_exact_over_many_doublings() -> None:
    """The floats nearest to 2/3 and 1/3, of which twice the one, modulo 1, is not the other; decimals are fractions."""
    long = grid(largest=6 << 20, shift=["2/3", "1/3"])
    for number, level in enumerate(long.levels):
        assert long.shift_in(2, level) == [[2 / 3, 1 / 3], [1 / 3, 2 / 3]][number % 2]
    tenths = grid(largest=6 << 20, shift=0.1)
    assert [tenths.shift_in(1, level)[0] for level in tenths.levels][:6] == [0.1, 0.2, 0.4, 0.8, 0.6, 0.2]
    assert tenths.shift_in(1, 6 << 20) == [0.6]  # 2^20 = 16 = 6, modulo 10


@pytest.mark.parametrize(
    ("keys", "shifts"),
    [
        ({}, [[0.0] * 3] * 3),
        ({"shift": "1/2"}, [[0.5] * 3, [0.0] * 3, [0.0] * 3]),
        ({"shift": -0.25}, [[0.75] * 3, [0.5] * 3, [0.0] * 3]),
        ({"shift": 1}, [[0.0] * 3] * 3),
        ({"start": [6, 12, 1], "largest": [24, 48, 1], "shift": "1/3"}, [[s, s, 1 / 3] for s in (1 / 3, 2 / 3, 1 / 3)]),
        ({"largest": 6, "shift": [-0.25, "-1/3", 1]}, [[-0.25, -1 / 3, 1.0]]),
    ],
)
def test_shifts_of_the_levels(keys: dict, shifts: list) -> None:
    """Twice that before, modulo 1, but along flat axes; that of a single grid is as it is written."""
    one = grid(**keys)
    assert [one.shift_in(3, level) for level in one.levels] == shifts


def test_jobs_and_the_shared_cache_are_told_the_shifts_of_their_levels(tmp_path: Path) -> None:
    hexagonal, other = (
        plan_of(tmp_path, HEXAGONAL | {"shift": shift}, model={"name": "haldane"}, operator="charge", store_bands=True)
        for shift in (["2/3", "1/3"], ["1/3", "2/3"])
    )
    one, next_one = [2 / 3, 1 / 3], [1 / 3, 2 / 3]
    first, last = (hexagonal.kgrid_parameters("rashba", n, 0) for n in (24, 48))
    assert (first["shift"], first["coarse_shift"]) == ([one, next_one, one], None)
    assert (last["shift"], last["coarse_shift"]) == ([next_one], one)
    assert hexagonal.map_parameters("rashba", 48)["shift"] == next_one
    models = StudyModels([hexagonal.model("rashba")], None, [])
    requests = [request_of(models, each.kgrid_parameters("rashba", 48, 0)) for each in (hexagonal, other)]
    assert json.loads(requests[0])["settings"]["shift"] == [next_one]
    assert requests[0] != requests[1]


def test_lists_for_other_dimensions_are_refused(tmp_path: Path) -> None:
    for shift, dims in (([0.5], 2), (["1/3", 0.5, 0], 2)):
        with pytest.raises(
            ConfigurationError, match=rf"grid.shift: got \[.*; allowed: {dims} numbers, one for each dim"
        ):
            check_models(plan_of(tmp_path, HEXAGONAL | {"shift": shift}).configuration)


def test_shifted_grids_of_a_box_do_not_double(tmp_path: Path) -> None:
    """It ends where they would go on. A single grid is one of its own, and a whole step is none."""
    box = {"model": {"name": "massive_dirac"}, "operator": "charge", "mu": [0.0, 0.7], "responses": ["transport"]}
    for keys in ({"shift": 0}, {"shift": 1}, {"shift": 0.5, "largest": 6}):
        check_models(plan_of(tmp_path, HEXAGONAL | keys, **box).configuration)
    for shift in (0.5, "1/3", [0, 0.25]):
        with pytest.raises(ConfigurationError, match=r"grid.shift: got .*; allowed: 0 for the box of massive_dirac"):
            check_models(plan_of(tmp_path, HEXAGONAL | {"shift": shift}, **box).configuration)


def test_text_without_quotes_is_a_fraction(tmp_path: Path) -> None:
    text = write(tmp_path, with_value(f"{STUDY}.grid", HEXAGONAL)).read_text()
    quoted = "shift:\n      - 2/3\n      - 1/3\n"
    assert quoted in text
    written = write(tmp_path, text.replace(quoted, "shift: [2/3, 1/3]\n"))
    assert load_configuration(written).studies["rashba"].grid.shift == ["2/3", "1/3"]


@pytest.mark.parametrize("symmetry", ["auto", "off"])
def test_a_shifted_study_is_the_response_of_each_of_its_grids(tmp_path: Path, symmetry: str) -> None:
    """Shards, levels, verdict: what a run does, against all points of each grid at once. To 5e-13 of the scale, as in
    `test_grids_per_axis`: rounding of H, 1e-15, over a gap of a thirtieth of H; folded, ten times that."""
    names = ["sigma_hall", "sigma_dipole", "sigma_conventional"]
    at = {"operator": "spin_z", "temperature": [3000.0, 6000.0], "mu": [0.0, 1.0], "variables": names}
    keys = {"model": {"name": "kane_mele"}, "responses": ["transport"], "shards": 2, "symmetry": symmetry, **at}
    plan = plan_of(tmp_path, HEXAGONAL, **keys)
    check_models(plan.configuration)
    levels = levels_of(plan, "rashba")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of coarse grids
        for number, level in enumerate(levels):
            shift = [[2 / 3, 1 / 3], [1 / 3, 2 / 3]][number % 2]
            every = cc.transport(plan.model("rashba"), grid=6 << number, shift=shift, symmetry="off", **at)
            assert (level.attrs["grid"], level.attrs["shift"]) == (every.attrs["grid"], every.attrs["shift"])
            for name in names:
                difference = abs(level[name] - every[name]).max()
                assert difference < (5e-12 if symmetry == "auto" else 5e-13) * every[f"{name}_scale"].max(), name
    if symmetry == "auto":
        assert {"-y,x-y", "-x+y,-x"} < set(json.loads(levels[-1].attrs["symmetry_operations"]))  # by a third of a turn
        assert levels[-1].attrs["symmetry_points"] < 48**2 / 3
    verdict = cc.judge(levels, 1e-3)
    assert verdict.points_per_axis.values.tolist() == [6, 12, 24, 48]


def test_a_sweep_has_the_symmetries_that_each_of_its_models_has_on_all_grids() -> None:
    """A field along x leaves some operations of the square, a shift of a quarter of a step some of these, and half a
    step, the next one, all of them."""
    fields = np.array([0.0, 0.2])
    models = [cc.build_model("rashba_square", bx=bx) for bx in fields]
    names, mesh = ["berry_curvature", "velocity_dipole", "s_dipole"], cc.EnergyMesh.covering(0.0, 3000.0).to_json()
    of = (StudyModels(models, "bx", fields), names, "spin_z", [4, 8, 16], [0.25, 0.5, 0.0], None)
    shards = [shard_sums(*of, shard, 2, mesh, None, 100) for shard in (0, 1)]
    groups = [[set(json.loads(one)) for one in json.loads(level.attrs["symmetry_operations"])] for level in shards[0]]
    assert groups[0][0] < groups[2][0]
    assert groups[0][1] < groups[2][1]
    added = stage_sums(None, shards)[-1]
    assert added.attrs["symmetry_operations"] == shards[0][0].attrs["symmetry_operations"]
    for bx, model in zip(fields, models, strict=True):
        every = sums_on_grid(model, names, "spin_z", 16, cc.EnergyMesh.from_json(mesh))
        for name in names:
            difference = abs(added[name].sel(bx=bx) - every[name]).max()
            assert difference < 5e-12 * every[f"{name}_absolute"].max(), name  # as above


def test_bosons_with_a_mode_of_zero_energy_have_a_series_that_misses_it(tmp_path: Path) -> None:
    """A Neel magnet without anisotropy: 1/2 becomes 0, and is refused at Gamma."""
    model = {"name": "honeycomb_magnet", "K": 0.0}
    at = {"operator": "spin_z", "temperature": [20.0], "variables": ["alpha_intrinsic"]}
    keys = {"model": model, "responses": ["thermal"], "mu": None, **at}
    with pytest.raises(cc.InputError, match=r"at k = \(0, 0\) .* the grid must miss its k, by a shift"):
        levels_of(plan_of(tmp_path, HEXAGONAL | {"largest": 12, "shift": "1/2"}, **keys), "rashba")
    plan = plan_of(tmp_path, HEXAGONAL | {"largest": 24}, **keys)
    check_models(plan.configuration)
    levels = levels_of(plan, "rashba")
    every = cc.thermal(plan.model("rashba"), grid=24, shift=[2 / 3, 1 / 3], symmetry="off", **at)
    scale = every.alpha_intrinsic_scale.item()
    assert scale > 0
    # as above: the lowest energy is 7 % of the highest
    assert abs(levels[-1].alpha_intrinsic - every.alpha_intrinsic).max() < 5e-12 * scale
    assert bool(cc.judge(levels, 0.1).converged)
