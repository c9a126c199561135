"""The ancestry of a result: the files it was made from, down to the models, and what has changed since."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_kernels._source import PACKAGE, ROOT
from cc_kernels.errors import InputError, stated
from cc_kernels.io import is_unaltered, read_attributes
from cc_kernels.provenance.embedded import PICTURES, read_embedded
from cc_kernels.provenance.hashes import digest_of
from cc_kernels.provenance.stamps import DIGITS

_ALLOWED = "a result of cc_kernels: a netCDF file, or a figure (.png, .pdf) that it drew"


@dataclass
class Ancestor:
    """One file on the way from the models to a result.

    Attributes
    ----------
    name : as its child recorded it.
    path : where it lies now, or None.
    attributes : its attributes; empty where it is missing or cannot be read.
    problem : why it is not what its child was made from ("" if it is).
    parents : the files that it was made from.
    """

    name: str
    path: Path | None
    attributes: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    parents: list[Ancestor] = field(default_factory=list)

    def get(self, name: str, default: object = "") -> Any:
        """A provenance attribute; those that are JSON are decoded."""
        value = self.attributes.get(f"provenance_{name}", default)
        if name in ("parameters", "parents", "modules", "versions") and isinstance(value, str):
            return json.loads(value) if value else {}
        return value

    def family(self) -> list[Ancestor]:
        """This file and all its ancestors, each once."""
        found: dict[int, Ancestor] = {}

        def visit(one: Ancestor) -> None:
            if id(one) not in found:
                found[id(one)] = one
                for parent in one.parents:
                    visit(parent)

        visit(self)
        return list(found.values())


def ancestry(path: str | Path) -> Ancestor:
    """The ancestry of a file.

    Parameters
    ----------
    path : a netCDF file of this package, or a figure; a figure's data file beside it is looked at first, and what the
        figure itself carries is taken where there is none.

    Raises
    ------
    InputError : a missing, damaged or foreign file.
    """
    path = Path(path)
    if path.suffix in PICTURES:
        return _of_picture(path)
    if path.suffix != ".nc":
        given = stated("no such file" if not path.exists() else "a file of another kind")
        raise InputError(str(path), given, _ALLOWED)
    attributes = read_attributes(path)
    if "provenance_rule" not in attributes and attributes["cc_kind"] in ("model", "models"):
        raise InputError(str(path), stated("a model saved from Python, which has no ancestors"), _ALLOWED)
    if "provenance_rule" not in attributes:
        raise InputError(str(path), stated("a file without provenance"), "a file that the workflow wrote")
    root = Ancestor(path.as_posix(), path, attributes)
    root.problem = damage_of(path)
    _add_parents(root, path, {path.resolve(): root})
    return root


def edited_sources(family: list[Ancestor], root: Path = ROOT) -> dict[str, list[str]]:
    """The source files that are no longer what they were: path -> the rules that ran them."""
    edited: dict[str, list[str]] = {}
    present: dict[str, str | None] = {}
    for one in family:
        for name, digest in one.get("modules", {}).items():
            if name not in present:
                present[name] = _present_digest(name, one, root)
            if present[name] is not None and present[name] != digest:
                rules = edited.setdefault(name, [])
                rules += [rule for rule in [one.get("rule")] if rule not in rules]
    return {name: sorted(edited[name]) for name in sorted(edited)}


def configuration_of(result: Ancestor) -> Path | None:
    """The configuration file of a result, where the folders lie as in this project: config/x.yaml for results/x."""
    if result.path is None:
        return None
    for folder in result.path.resolve().parents:
        file = folder.parent.parent / "config" / f"{folder.name}.yaml"
        if folder.parent.name == "results" and file.is_file():
            return file
    return None


def _of_picture(path: Path) -> Ancestor:
    data = path.with_suffix(".nc")
    if not path.is_file() and not data.is_file():
        raise InputError(str(path), stated("no such file"), _ALLOWED)
    if not path.is_file() or not data.is_file():
        carried = read_embedded(path)
        attributes = {name: value for name, value in carried.items() if name != "cc_content"}
        picture = Ancestor(path.as_posix(), path, {**attributes, "cc_kind": "figure, without its data file"})
        _add_parents(picture, path, {})
        return picture
    result = ancestry(data)
    try:
        carried = read_embedded(path)
    except InputError:
        carried = None  # drawn by an older version: the name is all there is
    picture = Ancestor(path.as_posix(), path, {"cc_kind": "picture"}, "", [result])
    if carried is None:
        picture.problem = "carries no provenance of its own; the data file beside it is taken for its data"
    elif carried["cc_content"] != result.attributes.get("cc_content"):
        picture.problem = "was drawn from other data than those in the file beside it"
    return picture


def _add_parents(child: Ancestor, near: Path, known: dict[Path, Ancestor]) -> None:
    for name, checksum in child.get("parents", {}).items():
        path = _find(name, checksum, near)
        if path is None:
            child.parents.append(Ancestor(name, None, problem="missing"))
            continue
        place = path.resolve()
        if place not in known:
            known[place] = parent = Ancestor(name, path)
            try:
                parent.attributes = read_attributes(path)
                parent.problem = damage_of(path)
                _add_parents(parent, path, known)
            except InputError as error:
                parent.problem = f"cannot be read: {error.given}"
        parent = known[place]
        if not parent.problem and parent.attributes.get("cc_content") != checksum:
            parent.problem = "has other content now"
        child.parents.append(parent)


def _find(name: str, checksum: str, near: Path) -> Path | None:
    """The file of a recorded name; after its folder was copied elsewhere, only content tells which it is."""
    folders = list(dict.fromkeys([*near.resolve().parents, Path.cwd()]))
    parts = Path(name).parts
    places = [folder.joinpath(*parts[start:]) for start in range(len(parts)) for folder in folders]
    as_recorded = filter(Path.is_file, places[: len(folders)])
    return next((path for path in places if path.is_file() and _content(path) == checksum), next(as_recorded, None))


def _content(path: Path) -> object:
    try:
        return read_attributes(path).get("cc_content")
    except InputError:
        return None


def damage_of(path: Path) -> str:
    """Read a file block by block and compare its content with its checksum: what is wrong, in words."""
    from cc_kernels.models.storage import load_models

    try:
        if read_attributes(path)["cc_kind"] == "models":
            load_models(path)
        elif not is_unaltered(path):
            return "does not match its own checksum: its data were altered"
    except InputError as error:
        return f"is damaged: {error.given}"
    return ""


def _present_digest(name: str, one: Ancestor, root: Path) -> str | None:
    """The digest of a source file as it is now, "" where it is gone; None of a user's file that cannot be found."""
    path = root / name
    if not path.is_file():
        own = json.loads(one.get("parameters", {}).get("source", "{}")).get("file")
        candidates = [folder / own for folder in [*one.path.resolve().parents, Path.cwd()]] if own and one.path else []
        path = next((file for file in candidates if file.is_file() and file.name == Path(name).name), None)
        if path is None:
            return "" if name.split("/")[0] in (PACKAGE, "workflow") and (root / "workflow").is_dir() else None
    try:
        return digest_of(path)[:DIGITS]
    except InputError:
        return ""
