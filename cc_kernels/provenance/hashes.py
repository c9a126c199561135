"""Hashes of what a rule executes. They go into a rule's parameters, so that reruns follow content."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from cc_kernels._bytecode import LOADED
from cc_kernels._source import PACKAGE, ROOT, closure, facts, facts_of, module_file
from cc_kernels.errors import InputError

DATA = (".csv", ".dat", ".json", ".mplstyle", ".nc", ".toml", ".txt", ".yaml")
"""Endings of data that may lie beside sources, and count; what an editor or a merge leaves there does not."""


def source_hash(*modules_or_files: str | Path, root: Path = ROOT) -> str:
    """The hash of everything that the given modules and scripts execute within this project.

    Comments, docstrings and layout do not count; data files that lie in a package on the way do.

    Parameters
    ----------
    modules_or_files : module names (``cc_kernels.sums``) or Python files, which may lie anywhere.
    root : the folder that holds the package.

    Raises
    ------
    InputError : a module or file that does not exist, or that is not Python.
    """
    return hash_of(source_digests(*modules_or_files, root=root))


def hash_of(digests: Mapping[str, str]) -> str:
    """The hash of sources whose digests are known."""
    return sha256("".join(f"{name} {digest}\n" for name, digest in digests.items()).encode()).hexdigest()


def source_digests(*modules_or_files: str | Path, root: Path = ROOT) -> dict[str, str]:
    """What `source_hash` is made of: the digest of each file, under its path below `root` (outside, its name)."""
    files = closure([_file(one, root) for one in modules_or_files], root)
    root = root.resolve()
    packages = {folder for path in files for folder in path.parents if folder.is_relative_to(root / PACKAGE)}
    data = {
        path
        for folder in packages - {root / PACKAGE}
        for path in folder.iterdir()
        if path.is_file() and path.suffix in DATA and not path.name.startswith((".", "#"))
    }
    digests: dict[str, str] = {}
    for path in sorted(files | data):
        name = _name(path, root)
        for folder in path.parents:  # two files of one name outside the project both count
            if name not in digests:
                break
            name = f"{folder.name}/{name}"
        digests[name] = digest_of(path)
    return digests


def edited_since_loaded(*modules_or_files: str | Path) -> list[str]:
    """Of the files of `source_digests`, the names of those that were edited after this process had loaded them."""
    return [
        _name(path, ROOT)
        for path in sorted(closure([_file(one, ROOT) for one in modules_or_files]))
        if (source := LOADED.get(str(path))) is not None and facts_of(source).digest != digest_of(path)
    ]


def digest_of(path: Path) -> str:
    """The digest of one source file, by what it computes, or of a data file beside sources, by its bytes."""
    return facts(path).digest if path.suffix == ".py" else sha256(path.read_bytes()).hexdigest()


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _file(module_or_file: str | Path, root: Path) -> Path:
    if isinstance(module_or_file, str) and not module_or_file.endswith(".py"):
        path = module_file(module_or_file, root)
    else:
        path = Path(module_or_file) if Path(module_or_file).is_file() else None
    if path is None:
        raise InputError("source", str(module_or_file), "a module of cc_kernels or a Python file that exists")
    return path
