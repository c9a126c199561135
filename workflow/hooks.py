"""What happens around a run, whoever starts Snakemake: its environment, one run at a time, and the lines at its end."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any

from cc_kernels.errors import InputError, stated
from workflow.cluster import check_dask_scheduler, dask_scheduler
from workflow.job import ARGUMENTS, CONFIGURATION, FRONT_PAGE
from workflow.lock import RUN, claimed
from workflow.status import stale_files
from workflow.verdicts import print_verdicts

if TYPE_CHECKING:
    from workflow.plan import Plan

_NOT_FOR_JOBS = ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE")


def prepare_environment(root: str, plan: Plan, is_main: bool, is_module: bool) -> None:
    """What a user's shell has set does not reach the jobs, which find the package and run one BLAS thread each."""
    for name in _NOT_FOR_JOBS:
        os.environ.pop(name, None)
    if is_main:
        os.environ.pop(RUN, None)  # of another run, in whose job this one was started
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    os.environ |= {"PYTHONPATH": root, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1", "MPLBACKEND": "Agg"}
    # Snakemake puts it into shell lines as it is, and a project's path may hold a space or a quote.
    sys.executable = sys.executable if sys.executable.startswith("'") else shlex.quote(sys.executable)
    if not is_module:  # of which there may be several
        if not is_main and os.environ.get(CONFIGURATION) not in (None, plan.configuration_hash):
            given = stated("a configuration that was edited while its run goes on")
            raise InputError(str(plan.path), given, "the one that the run was planned with; the next run takes the new")
        os.environ |= {ARGUMENTS: json.dumps(plan.arguments), CONFIGURATION: plan.configuration_hash}
    dask_scheduler()


class Hooks:
    """The hooks of a run of Snakemake's `workflow`."""

    def __init__(self, plan: Plan, workflow: Any) -> None:
        self.plan, self.workflow = plan, workflow
        self._open = ExitStack()
        self._looked = False

    @property
    def front_page(self) -> str:
        return os.path.abspath(os.environ.get(FRONT_PAGE, self.plan.files.front_page))

    def force_stale(self) -> None:
        """Have results made again that were made from something else, whatever Snakemake knows of them.

        Called while the jobs are planned, by input functions: there is no hook for it.
        """
        if not self._looked and self.workflow.is_main_process and FRONT_PAGE not in os.environ:
            self._looked = True
            if stale := stale_files(self.plan):
                files, why = ([*dict.fromkeys(of)] for of in (stale, chain(*stale.values())))
                more = f" and {len(files) - 3} more" if len(files) > 3 else ""
                _say(f"computed again: {', '.join(files[:3])}{more} ({'; '.join(why)})")
                self.workflow.dag.forcefiles.update(stale)

    def start(self) -> None:
        """Be the only run in the folder of results.

        Raises
        ------
        WorkflowError : another run is going on there, or the dask scheduler that is to be used does not answer.
        """
        from snakemake.exceptions import WorkflowError

        try:
            check_dask_scheduler()
            run = self._open.enter_context(claimed(self.plan.results, str(self.plan.path)))
        except InputError as error:
            raise WorkflowError(str(error)) from None
        os.environ[RUN] = json.dumps([os.path.abspath(self.plan.results), run.token])
        self._begin = time.perf_counter()
        # Every pass of the scheduler in which a job waits starts a timer for another pass, if the number of jobs that
        # begin in a second is limited: they multiply as jobs finish, up to an eighth of a core after 70 jobs.
        self.workflow.scheduler.job_rate_limiter = None

    def success(self) -> None:
        """Say how it ended: the verdicts, and where to look."""
        self._open.close()
        files = self.plan.files
        print_verdicts(self.plan, [study for study in self.plan.configuration.studies if study in self._studies()])
        if self.plan.configuration.figures:
            _say(f"figures  {self.plan.results / 'figures'}")
        if os.path.exists(files.report):
            _say(f"report   {files.report}")
        _say(f"time     {time.perf_counter() - self._begin:.0f} s")

    def failure(self) -> None:
        """Say how to go on."""
        self._open.close()
        _say(
            "The run stopped; the same command goes on from here. Each rule has its log in "
            f"{self.plan.results / 'logs'}, and `make status CONFIG={self.plan.path}` names what failed."
        )

    def _studies(self) -> set[str]:
        """Those with jobs in this run, done or not."""
        figures = self.plan.configuration.figures
        names: set[str] = set()
        for job in self.workflow.dag.jobs:
            values = dict(job.wildcards.items()) if job.wildcards else {}
            names |= {values.get("study", ""), *getattr(figures.get(values.get("figure", "")), "studies", ())}
        return names


def _say(text: str) -> None:
    print(text, file=sys.stderr)
