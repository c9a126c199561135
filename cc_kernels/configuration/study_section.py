"""One study: a model, what is asked of it, and on which grids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, model_validator

from cc_kernels import limits
from cc_kernels.configuration.grid_section import Grid
from cc_kernels.configuration.maps_section import Maps
from cc_kernels.configuration.model_sections import AnyModel
from cc_kernels.configuration.potential_section import NamedPotential, Potential
from cc_kernels.configuration.symmetry_section import Symmetry
from cc_kernels.configuration.values import (
    Problem,
    SafeName,
    Section,
    Values,
    marked,
    refuse,
    value_problems,
    values_of,
)
from cc_kernels.errors import stated
from cc_kernels.models.sources import sources
from cc_kernels.responses.registry import OF_QUASIPARTICLES

Response = Literal[
    "equilibrium", "transport", "companions", "thermal", "thermal_companions", "disorder", "superconductor"
]
AXES = ("temperature", "mu", "i", "l", "k", "band", "potential", "variable", "level")
"""Names of a model's parameter that cannot be swept: results have axes of these names."""
MU_ALLOWED = "values in eV: a number, a list, or {start, stop, num}"
LEAST_GRID = 64
"""Coarsest grid beside Fermi lines, which have a quarter as many points: fewer than 16 cannot begin to converge."""


Names = Annotated[
    Annotated[str, marked("name")] | Annotated[list[str], Field(min_length=1), marked("list")],
    Discriminator(lambda given: "<list>" if isinstance(given, list) else "<name>"),
]


