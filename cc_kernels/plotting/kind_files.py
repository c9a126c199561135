"""What the file of a figure kind says without being imported: what draws takes a second to import.

So `NEEDS` and `CAPTION` are written as they are, without names from elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from cc_kernels.errors import InputError, stated
from cc_kernels.plotting.needs import Needs

FIGURES = Path(__file__).parent / "figures"


def figure_kinds() -> list[str]:
    """Names of all figure kinds, sorted."""
    return sorted(path.stem for path in FIGURES.glob("[!_]*.py"))


def figure_file(kind: str) -> Path:
    """The file that defines a figure kind; reruns follow its content. `InputError` for an unknown name."""
    if not isinstance(kind, str) or kind not in figure_kinds():
        raise InputError("figure kind", kind, "any of " + ", ".join(figure_kinds()))
    return FIGURES / f"{kind}.py"


def needs_of(kind: str) -> Needs:
    """What a figure kind needs of its studies."""
    return _declared(figure_file(kind))[0]


def caption_of(kind: str) -> str:
    """The caption of a figure kind."""
    return _declared(figure_file(kind))[1]


@cache
def _declared(file: Path) -> tuple[Needs, str]:
    values = {
        ast.unparse(node.targets[0]): node.value
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
    }
    try:
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in values["NEEDS"].keywords}
        return Needs(**keywords), ast.literal_eval(values["CAPTION"])
    except (KeyError, AttributeError, ValueError, TypeError):
        allowed = "NEEDS = Needs(...) and CAPTION = ..., written out, without names from elsewhere"
        raise InputError(str(file), stated("a figure kind without one of them"), allowed) from None


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
    needs = needs_of(kind)
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
