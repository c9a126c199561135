"""The figure kinds, found by their file names."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import figures
from cc_kernels.plotting.kind_files import check_needs, figure_file, needs_of
from cc_kernels.plotting.needs import responses_in
from cc_kernels.plotting.study_result import StudyResult


def load_kind(name: str) -> ModuleType:
    """The module of a figure kind: `NEEDS`, `CAPTION`, `draw`. `InputError` for an unknown name."""
    return importlib.import_module(f"{figures.__name__}.{figure_file(name).stem}")


def check_results(kind: str, results: Sequence[StudyResult]) -> None:
    """Refuse results that lack what a figure kind shows."""
    needs = needs_of(kind)
    check_needs(
        kind,
        {result.name: responses_in(result.response) for result in results},
        [result.name for result in results if result.maps is not None],
    )
    for result in results:
        if needs.levels and not result.levels:
            given = stated(f"{result.name} without the responses on its grids")
            raise InputError("studies", given, f"a study with its levels, which the figure {kind} shows")
        absent = [name for name in needs.variables if name not in result.response]
        if absent:
            given = stated(f"{result.name} without {', '.join(absent)}")
            raise InputError(
                "studies", given, f"a study with {', '.join(needs.variables)}, which the figure {kind} shows"
            )
        missing = [name for name in needs.map_variables if name not in result.maps]
        if missing:
            given = stated(f"maps of {result.name} without {', '.join(missing)}")
            raise InputError("studies", given, f"maps with {', '.join(needs.map_variables)} for the figure {kind}")
