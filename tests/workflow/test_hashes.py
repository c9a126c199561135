"""What a rule's hash is made of: all that can change a number, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cc_kernels import _source
from cc_kernels.provenance import source_digests
from tests.workflow.project import ROOT

ROOMS = ("models", "geometry", "sums", "responses", "scattering", "verdict")
PRINT = """
print(json.dumps(sorted(m.__file__ for name, m in sys.modules.items() if name.startswith("cc_kernels."))))
"""
START = """
import json, sys
import numpy as np
from cc_kernels.study.study_models import StudyModels
from cc_kernels.models.tight_binding import TightBinding
hop = np.array([[0.5, 0.3], [-0.3, -0.5]])
cells, blocks = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]], [np.diag([1.0, -1.0]), hop, hop.T, hop, hop.T]
model = TightBinding(np.eye(2), cells, blocks, operators={"charge": np.eye(2)})
models = StudyModels([model], None, np.empty(0))
"""
KGRID = (
    START
    + """
from cc_kernels.study.shards import shard_sums
from cc_kernels.sums.mesh import EnergyMesh
mesh = EnergyMesh.covering([0.0], [3000.0]).to_json()
"""
)
LEVEL = """
from cc_kernels.study.levels import level_responses, stage_sums
from cc_kernels.verdict import judge
sums = stage_sums(None, [shard_sums(models, names, "charge", [8, 16, 32], [0.0] * 3, None, 0, 1, mesh, None, 1000)])
judge([level_responses(one, models.models, "charge", ["transport"], [0.0], [3000.0], False) for one in sums], 0.1)
"""


def loaded(code: str) -> set[str]:
    """The files of this package that Python has loaded after the code has run, below its rooms of physics."""
    done = subprocess.run([sys.executable, "-c", code + PRINT], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = (Path(file).relative_to(ROOT).as_posix() for file in json.loads(done.stdout.splitlines()[-1]))
    return {file for file in files if file.split("/")[1] in ROOMS}


def digests(script: str) -> set[str]:
    return {*source_digests(ROOT / "workflow" / "scripts" / f"{script}.py")}


def test_what_a_job_loads_is_in_the_hash_of_its_rule() -> None:
    """Python itself says what is loaded; the hash follows the text of the imports."""
    from cc_kernels.responses.registry import state_sums_of

    names = f"\nnames = {state_sums_of(['transport'], 2)!r}\n"
    grids = 'shard_sums(models, names, "charge", [8], [0.0], None, 0, 1, mesh, None, 1000)\n'
    kgrid, level = loaded(KGRID + names + grids), loaded(KGRID + names + LEVEL)
    assert "cc_kernels/sums/two_bands.py" in kgrid
    assert "cc_kernels/verdict/narrowest_gap.py" in level - kgrid
    assert kgrid <= digests("kgrid")
    # A level reads sums and does not make them.
    assert level - kgrid <= digests("level")


@pytest.mark.parametrize("script", ["model", "kgrid", "level", "bands", "figure", "report"])
def test_plumbing_is_in_no_hash(script: str) -> None:
    inside = digests(script)
    assert not [name for name in inside if name.startswith(_source.PLUMBING)]
    assert {name for name in inside if name.startswith("workflow/")} <= {
        f"workflow/scripts/{script}.py",
        "workflow/front_page.py",
    }


def test_plumbing_is_there() -> None:
    for name in _source.PLUMBING:
        assert (ROOT / name).exists(), name


def test_the_k_grids_depend_on_no_response_and_no_verdict() -> None:
    assert not [name for name in digests("kgrid") if name.split("/")[1] in ("responses", "verdict", "plotting")]


def test_what_an_error_says_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    text = "def f(x):\n    if x < 0:\n        raise ValueError('x', f'got {x}')\n    return x\n"
    file.write_text(text)
    before = source_digests(file)
    file.write_text(text.replace("got {x}", "is {x}; allowed: 0"))
    assert source_digests(file) == before
    file.write_text(text.replace("x < 0", "x <= 0"))
    assert source_digests(file) != before
    file.write_text(text.replace("ValueError", "KeyError"))
    assert source_digests(file) != before
