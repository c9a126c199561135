"""What runs again after a change: exactly what depends on it, and nothing because of a time stamp or a comment."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from cc_kernels import io
from cc_kernels.provenance import source_digests
from tests.workflow.project import DOUBLED, ROOT
from tests.workflow.reruns import NEW_STUDY, touch

LATTICE, MINE = (32,), (16, 32)  # where the stages end
LAST_STEPS = {"front_page.rst"}


def sums(study: str, levels: tuple[int, ...]) -> list[str]:
    """The merged sums of all levels, as targets; of `all`, only the level up to the next verdict is planned."""
    return [f"results/small/sums/{study}/{n}.nc" for n in levels]


def shards(study: str, levels: tuple[int, ...]) -> set[str]:
    return {f"sums/{study}/{n}.shard0of1.nc" for n in levels}


def levels(study: str, levels: tuple[int, ...]) -> set[str]:
    return {f"sums/{study}/{n}.nc" for n in levels}


ALL_SUMS = sums("lattice", LATTICE) + sums("mine", MINE)
ALL_SHARDS = shards("lattice", LATTICE) | shards("mine", MINE)
ALL_LEVELS = levels("lattice", LATTICE) | levels("mine", MINE)
FIGURE_OF = {"lattice": "figures/rashba_null.png", "mine": "figures/equilibrium_cancellation.png"}

COSMETIC = {
    "comment in the configuration": ("config/small.yaml", "figures:\n", "figures:  # both\n"),
    "order of the configuration": (
        "config/small.yaml",
        "    operator: spin_z\n    responses: [transport]\n",
        "    responses: [transport]\n    operator: spin_z\n",
    ),
    "comment in a user's model": ("config/mine.py", "def build(", "# Mine.\ndef build("),
}


PLUMBING = (
    "cc_kernels/errors.py",
    "cc_kernels/progress.py",
    "cc_kernels/study/shared_cache.py",
    "cc_kernels/provenance/stamps.py",
    "workflow/crate.py",
    "workflow/job.py",
    "workflow/lock.py",
    "workflow/status.py",
)
"""Code that carries numbers and messages, and makes none."""


@pytest.fixture(autouse=True)
def _complete(small) -> None:
    """Each test starts from, and leaves, a tree in which there is nothing to do."""


def test_cosmetic_edits_rerun_nothing(project) -> None:
    with ExitStack() as edits:
        for name, old, new in COSMETIC.values():
            edits.enter_context(project.edited(name, old, new))
        edits.enter_context(project.appended("cc_kernels/sums/two_bands.py", '\n# A comment.\n\n"""And a text."""\n'))
        for name in PLUMBING:
            edits.enter_context(project.changed(name))
        assert project.planned("small", "all", *ALL_SUMS) == set()


@pytest.mark.slow
def test_time_stamps_rerun_nothing(project, small) -> None:
    touch(project)
    assert project.planned("small", "all", *ALL_SUMS) == set()


def test_a_formula_in_a_kernel_reruns_all_grids_and_what_follows(project) -> None:
    with project.changed("cc_kernels/sums/two_bands.py"):
        assert project.planned("small", *ALL_SUMS) == ALL_SHARDS | ALL_LEVELS
        # Behind a checkpoint only the first stage is planned at once; the last steps are known to follow.
        planned = project.planned("small")
        assert {f"sums/{study}/{n}.shard0of1.nc" for study, n in (("lattice", 32), ("mine", 16))} <= planned
        assert set(FIGURE_OF.values()) | LAST_STEPS <= planned
        assert not any(job.startswith("models/") for job in planned)
    assert project.planned("small", "all", *ALL_SUMS) == set()


def test_an_edited_kernel_gives_a_new_number(project, small) -> None:
    """The sums of a study's first grid, before and after: compiled code of the old kernel must not be served."""
    text = (project.folder / "config" / "small.yaml").read_text()
    (project.folder / "config" / "edited.yaml").write_text(text)
    target = Path("results/edited/sums/mine/16.shard0of1.nc")
    with project.appended("cc_kernels/sums/splines.py", DOUBLED):
        done = project.python("-m", "snakemake", "--cores", "1", str(target), "--configfile", "config/edited.yaml")
    assert done.returncode == 0, done.stderr
    old = io.read_dataset(small.results / "sums" / "mine" / "16.shard0of1.nc", "sums")
    new = io.read_dataset(project.folder / target, "sums")
    # By a power of two, and so to the last bit.
    assert float(abs(old.divided_torque_dipole).max()) > 0
    for name in ("divided_torque_dipole", "operator_current"):
        np.testing.assert_array_equal(new[name], 2 * old[name])
    assert new.attrs["provenance_source"] != old.attrs["provenance_source"]


