"""Saved models: no bit is lost, two runs write the same bytes, and damaged files are named."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cc_kernels.errors import InputError
from cc_kernels.models import (
    KDotP,
    Model,
    Operator,
    TightBinding,
    build_model,
    from_function,
    load_model,
    model_names,
    save_model,
)

ARRAYS = ("lattice", "R", "hoppings", "positions", "position_matrices", "powers", "matrices", "k_max", "reciprocal")
LABELS = ("name", "description", "parameters", "degeneracy_tolerance", "particle_hole_copies", "is_superconductor")


def random_model() -> TightBinding:
    """Irrational numbers everywhere, position matrices, and labels away from their defaults."""
    rng = np.random.default_rng(0)
    cells = [(0, 0), (1, 2), (-1, -2)]
    t, r = rng.normal(size=(3, 2, 2)) * (1 + 0.3j), rng.normal(size=(3, 2, 2, 2)) * (1 - 0.7j)
    return TightBinding(
        rng.normal(size=(2, 2)),
        cells,
        [t[0] + t[0].conj().T, t[1], t[1].conj().T],
        rng.normal(size=(2, 2)),
        {"s": Operator(np.diag(rng.normal(size=2)), "hbar", "a spin, with ² and ħ"), "q": np.eye(2)},
        position_matrices=[r[0] + r[0].conj().swapaxes(1, 2), r[1], r[1].conj().swapaxes(1, 2)],
        name="random",
        parameters={"a": np.float64(0.1) + 0.2, "n": np.int64(3)},
        degeneracy_tolerance=1e-4,
        particle_hole_copies=2,
        is_superconductor=True,
    )


def assert_bitwise_equal(a: Model, b: Model) -> None:
    assert type(a) is type(b)
    for key in ARRAYS:
        x, y = getattr(a, key, None), getattr(b, key, None)
        assert np.asarray(x).dtype == np.asarray(y).dtype, key
        assert np.asarray(x).tobytes() == np.asarray(y).tobytes() or x is y is None, key
    for key in LABELS:
        assert getattr(a, key) == getattr(b, key), key
    assert list(a.operators) == list(b.operators)
    for key, operator in a.operators.items():
        other = b.operators[key]
        assert (operator.unit, operator.description) == (other.unit, other.description)
        assert operator.matrix.tobytes() == other.matrix.tobytes()


def test_a_turned_bit_is_not_loaded(tmp_path) -> None:
    """Of a hopping, which would still be Hermitian: nothing but the checksum knows."""
    path = tmp_path / "a.nc"
    model = KDotP([(2,)], [[[0.7310585786300049]]], k_max=0.1)
    save_model(model, path)
    content = bytearray(path.read_bytes())
    place = content.index(np.float64(0.7310585786300049).tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"model file .*a.nc: got a file whose content does not match its checksum"):
        load_model(path)


MODELS = [
    *[pytest.param(build_model(name), id=name) for name in model_names()],
    pytest.param(random_model(), id="random"),
    pytest.param(KDotP([(1,)], [[[1.0]]], k_max=0.1), id="no-operators"),
    pytest.param(KDotP([(2,)], [[[1.0]]], lattice=[[np.sqrt(7)]]), id="superlattice"),
]


@pytest.mark.parametrize("model", MODELS)
def test_round_trip_is_bitwise_and_files_are_reproducible(model: Model, tmp_path) -> None:
    first, second = tmp_path / "a.nc", tmp_path / "b.nc"
    save_model(model, first)
    loaded = load_model(str(first))
    assert_bitwise_equal(model, loaded)
    save_model(loaded, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nc", "b.nc"]
    k = np.random.default_rng(1).uniform(-3, 3, (4, model.dim))
    for x, y in zip(model.hamiltonian_and_velocity(k), loaded.hamiltonian_and_velocity(k), strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_python_function_cannot_be_saved_and_nothing_is_touched(tmp_path) -> None:
    path = tmp_path / "model.nc"
    path.write_text("older")
    model = from_function(lambda k: k[:, :1, None] * np.eye(2), dim=2, k_max=1.0)
    with pytest.raises(InputError, match="name its file in the configuration"):
        save_model(model, path)
    assert path.read_text() == "older"


def test_a_lattice_function_can_be_saved(tmp_path) -> None:
    model = from_function(lambda k: np.cos(k)[:, :, None], dim=1, lattice=[[1.0]])
    save_model(model, tmp_path / "chain.nc")
    assert_bitwise_equal(model, load_model(tmp_path / "chain.nc"))


def test_missing_folder(tmp_path) -> None:
    with pytest.raises(InputError, match="in a folder that exists"):
        save_model(build_model("haldane"), tmp_path / "no" / "model.nc")


def damaged(kind: str, folder):
    path = folder / "model.nc"
    save_model(build_model("haldane"), path)
    content = path.read_bytes()
    if kind.startswith("truncated"):
        path.write_bytes(content[: int(len(content) * float(kind.split()[1]))])
    elif kind == "text":
        path.write_text("alpha: 0.5")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "missing":
        path.unlink()
    elif kind == "folder":
        return folder
    elif kind == "foreign":
        xr.Dataset({"x": ("y", [1.0])}).to_netcdf(path)
    else:
        with xr.open_dataset(path, decode_cf=False) as dataset:
            dataset = dataset.load()
        if kind == "version":
            dataset.attrs["version"] = 99
        elif kind == "variable":
            dataset = dataset.drop_vars("hoppings_imag")
        elif kind == "form":
            dataset.attrs["form"] = "Spaghetti"
        elif kind == "labels":
            dataset.attrs["labels"] = "{"
        elif kind == "hermitian":
            dataset["hoppings_imag"] += 1.0
        dataset.to_netcdf(path)
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("truncated 0.9", "a truncated file, or no netCDF4 file"),
        ("truncated 0.5", "a truncated file, or no netCDF4 file"),
        ("truncated 0.01", "a truncated file, or no netCDF4 file"),
        ("text", "a truncated file, or no netCDF4 file"),
        ("empty", "a truncated file, or no netCDF4 file"),
        ("missing", "a file that exists"),
        ("folder", "a file that exists"),
        ("foreign", "kind none, version none"),
        ("version", "version 99"),
        ("variable", "damaged"),
        ("form", "damaged"),
        ("labels", "damaged"),
        ("hermitian", "hoppings: .*Hermitian"),
    ],
)
def test_a_damaged_file_is_named(kind: str, message: str, tmp_path) -> None:
    with pytest.raises(InputError, match=message):
        load_model(damaged(kind, tmp_path))
