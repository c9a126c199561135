# One stage: merge its shards with the stage before, evaluate the responses on its grids, judge the series so far.
# The verdict decides whether the next stage is computed: a checkpoint that asks for itself.


def before(file):
    """The file of the stage before, for an input function; nothing where there is none."""

    def found(wildcards):
        n = plan.stage_before(wildcards.study, int(wildcards.n))
        return [] if n is None else file(wildcards.study, n)

    return found


checkpoint level:
    input:
        shards=lambda wildcards: plan.shard_files(wildcards.study, int(wildcards.n)),
        coarser=before(plan.files.sums),
        earlier=before(plan.files.response),
        # Narrow gaps and Fermi lines are found in the model itself; the responses are in the sums.
        model=plan.files.model("{study}"),
    output:
        sums=plan.files.sums("{study}", "{n}"),
        response=plan.files.response("{study}", "{n}"),
        verdict=plan.files.verdict("{study}", "{n}"),
    log:
        plan.files.log("level", "{study}", "{n}"),
    conda:
        "../envs/cc_kernels.yaml"
    resources:
        mem_mb=lambda wildcards: needs.level(wildcards.study, int(wildcards.n)).mem_mb,
        runtime=lambda wildcards: needs.level(wildcards.study, int(wildcards.n)).runtime,
    params:
        settings=lambda wildcards: plan.level_parameters(wildcards.study),
    script:
        "../scripts/level.py"


def has_converged(study, n):
    """What the verdict on a stage says; asks for the stage where one of its files is missing."""
    from snakemake.exceptions import IncompleteCheckpointException
    from snakemake.io import checkpoint_target

    from cc_kernels.io import read_attributes

    # Snakemake asks for the first output of a checkpoint only, and counts one that is being made again as made.
    if missing := [file for file in plan.files.level(study, n) if not os.path.exists(file)]:
        raise IncompleteCheckpointException(checkpoints.level.rule, checkpoint_target(missing[0]))
    verdict = checkpoints.level.get(study=study, n=n).output.verdict
    return bool(read_attributes(verdict, "verdict")["has_converged"])


def finest(study):
    """Points per axis at which the study ends: those of the first verdict that has converged, or its largest."""
    stages = plan.stages(study)
    return next((n for n in stages if has_converged(study, n)), stages[-1])


def all_of(study):
    """An input function: every file of a finished study, for whichever is missing is made again."""

    def files(wildcards):
        hooks.force_stale()
        last, bands = finest(study), [plan.files.bands(study)] if plan.study(study).store_bands else []
        made = [(*plan.shard_files(study, n), *plan.files.level(study, n)) for n in plan.stages(study) if n <= last]
        return [plan.files.model(study), *bands, *(file for stage in made for file in stage)]

    return files


def last_files(file, studies):
    """A file of each study, at the stage at which it ends."""
    hooks.force_stale()
    return [file(study, finest(study)) for study in studies]
