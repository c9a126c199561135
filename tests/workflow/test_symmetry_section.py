"""The key `symmetry` of a study: what it takes, what it refuses before anything runs, and what reaches the jobs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.models import build_model
from cc_kernels.study.levels import level_responses, stage_sums
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from cc_kernels.sums.mesh import EnergyMesh
from tests.workflow.good_configuration import STUDY, with_value, write
from workflow.plan import Plan

CHOICES = [
    ("symmetry: auto", "auto"),
    ("symmetry: off", "off"),  # to YAML the opposite of on
    ("symmetry: 'off'", "off"),
    ("symmetry: {point_group: 4mm, time_reversal: true}", {"point_group": "4mm", "time_reversal": True}),
    ("symmetry: {point_group: 4}", {"point_group": "4", "time_reversal": False}),
    ("symmetry: {time_reversal: true}", {"point_group": "1", "time_reversal": True}),
]


@pytest.mark.parametrize(("text", "choice"), CHOICES)
def test_choices_reach_the_k_grids(tmp_path: Path, text: str, choice: object) -> None:
    content = with_value(f"{STUDY}.symmetry", yaml.safe_load(text)["symmetry"])
    path = write(tmp_path, content)
    check_models(load_configuration(path))
    plan = Plan.of_files([path])
    assert plan.kgrid_parameters("rashba", 32, 0)["symmetry"] == choice
    assert plan.kgrid_parameters("d_wave", 8, 0)["symmetry"] == "auto"


BAD = [
    (True, f"{STUDY}.symmetry: got True"),
    ("on", f"{STUDY}.symmetry: got 'on'"),
    (3, f"{STUDY}.symmetry: got 3"),
    ({"group": "4mm"}, f"{STUDY}.symmetry.group: got an unknown key (= '4mm'); allowed: did you mean point_group?"),
    ({"point_group": True}, f"{STUDY}.symmetry.point_group: got True; allowed: string"),
    ({"time_reversal": "yes"}, f"{STUDY}.symmetry.time_reversal: got 'yes'; allowed: boolean"),
    ([], f"{STUDY}.symmetry: got []"),
]


@pytest.mark.parametrize(("value", "message"), BAD)
def test_other_choices_are_refused(tmp_path: Path, value: object, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(write(tmp_path, with_value(f"{STUDY}.symmetry", value)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("model", "claim", "message"),
    [
        ({"bz": 0.3}, {"time_reversal": True}, f"{STUDY}.symmetry.time_reversal: got True; allowed: False: the model"),
        ({}, {"point_group": "6mm"}, f"{STUDY}.symmetry.point_group: got '6mm'; allowed: one that the lattice has: 1,"),
        ({"bx": 0.3}, {"point_group": "4mm"}, f"{STUDY}.symmetry.point_group: got '4mm'; allowed: one that the model"),
    ],
)
def test_claims_are_checked_with_the_models(tmp_path: Path, model: dict, claim: dict, message: str) -> None:
    """Before Snakemake starts a job."""
    content = with_value(f"{STUDY}.symmetry", claim)
    content["studies"]["rashba"]["model"] |= model
    with pytest.raises(ConfigurationError) as caught:
        check_models(load_configuration(write(tmp_path, content)))
    assert message in str(caught.value)


def test_a_stage_of_a_study_is_folded(tmp_path: Path) -> None:
    """Three levels in two shards, along a sweep whose models have different symmetries: as without folding."""
    values = np.array([0.0, 0.2])
    study = StudyModels([build_model("rashba_square", bx=bx) for bx in values], "bx", values)
    names = ["velocity_dipole", "berry_curvature_operator", "quantum_metric", "close_metric"]
    mesh = EnergyMesh.covering([0.0, 1.0], 3000.0).to_json()
    results = {}
    for choice in ("auto", "off"):
        shards = [
            shard_sums(study, names, "spin_z", [8, 16, 32], [0.0] * 3, None, shard, 2, mesh, None, 100, choice)
            for shard in range(2)
        ]
        results[choice] = stage_sums(None, shards)[-1]
    folded = results["auto"]
    assert json.loads(folded.attrs["symmetry"]) == ["4mm", "2mm"]
    assert folded.attrs["points"] == 32**2
    assert folded.attrs["symmetry_points"] < 32**2 / 3 * 2 + 32  # an eighth of one model's, a quarter of the other's
    responses = {
        choice: level_responses(
            sums, study.models, "spin_z", ["transport"], [0.5], [3000.0], False, ["sigma_intrinsic"], with_gaps=False
        )
        for choice, sums in results.items()
    }
    every, one = responses["off"], responses["auto"]
    assert float((abs(every.sigma_intrinsic - one.sigma_intrinsic) / every.sigma_intrinsic_scale).max()) < 1e-12
    assert one.attrs["symmetry_operations"] == folded.attrs["symmetry_operations"]
