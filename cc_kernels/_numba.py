"""`njit` for the kernels, compiled once per content of their sources.

numba's cache does not notice an edited callee, or an edited constant, in another file, and would go on serving old
physics. So the cache folder carries a hash of every file that uses numba, and of what those import; and as the hash
says all, the same sources in another folder, or of another time, find there what they need.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import numba
from numba.core import caching

from cc_kernels._cache import cache_folder
from cc_kernels._source import PACKAGE, ROOT, closure, facts


def kernel_hash(root: Path = ROOT) -> str:
    """A hash of the sources of all kernels (comments and docstrings do not count) and of numba's version."""
    users = [path for path in (root / PACKAGE).rglob("*.py") if b"_numba import" in path.read_bytes()]
    total = sha256(numba.__version__.encode())
    for path in sorted(closure(users, root)):
        total.update(f"{path.relative_to(root.resolve()).as_posix()} {facts(path).digest}\n".encode())
    return total.hexdigest()[:16]


FOLDER = cache_folder() / f"numba-{kernel_hash()}"
try:
    FOLDER.mkdir()
except OSError:  # others are there before, and have said so
    pass
else:
    text = "compiling kernels for this machine: the first calls take some seconds more, once (kept in %s)"
    logging.getLogger("cc_kernels").warning(text, FOLDER)


class ByContent(caching.UserProvidedCacheLocator):
    """The place of a kernel's compiled code: neither its path nor a time stamp decides."""

    def __init__(self, py_func: object, py_file: str) -> None:
        super().__init__(py_func, py_file)
        self._cache_path = str(FOLDER / Path(py_file).resolve().parent.relative_to(ROOT.resolve()))

    def get_source_stamp(self) -> str:
        return FOLDER.name


def njit(function: Callable | None = None, **options: object) -> Callable:
    """numba's, without the GIL, with numpy's rules for division and with fused multiply-adds, cached by content.

    A kernel contains all that it calls. Else the process that compiles it would run the callees' own copies, and all
    later ones those inside the cached kernel, which are optimized anew: sums then differ by rounding.
    """
    if function is None:
        return partial(njit, **options)
    fixed = {"nogil": True, "fastmath": {"contract"}, "error_model": "numpy", "forceinline": True}
    compiled = numba.njit(function, **fixed, **options)
    used = numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES
    numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES = str(FOLDER), f"{__name__}.{ByContent.__name__}"
    try:
        compiled.enable_caching()
    finally:
        numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES = used
    return compiled


def in_place(function: Callable, **options: object) -> Callable:
    """`njit` for what neither makes nor returns arrays: it counts no references to those that it is given.

    Counting is atomic instructions in every call, which take as long as to fill a row of a kernel. An array that is
    returned uncounted would be freed twice.
    """
    return njit(function, _nrt=False, **options)
