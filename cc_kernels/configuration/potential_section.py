"""The potentials of scatterers, in a study with disorder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from cc_kernels.configuration.values import Parameter, Problem, Section, refuse
from cc_kernels.errors import InputError, stated

if TYPE_CHECKING:
    from cc_kernels.models import Model


class Potential(Section):
    """The potential of a scatterer; its parameters are further keys."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Parameter]

    name: str = Field(
        description="`delta`, on a lattice on its sites; `gaussian` with `range`, angstrom; or `screened_coulomb` with "
        "`kappa`, 1/angstrom, and `setback`, angstrom, which a lattice needs."
    )

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        parameters = self.model_extra or {}
        try:
            self._form()
        except InputError as error:
            if error.key in parameters:
                refuse([(error.key, error.given, error.allowed)])
            if error.given in parameters:
                given = stated(f"an unknown key (= {parameters[error.given]!r})")
                refuse([(str(error.given), given, error.allowed)])
            refuse([("name", self.name, error.allowed.removeprefix("a function of q, or "))])
        return self

    def problem_in(self, model: Model) -> Problem | None:
        """Why this potential cannot scatter in a model."""
        from cc_kernels.scattering.scatterers import scatterers_of

        try:
            scatterers_of(model, self._form())
        except InputError as error:
            return ("name" if error.key == "potential" else error.key, error.given, error.allowed)
        return None

    def _form(self) -> Callable:
        from cc_kernels.scattering.potentials import potential_of

        return potential_of(self.name, self.model_extra or {})

    @property
    def content(self) -> dict[str, Any]:
        """Name and all parameters, those left out at their defaults."""
        from cc_kernels.scattering.potentials import complete

        return {"name": self.name, **complete(self.name, self.model_extra or {})}

    @property
    def label(self) -> str:
        """The potential in words, as it is called in the results."""
        from cc_kernels.scattering.potentials import label

        return label(self.name, self.model_extra or {})


def _named(given: Any) -> Any:
    """A potential without parameters may be written as its name."""
    return {"name": given} if isinstance(given, str) else given


NamedPotential = Annotated[Potential, BeforeValidator(_named, json_schema_input_type=str | Potential)]
"""A potential, or its name alone."""
