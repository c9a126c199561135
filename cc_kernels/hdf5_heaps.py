"""The one damage of a netCDF file on which the HDF5 library does not fail, but never ends.

Texts of a file lie in heaps, each a row of objects: number, size, bytes. Object 0 is what is free, and the library
goes on by its size. Where a block of the file is lost, as after a power cut, that is zero, and it stays where it is.
"""

from __future__ import annotations

import struct
from pathlib import Path

SIGNATURE = b"GCOL\x01\0\0\0"
HEADER = struct.Struct("<8sQ")
OBJECT = struct.Struct("<HHIQ")
SEARCHED = 2**24
"""Bytes: attributes and texts are written before the numbers of a large file."""


def has_endless_heap(path: Path) -> bool:
    """Would the HDF5 library never come back from this file?"""
    with path.open("rb") as file:
        content = file.read(SEARCHED)
    start = content.find(SIGNATURE)
    while start >= 0:
        if start + HEADER.size <= len(content) and _is_endless(content, start):
            return True
        start = content.find(SIGNATURE, start + 1)
    return False


def _is_endless(content: bytes, start: int) -> bool:
    _, size = HEADER.unpack_from(content, start)
    place, end = start + HEADER.size, min(start + size, len(content))
    while place + OBJECT.size <= end:
        number, _, _, length = OBJECT.unpack_from(content, place)
        step = length if number == 0 else OBJECT.size + -(-length // 8) * 8
        if step == 0:
            return True
        place += step
    return False
