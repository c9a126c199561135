# One grid level: merge its shards with the level before, evaluate the responses, judge the series so far.
# The verdict decides whether the next level is computed: a checkpoint that asks for itself.


def before(study, n):
    """Grid levels of the study that are coarser than n."""
    return plan.levels_up_to(study, int(n) // 2)


checkpoint level:
    input:
        shards=lambda wildcards: plan.shard_files(wildcards.study, int(wildcards.n)),
        coarser=lambda wildcards: [
            plan.sums_file(wildcards.study, n) for n in before(wildcards.study, wildcards.n)[-1:]
        ],
        earlier=lambda wildcards: [plan.response_file(wildcards.study, n) for n in before(wildcards.study, wildcards.n)],
        # Narrow gaps and Fermi lines are found in the model itself; the responses are in the sums.
        model=lambda wildcards: plan.model_file(wildcards.study),
    output:
        sums=f"{plan.results}/sums/{{study}}/{{n}}.nc",
        response=f"{plan.results}/responses/{{study}}/{{n}}.nc",
        verdict=f"{plan.results}/verdicts/{{study}}/{{n}}.nc",
    log:
        f"{plan.results}/logs/level/{{study}}/{{n}}.log",
    resources:
        mem_mb=lambda wildcards: needs.level(wildcards.study, int(wildcards.n)).mem_mb,
        runtime=lambda wildcards: needs.level(wildcards.study, int(wildcards.n)).runtime,
    params:
        settings=lambda wildcards: plan.level_parameters(wildcards.study),
    script:
        "../scripts/level.py"


def has_converged(study, n):
    """What the verdict on a level says; asks for the level where there is none, or none at the moment."""
    from snakemake.exceptions import IncompleteCheckpointException
    from snakemake.io import checkpoint_target

    from cc_kernels.io import read_attributes

    verdict = checkpoints.level.get(study=study, n=n).output.verdict
    try:
        return bool(read_attributes(verdict, "verdict")["has_converged"])
    except InputError:
        if os.path.exists(verdict):
            raise
        # A job is making it again, and Snakemake has removed the old one, which it still counts as made.
        raise IncompleteCheckpointException(checkpoints.level.rule, checkpoint_target(verdict)) from None


def finest(study):
    """The grid level at which the study ends: the first that has converged, or its largest."""
    levels = plan.study(study).grid.levels
    return next((n for n in levels if has_converged(study, n)), levels[-1])


def finished(study):
    """All checkpoint outputs of a study: responses of every level, and the last verdict."""
    levels = plan.levels_up_to(study, finest(study))
    return {
        "responses": [plan.response_file(study, n) for n in levels],
        "verdict": plan.verdict_file(study, levels[-1]),
    }
