"""What holds for every test: one BLAS thread, no display, the same examples on every run, nothing of the user's own."""

import os
import re
from functools import cache

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


_OF_PROJECT = re.compile(r"^ *def \w+\([^)]*\b(project|small|quick)\b", re.MULTILINE)
"""A test or fixture that takes one of the fixtures of `workflow/conftest.py`."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """One worker has the tests of a file, and one all the files that look at runs of the one copy of the project."""
    from xdist.scheduler import LoadFileScheduling

    @cache
    def room(file: str) -> str:
        return "project" if _OF_PROJECT.search((config.rootpath / file).read_text(encoding="utf-8")) else file

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return room(super()._split_scope(nodeid))

    return Scheduling(config, log)
