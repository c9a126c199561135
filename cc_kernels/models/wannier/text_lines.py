"""Text files of numbers, gzipped or not, line by line: what is wrong in one is named with its file and line."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NoReturn

import numpy as np

from cc_kernels.errors import InputError, stated
from cc_kernels.files import path_of

_MANY = 10_000
_NO_LETTER = re.compile(r"([\d.])([-+]\d+)$")
"""Exponents of three digits leave no room for an E."""
_NUMBER = re.compile(r"[-+]?\d*\.?(\d*)(?:[eEdD]?([-+]?\d+))?$")


def existing_file(key: str, value: object, what: str) -> Path:
    """The path of a file that a user names, after checking that it is there."""
    path = path_of(key, value, what)
    if not os.path.isfile(path):
        raise InputError(key, stated(f"{str(path)!r}, where there is no file"), what)
    return path


class TextLines:
    """Lines that are not empty, each once.

    Parameters
    ----------
    path : of a file that exists.  key : the argument that named it, for messages.
    whole : what the file is, in words.
    """

    def __init__(self, path: Path, key: str, whole: str) -> None:
        self.path, self.key, self.whole, self.number = path, key, whole, 0
        self._lines = self._not_empty()

    def _not_empty(self) -> Iterator[str]:
        with _opened(self.path) as file:
            for self.number, line in enumerate(file, 1):
                if not line.isspace():
                    yield line

    def refuse(self, given: str) -> NoReturn:
        """Raise what names the file and the line."""
        raise InputError(f"{self.key} {self.path}, line {self.number}", stated(given), self.whole)

    def take(self, count: int, what: str) -> list[str]:
        """The next lines."""
        try:
            lines = list(islice(self._lines, count))
        except (OSError, EOFError, UnicodeDecodeError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
            self.refuse(f"a damaged file ({error})")
        if len(lines) < count:
            self.refuse(f"the end of the file, in {what}")
        return lines

    def words(self, what: str) -> list[str]:
        return self.take(1, what)[0].split()

    def whole_number(self, what: str) -> int:
        """A line of one positive whole number."""
        words = self.words(what)
        if len(words) != 1 or not words[0].isdigit() or not int(words[0]):
            self.refuse(f"{' '.join(words)!r} for {what}")
        return int(words[0])

    def whole_numbers(self, count: int, what: str) -> np.ndarray:
        """So many whole numbers, on as many lines as they take."""
        words: list[str] = []
        while len(words) < count:
            words += self.words(what)
        if len(words) > count or not all(word.lstrip("-+").isdigit() for word in words):
            self.refuse(f"{' '.join(words[-6:])!r} among {count} whole numbers, {what}")
        return np.array(words, dtype=np.int64)

    def table(self, rows: int, columns: int, what: str) -> tuple[np.ndarray, list[str]]:
        """(rows, columns) numbers, and the words that they were."""
        words = "".join(self.take(rows, what)).split()
        if len(words) != rows * columns:
            self.refuse(f"{len(words)} numbers in {rows} lines, {what}; {columns} belong to each")
        try:
            numbers = np.fromiter(map(float, words), float, len(words))
        except ValueError:
            numbers = np.array([self._number(word, what) for word in words])
        if not np.isfinite(numbers).all():
            self.refuse(f"NaN or infinity, {what}")
        return numbers.reshape(rows, columns), words

    def _number(self, word: str, what: str) -> float:
        try:
            return float(_NO_LETTER.sub(r"\1E\2", word.upper().replace("D", "E")))  # as Fortran may write it
        except ValueError:
            self.refuse(f"{word!r}, which is no number, {what}")

    def rest(self, what: str) -> np.ndarray:
        """All whole numbers from here to the end of the file."""
        words: list[str] = []
        while lines := list(islice(self._lines, _MANY)):
            words += "".join(lines).split()
        try:
            return np.fromiter(map(int, words), np.int64, len(words))
        except ValueError:
            wrong = next(word for word in words if not word.lstrip("-+").isdigit())
            self.refuse(f"{wrong!r} among whole numbers, {what}")

    def end(self) -> None:
        """Refuse what comes after the last line."""
        if next(self._lines, None) is not None:
            self.refuse("more lines than belong to the file")


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="latin-1") if is_compressed else path.open(encoding="latin-1")


def last_digit(words: list[str], largest: str) -> float:
    """What the last printed digit of `largest` stands for, with as many decimals as the longest of `words`.

    >>> last_digit(["0.25000000E+00", "-0.31210143E+02"], "-0.31210143E+02"), last_digit(["0.5", "-1.250000"], "0.5")
    (1e-06, 1e-06)
    """
    decimals, exponent = 0, 0
    for word in words:
        if match := _NUMBER.match(word):
            decimals = max(decimals, len(match[1]))
    if match := _NUMBER.match(largest):
        exponent = int(match[2] or 0)
    return 10.0 ** (exponent - decimals)
