"""`njit` for the kernels, compiled once per content of their sources.

numba's cache does not notice an edited callee, or an edited constant, in another file, and would go on serving old
physics. So the cache folder carries a hash of every file that uses numba, and of what those import.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from pathlib import Path

import numba

from cc_kernels._cache import cache_folder
from cc_kernels._source import PACKAGE, ROOT, closure, facts


def kernel_hash(root: Path = ROOT) -> str:
    """A hash of the sources of all kernels (comments and docstrings do not count) and of numba's version."""
    users = [path for path in (root / PACKAGE).rglob("*.py") if b"_numba import" in path.read_bytes()]
    total = sha256(numba.__version__.encode())
    for path in sorted(closure(users, root)):
        total.update(f"{path.relative_to(root.resolve()).as_posix()} {facts(path).digest}\n".encode())
    return total.hexdigest()[:16]


numba.config.CACHE_DIR = str(cache_folder() / f"numba-{kernel_hash()}")

njit = partial(numba.njit, cache=True, nogil=True, fastmath=False, error_model="numpy")
