# The whole run: model -> k-grid shards -> sums, responses and verdict of a stage -> figures -> report.
#
#     snakemake --configfile config/quick.yaml --cores 2
#
# The configuration is validated before any rule is defined. `workflow/hooks.py` says what happens around a run.
import os
import sys

ROOT = workflow.current_basedir.get_path_or_uri(secret_free=True)
sys.path.insert(0, ROOT)

from snakemake.exceptions import WorkflowError

from cc_kernels.errors import InputError
from workflow.hooks import Hooks, prepare_environment
from workflow.job import FRONT_PAGE
from workflow.lock import Superseded, refuse_late_job
from workflow.plan import Plan
from workflow.resources import JobResources

IS_MODULE = not workflow.modifier.is_main_snakefile()

if not workflow.configfiles and not IS_MODULE:

    configfile: f"{ROOT}/config/paper.yaml"


try:
    plan = (
        Plan.of_mapping(config) if IS_MODULE else Plan.of_files(workflow.configfiles, workflow.config_settings.config)
    )
    prepare_environment(ROOT, plan, workflow.is_main_process, IS_MODULE)
    if not workflow.is_main_process:  # a job of its own, on a cluster
        refuse_late_job()  # before Snakemake removes its outputs
    elif FRONT_PAGE not in os.environ:
        plan.check()
except (InputError, Superseded) as error:
    raise WorkflowError(str(error)) from None

if not IS_MODULE:
    # Snakemake gives scripts as many BLAS threads as the rule has, and dask has these already.
    shell.prefix("set -euo pipefail; export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1; ")

needs = JobResources(plan)  # memory and time that the rules ask for
hooks = Hooks(plan, workflow)


report: hooks.front_page


wildcard_constraints:
    study="|".join(plan.configuration.studies),
    figure="|".join(plan.configuration.figures) or "none",
    n=r"\d+",
    shard=r"\d+",
    shards="|".join(sorted({str(study.shards) for study in plan.configuration.studies.values()})),


# On a cluster these do not queue: each is a second or two, and a queue, two Snakemakes and imports take a minute.
localrules:
    all,
    model,
    figure,
    report,


# A level merges kilobytes and looks for narrow gaps, unless it also solves the Boltzmann equation on Fermi lines, or
# the matrices are large.
if not any(study.has_disorder or plan.model(name).num_bands > 8 for name, study in plan.configuration.studies.items()):

    localrules:
        level,


include: "workflow/rules/models.smk"
include: "workflow/rules/kgrid.smk"
include: "workflow/rules/levels.smk"
include: "workflow/rules/bands.smk"
include: "workflow/rules/figures.smk"


rule all:
    default_target: True
    input:
        [plan.files.figure(figure) for figure in plan.configuration.figures],
        [] if IS_MODULE else [plan.files.front_page, plan.files.report],
        [all_of(study) for study in plan.configuration.studies],
        lambda wildcards: [plan.files.map(study) for study in plan.studies_with_maps()],


onstart:
    hooks.start()


onsuccess:
    hooks.success()


onerror:
    hooks.failure()
