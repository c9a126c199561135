"""What holds for every test: one BLAS thread, no display, the same examples on every run, nothing of the user's own."""

import os

import pytest

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["MPLBACKEND"] = "Agg"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every job of a run in a test compiles Snakemake and numpy anew
for _variable in [
    name for name in os.environ if name.startswith(("GIT_", "DASK_", "CC_DASK_", "SNAKEMAKE_", "SLURM_"))
]:
    del os.environ[_variable]  # a hook of git, a shell inside a job: they would reach the runs in tests

from hypothesis import HealthCheck, settings  # noqa: E402

from cc_kernels._cache import cache_folder  # noqa: E402

# Snakemake refuses a home that cannot be written, matplotlib warns, and a matplotlibrc in it would draw other figures.
os.environ |= {"CC_KERNELS_CACHE": str(cache_folder()), "XDG_CACHE_HOME": str(cache_folder())}
os.environ["MPLCONFIGDIR"] = str(cache_folder() / "matplotlib")

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