def test_a_spline_edit_reruns_all_grids(project) -> None:
    with project.changed("cc_kernels/sums/splines.py"):
        assert project.planned("small", *ALL_SUMS) == ALL_SHARDS | ALL_LEVELS


def test_a_response_formula_reruns_no_grid(project) -> None:
    with project.changed("cc_kernels/responses/transport.py"):
        assert project.planned("small", *ALL_SUMS) == ALL_LEVELS


SCRIPTS = {
    "model": {"models/lattice.nc", "models/mine.nc"} | ALL_SHARDS | ALL_LEVELS,
    "kgrid": ALL_SHARDS | ALL_LEVELS,
    "level": ALL_LEVELS,
    "figure": set(FIGURE_OF.values()),
    "report": LAST_STEPS,
    "bands": set(),
}


@pytest.mark.parametrize(
    "script", [script if script == "level" else pytest.param(script, marks=pytest.mark.slow) for script in SCRIPTS]
)
def test_an_edited_script_reruns_its_rule_and_what_follows(project, script: str) -> None:
    with project.changed(f"workflow/scripts/{script}.py"):
        planned = project.planned("small", "all", *ALL_SUMS)
        assert SCRIPTS[script] <= planned
        first = {"kgrid": "models/", "level": ".shard", "figure": "sums/", "report": "figures/", "bands": ""}
        assert not any(first[script] in job for job in planned if script in first)


@pytest.mark.parametrize("beside", ["models/library/haldane.py", "plotting/figures/rashba_null.py"])
def test_a_new_model_or_figure_kind_reruns_nothing(project, beside: str) -> None:
    one = project.folder / "cc_kernels" / beside
    new = one.with_name("a_new_one.py")
    new.write_text(one.read_text())
    try:
        assert project.planned("small", "all", *ALL_SUMS) == set()
    finally:
        new.unlink()


