"""The whole configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from cc_kernels.configuration.results_folder import place_problem
from cc_kernels.configuration.study_section import Study
from cc_kernels.configuration.values import Problem, SafeName, Section, refuse


class Figure(Section):
    """One figure: the studies that it shows and the module that draws it."""

    studies: list[SafeName] = Field(min_length=1, description="The studies that the figure shows, by name.")
    kind: SafeName | None = Field(
        default=None, description="The figure module in `cc_kernels.plotting`; default is the figure's own name."
    )


class Configuration(Section):
    """Studies, figures, and where the results go."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=100)] | None = Field(
        default=None, description="The folder under `results`; default is the file's name without `.yaml`."
    )
    results: Annotated[
        str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^~{}\x00-\x1f\x7f][^{}\x00-\x1f\x7f]*$")
    ] = Field(
        default="results",
        description="The folder for all results, relative to where the workflow runs; none of the project's own.",
    )
    data: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = (
        Field(
            default=None,
            description="The folder to which files of models are relative; itself relative to the configuration file, "
            "whose folder it is by default.",
        )
    )
    studies: dict[SafeName, Study] = Field(
        min_length=1, description="The studies by name: lower-case letters, digits and underscores."
    )
    figures: dict[SafeName, Figure] = Field(
        default_factory=dict, description="The figures by name: lower-case letters, digits and underscores."
    )

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _results_are_apart(self) -> Self:
        problem = place_problem(self.results_folder)
        refuse([problem] if problem else [])
        return self

    @model_validator(mode="after")
    def _figures_show_studies(self) -> Self:
        problems: list[Problem] = []
        for name, figure in self.figures.items():
            for index, study in enumerate(figure.studies):
                if study not in self.studies:
                    allowed = f"one of the studies {', '.join(self.studies)}"
                    problems.append((f"figures.{name}.studies[{index}]", study, allowed))
            if len(set(figure.studies)) < len(figure.studies):
                problems.append((f"figures.{name}.studies", figure.studies, "each study once"))
        refuse(problems)
        return self

    @property
    def folder(self) -> Path:
        """The folder to which files of models are relative."""
        return self._folder / (self.data or "")

    @property
    def results_folder(self) -> Path:
        """Where this configuration's results go: results/name."""
        return Path(self.results) / str(self.name)

    def figure_kind(self, name: str) -> str:
        """The module that draws the figure `name`."""
        return self.figures[name].kind or name
