"""Disorder that cannot be computed as asked: one message; what is too coarse: a warning that stays with the result."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr

from cc_kernels import InputError, build_model, disorder
from cc_kernels.scattering import disorder as module
from cc_kernels.study.disorder_level import with_disorder
from cc_kernels.study.study_models import StudyModels
from cc_kernels.verdict import judge
from cc_kernels.verdict.line_resolution import RATE_STEP, RESIDUAL, rate_step, warning_of


def dirac(**options):
    return disorder(build_model("massive_dirac"), operator="charge", **({"mu": 1.2, "hall_grid": None} | options))


# -- points and the range of the potential -----------------------------------------------------------------------


@pytest.mark.parametrize("points", [256, 1024])
def test_points_farther_apart_than_the_potential_reaches(points):
    """k_F = 1.1 and 1024 points: q range = 6.7 to the next point, its rate exp(-22); no state is scattered."""
    with pytest.raises(InputError) as caught:
        dirac(potential="gaussian", range=1000.0, points=points)
    assert str(caught.value) == (
        f"points: got {points} on the Fermi lines, farther apart than V(q) reaches (gaussian, mu = 1.2); "
        "allowed: more, or a potential of shorter range"
    )


def test_a_rate_that_falls_to_the_next_point_is_a_warning():
    """P/P(0) = exp(-(q range)^2/2) cos^2(angle/2), q range = 2.67 between 256 points: 2.35 times the right values."""
    with pytest.warns(UserWarning, match="too few for the disorder: the scattering changes by 97 % from one to the"):
        coarse = dirac(potential="gaussian", range=100.0, points=256)
    q = 2 * np.sqrt(1.2**2 - 0.5**2) * np.sin(np.pi / 256)
    # the overlap of neighbouring spinors changes P by less than (pi/256)^2
    assert coarse.rate_step.item() == pytest.approx(1 - np.exp(-((q * 100) ** 2) / 2), abs=(np.pi / 256) ** 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fine, finer = (dirac(potential="gaussian", range=100.0, points=points) for points in (1024, 2048))
    # trapezoidal sums of a Gaussian over steps of 0.67 of its width: exp(-2 pi^2/0.67^2) = 1e-19, and the bend of k_F
    # on a circle; the off-diagonal part is rounding of 4e5 in a system of condition (k_F range)^2 = 1e4
    assert fine.sigma_occupation.values == pytest.approx(finer.sigma_occupation.values, rel=1e-6, abs=1e-2)
    assert coarse.sigma_occupation.values[0, 0, 0] > 2 * fine.sigma_occupation.values[0, 0, 0]


def test_a_residual_is_a_warning():
    model = build_model("rashba_square")
    with pytest.warns(UserWarning, match="the residual of the Boltzmann equation is"):
        result = disorder(model, operator="spin_z", mu=3.0, points=16, hall_grid=None)
    assert 1e-6 < result.residual.item() < 0.5


def test_neighbours_are_those_of_a_line():
    """Two lines of three and two points: the last of each is followed by its first."""
    contour, rate = np.array([0, 0, 0, 1, 1]), np.eye(5)
    for after, here in ((1, 0), (2, 1), (0, 2), (4, 3), (3, 4)):
        rate[after, here] = 1
    assert rate_step(contour, rate) == 0
    rate[0, 2] = 0.25
    assert rate_step(contour, rate) == 0.75


def test_the_verdict_of_a_study_tells_of_too_few_points():
    """The study's names, the same sentence."""
    level = xr.Dataset(
        {
            "sigma_hall": (("mu", "temperature", "i", "l"), np.ones((1, 1, 2, 2)), {"units": "e^2/hbar"}),
            "sigma_hall_scale": (("mu", "temperature"), np.ones((1, 1))),
            "temperature_resolution": (("temperature",), [0.1]),
        },
        {"mu": [1.2], "temperature": [300.0], "i": ["x", "y"], "l": ["x", "y"]},
        {"grid": "[256, 256]"},
    )
    models = StudyModels([build_model("massive_dirac")], None, np.array([]))

    def study(range: float) -> xr.Dataset:
        return with_disorder(level, models, "charge", [{"name": "gaussian", "range": range}], None, "far")

    result = study(20.0)
    assert float(result.disorder_rate_step.max()) > 0.5
    assert "too few for the disorder: the scattering changes by" in judge([result], 1e-3).attrs["summary"]
    assert not warning_of(study(1.0))
    with pytest.raises(InputError, match=r"studies\.far\.grid\.start: got 64 .* \(gaussian, range = 1000, mu = 1\.2\)"):
        study(1000.0)


