"""Can a narrow gap fool the verdict? Studies of models that have one, against adaptive quadrature: `make test-gaps`.

A study doubles its grid as the pipeline does. Whatever grid it could have ended at: a variable that the verdict calls
converged is off by `ALLOWED` tolerances at most.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

import cc_kernels as cc
from cc_kernels.grid import KGrid
from cc_kernels.responses.diagnosed import diagnosed_responses
from cc_kernels.responses.registry import state_sums_of
from cc_kernels.sums.mesh import EnergyMesh
from cc_kernels.sums.on_grid import sums_on_grid
from tests.analytic.adaptive_quadrature import integrals
from tests.analytic.narrow_gaps import (
    NarrowGapModel,
    altermagnet_with_narrow_gap,
    crossing_with_narrow_gap,
    four_bands_with_narrow_gap,
)

ALLOWED = 3
VARIABLES = ("sigma_conventional", "sigma_hall", "sigma_dipole", "sigma_intrinsic", "alpha_intrinsic")
MAKERS: dict[str, Callable[[np.random.Generator], NarrowGapModel]] = {
    "altermagnet": altermagnet_with_narrow_gap,
    "four bands": four_bands_with_narrow_gap,
    "crossing beside": crossing_with_narrow_gap,
}


@dataclass(frozen=True)
class Outcome:
    """What the verdict says of one variable on one grid, and the error of its number in tolerances."""

    points: int
    variable: str
    converged: bool
    obstacle: str
    error: float

    @property
    def is_fooled(self) -> bool:
        return self.converged and not self.error <= ALLOWED


def levels_of(case: NarrowGapModel, grids: Sequence[int]) -> list[xr.Dataset]:
    """Responses on doubling grids, each level evaluating its new points only."""
    mesh = EnergyMesh.covering(case.mu, case.temperature)
    names, total, levels = state_sums_of(["transport"], 2), None, []
    for n in grids:
        grid = KGrid.of(case.model, n, only_new=total is not None)
        new = sums_on_grid(case.model, names, case.operator, grid, mesh)
        total = new if total is None else cc.merge([total, new])
        levels.append(diagnosed_responses(total, ["transport"], case.mu, case.temperature, case.model, case.operator))
    return levels


def outcomes(case: NarrowGapModel, grids: Sequence[int], tolerance: float) -> Iterator[Outcome]:
    """Every variable on every grid from the third on."""
    exact = integrals(case.model, case.operator, case.mu, case.temperature)
    levels = levels_of(case, grids)
    for count in range(3, len(levels) + 1):
        verdict = cc.judge(levels[:count], tolerance)
        for name in VARIABLES:
            row = verdict.sel(variable=name).isel(temperature=0)
            value = levels[count - 1][name].isel(mu=0, temperature=0).transpose("i", "l").values
            error = np.abs(value - exact[name].value).max() / float(row.scale) / tolerance
            converged = bool(row.variable_converged)
            yield Outcome(grids[count - 1], name, converged, str(row.obstacle.values), float(error))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=40, help="parameter sets of each kind of model")
    parser.add_argument("--largest", type=int, default=512, help="points per axis")
    parser.add_argument("--tolerance", type=float, default=1e-2)
    options = parser.parse_args()
    grids = [n for n in (32 << level for level in range(10)) if n <= options.largest]
    fooled = 0
    for kind, maker in MAKERS.items():
        said = {True: 0, False: 0}
        would_be, worst = 0, 0.0
        for seed in range(options.sets):
            case = maker(np.random.default_rng(1000 + seed))
            found = list(outcomes(case, grids, options.tolerance))
            for one in found:
                said[one.converged] += 1
                worst = max(worst, one.error if one.converged else 0)
                would_be += not one.converged and one.error > ALLOWED and "last two changes" not in one.obstacle
            fooled += sum(one.is_fooled for one in found)
            last = [one for one in found if one.points == grids[-1]]
            states = ", ".join(f"{one.variable} {one.error:.2g}{'' if one.converged else ' refused'}" for one in last)
            print(f"{kind} {seed:2d}, gap {case.gap.size:.2e} eV: errors in tolerances {states}", flush=True)
            for one in (one for one in found if one.is_fooled):
                print(f"  FOOLED: {one}")
        print(
            f"{kind}: {said[True]} verdicts converged (worst error {worst:.2g} tolerances), {said[False]} refused, of "
            f"which {would_be} had small changes and an error of more than {ALLOWED} tolerances\n"
        )
    print(f"{fooled} verdicts were fooled.")
    return int(fooled > 0)


if __name__ == "__main__":
    sys.exit(main())
