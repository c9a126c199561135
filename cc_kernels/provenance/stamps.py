"""The attributes that a dataset carries about its origin. They belong to no checksum, and hold no time or machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from cc_kernels._source import PACKAGE, ROOT
from cc_kernels.errors import InputError, stated

BESIDE = "provenance_beside"
"""Attribute with the sha256 of the files without attributes of their own that a job wrote beside this one, as JSON."""
DIGITS = 16
"""Digits of a source file's digest that a dataset keeps: enough to see that a file was edited."""
_RECORDED = ("numpy", "scipy", "xarray", "dask", "numba", "netCDF4")


def dataset_attributes(
    rule: str,
    parameters: Any,
    configuration_hash: str,
    parents: Iterable[str | Path],
    source_hash: str,
    modules: Mapping[str, str] | None = None,
) -> dict[str, str | int]:
    """Attributes ``provenance_...`` for `cc_kernels.io.write_dataset`.

    Parameters
    ----------
    rule : the rule that makes the dataset.
    parameters : what the rule was given; anything that JSON can hold.
    configuration_hash : see `content_hash`.
    parents : the input files; recorded by name with the checksum of their content.
    source_hash : see `cc_kernels.provenance.source_hash`.
    modules : see `cc_kernels.provenance.source_digests`; they say later which file was edited.

    Returns
    -------
    rule, parameters (JSON), configuration, parents (JSON), source, modules (JSON), versions (JSON), and inside a git
    checkout commit and uncommitted_changes (0 or 1).
    """
    return {
        "provenance_rule": rule,
        "provenance_parameters": canonical(parameters),
        "provenance_configuration": configuration_hash,
        "provenance_parents": canonical({_name(path): file_checksum(path) for path in parents}),
        "provenance_source": source_hash,
        **({"provenance_modules": canonical({n: d[:DIGITS] for n, d in modules.items()})} if modules else {}),
        "provenance_versions": canonical(versions()),
        **_commit(),
    }


def content_hash(value: Any) -> str:
    """The hash of a configuration, of a part of it, or of anything that JSON can hold; the order of keys is free."""
    return sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys; sections of the configuration become mappings, arrays lists, paths text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def in_words(value: Any) -> str:
    """A parameter as a reader would write it; of many numbers the least, the largest, and how many they are.

    >>> in_words({"mu": [0.0, 0.5, 1.0, 1.5], "operator": ["spin_x", "spin_z"], "store_bands": False})
    'mu = 0 ... 1.5 (4 values), operator = spin_x, spin_z, store_bands = no'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {in_words(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, list):
        numbers = [item for item in value if isinstance(item, int | float) and not isinstance(item, bool)]
        if len(numbers) == len(value) > 3:
            return f"{in_words(min(numbers))} ... {in_words(max(numbers))} ({len(numbers)} values)"
        shown = ", ".join(map(in_words, value[:3]))
        return f"{shown}, ... ({len(value)})" if len(value) > 4 else ", ".join(map(in_words, value))
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def file_checksum(path: str | Path) -> str:
    """The checksum of a file's content: of our datasets the one that they carry, of other files the sha256.

    A dataset that only comes from another commit has the same checksum.
    """
    from cc_kernels.io import read_attributes

    path = Path(path)
    try:
        if path.suffix == ".nc":
            return str(read_attributes(path)["cc_content"])
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(str(path), error.strerror, "a file that can be read") from None


def check_beside(path: str | Path, attributes: Mapping[str, Any]) -> None:
    """Compare a picture, or a report, with what the file beside it, of these attributes, says of it.

    Raises
    ------
    InputError : it was damaged or exchanged since.
    """
    stored = json.loads(attributes.get(BESIDE, "{}")).get(Path(path).name)
    if stored is not None and stored != file_checksum(path):
        raise InputError(str(path), stated("a file that has changed since it was written"), "the file as it was made")


def _plain(value: Any) -> Any:
    for method in ("model_dump", "tolist"):
        if hasattr(value, method):
            return value.model_dump(mode="json") if method == "model_dump" else value.tolist()
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _name(path: str | Path) -> str:
    """A path as seen from where the workflow runs; of a file elsewhere the whole path."""
    path, here = Path(path), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


@lru_cache
def versions() -> dict[str, str]:
    """Versions of Python, of this package and of those that compute."""
    others = {name: metadata.version(name) for name in _RECORDED}
    return {"python": platform.python_version(), PACKAGE: import_module(PACKAGE).__version__, **others}


@lru_cache
def _commit() -> dict[str, str | int]:
    def git(*arguments: str) -> str:
        command = ["git", "--no-optional-locks", "-C", str(ROOT), *arguments]  # a look, beside somebody's commit
        # Variables such as GIT_DIR, which a hook of git sets, name another repository.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20, env=environment)
        return done.stdout

    try:
        top, commit = git("rev-parse", "--show-toplevel", "HEAD").splitlines()
        if Path(top).resolve() != ROOT:  # an installed copy that lies inside somebody's checkout
            return {}
        changed = git("status", "--porcelain", "--untracked-files=no")
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    return {"provenance_commit": commit, "provenance_uncommitted_changes": int(bool(changed.strip()))}
