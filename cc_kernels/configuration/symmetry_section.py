"""The symmetry by which the k-grids of a study are folded."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field

from cc_kernels.configuration.values import Section, marked

if TYPE_CHECKING:
    from cc_kernels.configuration.study_section import Study
    from cc_kernels.models import Model


def _as_text(given: Any) -> Any:
    """YAML reads the symbols 4 and -3 as numbers."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class AssertedSymmetry(Section):
    """What a user says of a model, for example of one from a file, which has its symmetry to a few digits."""

    point_group: Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int)] = Field(
        default="1",
        description="Hermann-Mauguin symbol of operations that the lattice has, `m-3m`; in two dimensions 1, 2, m, "
        "2mm, 3, 3m, 4, 4mm, 6 or 6mm. Of several directions of its axes that is taken which the model breaks least.",
    )
    time_reversal: bool = Field(default=False, description="Is time reversal a symmetry, too: true or false.")


def _as_word(given: Any) -> Any:
    """YAML reads the word off as the opposite of on."""
    return "off" if given is False else given


Symmetry = Annotated[
    Annotated[Literal["auto", "off"], marked("word")] | Annotated[AssertedSymmetry, marked("asserted")],
    Discriminator(lambda given: "<word>" if isinstance(given, str | int | float) else "<asserted>"),
    BeforeValidator(_as_word, json_schema_input_type=Literal["auto", "off", False] | AssertedSymmetry),
]


def check_asserted(study: Study, model: Model) -> None:
    """Refuse what a study asserts of a model without it: `InputError`."""
    from cc_kernels.geometry.attributes import Operators
    from cc_kernels.responses.registry import state_sums_of
    from cc_kernels.sums.block import work_of
    from cc_kernels.sums.folding import asserted, check_symmetry
    from cc_kernels.sums.mesh import EnergyMesh
    from cc_kernels.sums.plan import plan_of

    choice = check_symmetry(study.symmetry_choice)
    if not isinstance(choice, tuple):
        return
    plan = plan_of(state_sums_of(study.responses, model.dim, study.variables), model.dim)
    mesh = EnergyMesh.of(model, study.mu_values, study.temperature_values)
    with warnings.catch_warnings():  # what the operator is like is told where it is computed with
        warnings.simplefilter("ignore", UserWarning)
        operators = Operators.of(model, study.operator).each
    asserted(work_of(model, operators, plan, mesh, study.degeneracy_tolerance), *choice)
