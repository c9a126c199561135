"""What a figure is given: the results of one study, and its cases (one per value of the sweep)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from cc_kernels.io import read_dataset, read_series

OPERATOR = "operator"
"""The dim of several operators, which figures take for a sweep."""
_NOT_SWEPT = ("potential", "mu", "temperature", "i", "l", "variable", "gap")


@dataclass(frozen=True, eq=False)
class StudyResult:
    """The results of one study.

    Attributes
    ----------
    name : of the study, as in the configuration.
    response : the responses on the finest grid; dims [sweep,] [mu,] temperature, Cartesian.
    verdict : of `convergence.judge`.
    levels : the responses on all grids, of increasing density.
    maps : band geometry on a grid, or None.
    """

    name: str
    response: xr.Dataset
    verdict: xr.Dataset
    levels: Sequence[xr.Dataset] = ()
    maps: xr.Dataset | None = None

    @classmethod
    def read(cls, name: str, response: str | Path, verdict: str | Path, maps: str | Path | None = None) -> StudyResult:
        """The results of a study, from its files."""
        levels = read_series(response, "responses")
        bands = None if maps is None else read_dataset(maps, "bands")
        return cls(name, levels[-1], read_dataset(verdict, "verdict"), levels, bands)

    @property
    def model(self) -> str:
        return str(self.response.attrs.get("model", "unnamed"))

    @property
    def parameters(self) -> dict[str, object]:
        """The model's parameters; of a swept one, the first value."""
        return json.loads(self.response.attrs.get("model_parameters", "{}"))

    @property
    def is_superconductor(self) -> bool:
        return any(name in self.response for name in ("magnetization_moment", "spin_hall_conductance", "chern_number"))

    @property
    def converged(self) -> bool:
        return bool(self.verdict["converged"])

    @property
    def sweep(self) -> str | None:
        """The swept model parameter; a superconductor's mu is one, for its responses have no other mu."""
        names = [str(dim) for dim in self.response.dims if dim not in _NOT_SWEPT]
        if self.is_superconductor and "mu" in self.response.dims:
            names.append("mu")
        return names[0] if names else None

    def parameter(self, name: str, case: int | None) -> float | None:
        """A model parameter in one case of the sweep; None if the model has no such number."""
        value = self.parameters.get(name) if case is None or name != self.sweep else self.response[name].values[case]
        return float(value) if isinstance(value, int | float | np.number) else None

    def prefixed(self, name: str) -> str:
        """The name of one of the study's variables or dimensions in a plotted dataset, which shows several studies."""
        return f"{self.name}__{name}"

    @property
    def tolerance(self) -> float:
        return float(self.verdict.attrs.get("tolerance", 1e-9))

    def cases(self) -> list[tuple[str, int | None]]:
        """Label and index of each sweep value; one case with index None where nothing is swept."""
        if self.sweep is None:
            return [(self.name, None)]
        values = self.response[self.sweep].values
        words = "" if self.sweep == OPERATOR else f"{self.sweep} = "
        return [(f"{self.name}, {words}{number_text(value)}", number) for number, value in enumerate(values)]

    def of_case(self, number: int | None) -> StudyResult:
        """The result of one case of the sweep alone; its own where nothing is swept."""
        if number is None:
            return self
        return replace(self, response=self.response.isel({self.sweep: number}, drop=True))

    def coldest(self, ds: xr.Dataset | xr.DataArray | None = None) -> xr.Dataset | xr.DataArray:
        """The data at the lowest temperature."""
        ds = self.response if ds is None else ds
        return ds.isel(temperature=int(np.argmin(ds["temperature"].values)))

    def caption_line(self) -> str:
        """Model, parameters, operator, temperature and grid in one line."""
        response = self.response
        parts = [self.model]
        for name, value in self.parameters.items():
            swept = name == self.sweep
            parts.append(f"{name} = {values_text(response[name].values) if swept else number_text(value)}")
        # Results of the workflow tell the fixed parameters only.
        if self.sweep and self.sweep not in (*self.parameters, OPERATOR):
            parts.append(f"{self.sweep} = {values_text(response[self.sweep].values)}")
        grid = " × ".join(str(n) for n in json.loads(response.attrs["grid"]))
        settings = (
            f"operator {response.attrs.get('operator', 'unknown')}",
            f"T = {values_text(response['temperature'].values)} K",
            f"grid {grid}",
        )
        return "; ".join([", ".join(parts), *settings])


def all_cases(results: Sequence[StudyResult]) -> list[tuple[StudyResult, str, int | None]]:
    """Study, label and sweep index of every panel of a figure."""
    return [(result, *case) for result in results for case in result.cases()]


def values_text(values: np.ndarray) -> str:
    """Values in few words: all of up to three, else the range and the number."""
    values = np.atleast_1d(values)
    if len(values) <= 3:
        return ", ".join(number_text(value) for value in values)
    return f"{number_text(values[0])} ... {number_text(values[-1])} ({len(values)} values)"


def number_text(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, int | float | np.number) else str(value)
