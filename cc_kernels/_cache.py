"""The folder for what can be computed again: compiled kernels, facts about source files."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path


@lru_cache
def cache_folder() -> Path:
    """A folder of this user that can be written: $CC_KERNELS_CACHE, the user's cache folder, or a temporary one."""
    choices = []
    if os.environ.get("CC_KERNELS_CACHE"):
        choices.append(Path(os.environ["CC_KERNELS_CACHE"]).absolute())
    if os.environ.get("XDG_CACHE_HOME"):
        choices.append(Path(os.environ["XDG_CACHE_HOME"]).absolute() / "cc_kernels")
    if os.path.isabs(home := os.path.expanduser("~")):  # of a user without a home it stays as it is
        choices.append(Path(home) / ".cache" / "cc_kernels")
    choices.append(Path(tempfile.gettempdir()) / f"cc_kernels-{os.getuid()}")
    for folder in choices:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        # numba runs what it finds there, so a folder that another user has put in the way will not do.
        if folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="cc_kernels-"))