@pytest.mark.slow
def test_the_folder_of_shared_sums_reruns_nothing(project, tmp_path: Path) -> None:
    shared = ("--cache-folder", str(tmp_path / "shared"))
    done = project.run("figures", "--config", "config/small.yaml", "--cores", "1", *shared, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_plotting_edit_reruns_that_figure(project) -> None:
    with project.changed("cc_kernels/plotting/figures/rashba_null.py"):
        assert project.planned("small") == {FIGURE_OF["lattice"]} | LAST_STEPS


def test_a_style_edit_reruns_the_figures_alone(project) -> None:
    with project.changed("cc_kernels/plotting/style.py"):
        assert project.planned("small") == set(FIGURE_OF.values()) | LAST_STEPS


def test_a_model_parameter_reruns_its_study(project) -> None:
    with project.edited("config/small.yaml", "alpha: 0.5", "alpha: 0.6"):
        everything = {"models/lattice.nc"} | shards("lattice", LATTICE) | levels("lattice", LATTICE)
        assert project.planned("small", *ALL_SUMS) == everything
        planned = project.planned("small")
        assert FIGURE_OF["lattice"] in planned
        assert FIGURE_OF["mine"] not in planned
        assert not any("/mine/" in job or job == "models/mine.nc" for job in planned)


@pytest.mark.parametrize(
    ("old", "new", "missing", "figures"),
    [
        ("figures:\n", f"{NEW_STUDY}\nfigures:\n", "sums/new/32.nc", set()),
        ("start: 4, largest: 32", "start: 4, largest: 64", "sums/mine/64.nc", {FIGURE_OF["mine"]}),
        ("start: 4, largest: 32", "start: 8, largest: 64", "sums/mine/32.shard0of1.nc", {FIGURE_OF["mine"]}),
    ],
    ids=["a new study", "a larger grid for what has not converged", "another first grid"],
)
def test_what_is_missing_behind_a_finished_figure_is_computed(project, old, new, missing, figures) -> None:
    with project.edited("config/small.yaml", old, new):
        planned = project.planned("small")
        assert missing in planned
        assert figures | LAST_STEPS <= planned
        assert FIGURE_OF["lattice"] not in planned


def test_a_users_model_file_reruns_its_study(project) -> None:
    with project.edited("config/mine.py", "bx=0.2", "bx=0.3"):
        everything = {"models/mine.nc"} | shards("mine", MINE) | levels("mine", MINE)
        assert project.planned("small", *ALL_SUMS) == everything
        planned = project.planned("small")
        assert FIGURE_OF["mine"] in planned
        assert FIGURE_OF["lattice"] not in planned


def test_a_named_models_file_reruns_the_studies_of_that_model(project) -> None:
    with project.changed("cc_kernels/models/library/haldane.py"):
        assert project.planned("small", "all", *ALL_SUMS) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("temperature: [3000, 6000]", "temperature: [3000, 4500, 6000]"),
        ("stop: 2.0, num: 5", "stop: 2.0, num: 9"),
        ("largest: 32, tolerance: 0.5", "largest: 32, tolerance: 0.4"),
    ],
)
def test_more_points_within_the_range_rerun_no_grid(project, old: str, new: str) -> None:
    with project.edited("config/small.yaml", old, new):
        assert project.planned("small", *ALL_SUMS) == levels("lattice", LATTICE)


def test_a_lower_temperature_reruns_the_grids_of_its_study(project) -> None:
    with project.edited("config/small.yaml", "temperature: [3000, 6000]", "temperature: [2000, 6000]"):
        assert project.planned("small", *ALL_SUMS) == shards("lattice", LATTICE) | levels("lattice", LATTICE)


@pytest.mark.slow
def test_every_module_alone_reruns_the_rules_that_use_it(project) -> None:
    """One module of the package after the other: no rule more, none less, and all that follows from it."""
    scripts = ROOT / "workflow" / "scripts"
    used = {rule: set(source_digests(scripts / f"{rule}.py")) for rule in ("model", "kgrid", "level", "report")}
    # Of a user's model counts what it builds, of a named one the code that builds it.
    models = {"lattice": set(source_digests("cc_kernels.models.library.rashba_square")), "mine": set()}
    kinds = ROOT / "cc_kernels" / "plotting" / "figures"
    drawn = {
        study: set(source_digests(scripts / "figure.py", kinds / f"{Path(name).stem}.py"))
        for study, name in FIGURE_OF.items()
    }
    table = {}
    for path in sorted((project.folder / "cc_kernels").rglob("*.py")):
        name = path.relative_to(project.folder).as_posix()
        expected: set[str] = set()
        for study in ("lattice", "mine"):
            stages = LATTICE if study == "lattice" else MINE
            steps = [
                (used["model"] | models[study], {f"models/{study}.nc"}),
                (used["kgrid"], shards(study, stages)),
                (used["level"], levels(study, stages)),
                (drawn[study], {FIGURE_OF[study]}),
                (used["report"], LAST_STEPS),
            ]
            first = next((at for at, (modules, _) in enumerate(steps) if name in modules), len(steps))
            expected |= {job for _, jobs in steps[first:] for job in jobs}
        with project.changed(name):
            assert project.planned("small", "all", *ALL_SUMS) == expected, name
        table[name] = len(expected)
    assert project.planned("small", "all", *ALL_SUMS) == set()
    counts = sorted(set(table.values()))
    print({count: [name for name, jobs in table.items() if jobs == count] for count in counts})
