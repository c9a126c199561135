"""Where the time of one level of a study goes: `make profile STUDY=... [CONFIG=...]`.

The level is computed in this process, on one thread, as the jobs of a run compute it, after a small grid that compiles.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats

import dask

from cc_kernels.errors import InputError
from cc_kernels.study.levels import level_responses
from cc_kernels.study.shards import shard_sums
from cc_kernels.study.study_models import StudyModels
from workflow.plan import Plan


def level(plan: Plan, study: str, n: int) -> None:
    """Sums and responses of the first value of a study's sweep on a whole grid."""
    section, model = plan.study(study), plan.model(study)
    arguments = plan.kgrid_parameters(study, plan.stages(study)[0], 0) | {"points_per_axis": [n]}
    arguments |= {"shard": 0, "shards": 1}
    (sums,) = shard_sums(StudyModels([model], None, section.sweep_values), **without(arguments, "sources"))
    asked = plan.level_parameters(study)
    level_responses(
        sums,
        [model],
        asked["operator"],
        asked["responses"],
        asked["mu"],
        asked["temperature"],
        asked["has_spin"],
        asked["variables"],
    )


def without(settings: dict[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in settings.items() if name != key}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study")
    parser.add_argument("--config", default="config/paper.yaml")
    parser.add_argument("--points", type=int, help="points per axis; default the finest grid of the study")
    parser.add_argument("--lines", type=int, default=25)
    options = parser.parse_args()
    try:
        plan = Plan.of_files([options.config])
        grid = plan.study(options.study).grid
    except (InputError, KeyError) as error:
        parser.error(str(error))
    profile = cProfile.Profile()
    with dask.config.set(scheduler="synchronous"):
        level(plan, options.study, grid.start)
        profile.enable()
        level(plan, options.study, options.points or grid.largest)
        profile.disable()
    statistics = pstats.Stats(profile).strip_dirs().sort_stats("tottime")
    points = options.points or grid.largest
    print(f"{options.study} on {points} points per axis; time of each function without its callees")
    statistics.print_stats(options.lines)


if __name__ == "__main__":
    main()
