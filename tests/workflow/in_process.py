"""A study without Snakemake: what its jobs compute, in their order and with the parameters of the plan."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cc_kernels.study.levels import level_responses, stage_sums
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from workflow.plan import Plan


def levels_of(plan: Plan, study: str) -> list[xr.Dataset]:
    """The responses on all grids of a study that has no sweep."""
    one, levels, coarser = StudyModels([plan.model(study)], None, np.empty(0)), [], None
    names = ("operator", "responses", "mu", "temperature", "has_spin", "variables")
    chosen = [plan.level_parameters(study)[name] for name in names]
    for n in plan.stages(study):
        asked = [plan.kgrid_parameters(study, n, shard) for shard in range(plan.study(study).shards)]
        shards = [shard_sums(one, **{key: x for key, x in each.items() if key != "sources"}) for each in asked]
        sums = stage_sums(coarser, shards)
        coarser = sums[-1]
        levels += [level_responses(level, one.models, *chosen) for level in sums]
    return levels
