"""Where the results of a configuration lie: the one place for the names of their files.

A study, a figure or a number of points may be one of Snakemake's wildcards, such as "{study}".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cc_kernels.io import read_attributes


@dataclass(frozen=True)
class ResultFiles:
    """The files below a folder of results."""

    folder: Path

    def model(self, study: str) -> str:
        return f"{self.folder}/models/{study}.nc"

    def shard(self, study: str, n: int | str, shard: int | str, shards: int | str) -> str:
        """Sums over a part of the points of a stage (`Grid.stages`) that ends at n points per axis."""
        return f"{self.folder}/sums/{study}/{n}.shard{shard}of{shards}.nc"

    def sums(self, study: str, n: int | str) -> str:
        return f"{self.folder}/sums/{study}/{n}.nc"

    def response(self, study: str, n: int | str) -> str:
        return f"{self.folder}/responses/{study}/{n}.nc"

    def verdict(self, study: str, n: int | str) -> str:
        return f"{self.folder}/verdicts/{study}/{n}.nc"

    def level(self, study: str, n: int | str) -> list[str]:
        """What the job of a level makes."""
        return [self.verdict(study, n), self.sums(study, n), self.response(study, n)]

    def map(self, study: str) -> str:
        return f"{self.folder}/maps/{study}.nc"

    def bands(self, study: str) -> str:
        return f"{self.folder}/bands/{study}.nc"

    def figure(self, figure: str) -> list[str]:
        return [f"{self.folder}/figures/{figure}.{ending}" for ending in ("png", "pdf", "nc")]

    @property
    def front_page(self) -> str:
        return f"{self.folder}/front_page.rst"

    @property
    def report(self) -> str:
        return f"{self.folder}/report.html"

    def log(self, rule: str, *names: str) -> str:
        """The log of a job, named by the wildcards of its rule."""
        return "/".join([f"{self.folder}/logs", rule, *names]) + ".log"

    def stages_on_disk(self, study: str) -> list[int]:
        """Points per axis of the verdicts that are there."""
        found = Path(self.verdict(study, 0)).parent.glob("*.nc")
        return sorted(int(path.stem) for path in found if path.stem.isdecimal())

    def verdicts(self, study: str, stages: Sequence[int]) -> list[tuple[int, dict]]:
        """Points per axis and attributes of a study's verdicts, up to the one in use: the first that has converged.

        A run with another tolerance may have left finer grids.

        Raises
        ------
        InputError : a damaged file.
        """
        found = []
        for n in stages:
            if not Path(self.verdict(study, n)).exists():
                break
            found.append((n, read_attributes(self.verdict(study, n), "verdict")))
            if found[-1][1]["has_converged"]:
                break
        return found
