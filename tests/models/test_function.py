"""Models from Python functions and from a user's own files."""

from __future__ import annotations

import numpy as np
import pytest

from cc_kernels.errors import InputError
from cc_kernels.models import TightBinding, build_model, from_function, load_from_python
from cc_kernels.models.function import _say_that_it_is_slow

SQUARE = np.eye(2)
# from_function promises to reproduce h to 1e-10; the velocity weighs the hoppings with |R|, a few angstrom
REPRODUCED = 1e-9


@pytest.mark.parametrize("name", ["rashba_square", "haldane", "kane_mele", "d_id_square", "haldane_superconductor"])
@pytest.mark.parametrize("one_at_a_time", [False, True])
def test_a_lattice_function_becomes_the_same_model(name: str, one_at_a_time: bool) -> None:
    model = build_model(name)

    def h(k):
        return model.hamiltonian(k[None])[0] if one_at_a_time else model.hamiltonian(k)

    def strict(k):
        if one_at_a_time and k.shape != (2,):
            raise ValueError("one k only")
        return h(k)

    lowered = from_function(strict, dim=2, lattice=model.lattice, operators=model.operators, positions=model.positions)
    assert isinstance(lowered, TightBinding)
    assert lowered.R.tolist() == model.R.tolist()
    k = np.random.default_rng(1).uniform(-4, 4, (6, 2))
    for x, y in zip(lowered.hamiltonian_and_velocity(k), model.hamiltonian_and_velocity(k), strict=True):
        assert np.abs(x - y).max() < REPRODUCED
    assert list(lowered.operators) == list(model.operators)


def test_a_dimension_may_be_written_as_a_float() -> None:
    assert from_function(lambda k: np.cos(k)[:, :, None], dim=1.0, lattice=[[1.0]]).dim == 1


def test_the_box_of_hoppings_grows_until_they_have_decayed() -> None:
    """1/(1.25 - cos k) = (4/3) sum_R 2^-|R| exp(i k R): 1e-12 of the largest is reached at R = 40."""
    model = from_function(lambda k: (1 / (1.25 - np.cos(k)))[:, :, None], dim=1, lattice=[[1.0]])
    expected = 4 / 3 * 0.5 ** np.abs(model.R[:, 0])
    assert model.R.max() >= 40
    # aliasing folds 2^-63 and less back; the transform rounds at eps
    np.testing.assert_allclose(model.hoppings[:, 0, 0], expected, atol=1e-14)


def test_hoppings_beyond_the_first_box_are_not_folded_back() -> None:
    """On the first grid of 8 points cos 16k looks like a constant; the check on random k sees it."""
    model = from_function(lambda k: np.cos(16 * k)[:, :, None], dim=1, lattice=[[1.0]])
    assert model.R.max() == 16


def test_continuum_function_with_default_velocity() -> None:
    """Against the exact velocity of the k.p form: truncation vanishes for a cubic polynomial, so that rounding is left,
    2 eps |H|/step = 5e-16 x 30/0.005 = 3e-12."""
    model = build_model("rashba_continuum", winding=3, alpha=0.05)
    k = np.random.default_rng(2).uniform(-5, 5, (9, 2))
    function = from_function(model.hamiltonian, dim=2, k_max=5.0)
    np.testing.assert_array_equal(function.hamiltonian(k), model.hamiltonian(k))
    assert np.abs(function.velocity(k) - model.velocity(k)).max() < 1e-11
    assert function.lattice is None
    assert function.positions is None
    assert function.k_max == 5.0


def test_default_velocity_of_a_function_that_is_no_polynomial() -> None:
    """sqrt(k^2 + kappa^2) with kappa = k_max/10: the derivation beside DIFFERENCE_STEP promises about 5e-14 + 5e-13 of
    |h|/kappa; the bound leaves a factor of 20."""
    kappa = 0.1
    function = from_function(lambda k: np.sqrt(k**2 + kappa**2)[:, :, None], dim=1, k_max=1.0)
    k = np.linspace(-1, 1, 41)[:, None]
    assert np.abs(function.velocity(k)[:, 0, :, 0] - k / np.sqrt(k**2 + kappa**2)).max() < 1e-11


def test_continuum_function_with_its_own_velocity() -> None:
    model = build_model("massive_dirac")
    for velocity in (model.velocity, lambda k: model.velocity(np.reshape(k, (1, 2)))[0]):
        function = from_function(model.hamiltonian, dim=2, k_max=1.0, velocity=velocity, operators=model.operators)
        k = np.random.default_rng(3).uniform(-1, 1, (4, 2))
        np.testing.assert_array_equal(function.velocity(k), model.velocity(k))
        assert function.operator("spin_z").unit == "hbar"


def sheet(k):
    """A scalar band as a (N, 1, 1) array."""
    return (np.cos(k[:, 0]) + np.cos(k[:, 1]))[:, None, None]


