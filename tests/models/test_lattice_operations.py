"""Operations of lattices, their groups and symbols; and declared symmetries of models, found from numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import spglib

from cc_kernels.models import TightBinding, build_model
from cc_kernels.models.lattice_operations import (
    Operation,
    generated,
    groups_called,
    largest_group,
    lattice_operations,
    point_group_symbol,
    subgroups,
)
from cc_kernels.models.named import model_symmetries
from cc_kernels.sums.block import work_of
from cc_kernels.sums.invariance import EXACT, Check
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.plan import plan_of
from tests.identities.symmetric_models import LATTICES
from tests.models.symmetry_table import SPECIAL

SYMBOLS = {  # the holohedries, and of planes the point groups of the lattices
    "chain": "m",
    "oblique": "2",
    "rectangular": "2mm",
    "rhombic": "2mm",
    "square": "4mm",
    "hexagonal": "6mm",
    "tetragonal": "4/mmm",
    "fcc": "m-3m",
    "trigonal": "-3m",
}
PRISM = [[1.0, 0.0, 0.0], [0.5, 0.75**0.5, 0.0], [0.0, 0.0, 1.4]]

pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")  # spglib, to itself


def site_on(lattice: np.ndarray | list) -> TightBinding:
    dim = len(lattice)
    return TightBinding(lattice, [(0,) * dim], [np.eye(1)], np.zeros((1, dim)), {"charge": np.eye(1)})


def of_space(lattice: str | list) -> list[Operation]:
    model = site_on(LATTICES[lattice] if isinstance(lattice, str) else lattice)
    return [one for one in lattice_operations(model) if not one.reverses_time]


@pytest.mark.parametrize("lattice", list(LATTICES))
def test_a_lattice_has_its_holohedry(lattice: str) -> None:
    """Rotations take the lattice into itself; all are orthogonal, and in reduced coordinates whole numbers."""
    model, operations = site_on(LATTICES[lattice]), of_space(lattice)
    assert point_group_symbol(operations) == SYMBOLS[lattice]
    assert generated(operations, {one.key: one for one in operations}) is not None
    assert np.array_equal(operations[0].turn, np.eye(model.dim))
    for one in operations:
        cells = model.lattice @ one.rotation.T @ np.linalg.inv(model.lattice)
        assert np.abs(cells - np.rint(cells)).max() < 1e-12
        assert np.abs(one.rotation @ model.reciprocal.T - model.reciprocal.T @ one.turn).max() < 1e-12


def test_as_many_as_spglib_finds() -> None:
    """An independent search, on random lattices of all kinds in skewed bases."""
    rng = np.random.default_rng(2)
    for lattice in (*(LATTICES[name] for name in ("tetragonal", "fcc", "trigonal")), PRISM):
        for _ in range(3):
            skewed = (np.tril(rng.integers(-2, 3, (3, 3)), -1) + np.eye(3)) @ lattice
            cell = skewed, [[0, 0, 0]], [1]
            theirs = spglib.get_symmetry(cell, symprec=1e-6)["rotations"]
            # theirs act on coordinates in units of a_i, ours on those of k: inverse transposes
            expected = {tuple(np.rint(np.linalg.inv(one).T).astype(int).reshape(-1).tolist()) for one in theirs}
            ours = {one.key[0] for one in of_space(skewed.tolist())}
            assert ours == expected


def test_the_box_of_a_continuum_model_is_a_square() -> None:
    operations = lattice_operations(build_model("rashba_continuum"))
    assert len(operations) == 16
    assert point_group_symbol(operations) == "4mm"
    assert all(set(np.abs(one.rotation).reshape(-1)) == {0.0, 1.0} for one in operations)


@pytest.mark.parametrize(("lattice", "number"), [("fcc", 98), ("square", 10), ("hexagonal", 16)])
def test_subgroups_have_the_symbols_that_spglib_gives_them(lattice: str, number: int) -> None:
    """O_h has 98 subgroups, the dihedral groups of the square and the hexagon 10 and 16."""
    found = subgroups(of_space(lattice))
    assert len(found) == number
    for group in found:
        turns = np.tile(np.eye(3, dtype=np.int32), (len(group), 1, 1))
        dim = len(group[0].turn)
        turns[:, :dim, :dim] = [one.turn for one in group]
        theirs = spglib.get_pointgroup(turns)[0].strip()
        assert point_group_symbol(group) == ({"mm2": "2mm"}.get(theirs, theirs) if dim == 2 else theirs)


def test_all_point_groups_have_their_names() -> None:
    """32 in space, 10 in the plane."""

    def symbols(*lattices: str | list) -> set[str]:
        return {point_group_symbol(group) for lattice in lattices for group in subgroups(of_space(lattice))}

    assert len(symbols("square", "hexagonal")) == 10
    assert len(symbols("fcc", PRISM)) == 32


def test_a_symbol_names_groups_of_all_directions() -> None:
    assert len(groups_called("4/mmm", of_space("fcc"))) == 3
    assert len(groups_called("3m", of_space("hexagonal"))) == 2
    assert len(groups_called("mm2", of_space("square"))) == 2  # a name of space for the 2mm of a plane
    assert groups_called("6mm", of_space("square")) == []


def test_of_a_set_that_is_no_group_the_part_that_is_one_is_kept() -> None:
    """A quarter turn without the half turn is left out, and a mirror stays."""
    square = {repr(one): one for one in of_space("square")}
    kept = largest_group([square[name] for name in ("x,y", "-y,x", "x,-y")])
    assert list(map(repr, kept)) == ["x,y", "x,-y"]
    everything = largest_group(list(square.values()))
    assert len(everything) == 8


@pytest.mark.parametrize(
    ("name", "parameters"),
    [one for one in SPECIAL if one[0] not in ("hole_gas", "twisted_tmd")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_declared_symmetries_are_found(name: str, parameters: dict) -> None:
    """What a model declares by its matrices, U H U^dagger, numbers at k and at its image show: for operators with
    U s U^dagger = +-s. What the parameters break is not found."""
    model = build_model(name, **parameters)
    operations = lattice_operations(model)
    plan = plan_of(["velocity_dipole", "s_berry_curvature", "berry_curvature_operator", "operator_current"], model.dim)
    mesh = EnergyMesh.covering(0.0, 300.0)
    for label, operator in model.operators.items():
        matrix = operator.matrix
        with warnings.catch_warnings(action="ignore"):
            check = Check(work_of(model, [matrix], plan, mesh, None))
        found = {one.operation.key: one for one in check.of(operations)}
        for declared in model_symmetries(model):
            image = declared.act(matrix)
            signs = [sign for sign in (1, -1) if np.abs(image - sign * matrix).max() < 1e-9]
            if not declared.holds or declared.sign < 0 or not signs:
                continue
            space = declared.space[: model.dim, : model.dim]
            same = [one for one in operations if one.reverses_time == declared.antiunitary]
            same = [one for one in same if np.abs(one.rotation - space).max() < 1e-9]
            for one in same:
                assert found[one.key].largest < EXACT, (label, declared.name)
