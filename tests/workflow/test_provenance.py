"""Reruns follow content: what a rule computes changes its hash, how it is written does not."""

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import grimp
import numpy as np
import pytest
import xarray as xr

from cc_kernels import _cache, _source, io
from cc_kernels.errors import InputError
from cc_kernels.provenance import content_hash, dataset_attributes, file_checksum, source_hash

MODULE = '''"""A module."""

from cc_kernels.outer import helper


def scale(x):
    """Double."""
    # why
    return helper(x) * 2
'''
HELPER = """from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from cc_kernels.unused import Name

def helper(x):
    from .inner import constant
    return x + constant.VALUE
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A package of its own: script -> room.module -> outer -> (inside a function) inner.constant."""
    files = {
        "cc_kernels/__init__.py": "",
        "cc_kernels/outer.py": HELPER,
        "cc_kernels/unused.py": "Name = int\n",
        "cc_kernels/inner/__init__.py": "",
        "cc_kernels/inner/constant.py": "VALUE = 1\n",
        "cc_kernels/room/__init__.py": "from cc_kernels.room import side\n",
        "cc_kernels/room/side.py": "SIDE = 'effect'\n",
        "cc_kernels/room/module.py": MODULE,
        "cc_kernels/room/table.csv": "a,b\n",
        "workflow/scripts/neighbour.py": "EPSILON = 1\n",
        "workflow/scripts/rule.py": "import neighbour\nfrom cc_kernels.room.module import scale\nscale(1)\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def rule_hash(root: Path) -> str:
    return source_hash(root / "workflow/scripts/rule.py", root=root)


SAME = {
    "comment": ("cc_kernels/outer.py", HELPER.replace("return x", "# so\n    return x")),
    "layout": ("cc_kernels/outer.py", HELPER.replace("x + constant.VALUE", "(x\n        + constant.VALUE)")),
    "docstring": ("cc_kernels/room/module.py", MODULE.replace('"""Double."""', '"""Twice."""')),
    "no docstring": ("cc_kernels/room/module.py", MODULE.replace('    """Double."""\n', "")),
    "module docstring": ("cc_kernels/room/module.py", MODULE.replace("A module", "Another")),
    "quotes": ("cc_kernels/room/side.py", 'SIDE = "effect"\n\n"""What SIDE means."""\n'),
    "only types": ("cc_kernels/unused.py", "Name = float\n"),
    "names of the package": ("cc_kernels/__init__.py", "lazy(__name__, {'scale': 'room.module', 'new': 'outer'})\n"),
    "unused module": ("cc_kernels/inner/other.py", "OTHER = 1\n"),
    "notes": ("cc_kernels/room/README.md", "notes\n"),
}
OTHER = {
    "formula": ("cc_kernels/room/module.py", MODULE.replace("* 2", "* 3")),
    "import inside a function": ("cc_kernels/inner/constant.py", "VALUE = 2\n"),
    "package": ("cc_kernels/inner/__init__.py", "import os\n"),
    "import of a package": ("cc_kernels/room/side.py", "SIDE = 'other'\n"),
    "used string": ("cc_kernels/room/side.py", "SIDE = 'effect '\n"),
    "default": ("cc_kernels/outer.py", HELPER.replace("helper(x)", "helper(x=0)")),
    "data": ("cc_kernels/room/table.csv", "a,c\n"),
    "neighbour": ("workflow/scripts/neighbour.py", "EPSILON = 2\n"),
    "script": ("workflow/scripts/rule.py", "from cc_kernels.room.module import scale\nscale(2)\n"),
}


@pytest.mark.parametrize("case", SAME)
def test_how_it_is_written_does_not_count(root: Path, case: str) -> None:
    before = rule_hash(root)
    name, text = SAME[case]
    (root / name).write_text(text)
    assert rule_hash(root) == before


@pytest.mark.parametrize("case", OTHER)
def test_what_it_computes_counts(root: Path, case: str) -> None:
    before = rule_hash(root)
    name, text = OTHER[case]
    (root / name).write_text(text)
    assert rule_hash(root) != before


def test_a_function_of_nothing_but_a_docstring_stays_one() -> None:
    text, _ = _source.normal_form('def f():\n    """Nothing."""\nclass A:\n    "doc"\n')
    assert ast.unparse(ast.parse(text)) == "def f():\n    pass\n\nclass A:\n    pass"


def test_a_public_name_stands_for_the_module_behind_it(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text("import cc_kernels as cc\n\ndef build():\n    return cc.build_model('haldane')\n")
    assert _source.module_file("cc_kernels.models.named") in _source.closure([script])
    script.write_text("from cc_kernels import build_model\n")
    closure = _source.closure([script])
    assert _source.module_file("cc_kernels.models.named") in closure
    assert _source.module_file("cc_kernels.sums") not in closure


def test_a_room_that_loads_its_names_on_first_use(root: Path) -> None:
    room = root / "cc_kernels/room"
    (room / "__init__.py").write_text("_ = lazy(__name__, {'scale': 'module', 'SIDE': 'side'})\n")
    script = root / "workflow/scripts/rule.py"

    def reached(text: str) -> set[str]:
        script.write_text(text)
        return {path.stem for path in _source.closure([script], root)} & {"module", "side", "constant"}

    assert reached("from cc_kernels.room import scale\n") == {"module", "constant"}
    assert reached("from cc_kernels.room import SIDE\n") == {"side"}
    assert reached("from cc_kernels import room\n") == {"module", "side", "constant"}
    assert reached("import cc_kernels.room\n") == {"module", "side", "constant"}
    before = source_hash("cc_kernels.room", root=root)
    (room / "side.py").write_text("SIDE = 2\n")
    assert source_hash("cc_kernels.room", root=root) != before


def test_the_closure_agrees_with_grimp() -> None:
    graph = grimp.build_graph("cc_kernels", cache_dir=None, exclude_type_checking_imports=True)

    def executed(modules: set[str]) -> set[str]:
        """A module runs the packages above it; the package's own __init__ only looks names up."""
        return {".".join(name.split(".")[:n]) for name in modules for n in range(2, name.count(".") + 2)}

    def is_plumbing(module: str) -> bool:
        path = _source.module_file(module).relative_to(_source.ROOT).as_posix()
        return path.startswith(_source.PLUMBING)

    for module in sorted(graph.modules - {"cc_kernels"}):
        if is_plumbing(module):
            continue
        expected = {module}
        while True:
            imported = {one for name in expected for one in graph.find_modules_directly_imported_by(name)}
            larger = expected | {name for name in executed(imported) if not is_plumbing(name)}
            if larger == expected:
                break
            expected = larger
        closure = _source.closure([_source.module_file(module)])
        static = {_source.module_file(name) for name in expected}
        assert closure >= static, module
        if not any(_source.facts(path).names for path in static):  # what loads on first use, grimp does not see
            assert closure == static, module


def test_a_named_model_is_its_own_file() -> None:
    assert source_hash("cc_kernels.models.library.haldane") == source_hash("cc_kernels.models.library.haldane")
    assert source_hash("cc_kernels.models.library.haldane") != source_hash("cc_kernels.models.library.rashba_square")


def test_a_model_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def build():\n    return 1\n")
    before = source_hash(path)
    path.write_text("def build():  # one\n    return 1\n")
    assert source_hash(str(path)) == before
    path.write_text("def build():\n    return 2\n")
    assert source_hash(path) != before


def test_bad_sources_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cc_kernels.absent"):
        source_hash("cc_kernels.absent")
    with pytest.raises(InputError, match=r"absent.py"):
        source_hash(tmp_path / "absent.py")
    (tmp_path / "broken.py").write_text("a = 1\nb = (\n")
    with pytest.raises(InputError, match=r"broken.py: got a syntax error in line 2"):
        source_hash(tmp_path / "broken.py")


def dataset(value: float, **attrs: object) -> xr.Dataset:
    return xr.Dataset({"a": value}, attrs={"cc_kind": "sums", **attrs})


def test_attributes_say_where_a_dataset_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parent = io.write_dataset(dataset(1.0), tmp_path / "sums" / "a.nc")
    (tmp_path / "verdict.json").write_text("{}")
    parameters = {"mu": np.array([1.0, 2.0]), "file": Path("b.yaml")}
    attrs = dataset_attributes("respond", parameters, content_hash({"b": 1}), [parent, "verdict.json"], "abc")
    assert attrs["provenance_rule"] == "respond"
    assert json.loads(attrs["provenance_parameters"]) == {"mu": [1.0, 2.0], "file": "b.yaml"}
    parents = json.loads(attrs["provenance_parents"])
    assert parents == {
        "sums/a.nc": io.read_attributes(parent)["cc_content"],
        "verdict.json": file_checksum("verdict.json"),
    }
    assert {"python", "numpy", "numba", "cc_kernels"} <= set(json.loads(attrs["provenance_versions"]))
    first = io.write_dataset(dataset(2.0), tmp_path / "b.nc", attrs).read_bytes()
    assert first == io.write_dataset(dataset(2.0), tmp_path / "b.nc", attrs).read_bytes()
    for personal in (str(tmp_path), os.uname().nodename):
        assert personal.encode() not in first


def test_another_commit_of_a_parent_changes_no_child(tmp_path: Path) -> None:
    one = io.write_dataset(dataset(1.0, provenance_commit="1"), tmp_path / "1.nc")
    two = io.write_dataset(dataset(1.0, provenance_commit="2"), tmp_path / "2.nc")
    assert one.read_bytes() != two.read_bytes()
    assert file_checksum(one) == file_checksum(two)


def test_content_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert content_hash({"a": 1, "b": [1.5]}) == content_hash({"b": [1.5], "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})


def test_no_commit_outside_a_checkout(tmp_path: Path) -> None:
    for name in ("__init__", "_bytecode", "_lazy", "errors", "_cache", "_source", "io"):
        (tmp_path / "cc_kernels").mkdir(exist_ok=True)
        shutil.copy(_source.ROOT / f"cc_kernels/{name}.py", tmp_path / "cc_kernels")
    shutil.copytree(_source.ROOT / "cc_kernels/provenance", tmp_path / "cc_kernels/provenance")
    code = "from cc_kernels.provenance import dataset_attributes as d; print(sorted(d('r', {}, '', [], '')))"
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "provenance_versions" in done.stdout
    assert "commit" not in done.stdout


KERNELS = {
    "a.py": "from cc_kernels._numba import njit\n\n@njit\ndef f(x):\n    return x + 1.0\n",
    "b.py": "from cc_kernels._numba import njit\nfrom cc_kernels.a import f\n\n@njit\ndef g(x):\n    return f(x)\n",
}


def test_compiled_kernels_follow_an_edited_callee(tmp_path: Path) -> None:
    package = tmp_path / "cc_kernels"
    package.mkdir()
    (tmp_path / "moved").mkdir()
    for name in ("__init__", "_bytecode", "_lazy", "errors", "_cache", "_source", "_numba"):
        shutil.copy(_source.ROOT / f"cc_kernels/{name}.py", package)
    for name, text in KERNELS.items():
        (package / name).write_text(text)

    def run(says: int) -> tuple[float, str]:
        """What the kernel gives, and where it is kept; `says` is how often it is said that it is compiled."""
        code = "from cc_kernels.b import g; from cc_kernels._numba import FOLDER; print(g(1.0), FOLDER)"
        environment = {**os.environ, "CC_KERNELS_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(package.parent)}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stderr.count("compiling kernels") == says
        value, folder = done.stdout.split()
        return float(value), folder

    before = run(says=1)
    assert before[0] == 2.0
    compiled = {path: path.stat().st_mtime_ns for path in Path(before[1]).rglob("*.nb?")}
    assert compiled, "nothing was cached"
    # In another folder, of another time, the same sources compile nothing.
    package = Path(shutil.move(package, tmp_path / "moved" / "cc_kernels"))
    os.utime(package / "a.py")
    assert run(says=0) == before
    assert {path: path.stat().st_mtime_ns for path in Path(before[1]).rglob("*.nb?")} == compiled
    stamp = (package / "a.py").stat()
    (package / "a.py").write_text(KERNELS["a.py"].replace("1.0", "2.0"))
    os.utime(package / "a.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # time and size are those of the first
    after = run(says=1)
    assert after[0] == 3.0
    assert after[1] != before[1]


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CC_KERNELS_CACHE", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _cache.cache_folder.cache_clear()
    try:
        folder = _cache.cache_folder()
        assert folder.parent == tmp_path
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        _cache.cache_folder.cache_clear()