# -- potentials from outside -------------------------------------------------------------------------------------

POTENTIALS = {
    "infinite": (lambda q: 1 / q, r"V\(q\) = inf at q = 0"),
    "NaN": (lambda q: np.sqrt(0.5 - q), r"V\(q\) = nan at q = "),
    "zero": (lambda q: 0 * q, r"V\(q\) = 0 between all states"),
    "complex": (lambda q: np.exp(1j * q), r"V\(q\) of shape .* and type complex128"),
    "scalar": (lambda q: 1.0, r"V\(q\) of shape \(\) and type float64"),
    "another shape": (lambda q: q[:3], r"V\(q\) of shape \(3,\)"),
}


@pytest.mark.parametrize("name", POTENTIALS)
def test_functions_that_are_no_potential(name):
    potential, given = POTENTIALS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match=f"potential: got {given}.*; allowed: a function of an array of "):
            dirac(potential=potential)


def test_a_function_is_as_good_as_a_name():
    named, given = dirac(potential="gaussian", range=2.0), dirac(potential=lambda q: np.exp(-(q**2)))
    # (q 2)^2/4 in another order of its rounding
    assert given.sigma_occupation.values == pytest.approx(named.sigma_occupation.values, rel=1e-10, abs=1e-12)


# -- what is checked, and when -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hall_grid": 0}, r"hall_grid: got 0; allowed: one positive integer"),
        ({"hall_grid": [8, 8, 8]}, r"hall_grid: got \[8, 8, 8\]; allowed: one positive integer, or 2 of them"),
        ({"hall_grid": 8, "hall_temperature": -1.0}, r"hall_temperature: got -1.0; allowed: one positive number"),
        (
            {"hall_grid": 8, "hall_temperature": [1.0, 2.0]},
            r"hall_temperature: got \[1.0, 2.0\]; allowed: one",
        ),
    ],
)
def test_the_fermi_sea_is_checked_before_the_lines(monkeypatch, options, message):
    monkeypatch.setattr(module, "contour_dataset", lambda *_: pytest.fail("the Fermi lines were followed first"))
    with pytest.raises(InputError, match=message):
        dirac(**options)


@pytest.mark.parametrize("how", [{}, {"relaxation_time": 10.0, "hall_grid": 8}])
def test_superconductors_are_refused_with_and_without_a_potential(how):
    with pytest.raises(InputError, match=r"model: got d_id_square, a superconductor; allowed: a normal model"):
        disorder(build_model("d_id_square"), operator="charge", mu=0.0, **how)


def test_only_the_hall_part_of_the_sea_is_computed(monkeypatch):
    """All of `transport` takes half as long again."""
    import cc_kernels.scattering.disorder as module

    asked, real = [], module.responses_on_grid

    def noted(names, *rest, **settings):
        asked.extend(names)
        return real(names, *rest, **settings)

    monkeypatch.setattr(module, "responses_on_grid", noted)
    result = dirac(hall_grid=16, hall_temperature=3000.0)
    assert asked == ["disorder"]
    assert "sigma_hall" in result


def test_the_occupation_part_says_for_which_density():
    assert "n_i of scatterers of 1/angstrom^2; inversely" in dirac().sigma_occupation.comment
    assert "comment" not in dirac().sigma_side_jump.attrs


def test_names_in_the_result():
    assert {RESIDUAL, RATE_STEP} <= set(dirac().data_vars)
