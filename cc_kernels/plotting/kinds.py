"""The figure kinds, found by their file names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting import figures
from cc_kernels.plotting.needs import Needs, responses_in
from cc_kernels.plotting.study_result import StudyResult


def figure_kinds() -> list[str]:
    """Names of all figure kinds, sorted, without importing any."""
    return sorted(module.name for module in pkgutil.iter_modules(figures.__path__) if not module.name.startswith("_"))


def load_kind(name: str) -> ModuleType:
    """The module of a figure kind: `NEEDS`, `CAPTION`, `draw`. `InputError` for an unknown name."""
    _check_kind(name)
    return importlib.import_module(f"{figures.__name__}.{name}")


def figure_file(kind: str) -> Path:
    """The file that defines a figure kind; reruns follow its content."""
    _check_kind(kind)
    return Path(next(iter(figures.__path__))) / f"{kind}.py"


def check_needs(
    kind: str,
    studies: Mapping[str, Iterable[str]],
    with_maps: Container[str] | None = None,
    key: str = "studies",
    chosen: Mapping[str, Sequence[str] | None] | None = None,
) -> None:
    """Refuse, before anything is computed, studies that a figure kind cannot show.

    Parameters
    ----------
    kind : the figure kind.
    studies : study name -> the names of its responses.
    with_maps : names of the studies that have maps; None leaves them unchecked.
    key : the configuration key to name in the error.
    chosen : study name -> the variables that it has chosen, None where it has all.
    """
    needs = load_kind(kind).NEEDS
    if not studies:
        raise InputError(key, [], f"at least one study for the figure {kind}")
    for name, responses in studies.items():
        missing = needs.missing_responses(set(responses))
        if missing:
            raise InputError(key, name, f"a study whose responses include {missing}, which the figure {kind} shows")
        _check_chosen(kind, needs, name, (chosen or {}).get(name), key)
        if needs.maps and with_maps is not None and name not in with_maps:
            wanted = ", ".join(needs.map_variables)
            raise InputError(key, name, f"a study with maps ({wanted}), which the figure {kind} shows")


def _check_chosen(kind: str, needs: Needs, study: str, variables: Sequence[str] | None, key: str) -> None:
    if variables is None:
        return
    if needs.drawn is None:
        raise InputError(key, study, f"a study with all variables of its responses, for the figure {kind}")
    if missing := [name for name in needs.drawn if name not in variables]:
        raise InputError(key, study, f"a study whose variables include {', '.join(missing)}, for the figure {kind}")


def check_results(kind: str, results: Sequence[StudyResult]) -> None:
    """Refuse results that lack what a figure kind shows."""
    needs = load_kind(kind).NEEDS
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


def _check_kind(name: str) -> None:
    if not isinstance(name, str) or name not in figure_kinds():
        raise InputError("figure kind", name, "any of " + ", ".join(figure_kinds()))
