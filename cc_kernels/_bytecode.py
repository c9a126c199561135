"""Modules of this project, and of users beside their models, are loaded by the content of their files.

Python takes compiled code for that of a source of the same size and time, to a second. An edit within that second would
run the old code, while every hash of the sources says new. Here the compiled code carries the hash of its source, in
Python's own format (PEP 552, checked hash).
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from types import CodeType

_CHECKED_HASH = (0b11).to_bytes(4, "little")
_FOLDERS: set[str] = set()

LOADED: dict[str, bytes] = {}
"""What stood in the files, by their real paths, when this process loaded them."""


def load_by_content(folder: str, *by_python: str) -> None:
    """From now on, load the modules in a folder and below by content; packages installed there stay as they are.

    by_python : files of modules that Python itself has loaded already; the next time it finds bytecode with a hash.
    """
    _FOLDERS.add(os.path.abspath(folder))
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(sys.meta_path.index(PathFinder), _Finder())
    for file in by_python:
        _Loader("", file).get_code("")


class _Finder:
    """Finds what Python's own finder finds, with the loader below for what lies in the folders."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader and _is_covered(spec.loader.path):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """The compiled source, from the bytecode beside it if that is of this very source, in this very place."""
        source = LOADED[os.path.realpath(self.path)] = self.get_data(self.path)
        head = MAGIC_NUMBER + _CHECKED_HASH + source_hash(source)
        bytecode = cache_from_source(self.path)
        with suppress(OSError, EOFError, ValueError, TypeError):
            kept = self.get_data(bytecode)
            if kept.startswith(head):
                code = marshal.loads(kept[len(head) :])
                if code.co_filename == self.path:
                    return code
        code = self.source_to_code(source, self.path)
        if not sys.dont_write_bytecode:
            self.set_data(bytecode, head + marshal.dumps(code))
        return code


def _is_covered(path: str) -> bool:
    path = os.path.abspath(path)
    beyond = (path.removeprefix(folder) for folder in _FOLDERS if path.startswith(os.path.join(folder, "")))
    return any("site-packages" not in rest.split(os.sep) for rest in beyond)
