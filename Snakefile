# The whole run: model -> k-grid shards -> sums, responses and verdict of a grid level -> figures -> report.
# The configuration is validated before any rule is defined; `make figures` does so before Snakemake starts.
import os
import sys

os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [workflow.basedir, os.environ.get("PYTHONPATH")]))
os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
sys.path.insert(0, workflow.basedir)

from snakemake.exceptions import WorkflowError

from cc_kernels.errors import InputError
from workflow.plan import Plan
from workflow.resources import JobResources
from workflow.settings import setting
from workflow.status import unfinished_verdicts

try:
    plan = Plan(setting(config, "configuration", "config/paper.yaml"))
    if workflow.is_main_process and not config.get("checked"):  # `workflow.run` has done so
        plan.check()
except InputError as error:
    raise WorkflowError(str(error)) from None

needs = JobResources(plan)  # memory and time that the rules ask for
config["configuration_hash"] = plan.configuration_hash  # for the provenance of every dataset


report: os.path.abspath(setting(config, "front_page", f"{plan.results}/front_page.rst"))  # not beside this file


wildcard_constraints:
    study="|".join(plan.configuration.studies),
    figure="|".join(plan.configuration.figures) or "none",
    n=r"\d+",
    shard=r"\d+",


# On a cluster these do not queue: each is a second or two, and a queue, two Snakemakes and imports take a minute.
localrules:
    all,
    model,
    figure,
    front_page,


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
        [plan.figure_files(figure) for figure in plan.configuration.figures],
        [plan.bands_file(name) for name, study in plan.configuration.studies.items() if study.store_bands],
        f"{plan.results}/front_page.rst",
        lambda wildcards: unfinished_verdicts(plan, plan.configuration.studies),
