"""Snakemake as its users call it: the same run as `make figures`, from anywhere, and in a workflow of one's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from cc_kernels import io
from tests.workflow.configurations import LATTICE
from tests.workflow.project import ROOT, contents

NOTHING = "Nothing to be done"
MODULE = """\
configfile: "mine.yaml"

module currents:
    snakefile: "{snakefile}"
    config: config["currents"]

use rule * from currents as currents_*

rule mine:
    default_target: True
    input: rules.currents_all.input
"""


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """In a folder, without anything that `make` sets."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONUTF8")}
    command = [sys.executable, "-m", "snakemake", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_after_make_there_is_nothing_left_to_do(project, small) -> None:
    done = snakemake(project.folder, "--configfile", "config/small.yaml", "--cores", "2")
    assert done.returncode == 0, done.stderr
    assert NOTHING in done.stderr


def test_it_makes_the_same_files_and_says_the_same(project, small, tmp_path: Path) -> None:
    """With the configuration's name and folder of results changed on the command line; one study of the two."""
    (project.folder / "config" / "lattice.yaml").write_text(LATTICE)
    config = ["--configfile", "config/lattice.yaml", "--config", f"results={tmp_path}", "name=small"]
    done = snakemake(project.folder, *config, "--cores", "2")
    assert done.returncode == 0, done.stderr
    ours, theirs = contents(tmp_path / "small"), contents(small.results)
    mine = re.compile(".*mine|.*equilibrium_cancellation")
    assert {name for name in theirs if not mine.match(name)} == {name for name in ours if not mine.match(name)}
    for name in ours:
        if not name.startswith("figures/"):  # whose data name the files that they were made from
            assert ours[name] == theirs[name], name
    assert re.search(r"^lattice +converged at 32 points", done.stdout, re.M)
    assert not (tmp_path / "small" / ".run").exists()


def test_an_unknown_key_is_refused_wherever_it_stands(project, small) -> None:
    done = snakemake(project.folder, "--configfile", "config/small.yaml", "--config", "tolerance=1", "--cores", "1")
    assert done.returncode != 0
    assert "tolerance: got an unknown key (= 1); allowed: one of name, results, data, studies, figures" in done.stderr


def test_without_a_configuration_it_is_that_of_the_paper(project) -> None:
    done = snakemake(project.folder, "--cores", "1", "--dry-run", "--quiet", "host")
    assert done.returncode == 0, done.stderr
    assert "results/paper/models/rashba_continuum.nc" in done.stdout + done.stderr


def test_from_another_folder(project, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LATTICE)
    done = snakemake(
        tmp_path,
        "-s",
        str(project.folder / "Snakefile"),
        "--configfile",
        "a.yaml",
        "--cores",
        "1",
        "--dry-run",
        "--quiet",
        "host",
    )
    assert done.returncode == 0, done.stderr
    assert "results/a/models/lattice.nc" in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


def test_as_a_module_of_another_workflow(project, tmp_path: Path) -> None:
    """Its rules and files, without the hooks and the report, which belong to the main workflow."""
    (tmp_path / "Snakefile").write_text(MODULE.format(snakefile=project.folder / "Snakefile"))
    (tmp_path / "mine.yaml").write_text(json.dumps({"currents": {"name": "mine", **yaml.safe_load(LATTICE)}}))
    done = snakemake(tmp_path, "--cores", "2")
    assert done.returncode == 0, done.stderr
    results = tmp_path / "results" / "mine"
    assert io.read_attributes(results / "verdicts" / "lattice" / "32.nc")["has_converged"] == 1
    assert (results / "figures" / "rashba_null.pdf").is_file()
    assert not (results / "report.html").exists()
    assert NOTHING in snakemake(tmp_path, "--cores", "2").stderr


def test_it_is_clean_to_the_linter(project) -> None:
    done = snakemake(project.folder, "--configfile", "config/quick.yaml", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Congratulations" in done.stdout + done.stderr


def test_the_conda_environment_has_what_the_package_needs() -> None:
    names = {"netcdf4": "netCDF4", "dask-core": "dask", "matplotlib-base": "matplotlib"}
    listed = yaml.safe_load((ROOT / "workflow/envs/cc_kernels.yaml").read_text())["dependencies"]
    conda = {names.get(line.split()[0], line.split()[0]): line.split()[1] for line in listed}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = dict(re.fullmatch(r"([\w-]+)(?:\[\w+\])?(>=.*)", line).groups() for line in project["dependencies"])
    assert {name: version for name, version in conda.items() if name in needed} == needed
    assert conda.keys() - needed.keys() == {"python", "distributed"}


def test_one_figure_again_whatever_a_shell_has_set(project, small, tmp_path: Path) -> None:
    """A profile for other work; the repository of another project; no home; a plain locale."""
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile" / "config.yaml").write_text("executor: no_such_executor\n")
    shell = {
        "SNAKEMAKE_PROFILE": str(tmp_path / "profile"),
        "GIT_DIR": str(tmp_path / "absent"),
        "HOME": "",
        "LC_ALL": "C",
    }
    path = small.results / "figures" / "rashba_null.pdf"
    content = path.read_bytes()
    path.unlink()
    figure = ("figure", "rashba_null", "--config", "config/small.yaml", "--cores", "1")
    done = project.python("-m", "workflow.run", *figure, **shell)
    assert done.returncode == 0, done.stdout + done.stderr
    assert path.read_bytes() == content, "all of the figure's files belong to it"


@pytest.mark.slow
def test_a_path_with_a_space_a_quote_and_an_umlaut(project, tmp_path: Path) -> None:
    """The whole project there, and an environment of its own: Snakemake puts Python's path into shell lines."""
    from tests.workflow.project import Project

    copy = Project(tmp_path / "mein Projekt's Ordner ü")
    (copy.folder / "config" / "a.yaml").write_text(LATTICE)
    subprocess.run([sys.executable, "-m", "venv", "--symlinks", copy.folder / ".venv"], check=True)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    (here,) = (copy.folder / ".venv" / "lib").glob("python*/site-packages")
    (here / "packages.pth").write_text(packages)
    command = [copy.folder / ".venv" / "bin" / "python", "-m", "workflow.run", "figures", "--config", "config/a.yaml"]
    done = subprocess.run(
        [*command, "--cores", "2"], cwd=copy.folder, env=copy.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy.folder / "results" / "a" / "report.html").is_file()


@pytest.mark.slow
def test_a_key_alone_changes_the_configuration_of_the_paper(project) -> None:
    done = snakemake(project.folder, "--config", "name=mine", "--cores", "1", "--dry-run", "--quiet", "host")
    assert done.returncode == 0, done.stderr
    assert "results/mine/models/rashba_continuum.nc" in done.stdout + done.stderr


def test_an_empty_configuration_is_refused(project) -> None:
    (project.folder / "config" / "empty.yaml").write_text("{}\n")
    done = snakemake(project.folder, "--configfile", "config/empty.yaml", "--cores", "1")
    assert done.returncode != 0
    assert "config/empty.yaml cannot be used:\n  studies: got nothing" in done.stderr


def test_a_late_job_of_a_cluster_removes_nothing(project, small) -> None:
    """Snakemake there removes a job's outputs before the job begins: so one of a dead run must not come so far."""
    model = small.results / "models" / "lattice.nc"
    before = model.read_bytes()
    run = json.dumps([str(small.results), "run-dead"])
    job = (
        "--mode",
        "remote",
        "--target-jobs",
        "model:study=lattice",
        "--allowed-rules",
        "model",
        "--force",
        "--nolock",
    )
    arguments = ("--configfile", "config/small.yaml", "--cores", "1", *job)
    done = project.python("-m", "snakemake", *arguments, CC_RUN=run)
    assert done.returncode != 0
    assert "the run that started this job has ended; this late result is dropped" in done.stderr
    assert model.read_bytes() == before
