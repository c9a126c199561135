"""Only sums of one and the same thing add: whatever their names, parts of different content are refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cc_kernels import EnergyMesh, KGrid, Operator, TightBinding, accumulate, band_geometry, from_function, merge
from cc_kernels.errors import InputError

SX, SZ = np.array([[0.0, 1], [1, 0]]), np.diag([1.0, -1])
MESH = EnergyMesh.covering(0.0, 3000.0)


def chain(t=1.0, **labels):
    return TightBinding([[1.0]], [[-1], [1]], [-t * np.eye(2)] * 2, **labels)


def function(t=1.0):
    return from_function(lambda k: t * k[:, :, None] ** 2 * np.eye(2), dim=1, k_max=1.0)


def half(index, model=None, operator=SZ, shift=0.0, quantities=("velocity",), points=8):
    grid = KGrid.of(model or chain(), points, shift).shard(index, 2)
    return accumulate(band_geometry(model or chain(), operator=operator, grid=grid), quantities, MESH)


OTHER = {
    "hopping": ({"model": chain(7.0)}, "model_checksum"),
    "operator": ({"operator": SX}, "operator_checksum"),
    "unit": ({"operator": Operator(SZ, "hbar")}, "operator_unit"),
    "shift": ({"shift": 0.5}, "shift"),
    "copies": ({"model": chain(particle_hole_copies=2)}, "model_checksum"),
    "one quantity more": ({"quantities": ("velocity", "berry_curvature")}, "quantities"),
    "another quantity": ({"quantities": ("s_dipole",)}, "quantities"),
}


@pytest.mark.parametrize("case", OTHER)
@pytest.mark.parametrize("first", [0, 1])
def test_parts_of_different_content_are_refused(case, first):
    changes, key = OTHER[case]
    parts = [half(0), half(1, **changes)]
    with pytest.raises(InputError, match=f"sums: {key}"):
        merge([parts[first], parts[1 - first]])


def test_functions_are_told_apart_by_their_values():
    merge([half(0, function()), half(1, function())])
    with pytest.raises(InputError, match="model_checksum"):
        merge([half(0, function()), half(1, function(1.001))])


def test_the_same_model_built_or_computed_twice_is_the_same():
    merged = merge([half(0, chain()), half(1, chain())])
    assert merged.attrs["points"] == 8


def test_checksums_are_the_same_in_every_process():
    code = (
        "from tests.identities.test_merging import *\n"
        "parts = half(0), half(0, function())\n"
        "print([part.attrs[key] for part in parts for key in ('model_checksum', 'operator_checksum')])"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    parts = half(0), half(0, function())
    own = [part.attrs[key] for part in parts for key in ("model_checksum", "operator_checksum")]
    assert [run.stdout.strip() for run in runs] == [str(own)] * 2
