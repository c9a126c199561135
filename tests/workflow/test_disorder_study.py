"""Disorder as a response of a study: the real pipeline, its numbers, what runs again, and bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

import cc_kernels as cc
from cc_kernels import io
from cc_kernels.configuration import ConfigurationError, check_models, load_configuration
from cc_kernels.plotting.potential_labels import in_print
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.study.disorder_level import contour_points, search_grid, with_disorder
from cc_kernels.study.levels import level_responses
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.verdict import judge

DIRTY = """\
studies:
  dirty:
    model: {name: rashba_square, alpha: 0.5, bz: 0.2}
    operator: spin_z
    responses: [transport, disorder]
    potentials: [delta, {name: gaussian, range: 2.0}]
    mu: [-9.0, 1.0, 1.5]
    temperature: [3000]
    grid: {start: 64, largest: 128, tolerance: 1.0e-3}

figures:
  rashba_null: {studies: [dirty]}
"""
LEVELS = (64, 128)
SUMS = ["results/dirty/sums/dirty/128.nc"]
LEVEL_JOBS = {"sums/dirty/128.nc"}
SHARDS = {"sums/dirty/128.shard0of1.nc"}
OF_POTENTIAL = ("sigma_dipole_scattering", "sigma_side_jump", "sigma_occupation")


@pytest.fixture(scope="module")
def dirty(project):
    (project.folder / "config" / "dirty.yaml").write_text(DIRTY)
    run = project.figures("dirty")
    assert run.done.returncode == 0, run.done.stderr
    return run


def test_the_pipeline_gives_the_numbers_of_the_library(dirty) -> None:
    model = cc.build_model("rashba_square", alpha=0.5, bz=0.2)
    series = io.read_series(dirty.results / "responses" / "dirty" / "128.nc", "responses")
    for n, response in zip(LEVELS, series, strict=True):
        assert list(response["potential"].values) == ["delta", "gaussian, range = 2"]
        assert json.loads(response.attrs["potentials"]) == [{"name": "delta"}, {"name": "gaussian", "range": 2.0}]
        assert response.attrs["contour_points"] == contour_points(n) == n // 4
        hall = response.sigma_hall.isel(temperature=0)
        for label, potential in (("delta", {}), ("gaussian, range = 2", {"potential": "gaussian", "range": 2.0})):
            expected = cc.disorder(
                model,
                operator="spin_z",
                mu=[-9.0, 1.0, 1.5],
                grid=search_grid(n),
                points=n // 4,
                hall_grid=None,
                **potential,
            )
            one = response.sel(potential=label)
            for name in OF_POTENTIAL:
                assert one[name].dims == ("mu", "i", "l")
                for part in (name, f"{name}_scale"):  # the same code; rounding of the linear algebra alone
                    np.testing.assert_allclose(one[part], expected[part], rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(one.sigma_dipole_contour, expected.sigma_dipole, rtol=1e-12, atol=1e-14)
            band = hall + expected.sigma_dipole + expected.sigma_dipole_scattering
            np.testing.assert_allclose(one.sigma_band.isel(temperature=0), band, rtol=1e-12, atol=1e-14)
        assert response.sigma_band.dims == ("potential", "mu", "temperature", "i", "l")
        assert list(response.number_of_contours.values) == [0, 2, 2]
        assert not response.sigma_occupation.sel(mu=-9.0).values.any()  # below all bands
    assert float(abs(response.sigma_occupation).max()) > 1e-3


def test_the_verdict_judges_the_fermi_lines(dirty) -> None:
    verdict = io.read_dataset(dirty.results / "verdicts" / "dirty" / "128.nc", "verdict")
    names = set(verdict["variable"].values)
    assert {*OF_POTENTIAL, "sigma_dipole_contour", "sigma_band", "sigma_relaxation_time", "sigma_intrinsic"} <= names
    # 16 and 32 points on a line are not yet the same to rounding: there is no floor below which nothing changes
    assert float(verdict.change.sel(variable="sigma_occupation").isel(level=-1).max()) > 1e-9


def test_a_changed_potential_reruns_levels_and_figures(project, dirty) -> None:
    assert project.planned("dirty", "all", *SUMS) == set()
    with project.edited("config/dirty.yaml", "range: 2.0", "range: 2.5"):
        assert project.planned("dirty", *SUMS) == LEVEL_JOBS
        assert "figures/rashba_null.png" in project.planned("dirty")
    with project.edited("config/dirty.yaml", "    potentials: [delta, {name: gaussian, range: 2.0}]\n", ""):
        assert project.planned("dirty", *SUMS) == LEVEL_JOBS


def test_an_edit_of_the_scattering_reruns_levels(project, dirty) -> None:
    with project.changed("cc_kernels/scattering/pairs.py"):
        assert project.planned("dirty", *SUMS) == LEVEL_JOBS


def test_more_responses_rerun_the_grids_that_they_need(project, dirty) -> None:
    with project.edited("config/dirty.yaml", "[transport, disorder]", "[transport, disorder, companions]"):
        assert project.planned("dirty", *SUMS) == LEVEL_JOBS | SHARDS


def test_a_line_that_cannot_be_followed_is_one_message(project) -> None:
    text = DIRTY.replace("{name: rashba_square, alpha: 0.5, bz: 0.2}", "{name: rashba_square, alpha: 0.0}")
    text = text.replace("[-9.0, 1.0, 1.5]", "[1.0]").replace("dirty", "edge")
    (project.folder / "config" / "edge.yaml").write_text(text)
    done = project.figures("edge").done
    assert done.returncode != 0
    message = (
        "studies.edge.degeneracy_tolerance: got levels 0.0e+00 eV apart on a Fermi line of rashba_square at mu = 1; "
        "allowed: Fermi lines of single bands (tolerance 1e-06 eV)"
    )
    assert f"level: {message}" in done.stderr
    assert "Traceback" not in done.stderr
    log = (project.folder / "results" / "edge" / "logs" / "level" / "edge" / "128.log").read_text()
    assert re.fullmatch(r".* INFO begun by run-\w+\n.* ERROR " + re.escape(message) + r"\n", log)


# -- stages ------------------------------------------------------------------------------------------------------


def level(models: StudyModels, responses: list[str], n: int, mu: list[float], potentials: list[dict]) -> xr.Dataset:
    mesh = EnergyMesh.covering(mu, [3000.0]).to_json()
    names = state_sums_of(responses, 2)
    (sums,) = shard_sums(models, names, "spin_z", [n], [0.0], None, 0, 1, mesh, None, 16384)
    response = level_responses(sums, models.models, "spin_z", responses, mu, [3000.0], False)
    return with_disorder(response, models, "spin_z", potentials, None, "swept")


def test_a_sweep_has_its_own_fermi_lines() -> None:
    values = [0.1, 0.3]
    models = StudyModels([cc.build_model("rashba_square", bz=bz) for bz in values], "bz", np.array(values))
    result = level(models, ["disorder"], 64, [1.0], [{"name": "delta"}])
    assert result.sigma_band.dims == ("bz", "potential", "mu", "temperature", "i", "l")
    assert "sigma_intrinsic" not in result
    for bz, model in zip(values, models.models, strict=True):
        alone = level(StudyModels([model], None, np.array([])), ["disorder"], 64, [1.0], [{"name": "delta"}])
        for name in alone.data_vars:  # with as many rows of gaps as the value has that has most
            one = result[name].sel(bz=bz).reindex_like(alone[name])
            np.testing.assert_array_equal(one, alone[name])
    models = [cc.build_model("kane_mele", lambda_v=0, lambda_r=value) for value in (0.0, 0.05)]
    swept = StudyModels(models, "lambda_r", np.array([0.0, 0.05]))
    with pytest.raises(cc.InputError, match=r"studies.swept.degeneracy_tolerance: got levels .* \(lambda_r = 0\)"):
        level(swept, ["disorder"], 64, [0.5], [{"name": "delta"}])


def test_null_results_converge() -> None:
    """s_n = 0: side jump and occupation part have only rounding errors, which are no change on their scale."""
    models = StudyModels([cc.build_model("rashba_square", alpha=0.5)], None, np.array([]))
    potentials = [{"name": "delta"}, {"name": "screened_coulomb", "kappa": 0.5, "setback": 1.0}]
    levels = [level(models, ["transport", "disorder"], n, [1.0, 1.5], potentials) for n in (64, 128, 256)]
    change = judge(levels, 1e-3).change.isel(level=-1)
    for name in ("sigma_side_jump", "sigma_occupation", "sigma_band"):
        assert float(change.sel(variable=name).max()) < 1e-6, name
    assert float(abs(levels[-1].sigma_band).max()) < 1e-12


# -- configuration -----------------------------------------------------------------------------------------------

BAD = [
    ({"potentials": ["deltas"]}, "potentials[0].name: got 'deltas'; allowed: one of delta, gaussian, screened_coulomb"),
    ({"potentials": []}, "potentials: got []; allowed: List should have at least 1 item"),
    ({"potentials": "delta"}, "potentials: got 'delta'; allowed: list"),
    ({"potentials": [{"range": 2.0}]}, "potentials[0].name: got nothing; allowed: `delta`"),
    (
        {"potentials": ["delta", {"name": "gaussian", "rang": 2.0}]},
        "potentials[1].rang: got an unknown key (= 2.0); allowed: range",
    ),
    (
        {"potentials": [{"name": "delta", "range": 2.0}]},
        "potentials[0].range: got an unknown key (= 2.0); allowed: no parameters",
    ),
    (
        {"potentials": [{"name": "screened_coulomb", "kappa": 0}]},
        "potentials[0].kappa: got 0; allowed: a positive number (1/angstrom)",
    ),
    (
        {"potentials": [{"name": "screened_coulomb", "setback": -1}]},
        "potentials[0].setback: got -1; allowed: zero or a positive number (angstrom)",
    ),
    ({"potentials": [{"name": "gaussian", "range": "2"}]}, "potentials[0].range: got '2'; allowed: a positive number"),
    (
        {"potentials": [{"name": "gaussian", "range": float("nan")}]},
        "potentials[0].range: got nan; allowed: a finite number",
    ),
    (
        {"potentials": ["gaussian", {"name": "gaussian", "range": 1}]},
        "potentials: got ['gaussian, range = 1', 'gaussian, range = 1']; allowed: each potential once",
    ),
    (
        {"responses": ["transport"]},
        "potentials: got ['delta', 'gaussian, range = 2']; allowed: nothing without the response disorder",
    ),
    (
        {"grid": {"start": 32, "largest": 64, "tolerance": 0.1}},
        "grid.start: got 32; allowed: at least 64 for disorder",
    ),
    ({"sweep": {"potential": [1.0]}}, "sweep.potential: got 'potential'; allowed: another name: the results have"),
    ({"responses": ["superconductor", "disorder"], "mu": None}, "superconductor alone"),
]
BAD_MODELS = [
    ({"name": "bismuth_selenide"}, "spin_z", "bismuth_selenide, 3 dimensions"),
    ({"name": "d_id_square"}, "charge", "d_id_square, a superconductor"),
]


def written(folder: Path, changes: dict) -> Path:
    content = yaml.safe_load(DIRTY)
    content["studies"]["dirty"] |= changes
    path = folder / "bad.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[message[:40] for _, message in BAD])
def test_bad_potentials_are_one_message(tmp_path: Path, changes: dict, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(written(tmp_path, changes))
    assert message in str(caught.value)
    assert str(caught.value).count("allowed: ") == 1


@pytest.mark.parametrize(("model", "operator", "given"), BAD_MODELS)
def test_models_without_fermi_lines_are_refused(tmp_path: Path, model: dict, operator: str, given: str) -> None:
    configuration = load_configuration(written(tmp_path, {"model": model, "operator": operator}))
    with pytest.raises(ConfigurationError) as caught:
        check_models(configuration)
    assert f"studies.dirty.model: got {given}; allowed: a normal model in two dimensions" in str(caught.value)


@pytest.mark.parametrize(
    ("potential", "message"),
    [
        ({"name": "screened_coulomb", "kappa": 0.5}, "setback: got 0.0; allowed: a positive distance on a lattice"),
        ({"name": "gaussian", "range": 0.01}, "name: got V(q) that has not fallen off at q = 112/angstrom, after 1000"),
    ],
)
def test_potentials_without_a_sum_over_images_are_refused(tmp_path: Path, potential: dict, message: str) -> None:
    """1000 cells of (2 pi)^2 fill a circle of radius 112. A continuum has no images."""
    path = written(tmp_path, {"potentials": ["delta", potential]})
    with pytest.raises(ConfigurationError) as caught:
        check_models(load_configuration(path))
    assert f"studies.dirty.potentials[1].{message}" in str(caught.value)
    path = written(tmp_path, {"potentials": ["delta", potential], "model": {"name": "rashba_continuum"}, "mu": [1.0]})
    check_models(load_configuration(path))


def test_potentials_have_defaults(tmp_path: Path) -> None:
    study = load_configuration(written(tmp_path, {"potentials": None})).studies["dirty"]
    assert [one.content for one in study.potential_list] == [{"name": "delta"}]
    study = load_configuration(written(tmp_path, {"potentials": ["gaussian"]})).studies["dirty"]
    assert [one.content for one in study.potential_list] == [{"name": "gaussian", "range": 1.0}]


def test_labels_name_a_setback_where_there_is_one(tmp_path: Path) -> None:
    potentials = [{"name": "screened_coulomb", "kappa": 0.5, "setback": value} for value in (0, 1.5)]
    study = load_configuration(written(tmp_path, {"potentials": potentials})).studies["dirty"]
    labels = [one.label for one in study.potential_list]
    assert labels == ["screened Coulomb, kappa = 0.5", "screened Coulomb, kappa = 0.5, setback = 1.5"]
    assert in_print(labels[1]) == "screened Coulomb, κ = 0.5 Å$^{-1}$, setback 1.5 Å"
