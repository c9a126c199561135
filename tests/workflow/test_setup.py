"""The one-command set-up: pinned and hashed, said clearly where it cannot work, never half-made for good."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that the set-up needs, in a folder whose name has a space."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("Makefile", "requirements.in", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    return folder


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")} | variables
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def stand_in(folder: Path, script: str) -> str:
    path = folder / "python-stand-in"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"PYTHON={path}"


def test_no_python(checkout: Path) -> None:
    done = make(checkout, "test", "PYTHON=python-that-is-absent")
    assert done.returncode != 0
    assert "no 'python-that-is-absent' here; name a Python >= 3.11" in done.stderr


def test_an_old_python(checkout: Path) -> None:
    done = make(checkout, "test", stand_in(checkout, '[ "$1" = --version ] && echo Python 3.8.1 || exit 1'))
    assert "is Python 3.8.1, too old; name a Python >= 3.11" in done.stderr


def test_a_python_without_venv(checkout: Path) -> None:
    done = make(checkout, "test", stand_in(checkout, 'case "$2" in *venv*) exit 1;; esac'))
    assert "lacks the venv module; install it (Debian, Ubuntu: apt install python3-venv)" in done.stderr


def test_an_interrupted_setup_starts_again(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "left-over").write_text("")
    done = make(checkout, "environment", stand_in(checkout, 'case "$2" in venv) echo half-made; exit 3;; esac'))
    assert done.returncode != 0
    assert "Setting up .venv" in done.stderr
    assert not (checkout / ".venv" / "left-over").exists()
    assert not (checkout / ".venv" / ".ready").exists()


def finish(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(checkout / "requirements.txt", checkout / ".venv" / ".ready")
    (checkout / "requirements.txt").touch()


def test_a_finished_setup_is_left_alone(checkout: Path) -> None:
    finish(checkout)
    done = make(checkout, "environment", "PYTHON=python-that-is-absent")
    assert done.returncode == 0, done.stderr


def test_other_requirements_are_noticed_whatever_their_time(checkout: Path) -> None:
    """As after `cp -p`, `rsync -t` or an archive: other content of the same size, from before the set-up."""
    finish(checkout)
    requirements = checkout / "requirements.txt"
    text = requirements.read_text()
    requirements.write_text(text.replace("==1", "==2"))
    assert requirements.read_text() != text
    os.utime(requirements, (1e9, 1e9))
    done = make(checkout, "environment", "PYTHON=python-that-is-absent")
    assert "no 'python-that-is-absent' here" in done.stderr


def test_bytecode_of_the_environment_is_kept(checkout: Path) -> None:
    """Without it, every job compiles Snakemake anew."""
    finish(checkout)
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && echo 1 || env\n')
    python.chmod(0o755)
    shell = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONOPTIMIZE": "2", "PYTHONHOME": "/absent"}
    shown = make(checkout, "test", **shell).stdout
    assert "PYTHONNOUSERSITE=1" in shown
    assert not any(f"{name}=" in shown for name in shell)


def test_a_figure_needs_a_name(checkout: Path) -> None:
    finish(checkout)
    assert "make figure: say which one" in make(checkout, "figure").stderr


def names(lines: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", line)[0].lower() for line in lines if line and not line.startswith("#")}


def test_requirements_are_pinned_hashed_and_name_no_host() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"(https?|file):|index-url|find-links", text)
    entries = re.split(r"\n(?=[A-Za-z])", text.split("\n", 2)[2])
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert names((ROOT / "requirements.in").read_text().splitlines()) <= names(
        [entry.split("==")[0] for entry in entries]
    )


def test_the_package_asks_for_what_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert names(project["dependencies"]) <= names((ROOT / "requirements.in").read_text().splitlines())


def test_an_installed_wheel_works_from_another_folder(tmp_path: Path) -> None:
    """As `pip install .` leaves it, with the dependencies of this environment and without its `.pth` of this folder."""
    source, elsewhere, venv = (tmp_path / name for name in ("source", "elsewhere", "venv"))
    shutil.copytree(ROOT / "cc_kernels", source / "cc_kernels", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    elsewhere.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL", "PIP"))}

    def run(*command: object) -> str:
        done = subprocess.run(map(str, command), cwd=elsewhere, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--isolated")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", tmp_path, source)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel)

    assert {"py.typed", "__init__.pyi"} <= {path.name for path in (site / "cc_kernels").iterdir()}
    code = (
        "import cc_kernels as cc; model = cc.build_model('rashba_square')\n"
        "sigma = cc.transport(model, operator='spin_z', grid=128, mu=1.0, temperature=1000).sigma_intrinsic\n"
        "print(cc.__file__, 25.13274 * sigma.sel(i='x', l='y').item())"
    )
    file, number = run(python, "-c", code).split()
    assert Path(file) == site / "cc_kernels" / "__init__.py"
    assert float(number) == pytest.approx(-1, abs=1e-3)
    assert "usage: cc-provenance" in run(venv / "bin" / "cc-provenance", "--help")