class Study(Section):
    """One model, the responses that are asked of it, and the grids."""

    model: AnyModel = Field(
        description="The Hamiltonian: `{name: ..., parameters}`, `{file: ..., function: ..., parameters}`, or "
        "`{wannier90: ..., spin: ..., ...}`."
    )
    operator: Names | None = Field(
        default=None,
        description="The nonconserved quantity, an operator of the model, or a list of them, which becomes an axis "
        "of the results, all of one unit; default for a superconductor: `charge`.",
    )
    responses: list[Response] = Field(
        min_length=1,
        description="What is computed: `equilibrium`, `transport`, `companions`, `thermal`, "
        "`thermal_companions`, and in two dimensions `disorder`; of superconductors and bosons `equilibrium`, "
        "`thermal` and `thermal_companions`; or `superconductor` alone.",
    )
    variables: list[SafeName] | None = Field(
        default=None,
        min_length=1,
        description="Variables of the responses that are wanted, such as `sigma_intrinsic`; default all of them. Fewer "
        "are less work, and figures need those that they draw. What `disorder` adds is not chosen.",
    )
    potentials: list[NamedPotential] | None = Field(
        default=None,
        min_length=1,
        description="What scatters, for `disorder`: names, or `{name: ..., parameters}`; default `[delta]`. "
        "A further axis of the results.",
    )
    mu: Values | None = Field(
        default=None,
        description="Chemical potential in eV: values; left out for a superconductor, where it is in H, and for "
        "bosons, which have none.",
    )
    temperature: Values = Field(description="Temperature in K: values above 0.")
    sweep: dict[str, Values] | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description=f"One model parameter and its values, {limits.SWEEP} at most: a further axis of the results.",
    )
    grid: Grid = Field(description="The k-grids and when the result counts as converged.")
    shards: int = Field(
        default=1,
        ge=1,
        le=limits.SHARDS,
        description=f"Jobs into which one grid is split: 1 to {limits.SHARDS}, and no more than it has points.",
    )
    store_bands: bool = Field(
        default=False, description="Also keep the full band geometry of the finest grid (large): true or false."
    )
    maps: Maps | None = Field(default=None, description="Band data over the zone, for figures.")
    degeneracy_tolerance: float | None = Field(
        default=None,
        gt=0,
        le=limits.DEGENERACY,
        description="Levels closer than this (eV) are one group; default is the model's own.",
    )
    symmetry: Symmetry = Field(
        default="auto",
        description="Points that are symmetric are evaluated once: `auto`, of what the model has to rounding, which is "
        "checked, `off`, or a section with what it has approximately (the results say by how much it breaks it).",
    )
    chunk: int = Field(
        default=16384, ge=1, le=limits.CHUNK, description="k points that are in memory at once, per thread."
    )
    threads: int = Field(default=1, ge=1, le=limits.THREADS, description="Threads of one job.")

    @model_validator(mode="before")
    @classmethod
    def _default_operator(cls, given: Any) -> Any:
        if (
            isinstance(given, Mapping)
            and given.get("operator") is None
            and given.get("responses") == ["superconductor"]
        ):
            return {**given, "operator": "charge"}
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems: list[Problem] = []
        if len(set(self.responses)) < len(self.responses):
            problems.append(("responses", self.responses, "each response once"))
        if self.is_superconductor:
            if len(self.responses) > 1:
                problems.append(("responses", self.responses, "superconductor alone: its mu is a model parameter"))
            elif self.mu is not None:
                problems.append(("mu", self.mu, "nothing for a superconductor: its mu is a model parameter"))
        else:
            if self.mu is None and not set(self.responses) <= set(OF_QUASIPARTICLES):
                problems.append(("mu", None, MU_ALLOWED))
            if self.operator is None:
                problems.append(("operator", None, "the name of an operator of the model, or a list of names"))
        problems += self._operator_problems() + self._variable_problems()
        problems += self._disorder_problems()
        problems += value_problems("mu", self.mu, within=(-limits.MU, limits.MU))
        problems += value_problems("temperature", self.temperature, within=limits.TEMPERATURE)
        problems += self._size_problems()
        for name, given in (self.sweep or {}).items():
            problems += value_problems(f"sweep.{name}", given)
            if name in self.model.given:
                problems.append((f"sweep.{name}", name, "a parameter that `model` does not set as well"))
            for key in ("maps", "store_bands"):
                if getattr(self, key):
                    problems.append((key, getattr(self, key), "nothing beside a sweep: maps show one model"))
            if name in {*sources(), *(key for key, about in self.model.source.keys.items() if about.kind is not float)}:
                problems.append((f"sweep.{name}", name, "a parameter of the model"))
            if name in AXES and not (name == "mu" and self.is_superconductor):
                problems.append((f"sweep.{name}", name, f"another name: the results have an axis {name} already"))
        refuse(problems)
        return self

    def _operator_problems(self) -> list[Problem]:
        if not isinstance(self.operator, list):
            return []
        beside = [key for key in ("maps", "store_bands") if getattr(self, key)]
        beside += [name for name in ("disorder", "superconductor") if name in self.responses]
        if beside:
            return [("operator", self.operator, f"one name beside {', '.join(beside)}")]
        if len(set(self.operator)) < len(self.operator):
            return [("operator", self.operator, "each operator once")]
        return []

    def _size_problems(self) -> list[Problem]:
        """More values than a result can hold, or models than can be built."""
        mu, temperature, swept = (
            max(1, one.size) for one in (self.mu_values, self.temperature_values, self.sweep_values)
        )
        if swept > limits.SWEEP:
            return [(f"sweep.{self.sweep_name}", stated(f"{swept:,} values"), f"at most {limits.SWEEP:,}")]
        if mu * temperature * swept > limits.VALUES:
            given = stated(f"{mu:,} values, {temperature:,} of temperature, {swept:,} of a sweep")
            return [("mu" if mu > 1 else "temperature", given, f"{limits.VALUES:,} combinations of them at most")]
        return []

    def _variable_problems(self) -> list[Problem]:
        from cc_kernels.responses.registry import names_of

        known = names_of(self.responses)
        return [
            (f"variables[{index}]", name, f"one of {', '.join(known)}")
            for index, name in enumerate(self.variables or [])
            if name not in known
        ]

    def _disorder_problems(self) -> list[Problem]:
        if not self.has_disorder:
            given = [one.label for one in self.potentials or []]
            return [("potentials", given, "nothing without the response disorder")] if given else []
        problems: list[Problem] = []
        labels = [one.label for one in self.potential_list]
        if len(set(labels)) < len(labels):
            problems.append(("potentials", labels, "each potential once"))
        if self.grid.levels[0] < LEAST_GRID:
            allowed = f"at least {LEAST_GRID} for disorder: Fermi lines have a quarter as many points"
            problems.append(("grid.start", self.grid.start, allowed))
        return problems

    @property
    def has_disorder(self) -> bool:
        return "disorder" in self.responses

    @property
    def potential_list(self) -> list[Potential]:
        """What scatters; empty without the response `disorder`."""
        return (self.potentials or [Potential(name="delta")]) if self.has_disorder else []

    @property
    def symmetry_choice(self) -> str | dict[str, str | bool]:
        """As `cc_kernels.transport` takes it."""
        return self.symmetry if isinstance(self.symmetry, str) else self.symmetry.model_dump()

    @property
    def is_superconductor(self) -> bool:
        return "superconductor" in self.responses

    @property
    def mu_values(self) -> np.ndarray:
        """Chemical potentials in eV, shape (n_mu,); 0 for a superconductor, where it is in H, and for bosons."""
        return np.zeros(1) if self.mu is None else values_of(self.mu)

    @property
    def temperature_values(self) -> np.ndarray:
        """Temperatures in K, shape (n_T,), increasing."""
        return values_of(self.temperature)

    @property
    def sweep_name(self) -> str | None:
        """The swept model parameter, or None."""
        return next(iter(self.sweep), None) if self.sweep else None

    @property
    def sweep_values(self) -> np.ndarray:
        """Values of the swept parameter, shape (n,); empty without a sweep."""
        return values_of(self.sweep[self.sweep_name]) if self.sweep else np.empty(0)