BAD = {
    "no lattice and no box": (lambda: from_function(sheet, dim=2), "k_max"),
    "both": (lambda: from_function(sheet, dim=2, lattice=SQUARE, k_max=1.0), "k_max"),
    "dimension": (lambda: from_function(sheet, dim=4, lattice=SQUARE), "dim: got 4; allowed: 1, 2 or 3"),
    "velocity on a lattice": (lambda: from_function(sheet, dim=2, lattice=SQUARE, velocity=sheet), "velocity"),
    "positions in the continuum": (lambda: from_function(sheet, dim=2, k_max=1.0, positions=[[0, 0]]), "positions"),
    "raises": (lambda: from_function(lambda k: 1 / 0, dim=2, lattice=SQUARE), "ZeroDivisionError"),
    "scalar": (lambda: from_function(lambda k: 1.0, dim=2, lattice=SQUARE), r"returns \(N, nb, nb\)"),
    "NaN": (lambda: from_function(lambda k: np.nan * sheet(k), dim=2, lattice=SQUARE), "NaN"),
    "not Hermitian": (lambda: from_function(lambda k: 1j * sheet(k), dim=2, lattice=SQUARE), "Hermitian"),
    "not Hermitian in the continuum": (lambda: from_function(lambda k: 1j * sheet(k), dim=2, k_max=1.0), "Hermitian"),
    "mixes k": (lambda: from_function(lambda k: sheet(k) + len(k), dim=2, lattice=SQUARE), "passed together"),
    "not periodic": (
        lambda: from_function(lambda k: sheet(k / 2), dim=2, lattice=SQUARE),
        "periodic in the reciprocal lattice",
    ),
    "phases without positions": (
        lambda: from_function(build_model("haldane").hamiltonian, dim=2, lattice=build_model("haldane").lattice),
        "give the orbital positions",
    ),
    "not smooth": (lambda: from_function(lambda k: np.abs(sheet(k)), dim=2, lattice=SQUARE), "smooth in k"),
    "flat lattice": (lambda: from_function(sheet, dim=2, lattice=[[1, 0], [1, 0]]), "linearly independent"),
    "operator size": (
        lambda: from_function(sheet, dim=2, lattice=SQUARE, operators={"s": np.eye(2)}),
        r"s: .*\(2, 2\)",
    ),
    "velocity shape": (lambda: from_function(sheet, dim=2, k_max=1.0, velocity=sheet), "velocity"),
    "empty box": (lambda: from_function(sheet, dim=2, k_max=0.0), "k_max"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_message(case: str) -> None:
    action, message = BAD[case]
    with pytest.raises(InputError, match=message):
        action()


FILE = '''
"""A user's model."""
from cc_kernels.models import build_model

def build(alpha: float = 0.3, scale=1.0):
    """Rashba, but scaled."""
    return build_model("rashba_square", alpha=alpha * scale)

def broken():
    x = 1
    return x / 0

def number():
    return 3

def refused():
    return build_model("rashba_square", winding=0)
'''


def test_a_users_file(tmp_path) -> None:
    path = tmp_path / "my_model.py"
    path.write_text(FILE)
    model = load_from_python(path, "build", alpha=0.25, scale=2.0)
    assert model.parameters["alpha"] == 0.5
    path.write_text(FILE.replace("0.3", "0.4"))  # the same size, within the same second: no stale compilation
    assert load_from_python(str(path), "build").parameters["alpha"] == 0.4
    assert [entry.name for entry in tmp_path.iterdir()] == ["my_model.py"]


@pytest.mark.parametrize(
    ("text", "function", "parameters", "message"),
    [
        (None, "build", {}, "a Python file that exists"),
        (FILE, "bild", {}, "did you mean build"),
        (FILE, "build", {"alfa": 1.0}, "did you mean alpha"),
        (FILE, "build", {"alpha": "x"}, "parameter alpha of build"),
        (FILE, "broken", {}, "ZeroDivisionError in line 11"),
        (FILE, "number", {}, "a return value of type int"),
        (FILE, "refused", {}, "winding: got 0"),
        ("x = (", "build", {}, "SyntaxError in line 1"),
        ("import no_such_module_at_all", "build", {}, "ModuleNotFoundError in line 1"),
    ],
)
def test_a_bad_file_is_one_clear_message(text, function, parameters, message, tmp_path) -> None:
    path = tmp_path / "my_model.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_from_python(path, function, **parameters)


def test_a_continuum_function_of_one_k_is_said_to_be_slow_once(caplog: pytest.LogCaptureFixture) -> None:
    _say_that_it_is_slow.cache_clear()
    from_function(lambda k: k[:, :1, None] ** 2, dim=2, k_max=1.0)
    from_function(lambda k: np.cos(k).sum() * np.eye(1), dim=2, lattice=SQUARE)
    assert not caplog.records
    for mass in (1.0, 2.0):
        from_function(lambda k, mass=mass: k @ k / mass * np.eye(1), dim=2, k_max=1.0)
    (record,) = caplog.records
    assert "one k at a time" in record.getMessage()
