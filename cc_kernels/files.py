"""Files that are whole or absent."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from cc_kernels.errors import InputError, stated

_ROOM = 2**22
"""Bytes: a file that failed leaves less than a block of data free."""
publishing: Callable[[], AbstractContextManager] = nullcontext
"""Entered around every rename: a workflow's job puts here what refuses a result that is not wanted any more."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name in the same folder; it becomes `path` only when the block ends well.

    Raises
    ------
    InputError : a name under which no file can be, or where something else is that a file must not replace; no room.
    """
    temporary = refuse_no_place(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
    except OSError as error:
        raise InputError(str(path), stated(error.strerror or str(error)), "a file that can be written") from None
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        with publishing():
            os.replace(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, RuntimeError) as error:  # netCDF says RuntimeError, whatever stands in the way
        if reason := _no_room(temporary):
            raise InputError(str(path), stated(reason), "room on its disk for the file") from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _no_room(beside: Path) -> str:
    """Why nothing more can be written in a folder (a full disk, a quota); empty where it can."""
    probe = beside.with_suffix(".room.part")
    try:
        with probe.open("wb") as file:
            file.write(bytes(_ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or str(error)
    finally:
        probe.unlink(missing_ok=True)
    return ""


def refuse_no_place(path: Path) -> Path:
    """A temporary name beside `path`; refused, with nothing changed, is one that cannot be written, or is no file."""
    temporary, given = path, "a folder, a device or a pipe"
    try:
        is_other = not path.name or (os.path.lexists(path) and not path.is_file())
        given = "a link to nothing" if path.is_symlink() else given
        if not is_other:
            temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")
            with suppress(FileNotFoundError):
                os.lstat(temporary)  # too long a name, or below a file
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        is_other, given = True, getattr(error, "strerror", None) or str(error)
    if is_other:
        raise InputError(str(path), stated(given), "a file that can be written")
    return temporary


def path_of(key: str, value: Any, allowed: str = "a file name") -> Path:
    """A path, for a name that a user hands over; not that of the folder, which is what an empty name means."""
    try:
        path = Path(value)
        if not value or "\0" in str(path):
            raise TypeError
    except TypeError:
        raise InputError(key, value, allowed) from None
    return path
