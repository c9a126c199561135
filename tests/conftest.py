"""What holds for every test: one BLAS thread, no display, the same examples on every run."""

import os

import pytest

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["MPLBACKEND"] = "Agg"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every job of a run in a test compiles Snakemake and numpy anew

from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "reproducible",
    derandomize=True,
    deadline=None,
    print_blob=False,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reproducible")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one worker of pytest-xdist keeps: the tests of a file, and all that look at the runs of one project."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("project" if "project" in item.fixturenames else item.path.name))
    items.sort(key=lambda item: "project" not in item.fixturenames)  # the longest group first
